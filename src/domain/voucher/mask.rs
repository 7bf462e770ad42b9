//! Removes codes from stored and shown texts. A customer's text may contain a code that is still valid, mistyped or
//! not, and staff read it. The first and last two digits are enough to compare it with a card.
//!
//! These digits may be a code, with up to two of them missing or added:
//!
//! - 14 and more in one piece;
//! - 14 to 18 in groups of about four, or in pieces of several such groups.
//!
//! A telephone number with an amount or a PIN may look like the second (`1000 0641234567`). It is no code if a number of
//! the plan stands at one end of the groups, and what is left is one group too short for half a code. Four groups of
//! exactly four digits are a code, whatever else they may be: the secret counts for more than the text. In a right form
//! that is suggested to the customer, which repeats no code that was read, the number counts for more.

use std::ops::Range;

use unicode_normalization::char::is_public_assigned;

/// Digits without a gap that may be a code, with some digits missing or added.
const PIECE_MIN: usize = 14;
/// Most digits of a code in groups.
const GROUPED_MAX: usize = 18;
/// Digits in each group, as cards print them.
const GROUP: usize = 4;
/// Most digits that are missing or added.
const SLIPS_MAX: usize = 2;
/// Most digits beside a telephone number that are an amount or a PIN.
const BESIDE_MAX: usize = 6;
/// Most characters between two groups.
const SIGNS_MAX: usize = 4;
/// Digits that remain visible at each end.
const SHOWN: usize = 2;

/// Tells whether these digits, with a `+` before them if it was typed, are a telephone number of the plan.
pub type IsNumber<'n> = &'n dyn Fn(&str) -> bool;

/// Replaces the middle of everything that may be a code by stars. All other characters keep their places.
pub fn mask_codes(text: &str, is_number: IsNumber<'_>) -> String {
    let chars: Vec<char> = text.chars().collect();
    let runs = Runs { chars: &chars, is_number, is_suggested: false }.all();
    masked(chars, runs)
}

/// Replaces codes in a right form that is suggested for `text`. Digits that are not in the text are an example.
pub fn mask_suggested(form: &str, text: &str, is_number: IsNumber<'_>) -> String {
    let chars: Vec<char> = form.chars().collect();
    let digits = |chars: &[char]| chars.iter().filter(|c| c.is_numeric()).collect::<String>();
    let written = digits(&text.chars().collect::<Vec<_>>());
    let mut runs = Runs { chars: &chars, is_number, is_suggested: true }.all();
    runs.retain(|run| written.contains(&digits(chars.get(run.clone()).unwrap_or_default())));
    masked(chars, runs)
}

fn masked(mut chars: Vec<char>, runs: Vec<Range<usize>>) -> String {
    for run in runs {
        let digits: Vec<usize> = run.filter(|at| chars.get(*at).is_some_and(|c| c.is_numeric())).collect();
        let hidden = digits.len().saturating_sub(2 * SHOWN);
        for at in digits.into_iter().skip(SHOWN).take(hidden) {
            if let Some(c) = chars.get_mut(at) {
                *c = '*';
            }
        }
    }
    chars.into_iter().collect()
}

/// Masks octets that are not a text, in hexadecimal. A code in them, one octet for a digit or for two, is hidden
/// completely.
pub fn mask_octets(hexadecimal: &str) -> String {
    let Ok(mut octets) = hex::decode(hexadecimal) else { return "*".repeat(hexadecimal.len()) };
    for step in [1, 2] {
        for start in 0..octets.len() {
            let is_digit = |at: &usize| octets.get(*at).is_some_and(u8::is_ascii_digit);
            let run: Vec<usize> = (start..octets.len()).step_by(step).take_while(is_digit).collect();
            if run.len() >= PIECE_MIN {
                run.into_iter().filter_map(|at| octets.get_mut(at).map(|octet| *octet = b'*')).for_each(drop);
            }
        }
    }
    hex::encode(octets)
}

/// A text in which codes are looked for.
struct Runs<'r> {
    chars: &'r [char],
    is_number: IsNumber<'r>,
    /// The text is a right form that is suggested to a customer.
    is_suggested: bool,
}

