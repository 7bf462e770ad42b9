//! Splits a text into segments, each with its data coding and octets.
//!
//! One segment holds 160 septets or 70 UCS-2 units; a part of a long message, which has a header, 153 or 67. A text that
//! is written with national language tables has a header in any case, and fewer septets. A text is never split inside an
//! escape sequence, a surrogate pair, or a letter with its combining marks.

use unicode_normalization::char::is_combining_mark;

use super::data_coding::DefaultAlphabet;
use super::gsm7;
use super::latin1;
use super::septets;
use super::shift::{Charset, NationalTables};
use super::ucs2;
use super::udh::{Element, Part, UserDataHeader};

/// Septets in a message of one segment.
pub const GSM7_SEPTETS_MAX: usize = 160;
/// Septets in a part of a long message.
pub const GSM7_SEPTETS_PER_PART: usize = 153;
/// UCS-2 units in a message of one segment.
pub const UCS2_UNITS_MAX: usize = 70;
/// UCS-2 units in a part of a long message.
pub const UCS2_UNITS_PER_PART: usize = 67;
/// Most parts of a long message; its header counts them in one octet.
pub const PARTS_MAX: usize = 255;

/// `data_coding` of the peer's default alphabet.
const DEFAULT: u8 = 0x00;
/// `data_coding` of UCS-2.
const UCS2: u8 = 0x08;

/// The text needs more than [`PARTS_MAX`] parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text needs {parts} parts; a long message has at most {PARTS_MAX}")]
pub struct TooLong {
    /// Number of parts that the text needs.
    pub parts: usize,
}

/// A message to submit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub data_coding: u8,
    /// True if the octets begin with a user data header (the UDHI bit 0x40 of `esm_class`).
    pub has_header: bool,
    /// The user data.
    pub octets: Vec<u8>,
}

/// The alphabet that a text is written in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Written<'t> {
    /// The default alphabet of GSM 7-bit.
    Gsm7,
    /// GSM 7-bit with tables that a header names.
    National(&'t Charset),
    Ucs2,
}

impl Written<'_> {
    /// Septets or units of a character.
    fn cost(self, c: char) -> usize {
        match self {
            Self::Gsm7 => septets_of(c),
            Self::National(set) => set.cost(c),
            Self::Ucs2 => c.len_utf16(),
        }
    }

    /// Septets or units of a message of one segment, or of a part of several.
    fn holds(self, is_part: bool) -> usize {
        match (self, is_part) {
            (Self::Gsm7, false) => GSM7_SEPTETS_MAX,
            (Self::Gsm7, true) => GSM7_SEPTETS_PER_PART,
            (Self::National(set), _) => set.room(is_part),
            (Self::Ucs2, false) => UCS2_UNITS_MAX,
            (Self::Ucs2, true) => UCS2_UNITS_PER_PART,
        }
    }

    /// One piece if the text fits a segment, otherwise pieces that each fit a part.
    fn split(self, text: &str) -> Vec<&str> {
        if self.size(text) <= self.holds(false) {
            return vec![text];
        }
        cut(text, self.holds(true), |c| self.cost(c))
    }

    /// Septets or units of a text.
    pub(super) fn size(self, text: &str) -> usize {
        text.chars().map(|c| self.cost(c)).sum()
    }

    /// Septets or units of a text of such characters that `parts` parts surely hold, however it is cut.
    pub(super) fn room(self, text: &str, parts: usize) -> usize {
        if parts == 1 {
            return self.holds(false);
        }
        // A value may have a letter with an escape where the text has none.
        let least = if matches!(self, Self::National(_)) { 2 } else { 1 };
        let lost = self.longest_unsplit(text).max(least) - 1;
        (parts * self.holds(true)).saturating_sub((parts - 1) * lost)
    }

    /// Size of the longest run of characters that is not split.
    fn longest_unsplit(self, text: &str) -> usize {
        let (mut longest, mut run) = (0, 0);
        let mut joins_next = true;
        for c in text.chars() {
            run = if joins_next || joins_previous(c) { run + self.cost(c) } else { self.cost(c) };
            longest = longest.max(run);
            joins_next = c == ZERO_WIDTH_JOINER;
        }
        longest
    }
}

/// Splits a text: one piece if it fits a segment, otherwise pieces that each fit a part. An empty text is one empty
/// piece.
pub fn split(text: &str) -> Vec<&str> {
    written(text, None).1
}

/// The alphabet of a text and its pieces: the default alphabet if it has all characters, otherwise the national tables
/// with which it has the fewest pieces, otherwise UCS-2.
fn written<'n, 't>(text: &'t str, national: Option<&'n NationalTables>) -> (Written<'n>, Vec<&'t str>) {
    match gsm7::septet_count(text) {
        Ok(septets) if septets <= GSM7_SEPTETS_MAX => return (Written::Gsm7, vec![text]),
        Ok(_) => return (Written::Gsm7, cut(text, GSM7_SEPTETS_PER_PART, septets_of)),
        Err(_) => {}
    }
    let sets = national
        .into_iter()
        .flat_map(|sets| sets.holding(text))
        .map(Written::National)
        .map(|set| (set, set.split(text)));
    sets.min_by_key(|(_, pieces)| pieces.len()).unwrap_or_else(|| (Written::Ucs2, Written::Ucs2.split(text)))
}

/// Encodes a text as one message without a header: GSM 7-bit in the peer's default alphabet if possible, otherwise
/// UCS-2. For a long text, the peer must accept all octets at once (`message_payload`).
pub fn encode_for_submit(text: &str, default_alphabet: DefaultAlphabet) -> (u8, Vec<u8>) {
    encode(text, default_alphabet, 0).map_or_else(|| (UCS2, ucs2::encode(text)), |octets| (DEFAULT, octets))
}

