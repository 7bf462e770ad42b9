//! The language of the texts for the customer, from the `Accept-Language` header.
//!
//! ```text
//! Accept-Language = range *( "," range )
//! range           = tag [ ";q=" weight ]
//! ```
//!
//! A range such as `sr-Cyrl-RS` means `sr-Cyrl`, if there are texts in it, or else `sr`: subtags are taken off its end until
//! it is a language that there are texts in (RFC 4647, section 3.4).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use crate::domain::Language;

/// Weight of a range that states none, in thousandths.
const WEIGHT_MAX: u16 = 1_000;

/// Returns the language of `known` with the highest weight, the first of several, or `None` if none is asked for. Other
/// languages and ranges that cannot be read are ignored (RFC 9110, section 12.5.4).
pub(super) fn asked(headers: &HeaderMap, known: &[Language]) -> Option<Language> {
    let values = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).filter_map(|text| range(text, known));
    let best = ranges.filter(|(_, weight)| *weight > 0);
    best.reduce(|best, range| if range.1 > best.1 { range } else { best }).map(|(language, _)| language)
}

fn range(text: &str, known: &[Language]) -> Option<(Language, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let language = meant(parts.next()?, known)?;
    let weight = match parts.next() {
        None => WEIGHT_MAX,
        Some(parameter) => weight(parameter)?,
    };
    Some((language, weight))
}

/// The language of `known` that a tag means.
fn meant(tag: &str, known: &[Language]) -> Option<Language> {
    let is_named = |tag: &str| known.iter().copied().find(|language| language.code().eq_ignore_ascii_case(tag));
    let mut rest = Some(tag);
    std::iter::from_fn(|| {
        let tag = rest?;
        rest = tag.rsplit_once('-').map(|(before, _)| before);
        Some(tag)
    })
    .find_map(is_named)
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
            (&["en"], Some("en")),
            (&["sr-Latn-RS"], Some("sr")),
            (&["EN-gb, sq;q=0.9"], Some("en")),
            (&["sq;q=0.2,en;q=0.8"], Some("en")),
            (&["sq;q=0.2, sr; q=0.21, de"], Some("sr")),
            (&["de, fr;q=0.9"], None),
            (&["*"], None),
            (&["en;q=0"], None),
            (&["en;q=0, sq;q=0.001"], Some("sq")),
            (&["sr, en"], Some("sr")),
            (&["de", "en;q=0.5"], Some("en")),
            (&["en;q=2, sq;q=0.1"], Some("sq")),
            (&["en;q=1.001"], None),
            (&["english"], None),
            (&["", ",;,", "en;x=1", "en;q=0.1234"], None),
        ] {
            let headers: HeaderMap = values.iter().map(|value| (ACCEPT_LANGUAGE, value.parse().unwrap())).collect();
            let known = ["sq", "sr", "en"].map(|code| code.parse().unwrap());
            assert_eq!(asked(&headers, &known).map(|language| language.to_string()).as_deref(), language, "{values:?}");
        }
    }

    #[test]
    fn a_range_means_the_nearest_language_with_texts() {
        for (tag, known, language) in [
            ("sr-Cyrl-RS", &["sr", "sr-Cyrl"][..], Some("sr-Cyrl")),
            ("SR-CYRL", &["sr", "sr-Cyrl"], Some("sr-Cyrl")),
            ("sr-Latn-RS", &["sr", "sr-Cyrl"], Some("sr")),
            ("sr-Cyrl-RS", &["sr", "en"], Some("sr")),
            ("sr", &["sr-Cyrl"], None),
            ("bn-BD", &["bn", "en"], Some("bn")),
            ("-", &["en"], None),
        ] {
            let known: Vec<Language> = known.iter().map(|code| code.parse().unwrap()).collect();
            assert_eq!(meant(tag, &known).map(|language| language.to_string()).as_deref(), language, "{tag}");
        }
    }
}
