//! An amount as people write it: `5`, `5€`, `€5`, `5 eur`, `5EUR`, `5 euro`, `5 evra`, `5e` (an old handset's euro sign), `5,00`, `5.0`, `05`.
//!
//! ```text
//! amount   = [currency ["."] [gap]] (digits [("," | ".") 1*2digit] | grouped) [[gap] currency]
//! grouped  = 1*3digit 1*(("," | ".") 3digit), with one sign, in a currency without decimals; in others, decimals
//!            follow behind the other sign
//! digits   = up to as many as the highest amount has, and two more; one leading zero at most, before one digit
//! ```

use super::miss::{Miss, Problem, ends};
use super::sums::{Decimals, decimal, digits, signed};
use crate::domain::locale::Locale;
use crate::text::normalise::keyword_spellings;

/// Words and signs for money, folded. Those that a bank does not declare for its own are other money.
const KNOWN: [&str; 86] = [
    "€", "eur", "euro", "euros", "evro", "evra", "evri", "eura", "euri", "$", "all", "bam", "bgn", "cent", "centa",
    "cente", "cents", "chf", "cny", "czk", "den", "denar", "denara", "denare", "denari", "din", "dinar", "dinara",
    "dinare", "dinari", "dkk", "dolar", "dolara", "dolare", "dolari", "dollar", "dollare", "dollars", "franak",
    "franaka", "franga", "frank", "franke", "funta", "funti", "gbp", "hrk", "huf", "jpy", "km", "kn", "kuna", "kune",
    "lei", "lek", "leke", "leku", "lev", "leva", "lira", "lire", "maraka", "marka", "mkd", "nok", "paund", "paunda",
    "pln", "pound", "pounds", "ron", "rsd", "rub", "rubla", "sek", "tl", "try", "usd", "yen", "¢", "£", "¥", "₴", "₹",
    "₺", "₽",
];

/// The money of a bank: how it is written, and what is known to be other money.
#[derive(Debug, Clone)]
pub(in crate::grammar) struct Money {
    pub(in crate::grammar) own: Vec<String>,
    /// In alphabetical order, to be searched.
    other: Vec<String>,
    /// Most digits before the decimal sign; a longer run of digits is no amount.
    digits_max: usize,
    /// Most decimals of the currency.
    decimals: u8,
    /// A written amount counts so many times.
    pub(in crate::grammar) times: i64,
    /// Words behind an amount that multiply it, folded.
    pub(in crate::grammar) multipliers: Vec<(String, i64)>,
}

impl Money {
    /// The money of the country, or that whose words are given; `max_digits` is how many digits the highest amount has.
    pub(in crate::grammar) fn new(own: Option<Vec<String>>, max_digits: usize) -> Self {
        let own = own.unwrap_or_else(|| Locale::get().words.iter().flat_map(|word| folded(word)).collect());
        let other = KNOWN.iter().filter(|word| !own.iter().any(|mine| mine == *word)).map(|&word| word.to_owned());
        let mut other: Vec<String> = other.collect();
        other.sort_unstable();
        let decimals = Locale::get().currency.decimals();
        Self { own, other, digits_max: (max_digits + 2).max(5), decimals, times: 1, multipliers: Vec::new() }
    }

    /// The same, where a written amount counts `times` times, and more with one of these words behind it.
    pub(in crate::grammar) fn multiplied_by(self, times: i64, multipliers: Vec<(String, i64)>) -> Self {
        Self { times, multipliers, ..self }
    }

    /// Most digits before the decimal sign.
    pub(in crate::grammar) const fn digits_max(&self) -> usize {
        self.digits_max
    }

    /// Most decimals.
    pub(in crate::grammar) const fn decimals(&self) -> u8 {
        self.decimals
    }

    /// Minor units of one.
    pub(in crate::grammar) const fn unit(&self) -> i64 {
        10_i64.pow(self.decimals as u32)
    }

