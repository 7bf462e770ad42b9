//! The texts of refusals.

use chrono::TimeDelta;

use super::format::local_time;
use crate::domain::{Reason, Rejection};
use crate::text::templates::Values;

/// Rounds an instant up to the minute that is shown: before it, the request would be refused again.
const ALMOST_A_MINUTE: TimeDelta = TimeDelta::milliseconds(59_999);

/// The values of a refusal's template. `to` is the address that was called.
pub(super) fn rejected(rejection: &Rejection, to: &str, number: String) -> Values {
    let details = &rejection.details;
    Values::from([
        ("value", details.value.clone().unwrap_or_else(|| to.to_owned())),
        ("form", details.form.clone().unwrap_or_default()),
        ("min", details.min.clone().unwrap_or_default()),
        ("max", details.max.clone().unwrap_or_default()),
        ("offered", details.offered.clone().unwrap_or_default()),
        ("operator", details.operator.clone().unwrap_or_default()),
        ("service", details.service.clone().unwrap_or_default()),
        ("keyword", details.keyword.clone().unwrap_or_default()),
        ("time", details.until.map(local_time).unwrap_or_default()),
        ("left", details.left.unwrap_or_default().to_string()),
        ("bank", details.bank.clone().unwrap_or_default()),
        ("number", number),
        ("kind", String::new()),
        ("account", String::new()),
        ("limit", details.limit.clone().unwrap_or_default()),
        ("available", details.available.clone().unwrap_or_default()),
        ("minutes", details.minutes.map(|minutes| minutes.to_string()).unwrap_or_default()),
        ("opens", details.opens_at.map(|at| local_time(at + ALMOST_A_MINUTE)).unwrap_or_default()),
    ])
}

/// The template of a rejection, which has the name of the reason. Undecodable octets get the template of an unreadable
/// message, an invisible character is described in words, and the attempts that a bank leaves are told if it tells them.
pub(super) fn template_of(rejection: &Rejection) -> &'static str {
    let unseen = rejection.details.value.as_deref().and_then(|value| value.strip_prefix("U+"));
    let unseen = unseen.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match (rejection.reason, unseen) {
        (Reason::Undecodable, _) => Reason::Unreadable.as_str(),
        (Reason::ForbiddenCharacter, Some(0x202A..=0x202E | 0x2066..=0x2069)) => "direction_sign",
        (Reason::ForbiddenCharacter, Some(_)) => "control_sign",
        (Reason::BankPinWrong, _) if rejection.details.left.is_some() => "bank_pin_wrong_left",
        (other, _) => other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::templates::{Templates, longest_values};

    #[test]
    fn every_reason_has_words_in_every_language() {
        let templates = Templates::builtin().unwrap();
        for &reason in Reason::ALL {
            for language in templates.languages() {
                let rejection = Rejection::new(reason);
                let values = rejected(&rejection, "50005", "049123456".to_owned());
                let text = templates.render(language, template_of(&rejection), &values);
                assert!(text.is_ok(), "there is no reply [{}] in {language}: {text:?}", reason.as_str());
            }
        }
    }

    #[test]
    fn a_refusal_is_worded_for_every_interface() {
        let templates = Templates::builtin().unwrap();
        for &reason in Reason::ALL {
            for language in templates.languages() {
                let key = template_of(&Rejection::new(reason));
                let text = templates.render(language, key, &longest_values()).unwrap();
                assert!(!text.contains("SMS"), "it may be read at a machine or in an app: {text}");
            }
        }
    }

    #[test]
    fn a_sign_that_nobody_sees_is_told_in_words() {
        let template = |value: &str| {
            let rejection = Rejection::new(Reason::ForbiddenCharacter);
            template_of(&rejection.with(|details| details.value = Some(value.to_owned())))
        };
        assert_eq!(
            ["U+202E", "U+2067", "U+001B", "²"].map(template),
            ["direction_sign", "direction_sign", "control_sign", "forbidden_character"]
        );
    }
}
