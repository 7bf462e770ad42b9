//! Whether two names that staff gave are one person's, as far as a name can tell.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// Whether two names may be one person's: they are the same whatever their letters' case, script, width, accents,
/// spaces and invisible marks. Where two people are needed, the second one's name must not look like the first one's.
pub fn is_same_person(one: &str, other: &str) -> bool {
    let (one, other) = (looks(one), looks(other));
    one.iter().any(|look| other.contains(look))
}

/// Whether a text is anybody's name: it has a letter or a digit.
pub fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// What a name looks like: as it is written, in small letters, and in capitals. `I` looks like `l`, `i` does not; and a small
/// Cyrillic `т` looks like a `T` only when both are capitals.
fn looks(name: &str) -> [String; 3] {
    let plain = visible(name.nfkd());
    let capitals: String = plain.to_uppercase().chars().map(capital).collect();
    [plain.clone(), plain.to_lowercase(), capitals].map(|text| visible(skeleton(&text)).to_lowercase())
}

/// A capital of another script as the Latin one that it looks like; a Latin one is itself, or `I` would be an `l`.
fn capital(c: char) -> char {
    let mut look = skeleton(c.encode_utf8(&mut [0; 4])).collect::<Vec<char>>().into_iter();
    match (look.next(), look.next()) {
        (Some(one), None) if !c.is_ascii() => one.to_ascii_lowercase(),
        _ => c.to_ascii_lowercase(),
    }
}

/// Letters and digits without their accents.
fn visible(text: impl Iterator<Item = char>) -> String {
    text.filter(|c| c.is_alphanumeric() && !is_combining_mark(*c)).collect::<String>().nfkd().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_alike_of_a_name_is_that_name() {
        for other in [
            "Arta",
            "arta",
            " ARTA ",
            "\u{0410}rta",
            "\u{0430}rta",
            "ar\u{0442}a",
            "ａｒｔａ",
            "ar\u{200b}ta",
            "arta\u{feff}",
            "a r t a",
            "arta.",
            "árta",
            "a\u{301}rta",
            "\u{202e}arta",
            "𝐚𝐫𝐭𝐚",
        ] {
            assert!(is_same_person("Arta", other), "{other:?}");
            assert!(is_same_person(other, "arta"), "{other:?}");
        }
        assert!(is_same_person("Ilir", "llir") && is_same_person("Ilir", "ilir") && is_same_person("BESIM", "ВЕЅІМ"));
        assert!(is_same_person("STRASSE", "Straße"));
    }

    #[test]
    fn a_name_can_be_seen() {
        assert!(is_name("Arta") && is_name("7"));
        for nobody in ["", " ", "\u{200b}", "--", "\u{202e}\u{feff}"] {
            assert!(!is_name(nobody), "{nobody:?}");
        }
    }

    #[test]
    fn other_names_are_other_people() {
        for (one, other) in
            [("Arta", "Blerim"), ("arta", "artan"), ("Lila", "Ilia"), ("arta.k", "arta.m"), ("Ana", "Anna")]
        {
            assert!(!is_same_person(one, other), "{one} {other}");
        }
    }
}