    /// The byte behind a word that multiplies the amount before it, and the factor of the whole.
    fn multiplied(&self, text: &str, end: usize) -> (usize, i64) {
        let rest = text.get(end..).unwrap_or_default();
        let word = rest.trim_start_matches([' ', '\n']);
        let found = self.multipliers.iter().find(|(said, _)| word.strip_prefix(said.as_str()).is_some_and(ends));
        match found {
            Some((said, times)) => (text.len() - word.len() + said.len(), times.saturating_mul(self.times)),
            None => (end, self.times),
        }
    }

    /// The bytes that a word or sign of this currency takes at the start of `text`. A full stop belongs to the word if it
    /// is declared with one.
    pub(in crate::grammar) fn own_at(&self, text: &str) -> Option<usize> {
        let word = money_word(text)?;
        let stopped = text.get(..word.len() + 1).filter(|stopped| stopped.ends_with('.'));
        let written = stopped.into_iter().chain([word]);
        written.filter(|written| self.own.iter().any(|own| own == written)).map(str::len).next()
    }

    pub(in crate::grammar) fn other_at(&self, text: &str) -> Option<usize> {
        money_word(text)
            .filter(|&word| self.other.binary_search_by(|other| other.as_str().cmp(word)).is_ok())
            .map(str::len)
    }
}

/// The spellings of a word of the country; none if it can never be read.
fn folded(word: &str) -> Vec<String> {
    keyword_spellings(word).unwrap_or_default()
}

/// A run of letters, or one sign.
fn money_word(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    if first.is_alphabetic() {
        let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
        return text.get(..end);
    }
    text.get(..first.len_utf8()).filter(|_| !first.is_alphanumeric() && !first.is_whitespace())
}

/// The spelling of an amount in one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::grammar) struct AmountShape {
    pub(in crate::grammar) decimals: Decimals,
    /// Exactly so many digits and nothing else.
    pub(in crate::grammar) width: Option<u32>,
    /// Digits are minor units.
    pub(in crate::grammar) minor: bool,
    /// The currency may stand with it; not where the form has a field of its own for that.
    pub(in crate::grammar) currency: bool,
}

impl Default for AmountShape {
    fn default() -> Self {
        Self { decimals: Decimals { comma: true, stop: true }, width: None, minor: false, currency: true }
    }
}

/// An amount that was read; zero is possible, and out of every limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grammar) struct Written {
    pub(in crate::grammar) minor: i64,
    pub(in crate::grammar) end: usize,
}

/// The amount that was read last, with its byte and its shape.
pub(in crate::grammar) type Last = (usize, AmountShape, Result<Written, Miss>);

/// Reads an amount that begins at byte `at`.
pub(in crate::grammar) fn read(text: &str, at: usize, shape: AmountShape, currency: &Money) -> Result<Written, Miss> {
    let Some(input) = text.get(at..) else { return Err(Miss::absent(at)) };
    let end_of = |rest: &str| text.len() - rest.len();
    if let Some(width) = shape.width {
        let unit = if shape.minor { 1 } else { currency.unit() };
        return fixed_width(input, at, width as usize, unit).ok_or(Miss::absent(at));
    }
    let digits_at = if shape.currency { behind_prefix(text, at, currency, shape.decimals.stop)? } else { at };
    let digits_input = text.get(digits_at..).unwrap_or_default();
    let (behind_whole, digits) = digits(digits_input).map_err(|_| Miss::absent(at))?;
    let end = digits_at + digits.len();
    let ambiguous = |end| Miss { at, end: behind_digits(text, end), problem: Problem::Ambiguous };
    if digits.len() > currency.digits_max {
        return Err(Miss::absent(at));
    }
    if digits.len() > 2 && digits.starts_with('0') {
        return Err(ambiguous(end));
    }
    let whole: i64 = digits.parse().map_err(|_| Miss::absent(at))?;
    if shape.minor {
        return if ends(behind_whole) { Ok(Written { minor: whole, end }) } else { Err(Miss::absent(at)) };
    }
    let (rest, minor) = match signed(digits, behind_whole, shape.decimals, currency.decimals) {
        Some(read) => read.map_err(|behind| ambiguous(end_of(behind)))?,
        None => (behind_whole, whole.checked_mul(currency.unit()).ok_or(Miss::absent(at))?),
    };
    let is_written_on = rest.len() < behind_whole.len() && decimal(rest, Decimals { comma: true, stop: true }).is_ok();
    let (end, times) = currency.multiplied(text, end_of(rest));
    // A grouped amount is not one of thousands.
    let is_twice = currency.decimals == 0 && times > 1 && rest.len() < behind_whole.len();
    if is_written_on || is_twice {
        return Err(ambiguous(end_of(rest)));
    }
    let end = if shape.currency { behind_suffix(text, at, end, currency)? } else { end };
    if !text.get(end..).is_some_and(ends) {
        return Err(Miss { at, end, problem: Problem::Absent });
    }
    Ok(Written { minor: minor.checked_mul(times).ok_or(Miss::absent(at))?, end })
}