impl Runs<'_> {
    /// Ranges that may be a code.
    fn all(&self) -> Vec<Range<usize>> {
        let pieces = pieces(self.chars);
        let mut runs = Vec::new();
        let mut first = 0;
        while let Some(piece) = pieces.get(first) {
            let is_whole = digits(self.chars, piece) >= PIECE_MIN;
            if is_whole && !(self.is_suggested && self.number(std::slice::from_ref(piece))) {
                runs.push(piece.clone());
            } else if !is_whole && let Some(count) = self.grouped(pieces.get(first..).unwrap_or_default()) {
                let last = pieces.get(first + count - 1).unwrap_or(piece);
                runs.push(piece.start..last.end);
                first += count - 1;
            }
            first += 1;
        }
        runs
    }

    /// The count of the pieces at the beginning that may be one code.
    fn grouped(&self, pieces: &[Range<usize>]) -> Option<usize> {
        let is_near = |pair: &[Range<usize>; 2]| {
            let gap = self.chars.get(pair[0].end..pair[1].start).unwrap_or_default();
            (1..=SIGNS_MAX).contains(&gap.len()) && !gap.iter().any(|c| c.is_alphanumeric())
        };
        let near = 1 + pieces.array_windows().take(GROUPED_MAX).take_while(|pair| is_near(pair)).count();
        let counts: Vec<usize> = pieces.iter().take(near).map(|piece| digits(self.chars, piece)).collect();
        (2..=near.min(GROUPED_MAX)).rev().find(|&count| {
            let (counts, pieces) = (counts.get(..count).unwrap_or_default(), pieces.get(..count).unwrap_or_default());
            let is_certain = counts == [GROUP; 4];
            is_certain || (is_grouped(counts) && !self.is_request(pieces))
        })
    }

    /// Tells whether a telephone number stands at one end of the pieces, and no half of a code beside it.
    fn is_request(&self, pieces: &[Range<usize>]) -> bool {
        (1..pieces.len()).any(|count| {
            let (head, behind) = pieces.split_at(count);
            let (before, tail) = pieces.split_at(pieces.len() - count);
            (self.number(head) && self.is_beside(behind)) || (self.number(tail) && self.is_beside(before))
        })
    }

    /// Tells whether an amount, a PIN or another number stands beside a telephone number.
    fn is_beside(&self, pieces: &[Range<usize>]) -> bool {
        let short = pieces.len() == 1 && pieces.iter().all(|piece| digits(self.chars, piece) <= BESIDE_MAX);
        short || self.is_suggested || self.number(pieces)
    }

    fn number(&self, pieces: &[Range<usize>]) -> bool {
        let Some(first) = pieces.first() else { return false };
        let plus = first.start.checked_sub(1).and_then(|at| self.chars.get(at)).filter(|c| **c == '+');
        let digits = pieces.iter().flat_map(|piece| self.chars.get(piece.clone()).unwrap_or_default());
        let written: String = plus.into_iter().chain(digits.filter(|c| c.is_numeric())).collect();
        (self.is_number)(&written)
    }
}

/// Tells whether so many digits in each piece may be a code in groups of four: four groups of which each has one digit
/// less or more, pieces of whole groups, or whole groups and a last piece.
fn is_grouped(counts: &[usize]) -> bool {
    let total: usize = counts.iter().sum();
    if !(PIECE_MIN..=GROUPED_MAX).contains(&total) {
        return false;
    }
    let slips = |counts: &[usize], whole: fn(usize) -> usize| -> usize {
        counts.iter().map(|&count| count.abs_diff(whole(count))).sum()
    };
    let groups = counts.len() == 4 && slips(counts, |_| GROUP) <= SLIPS_MAX;
    let whole = |count: usize| (count + GROUP / 2) / GROUP * GROUP;
    let pieces = counts.iter().all(|&count| count + 1 >= GROUP) && slips(counts, whole) <= SLIPS_MAX;
    let (_, firsts) = counts.split_last().unwrap_or((&0, &[]));
    groups || pieces || firsts.iter().all(|&count| count == GROUP)
}

/// All runs of digits.
fn pieces(chars: &[char]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let piece = piece(chars, at);
        at = piece.end.max(at + 1);
        if !piece.is_empty() {
            pieces.push(piece);
        }
    }
    pieces
}

fn digits(chars: &[char], place: &Range<usize>) -> usize {
    chars.get(place.clone()).unwrap_or_default().iter().filter(|c| c.is_numeric()).count()
}

/// The digits that begin here, with invisible characters between them.
fn piece(chars: &[char], start: usize) -> Range<usize> {
    let mut end = start;
    let mut next = start;
    while chars.get(next).is_some_and(|c| c.is_numeric()) {
        end = next + 1;
        next = end + chars.iter().skip(end).take_while(|c| is_unseen(**c)).count();
    }
    start..end
}

/// Invisible characters in a text: marks, joiners, variation selectors, tags, direction controls, fillers and blanks,
/// control characters, and unassigned ones. A reader of digits skips them, or refuses the text, which is then stored.
/// The rule for texts is `text::unseen`, which the domain may not import; a test of `conceal` compares the two over all
/// of Unicode.
fn is_unseen(c: char) -> bool {
    let is_format = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}'
        | '\u{8e2}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffc}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..);
    is_format || (c.is_control() && !c.is_whitespace()) || !is_public_assigned(c)
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
