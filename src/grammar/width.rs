//! Messages about the part behind the colon of a field (`{msisdn:9}`), with what is right for that very field.

use super::fields::Field;
use super::fields::kind::Widths;

/// The fault of a width that `field` cannot have, and its correction.
pub(super) fn fault(field: Field, written: &str) -> (String, String) {
    let name = field.name();
    match field.facts().width {
        Widths::None => (format!("`{name}` has no width"), format!("write `{{{name}}}`")),
        Widths::Size(help) => (format!("`{name}` cannot have this width"), help.to_owned()),
        Widths::Range(help) => range(name, written, help),
    }
}

fn range(name: &str, written: &str, help: &str) -> (String, String) {
    let numbers: Vec<&str> = written.split('-').map(str::trim).collect();
    let is_digits = |number: &&&str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if let Some(high) = numbers.iter().filter(is_digits).find(|number| number.parse::<u32>().is_err()) {
        let message = format!("`{name}` cannot have this range: {high} is above {}", u32::MAX);
        return (message, format!("write a range within 0-{}, as in `{{{name}:1-31}}`", u32::MAX));
    }
    match numbers.iter().map(|number| number.parse().ok()).collect::<Option<Vec<u32>>>().as_deref() {
        Some([low, high]) if low > high => {
            let message = format!("`{name}` cannot have this range: {low} is above {high}");
            (message, format!("write the lower value first: `{{{name}:{high}-{low}}}`"))
        }
        _ => (format!("`{name}` cannot have this range"), help.to_owned()),
    }
}

/// The correction of a field that another value follows at once, where its own end cannot be told.
pub(super) fn apart(field: Field) -> String {
    let sized = match field.facts().width {
        Widths::Size(help) => help.split('`').nth(1),
        Widths::None | Widths::Range(_) => None,
    };
    sized.map_or_else(
        || "put a space between them".to_owned(),
        |sized| format!("put a space between them, or give it a fixed width: `{sized}`"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::fields::own::file::OwnFields;
    use super::super::pattern;
    use super::super::testing::{bank_of, load};
    use super::*;

    /// The fields that a correction tells to write.
    fn told(help: &str) -> Vec<&str> {
        help.split('`').skip(1).step_by(2).filter(|text| text.starts_with('{')).collect()
    }

    #[test]
    fn the_correction_of_a_width_is_right_for_its_field() {
        for field in Field::ALL {
            for width in ["0", "99", "x", "9-3", "0-99999999999", "5 grouped x"] {
                let error =
                    pattern::parse(&format!("{{{}:{width}}}", field.name()), &OwnFields::default()).unwrap_err();
                let help = error.help.unwrap();
                for right in told(&help) {
                    assert!(pattern::parse(right, &OwnFields::default()).is_ok(), "{} {width}: {help}", field.name());
                }
            }
        }
    }

    #[test]
    fn the_correction_of_glued_values_is_not_refused_again() {
        for field in Field::ALL.iter().filter(|field| !field.facts().takes_the_rest) {
            let glued = |text: &str| {
                let error = load(&bank_of(&[("glued", &format!("text = \"x {text}{{date}}\""))])).err()?;
                error.contains("followed by another value at once").then_some(error)
            };
            let error = glued(&format!("{{{}}}", field.name())).unwrap();
            let (_, help) = error.split_once("help: ").unwrap();
            for right in told(help) {
                assert_eq!(glued(right), None, "{help}");
            }
        }
    }

    #[test]
    fn a_range_is_told_with_its_limits() {
        for (written, message, help) in [
            ("number:1-99999999999", "99999999999 is above 4294967295", "within 0-4294967295"),
            ("number:31-1", "31 is above 1", "`{number:1-31}`"),
            ("number:5", "`number` cannot have this range", "`{number:1-31}`"),
            ("operator:9", "`operator` has no width", "write `{operator}`"),
        ] {
            let error = pattern::parse(&format!("{{{written}}}"), &OwnFields::default()).unwrap_err();
            let told = error.help.unwrap();
            assert!(error.message.contains(message) && told.contains(help), "{written}: {} {told}", error.message);
        }
    }
}