/// Splits and encodes a text. The parts of a long message share `reference`; the sender's next long message to the same
/// phone must have another one. `national` has the tables for texts that the default alphabet lacks characters of; they
/// are of use where data coding 0 means GSM 7-bit.
pub fn segments(
    text: &str,
    default_alphabet: DefaultAlphabet,
    reference: u8,
    national: &NationalTables,
) -> Result<Vec<Segment>, TooLong> {
    let in_septets = matches!(default_alphabet, DefaultAlphabet::Gsm7Unpacked | DefaultAlphabet::Gsm7Packed);
    let (chosen, pieces) = written(text, Some(national).filter(|_| in_septets));
    if let Written::National(set) = chosen {
        let parts = numbered(&pieces, reference)?;
        let encoded = parts.into_iter().map(|(part, piece)| encode_national(piece, part, default_alphabet, set));
        // Without tables it is in UCS-2.
        let without = || segments(text, default_alphabet, reference, &NationalTables::default());
        return encoded.collect::<Option<_>>().map_or_else(without, Ok);
    }
    if let [whole] = pieces[..] {
        let (data_coding, octets) = encode_for_submit(whole, default_alphabet);
        return Ok(vec![Segment { data_coding, has_header: false, octets }]);
    }
    // All parts are in one alphabet, even if some of them would fit a smaller one.
    let narrow = encode(text, default_alphabet, 0).is_some();
    let parts = numbered(&pieces, reference)?.into_iter();
    Ok(parts.map(|(part, piece)| encode_part(piece, part, default_alphabet, narrow)).collect())
}

/// The pieces of a text, each with its place in a long message; a single piece has none.
fn numbered<'t>(pieces: &[&'t str], reference: u8) -> Result<Vec<(Option<Element>, &'t str)>, TooLong> {
    let too_long = TooLong { parts: pieces.len() };
    let total = u8::try_from(pieces.len()).map_err(|_| too_long)?;
    let place = |number| Part::new(u16::from(reference), total, number).map(Element::Concatenated8);
    Ok((1..=total).map(|number| place(number).filter(|_| total > 1)).zip(pieces.iter().copied()).collect())
}

fn encode_part(text: &str, part: Option<Element>, default_alphabet: DefaultAlphabet, narrow: bool) -> Segment {
    let mut octets = UserDataHeader { elements: part.into_iter().collect() }.encode();
    let fill_bits = septets::fill_bits(octets.len());
    let encoded = if narrow { encode(text, default_alphabet, fill_bits) } else { None };
    let data_coding = if encoded.is_some() { DEFAULT } else { UCS2 };
    octets.extend(encoded.unwrap_or_else(|| ucs2::encode(text)));
    Segment { data_coding, has_header: true, octets }
}

/// A segment with a header that names the tables of its septets. `None` if a receiver would take the last packed
/// character for a filling.
fn encode_national(
    text: &str,
    part: Option<Element>,
    default_alphabet: DefaultAlphabet,
    set: &Charset,
) -> Option<Segment> {
    let mut octets = UserDataHeader { elements: part.into_iter().chain(set.elements()).collect() }.encode();
    let septets = set.encode(text)?;
    if default_alphabet == DefaultAlphabet::Gsm7Packed {
        let fill_bits = septets::fill_bits(octets.len());
        let packed = septets::pack(&septets, fill_bits);
        if septets::unpack(&packed, fill_bits, None) != septets {
            return None;
        }
        octets.extend(packed);
    } else {
        octets.extend(septets);
    }
    Some(Segment { data_coding: DEFAULT, has_header: true, octets })
}

/// Encodes a text for the peer's meaning of data coding 0, if possible. In any alphabet, the text must fit GSM 7-bit,
/// in which it is sent over the air.
fn encode(text: &str, default_alphabet: DefaultAlphabet, fill_bits: u8) -> Option<Vec<u8>> {
    let septets = gsm7::encode(text).ok()?;
    match default_alphabet {
        DefaultAlphabet::Gsm7Unpacked => Some(septets),
        DefaultAlphabet::Gsm7Packed => Some(septets::pack(&septets, fill_bits)),
        DefaultAlphabet::Latin1 => latin1::encode(text).ok(),
        DefaultAlphabet::Utf8 => Some(text.as_bytes().to_vec()),
    }
}

/// Splits `text` into pieces of at most `room`. `cost` is the size of a character.
/// Septets of a character in the default alphabet; 1 if that lacks it.
fn septets_of(c: char) -> usize {
    gsm7::septet_of(c).map_or(1, gsm7::Septet::count)
}

fn cut(text: &str, room: usize, cost: impl Fn(char) -> usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    // The last place at which the text may be split; the size up to it, and the size since `start`.
    let (mut border, mut used_to_border, mut used) = (0, 0, 0);
    let mut joins_next = true;
    for (at, c) in text.char_indices() {
        if !joins_next && !joins_previous(c) {
            (border, used_to_border) = (at, used);
        }
        if used + cost(c) > room {
            // A sequence of combining marks that is longer than a part is split.
            if border == start {
                (border, used_to_border) = (at, used);
            }
            pieces.extend(text.get(start..border));
            start = border;
            used -= used_to_border;
            used_to_border = 0;
        }
        used += cost(c);
        joins_next = c == ZERO_WIDTH_JOINER;
    }
    pieces.extend(text.get(start..));
    pieces
}

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Returns true for a character that combines with the one before: an accent, a variation selector, a skin tone, a
/// joiner.
fn joins_previous(c: char) -> bool {
    !c.is_ascii()
        && (c == ZERO_WIDTH_JOINER
            || is_combining_mark(c)
            || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}'))
}

#[cfg(test)]
#[path = "segments_tests.rs"]
mod tests;
