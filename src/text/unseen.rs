//! Invisible characters: one rule for texts that are read, texts that are shown, and addresses.
//!
//! By the Unicode Character Database (UAX #44) these are
//!
//! - characters that are not drawn: `Default_Ignorable_Code_Point`, and general category Cf (format);
//! - characters without a meaning: general category Co (private use) and Cn (unassigned, noncharacters), except for the
//!   places reserved for pictures (`Extended_Pictographic`), because newer phones draw them before this program knows
//!   them;
//! - characters that are drawn blank but are not `White_Space`: the Hangul fillers, the Braille blank, the null
//!   notehead, and the placeholder of a missing object.
//!
//! Control characters (Cc) and white space are not part of the rule: each reader treats them in its own way.

use unicode_normalization::char::is_public_assigned;

/// First and last of each range of assigned characters that are `Default_Ignorable_Code_Point`, of category Cf, or blank.
const UNSEEN: [(char, char); 28] = [
    ('\u{ad}', '\u{ad}'),        // soft hyphen
    ('\u{34f}', '\u{34f}'),      // combining grapheme joiner
    ('\u{600}', '\u{605}'),      // Arabic signs that enclose a number
    ('\u{61c}', '\u{61c}'),      // Arabic letter mark
    ('\u{6dd}', '\u{6dd}'),      // the same around a verse's number
    ('\u{70f}', '\u{70f}'),      // Syriac abbreviation mark
    ('\u{890}', '\u{891}'),      // Arabic signs of currencies around a number
    ('\u{8e2}', '\u{8e2}'),      // Arabic disputed end of verse
    ('\u{115f}', '\u{1160}'),    // Hangul fillers
    ('\u{17b4}', '\u{17b5}'),    // Khmer inherent vowels
    ('\u{180b}', '\u{180f}'),    // Mongolian variation selectors, vowel separator
    ('\u{200b}', '\u{200f}'),    // zero width space, joiners, left-to-right and right-to-left marks
    ('\u{202a}', '\u{202e}'),    // embeddings and overrides
    ('\u{2060}', '\u{206f}'),    // word joiner, invisible operators, isolates, deprecated controls
    ('\u{2800}', '\u{2800}'),    // Braille blank
    ('\u{3164}', '\u{3164}'),    // Hangul filler
    ('\u{fe00}', '\u{fe0f}'),    // variation selectors
    ('\u{feff}', '\u{feff}'),    // byte order mark
    ('\u{ffa0}', '\u{ffa0}'),    // half-width Hangul filler
    ('\u{fff0}', '\u{fffc}'),    // interlinear annotations, the place of an object
    ('\u{110bd}', '\u{110bd}'),  // Kaithi number sign
    ('\u{110cd}', '\u{110cd}'),  // Kaithi number sign above
    ('\u{13430}', '\u{1343f}'),  // controls of hieroglyphs
    ('\u{1bca0}', '\u{1bca3}'),  // controls of shorthand
    ('\u{1d159}', '\u{1d159}'),  // musical null notehead
    ('\u{1d173}', '\u{1d17a}'),  // controls of music
    ('\u{e0000}', '\u{e0fff}'),  // tags, variation selectors
    ('\u{f0000}', '\u{10ffff}'), // private use
];

/// Returns true if the character is invisible by this rule.
pub fn is_unseen(c: char) -> bool {
    match c {
        // The most frequent characters; pictures, and the places reserved for them.
        '\0'..='\u{ac}' | 'À'..='ž' | 'Ѐ'..='џ' | '\u{1f000}'..='\u{1faff}' | '\u{1fc00}'..='\u{1fffd}' => false,
        _ => within(c, &UNSEEN) || !is_public_assigned(c),
    }
}

pub(super) fn within(c: char, ranges: &[(char, char)]) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    fn every() -> impl Iterator<Item = char> {
        '\0'..=char::MAX
    }

    fn is(property: &str) -> impl Fn(char) -> bool {
        let property = Regex::new(&format!("^{property}$")).unwrap();
        move |c| property.is_match(c.encode_utf8(&mut [0; 4]))
    }

    /// The tables of another library, which may use an older version of Unicode: characters assigned since then are
    /// unassigned there.
    #[test]
    fn the_rule_is_what_unicode_says() {
        let unseen = is(r"[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Noncharacter_Code_Point}]");
        let (unassigned, picture) = (is(r"\p{Cn}"), is(r"\p{Extended_Pictographic}"));
        for c in every() {
            if unseen(c) {
                assert!(is_unseen(c), "U+{:04X}", u32::from(c));
            } else if is_unseen(c) {
                let is_blank = matches!(c, '\u{2800}' | '\u{fffc}' | '\u{1d159}');
                assert!(is_blank || (unassigned(c) && !picture(c)), "U+{:04X}", u32::from(c));
            }
        }
    }

    #[test]
    fn what_is_seen_is_seen() {
        for c in "azAZ09 .,-€ëçšžđЉћ٠۵０漢ねאح’…–²⑤\u{301}\u{20e3}🙏🏽🇽🇰❤\u{fffd}\u{1faff}\u{1f8ff}".chars()
        {
            assert!(!is_unseen(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn white_space_and_controls_are_for_others_to_judge() {
        for c in every().filter(|c| c.is_whitespace() || c.is_control()) {
            assert!(!is_unseen(c), "U+{:04X}", u32::from(c));
        }
    }
}
