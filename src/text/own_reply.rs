//! A reply that is written outside of the files of texts: a text with `{{ places }}`, proven to fit one segment with the
//! longest value of each place. It is sent in the alphabet of its language; in UCS-2 also if it has characters that GSM
//! 7-bit lacks.
//!
//! A text is taken apart when it is read, and never again: a value with braces is a value.

use std::sync::Arc;

use super::gsm7;
use super::rendering::clip_units;
use super::replies::{CURRENCY, Handling, handling};
use super::segments::{GSM7_SEPTETS_MAX, UCS2_UNITS_MAX, Written};
use super::templates::Templates;
use super::text_file::{CURRENCY_CHARS_MAX, Coding, Settings};
use super::transliterate::transliterate;
use super::ucs2;
use crate::domain::Language;

/// A place of a reply, and the longest value that it may have, in septets. A longer one is cut, unless it is an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub name: String,
    pub septets_max: usize,
    /// Its value is a plain decimal, written with the signs of the language.
    pub is_amount: bool,
}

impl Place {
    pub fn new(name: &str, septets_max: usize) -> Self {
        Self { name: name.to_owned(), septets_max, is_amount: false }
    }

    /// A place of a value that the texts of the country show too, and that may have so many septets at least.
    pub fn of_texts(name: &str, septets_min: usize) -> Self {
        let (how, septets_max) = handling(name).unwrap_or((Handling::Free, 0));
        Self { is_amount: how == Handling::Amount, ..Self::new(name, septets_max.max(septets_min)) }
    }

    /// The name of the currency, which the language has.
    pub fn currency() -> Self {
        Self::new(CURRENCY, CURRENCY_CHARS_MAX)
    }
}

/// A text that can be sent, whatever its values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReply {
    /// As they are written.
    pieces: Vec<Piece>,
}

/// The texts of a form by their languages, and the values that a message has for them. There are no texts if the form has
/// no reply of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnReplies {
    /// The first language of the bank first.
    texts: Arc<[(Language, OwnReply)]>,
    values: Vec<(String, String)>,
}

impl OwnReplies {
    pub const fn new(texts: Arc<[(Language, OwnReply)]>, values: Vec<(String, String)>) -> Self {
        Self { texts, values }
    }

    /// The text in a language.
    pub fn text(&self, language: Language) -> Option<&(Language, OwnReply)> {
        self.texts.iter().find(|(known, _)| *known == language)
    }

    /// The text in the first language of the bank.
    pub fn first(&self) -> Option<&(Language, OwnReply)> {
        self.texts.first()
    }

    /// The value that the message has for a place.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Place),
}

/// The reason why a text is not a reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAReply {
    #[error("it is empty")]
    Empty,
    #[error("a place is not closed: write `{{{{ name }}}}`")]
    Unclosed,
    #[error("there is no `{place}` to show; the places are {}", .known.join(", "))]
    UnknownPlace { place: String, known: Vec<String> },
    #[error("`{0}` cannot be sent in the alphabet of GSM")]
    Unencodable(char),
    #[error("it has {septets} characters with its longest values, and one SMS has {room}")]
    TooLong { septets: usize, room: usize },
    #[error("it has {units} characters, and one SMS in UCS-2 has {UCS2_UNITS_MAX}")]
    TooLongWide { units: usize },
}

impl OwnReply {
    /// # Errors
    /// The text names a place that is not there, cannot be sent, or is too long.
    pub fn read(template: &str, places: &[Place]) -> Result<Self, NotAReply> {
        let mut pieces = Vec::new();
        let mut rest = template.trim();
        while let Some((text, behind)) = rest.split_once("{{") {
            let (name, behind) = behind.split_once("}}").ok_or(NotAReply::Unclosed)?;
            let place = places.iter().find(|place| place.name == name.trim());
            let unknown = || NotAReply::UnknownPlace {
                place: name.trim().to_owned(),
                known: places.iter().map(|place| place.name.clone()).collect(),
            };
            pieces.push(Piece::Text(text.to_owned()));
            pieces.push(Piece::Place(place.ok_or_else(unknown)?.clone()));
            rest = behind;
        }
        if rest.contains("}}") {
            return Err(NotAReply::Unclosed);
        }
        pieces.push(Piece::Text(rest.to_owned()));
        let reply = Self { pieces };
        reply.proven(None).map(|()| reply)
    }

