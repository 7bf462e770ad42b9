//! Names of staff: their validity, and the check that two names may belong to one person.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// Most characters of a name.
const NAME_MAX: usize = 60;

/// The Serbian Cyrillic alphabet, each letter with its Latin spelling without accents.
const CYRILLIC: [(char, &str); 30] = [
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('ђ', "d"),
    ('е', "e"),
    ('ж', "z"),
    ('з', "z"),
    ('и', "i"),
    ('ј', "j"),
    ('к', "k"),
    ('л', "l"),
    ('љ', "lj"),
    ('м', "m"),
    ('н', "n"),
    ('њ', "nj"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('ћ', "c"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "h"),
    ('ц', "c"),
    ('ч', "c"),
    ('џ', "dz"),
    ('ш', "s"),
];
/// Digits and signs, each with the letter that it may replace. No two digits stand for the same letter: `ops3` is not
/// `ops4`.
const WRITTEN_FOR: [(char, char); 11] = [
    ('2', 'z'),
    ('3', 'e'),
    ('4', 'a'),
    ('5', 's'),
    ('7', 't'),
    ('8', 'b'),
    ('9', 'g'),
    ('@', 'a'),
    ('$', 's'),
    ('|', 'l'),
    ('!', 'l'),
];

/// A text is not a name of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAName {
    #[error("a name must have a letter or a digit")]
    Nobody,
    #[error("a name has {NAME_MAX} characters at most")]
    TooLong,
    /// A control character could move the cursor or end the line.
    #[error("there is a control character (U+{:04X}) in the name: take it out", u32::from(*.0))]
    Control(char),
    /// The character is not allowed in names of staff.
    #[error(
        "there is a character (U+{:04X}) in the name that is not allowed: write Latin letters, Serbian Cyrillic letters, \
         digits and signs of ASCII",
        u32::from(*.0)
    )]
    Foreign(char),
}

/// Checks that a text may be the name of a member of staff: letters of Albanian, Serbian in both scripts and English,
/// any Latin letter with an accent, digits, and ASCII spaces and signs. Look-alikes from other scripts are refused.
///
/// # Errors
/// [`NotAName`].
pub fn staff_name(text: &str) -> Result<(), NotAName> {
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(NotAName::Control(control));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(NotAName::Nobody);
    }
    if text.trim().chars().count() > NAME_MAX {
        return Err(NotAName::TooLong);
    }
    // A combining accent after its letter is the same as an accented letter.
    text.nfc().find(|c| !is_of_a_name(*c)).map_or(Ok(()), |c| Err(NotAName::Foreign(c)))
}

fn is_of_a_name(c: char) -> bool {
    if matches!(c, ' '..='~' | 'đ' | 'Đ') || is_serbian_cyrillic(c) {
        return true;
    }
    let mut letters = c.to_string().nfd().collect::<Vec<char>>().into_iter();
    letters.next().is_some_and(|base| base.is_ascii_alphabetic()) && letters.all(is_combining_mark)
}

fn is_serbian_cyrillic(c: char) -> bool {
    c.to_lowercase().all(|small| CYRILLIC.iter().any(|(letter, _)| *letter == small))
}

/// Returns true if two names may belong to one person: they are equal apart from case, script, width, accents, spaces,
/// invisible marks, and digits or signs in place of letters. If two persons are required, the names must not look
/// alike. A text that is not a name may belong to anybody.
pub fn is_same_person(one: &str, other: &str) -> bool {
    if staff_name(one).is_err() || staff_name(other).is_err() {
        return true;
    }
    let (one, other) = (looks(one), looks(other));
    !one.is_disjoint(&other)
}

/// The forms in which a name is compared: as written, in small letters, and in capitals; each without signs, with signs
/// read as letters, and in Latin letters. `I` looks like `l`, `i` does not; a Cyrillic `т` looks like a `T` only if
/// both are capitals.
fn looks(name: &str) -> BTreeSet<String> {
    let signs: String = name.chars().map(|c| if c.is_ascii_punctuation() { written_for(c) } else { c }).collect();
    let latin: String = name.to_lowercase().chars().map(in_latin).collect();
    [name, &signs, &latin].into_iter().flat_map(cases).collect()
}

fn cases(name: &str) -> [String; 3] {
    let plain = visible(name.nfkd());
    let capitals: String = plain.to_uppercase().chars().map(capital).collect();
    [plain.clone(), plain.to_lowercase(), capitals].map(|text| {
        let look = visible(skeleton(&text)).to_lowercase();
        look.chars().map(written_for).collect::<String>().replace("vv", "w")
    })
}

fn written_for(c: char) -> char {
    WRITTEN_FOR.iter().find(|(sign, _)| *sign == c).map_or(c, |(_, letter)| *letter)
}

fn in_latin(c: char) -> String {
    CYRILLIC.iter().find(|(letter, _)| *letter == c).map_or_else(|| c.to_string(), |(_, latin)| (*latin).to_owned())
}

/// A capital of another script as the Latin one that it looks like. A Latin capital is unchanged; otherwise `I` would
/// become `l`.
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
        assert!(is_same_person("STRASSE", "strasse"));
    }

    #[test]
    fn what_is_written_for_a_letter_is_that_letter() {
        for (one, other) in [
            ("Genta", "G3nta"),
            ("Arta", "4rta"),
            ("Arta", "@rta"),
            ("Ilir", "I|ir"),
            ("Besa", "Be$a"),
            ("Wiliam", "VViliam"),
            ("wanda", "vvanda"),
            ("Đorđe", "Dorde"),
            ("Марко", "Marko"),
            ("Љиљана", "Ljiljana"),
            ("Шабан", "Šaban"),
        ] {
            assert!(is_same_person(one, other) && is_same_person(other, one), "{one} {other}");
        }
    }

    #[test]
    fn a_name_has_letters_of_the_languages_that_staff_write() {
        for name in
            ["Arta", "7", "Çlirim Hoxhë", "Đorđe", "Ђорђе Љубиша", "arta.k@bank", "Jürgen", "a\u{301}rta", " Arta "]
        {
            assert_eq!(staff_name(name), Ok(()), "{name:?}");
        }
        for nobody in ["", " ", "--"] {
            assert_eq!(staff_name(nobody), Err(NotAName::Nobody), "{nobody:?}");
        }
        for foreign in [
            "\u{1d00}rta",
            "\u{19b}rta",
            "\u{200b}Arta",
            "\u{202e}Arta",
            "Art\u{251}",
            "Αrta",
            "ａｒｔａ",
            "𝐚rta",
            "Łukasz",
        ] {
            assert!(matches!(staff_name(foreign), Err(NotAName::Foreign(_))), "{foreign:?}");
            assert!(is_same_person("Arta", foreign), "what is no name may be anybody's: {foreign:?}");
        }
        let problem = staff_name("Arta\u{1b}[2J").unwrap_err();
        assert!(problem.to_string().contains("control character (U+001B)"), "{problem}");
        assert_eq!(staff_name(&"x".repeat(61)), Err(NotAName::TooLong));
    }

    #[test]
    fn other_names_are_other_people() {
        for (one, other) in [
            ("Arta", "Blerim"),
            ("arta", "artan"),
            ("Lila", "Ilia"),
            ("arta.k", "arta.m"),
            ("Ana", "Anna"),
            ("ops3", "ops4"),
            ("4711", "4712"),
        ] {
            assert!(!is_same_person(one, other), "{one} {other}");
        }
    }
}
