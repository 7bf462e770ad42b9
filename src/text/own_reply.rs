//! A reply that is written outside of the files of texts: a text with `{{ places }}`, proven to fit one segment with the
//! longest value of each place. It is transliterated to GSM 7-bit when it is read; if that is not possible, it is sent in
//! UCS-2.

use super::gsm7;
use super::rendering::{clip, clip_units, readable};
use super::segments::{GSM7_SEPTETS_MAX, UCS2_UNITS_MAX, size};
use super::transliterate::transliterate;
use super::ucs2;

/// A place of a reply, and the longest value that it may have, in septets. A longer one is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub name: String,
    pub septets_max: usize,
}

/// A text that can be sent, whatever its values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReply {
    pieces: Vec<Piece>,
    /// It has characters that GSM 7-bit lacks, and is sent in UCS-2 as it is written.
    wide: bool,
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
    #[error("it has {septets} characters with its longest values, and one SMS has {GSM7_SEPTETS_MAX}")]
    TooLong { septets: usize },
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
        Self::of(pieces)
    }

    fn of(mut pieces: Vec<Piece>) -> Result<Self, NotAReply> {
        let is_wide = |piece: &Piece| matches!(piece, Piece::Text(text) if !transliterate(text).fits_gsm7());
        let wide = pieces.iter().any(is_wide);
        for piece in pieces.iter_mut().filter(|_| !wide) {
            if let Piece::Text(text) = piece {
                *text = transliterate(text).text;
            }
        }
        match pieces.iter().map(|piece| piece.longest(wide)).sum() {
            0 => Err(NotAReply::Empty),
            units if wide && units > UCS2_UNITS_MAX => Err(NotAReply::TooLongWide { units }),
            septets if septets > GSM7_SEPTETS_MAX => Err(NotAReply::TooLong { septets }),
            _ => Ok(Self { pieces, wide }),
        }
    }

    /// The text with these values; a place without a value is empty.
    pub fn worded(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Place(place) => {
                let value = value(&place.name).unwrap_or_default();
                if self.wide {
                    clip_units(&value, place.septets_max)
                } else {
                    clip(&readable(transliterate(&value)), place.septets_max)
                }
            }
        };
        self.pieces.iter().map(piece).collect()
    }
}

impl Piece {
    /// Septets, or units in UCS-2 if the reply is `wide`.
    fn longest(&self, wide: bool) -> usize {
        match self {
            Self::Text(text) => size(text, wide),
            Self::Place(place) => place.septets_max,
        }
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
            septets => Err(NotAReply::TooLong { septets }),
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
        vec![Place { name: "amount".into(), septets_max: 6 }, Place { name: "text".into(), septets_max: 10 }]
    }

    #[test]
    fn a_reply_shows_its_values_in_the_alphabet_of_gsm() {
        let reply = OwnReply::read("Kërkesa për {{ amount }} EUR: {{text}}.", &places()).unwrap();
        let values = |name: &str| Some(if name == "amount" { "5.00" } else { "më shumë 文 se sa" }.to_owned());
        assert_eq!(reply.worded(values), "Kerkesa per 5.00 EUR: me shume...");
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
        let reply = OwnReply::read("ঋণ {{ amount }} টাকা: {{ text }} ë", &places()).unwrap();
        let values = |name: &str| Some(if name == "amount" { "5.00" } else { "ধন্যবাদ অনেক" }.to_owned());
        assert_eq!(reply.worded(values), "ঋণ 5.00 টাকা: ধন্যবাদ ..  ë".replace("  ", " "));
        let long = |letters: usize| OwnReply::read(&("ঋ".repeat(letters) + "{{ amount }}"), &places());
        assert!(long(64).is_ok());
        let told = "it has 71 characters, and one SMS in UCS-2 has 70";
        assert_eq!(long(65).unwrap_err().to_string(), told);
    }

    #[test]
    fn what_cannot_be_sent_is_told() {
        let problem = |text: &str| OwnReply::read(text, &places()).unwrap_err().to_string();
        assert_eq!(problem("of {{ sum }}"), "there is no `sum` to show; the places are amount, text");
        assert_eq!(problem("of {{ amount"), "a place is not closed: write `{{ name }}`");
        assert_eq!(problem("of amount }}"), "a place is not closed: write `{{ name }}`");
        assert_eq!(problem("  "), "it is empty");
        let long = "x".repeat(155) + "{{ amount }}";
        assert_eq!(problem(&long), "it has 161 characters with its longest values, and one SMS has 160");
        assert!(OwnReply::read(&long[1..], &places()).is_ok());
    }
}