    /// Proves that it fits with its longest values, in the letters of a language if they are known.
    fn proven(&self, settings: Option<&Settings>) -> Result<(), NotAReply> {
        let wide = self.is_wide(settings);
        let longest = |piece: &Piece| match piece {
            Piece::Text(text) => as_sent(settings, text, wide),
            Piece::Place(place) => (if place.is_amount { "9" } else { "W" }).repeat(place.septets_max),
        };
        let text: String = self.pieces.iter().map(longest).collect();
        if text.is_empty() {
            return Err(NotAReply::Empty);
        }
        let plain = || {
            let (written, room) =
                if wide { (Written::Ucs2, UCS2_UNITS_MAX) } else { (Written::Gsm7, GSM7_SEPTETS_MAX) };
            Some((written.size(&text), room)).filter(|(taken, room)| taken > room)
        };
        let excess = settings.map_or_else(plain, |settings| settings.excess(&text, 1, wide));
        match excess {
            None => Ok(()),
            Some((units, _)) if wide => Err(NotAReply::TooLongWide { units }),
            Some((septets, room)) => Err(NotAReply::TooLong { septets, room }),
        }
    }

    /// It is sent in UCS-2, as it is written.
    fn is_wide(&self, settings: Option<&Settings>) -> bool {
        let fits = |text: &str| settings.map_or_else(|| transliterate(text), |of| of.outgoing(text)).fits_gsm7();
        let needs = |piece: &Piece| matches!(piece, Piece::Text(text) if !fits(text));
        settings.is_some_and(|settings| settings.coding == Coding::Ucs2) || self.pieces.iter().any(needs)
    }
}

impl Templates {
    /// The text of a form's own reply, as it is sent in its language. A place without a value is empty.
    pub fn own(&self, (language, reply): &(Language, OwnReply), value: impl Fn(&str) -> Option<String>) -> String {
        let settings = self.settings(*language);
        let wide = reply.is_wide(settings);
        let value = |place: &Place| match settings {
            Some(settings) if place.name == CURRENCY => Some(settings.currency.clone()),
            Some(settings) if place.is_amount => value(&place.name).map(|plain| settings.signs.written(&plain)),
            _ => value(&place.name),
        };
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => as_sent(settings, text, wide),
            Piece::Place(place) => match (value(place).unwrap_or_default(), wide) {
                (amount, _) if place.is_amount => as_sent(settings, &amount, wide),
                (value, true) => clip_units(&value, place.septets_max),
                (value, false) => match settings {
                    Some(settings) => settings.quoted(&value, place.septets_max),
                    None => clip_units(&transliterate(&value).text, place.septets_max),
                },
            },
        };
        reply.pieces.iter().map(piece).collect()
    }

    /// Proves that a form's own reply fits one SMS in the alphabet of its language.
    ///
    /// # Errors
    /// It is too long.
    pub fn own_fits(&self, (language, reply): &(Language, OwnReply)) -> Result<(), NotAReply> {
        reply.proven(self.settings(*language))
    }
}

/// A text as it is written, or if it is not sent in UCS-2, in the letters of its language and of GSM 7-bit.
fn as_sent(settings: Option<&Settings>, text: &str, wide: bool) -> String {
    match settings {
        _ if wide => text.to_owned(),
        Some(settings) => settings.outgoing(&settings.spelled(text)).text,
        None => transliterate(text).text,
    }
}

