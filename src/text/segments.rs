//! Splits a text into segments, each with its data coding and octets.
//!
//! One segment holds 160 septets or 70 UCS-2 units; a part of a long message, which has a header, 153 or 67. A text is
//! never split inside an escape sequence, a surrogate pair, or a letter with its combining marks.

use unicode_normalization::char::is_combining_mark;

use super::data_coding::DefaultAlphabet;
use super::gsm7;
use super::latin1;
use super::septets;
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

/// Splits a text: one piece if it fits a segment, otherwise pieces that each fit a part. An empty text is one empty
/// piece.
pub fn split(text: &str) -> Vec<&str> {
    match gsm7::septet_count(text) {
        Ok(septets) if septets <= GSM7_SEPTETS_MAX => vec![text],
        Ok(_) => cut(text, GSM7_SEPTETS_PER_PART, |c| cost(c, false)),
        Err(_) if ucs2::unit_count(text) <= UCS2_UNITS_MAX => vec![text],
        Err(_) => cut(text, UCS2_UNITS_PER_PART, |c| cost(c, true)),
    }
}

/// Encodes a text as one message without a header: GSM 7-bit in the peer's default alphabet if possible, otherwise
/// UCS-2. For a long text, the peer must accept all octets at once (`message_payload`).
pub fn encode_for_submit(text: &str, default_alphabet: DefaultAlphabet) -> (u8, Vec<u8>) {
    encode(text, default_alphabet, 0).map_or_else(|| (UCS2, ucs2::encode(text)), |octets| (DEFAULT, octets))
}

/// Splits and encodes a text. The parts of a long message share `reference`; the sender's next long message to the same
/// phone must have another one.
pub fn segments(text: &str, default_alphabet: DefaultAlphabet, reference: u8) -> Result<Vec<Segment>, TooLong> {
    let pieces = split(text);
    if let [whole] = pieces[..] {
        let (data_coding, octets) = encode_for_submit(whole, default_alphabet);
        return Ok(vec![Segment { data_coding, has_header: false, octets }]);
    }
    let too_long = TooLong { parts: pieces.len() };
    let total = u8::try_from(pieces.len()).map_err(|_| too_long)?;
    // All parts are in one alphabet, even if some of them would fit a smaller one.
    let narrow = encode(text, default_alphabet, 0).is_some();
    (1..=total)
        .zip(pieces)
        .map(|(number, piece)| {
            let part = Part::new(u16::from(reference), total, number).ok_or(too_long)?;
            Ok(encode_part(piece, part, default_alphabet, narrow))
        })
        .collect()
}

fn encode_part(text: &str, part: Part, default_alphabet: DefaultAlphabet, narrow: bool) -> Segment {
    let mut octets = UserDataHeader { elements: vec![Element::Concatenated8(part)] }.encode();
    let fill_bits = septets::fill_bits(octets.len());
    let encoded = if narrow { encode(text, default_alphabet, fill_bits) } else { None };
    let data_coding = if encoded.is_some() { DEFAULT } else { UCS2 };
    octets.extend(encoded.unwrap_or_else(|| ucs2::encode(text)));
    Segment { data_coding, has_header: true, octets }
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

/// Septets of a text, or its units in UCS-2 if it is `wide`.
pub(super) fn size(text: &str, wide: bool) -> usize {
    text.chars().map(|c| cost(c, wide)).sum()
}

/// Septets or units of a text of such characters that `parts` parts surely hold, however it is cut.
pub(super) fn room(text: &str, wide: bool, parts: usize) -> usize {
    let (whole, part) =
        if wide { (UCS2_UNITS_MAX, UCS2_UNITS_PER_PART) } else { (GSM7_SEPTETS_MAX, GSM7_SEPTETS_PER_PART) };
    let lost = longest_unsplit(text, wide).saturating_sub(1);
    if parts == 1 { whole } else { (parts * part).saturating_sub((parts - 1) * lost) }
}

/// Size of the longest run of characters that is not split.
fn longest_unsplit(text: &str, wide: bool) -> usize {
    let (mut longest, mut run) = (0, 0);
    let mut joins_next = true;
    for c in text.chars() {
        run = if joins_next || joins_previous(c) { run + cost(c, wide) } else { cost(c, wide) };
        longest = longest.max(run);
        joins_next = c == ZERO_WIDTH_JOINER;
    }
    longest
}

fn cost(c: char, wide: bool) -> usize {
    if wide { c.len_utf16() } else { gsm7::septet_of(c).map_or(1, gsm7::Septet::count) }
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