/// Tells whether a word or sign of other money with a digit behind it stands here (`usd 5`, `$5`); a hint for [`read`]'s
/// callers that look for the beginning of an amount.
pub(in crate::grammar) fn begins(text: &str, at: usize, currency: &Money) -> bool {
    let input = text.get(at..).unwrap_or_default();
    input.starts_with(|c: char| c.is_ascii_digit()) || behind_prefix(text, at, currency, true) != Ok(at)
}

/// Behind all digits and decimal signs from `at` on, closing punctuation left out.
fn behind_digits(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let run = rest.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(rest.len());
    at + rest[..run].trim_end_matches(['.', ',']).len()
}

fn fixed_width(input: &str, at: usize, width: usize, unit: i64) -> Option<Written> {
    let digits = input.get(..width).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let value: i64 = digits.parse().ok()?;
    Some(Written { minor: value.checked_mul(unit)?, end: at + width })
}

/// The place of the digits, behind a currency with or without a space. A word may be abbreviated by a full stop, if a stop
/// does not separate the values of the form.
fn behind_prefix(text: &str, at: usize, currency: &Money, stop: bool) -> Result<usize, Miss> {
    let input = text.get(at..).unwrap_or_default();
    if input.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(at);
    }
    let (length, own) = match (currency.own_at(input), currency.other_at(input)) {
        (Some(length), _) => (length, true),
        (None, Some(length)) => (length, false),
        (None, None) => return Ok(at),
    };
    let behind = &input[length..];
    let is_word = input[..length].ends_with(char::is_alphabetic);
    let behind = behind.strip_prefix('.').filter(|_| stop && is_word).unwrap_or(behind);
    let digits = behind.strip_prefix([' ', '\n']).unwrap_or(behind);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(at);
    }
    let start = text.len() - digits.len();
    if own {
        return Ok(start);
    }
    let end = start + digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    Err(Miss { at, end, problem: Problem::OtherCurrency })
}

/// The end of the amount, its currency included: at once, or after white space.
fn behind_suffix(text: &str, at: usize, end: usize, currency: &Money) -> Result<usize, Miss> {
    let input = text.get(end..).unwrap_or_default();
    let word = input.trim_start_matches([' ', '\n']);
    let start = text.len() - word.len();
    if let Some(length) = currency.own_at(word).filter(|&length| ends(&word[length..])) {
        return Ok(start + length);
    }
    match currency.other_at(word).filter(|&length| ends(&word[length..])) {
        Some(length) => Err(Miss { at, end: start + length, problem: Problem::OtherCurrency }),
        None => Ok(end),
    }
}

#[cfg(test)]
#[path = "money_tests.rs"]
mod tests;