/// A text that another system words, as it is sent: one SMS, in the alphabet of GSM or else in UCS-2.
///
/// # Errors
/// The text is empty, has a control character, or does not fit.
pub fn of_another(text: &str) -> Result<String, NotAReply> {
    let text = text.trim();
    if let Some(control) = text.chars().find(|c| c.is_control() && *c != '\n') {
        return Err(NotAReply::Unencodable(control));
    }
    let outgoing = transliterate(text);
    if let Ok(septets) = gsm7::septet_count(&outgoing.text) {
        return match septets {
            0 => Err(NotAReply::Empty),
            1..=GSM7_SEPTETS_MAX => Ok(outgoing.text),
            septets => Err(NotAReply::TooLong { septets, room: GSM7_SEPTETS_MAX }),
        };
    }
    match ucs2::unit_count(text) {
        0..=UCS2_UNITS_MAX => Ok(text.to_owned()),
        units => Err(NotAReply::TooLongWide { units }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Vec<Place> {
        vec![Place::of_texts("amount", 0), Place::new("text", 10), Place::currency()]
    }

    fn worded(language: &str, template: &str, values: impl Fn(&str) -> Option<String>) -> String {
        let reply = OwnReply::read(template, &places()).unwrap();
        Templates::builtin().unwrap().own(&(language.parse().unwrap(), reply), values)
    }

    #[test]
    fn a_reply_shows_its_values_in_the_alphabet_of_gsm() {
        let values = |name: &str| Some(if name == "amount" { "5.00" } else { "më shumë 文 se sa" }.to_owned());
        let own = worded("sq", "Kërkesa për {{ amount }} {{ currency }}: {{text}}.", values);
        assert_eq!(own, "Kerkesa per 5.00 EUR: me shume...");
    }

    #[test]
    fn braces_of_a_value_open_no_place() {
        let wide = [Place::new("text", 30), Place::of_texts("amount", 0)];
        let reply = (Language::EN, OwnReply::read("a {{ text }} b {{ amount }}", &wide).unwrap());
        for value in ["{{amount}}", "{{", "}}", "{%if x%}", "{{text}}", "{{ {{"] {
            let values = |name: &str| Some(if name == "amount" { "5.00" } else { value }.to_owned());
            let own = Templates::builtin().unwrap().own(&reply, values);
            assert_eq!(own, format!("a {value} b 5.00"));
        }
    }

    #[test]
    fn the_words_of_another_system_fit_one_sms() {
        assert_eq!(of_another(" Kredia u pranua: më 5.12. ").unwrap(), "Kredia u pranua: me 5.12.");
        assert_eq!(of_another("ঋণ অনুমোদিত").unwrap(), "ঋণ অনুমোদিত");
        for (text, told) in [
            ("  ".to_owned(), "it is empty"),
            ("a\u{7}b".to_owned(), "`\u{7}` cannot be sent in the alphabet of GSM"),
            ("x".repeat(161), "it has 161 characters with its longest values, and one SMS has 160"),
            ("ঋ".repeat(71), "it has 71 characters, and one SMS in UCS-2 has 70"),
        ] {
            assert_eq!(of_another(&text).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn a_reply_that_the_alphabet_of_gsm_lacks_is_sent_in_ucs2_as_it_is_written() {
        let values = |name: &str| Some(if name == "amount" { "5.00" } else { "ধন্যবাদ অনেক" }.to_owned());
        assert_eq!(
            worded("en", "ঋণ {{ amount }} টাকা: {{ text }} ë", values),
            "ঋণ 5.00 টাকা: ধন্যবাদ ..  ë".replace("  ", " ")
        );
        let long = |letters: usize| OwnReply::read(&("ঋ".repeat(letters) + "{{ amount }}"), &places());
        assert!(long(64).is_ok());
        let told = "it has 71 characters, and one SMS in UCS-2 has 70";
        assert_eq!(long(65).unwrap_err().to_string(), told);
    }

    #[test]
    fn what_cannot_be_sent_is_told() {
        let problem = |text: &str| OwnReply::read(text, &places()).unwrap_err().to_string();
        assert_eq!(problem("of {{ sum }}"), "there is no `sum` to show; the places are amount, text, currency");
        assert_eq!(problem("of {{ amount"), "a place is not closed: write `{{ name }}`");
        assert_eq!(problem("of amount }}"), "a place is not closed: write `{{ name }}`");
        assert_eq!(problem("  "), "it is empty");
        let long = "x".repeat(155) + "{{ amount }}";
        assert_eq!(problem(&long), "it has 161 characters with its longest values, and one SMS has 160");
        assert!(OwnReply::read(&long[1..], &places()).is_ok());
    }
}
