//! The language of the texts for the customer, from the `Accept-Language` header.
//!
//! ```text
//! Accept-Language = range *( "," range )
//! range           = ( "sq" / "sr" / "en" ) [ "-" subtags ] [ ";q=" weight ]
//! ```

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use crate::domain::Language;

/// Weight of a range that states none, in thousandths.
const WEIGHT_MAX: u16 = 1_000;

/// Returns the supported language with the highest weight, the first of several, or `None` if none is asked for. Other
/// languages and ranges that cannot be read are ignored (RFC 9110, section 12.5.4).
pub(super) fn asked(headers: &HeaderMap) -> Option<Language> {
    let values = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).filter_map(range);
    let best = ranges.filter(|(_, weight)| *weight > 0);
    best.reduce(|best, range| if range.1 > best.1 { range } else { best }).map(|(language, _)| language)
}

fn range(text: &str) -> Option<(Language, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?;
    let primary = tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    let weight = match parts.next() {
        None => WEIGHT_MAX,
        Some(parameter) => weight(parameter)?,
    };
    Some((primary.parse().ok()?, weight))
}

/// `weight = "q=" ( "0" [ "." 0*3digit ] / "1" [ "." 0*3"0" ] )`, in thousandths.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    let (whole, rest) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    if !name.trim().eq_ignore_ascii_case("q") || rest.len() > 3 || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole = match whole {
        "0" => 0,
        "1" => WEIGHT_MAX,
        _ => return None,
    };
    let thousandths: u16 = format!("{rest:0<3}").parse().ok()?;
    Some(whole + thousandths).filter(|weight| *weight <= WEIGHT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_is_taken() {
        for (values, language) in [
            (&[][..], None),
            (&["en"], Some(Language::En)),
            (&["sr-Latn-RS"], Some(Language::Sr)),
            (&["EN-gb, sq;q=0.9"], Some(Language::En)),
            (&["sq;q=0.2,en;q=0.8"], Some(Language::En)),
            (&["sq;q=0.2, sr; q=0.21, de"], Some(Language::Sr)),
            (&["de, fr;q=0.9"], None),
            (&["*"], None),
            (&["en;q=0"], None),
            (&["en;q=0, sq;q=0.001"], Some(Language::Sq)),
            (&["sr, en"], Some(Language::Sr)),
            (&["de", "en;q=0.5"], Some(Language::En)),
            (&["en;q=2, sq;q=0.1"], Some(Language::Sq)),
            (&["en;q=1.001"], None),
            (&["english"], None),
            (&["", ",;,", "en;x=1", "en;q=0.1234"], None),
        ] {
            let headers: HeaderMap = values.iter().map(|value| (ACCEPT_LANGUAGE, value.parse().unwrap())).collect();
            assert_eq!(asked(&headers), language, "{values:?}");
        }
    }
}
