//! Dates in the text of a receipt. Their time of day, zone and year may be separate words.

use super::fields::{label, word};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const HALVES: [&str; 4] = ["am", "pm", "a.m.", "p.m."];
const ZONES: [&str; 6] = ["utc", "gmt", "cet", "cest", "eet", "z"];
/// Most numbers beside the name of a month: the day and the year.
const NUMBERS_MAX: usize = 2;
/// Most digits of such a number.
const NUMBER_DIGITS_MAX: usize = 4;

/// Returns the input after the words that continue a date whose `first` word was read. A number that is not certainly
/// part of the date is left, because it may be a request.
pub(super) fn behind_date<'a>(first: &str, input: &'a str) -> &'a str {
    let is_named = is_among(first, &MONTHS) || is_among(first, &DAYS);
    if !is_named && !first.starts_with(|c: char| c.is_ascii_digit()) {
        return input;
    }
    let (mut has_month, mut numbers) = (is_among(first, &MONTHS), usize::from(is_number(first)));
    let mut rest = behind_clock(first, input);
    while label(rest).is_none() {
        let (next, behind) = word(rest);
        let belongs = if is_number(next) {
            numbers += 1;
            has_month && numbers <= NUMBERS_MAX && next.len() <= NUMBER_DIGITS_MAX
        } else {
            has_month |= is_among(next, &MONTHS);
            is_of_date(next)
        };
        if !belongs {
            break;
        }
        rest = behind;
    }
    rest
}

/// Skips `hhmm` or `hhmmss` after `YYMMDD` or `YYYYMMDD`.
fn behind_clock<'a>(first: &str, input: &'a str) -> &'a str {
    let (next, behind) = word(input);
    let is_day = is_number(first) && matches!(first.len(), 6 | 8);
    if is_day && is_number(next) && matches!(next.len(), 4 | 6) { behind } else { input }
}

/// `Nov`, `17:25:00`, `5:25PM`, `2026-11-22`, `PM`, `UTC`, `+0100`.
fn is_of_date(word: &str) -> bool {
    let zone = word.split(['+', '-']).next().unwrap_or_default();
    is_among(word, &MONTHS)
        || is_among(word, &DAYS)
        || is_among(word, &HALVES)
        || is_among(zone, &ZONES)
        || is_time(word)
        || is_day(word)
        || is_offset(word)
}

/// `hour ":" 2digit …`; seconds, a fraction, AM or PM, and a zone may follow
fn is_time(word: &str) -> bool {
    let Some((hour, rest)) = word.split_once(':') else { return false };
    let minutes = rest.get(..2).is_some_and(is_number);
    let is_of_time =
        |c: char| c.is_ascii_digit() || matches!(c.to_ascii_lowercase(), ':' | '.' | '+' | '-' | 'a' | 'p' | 'm' | 'z');
    is_number(hour) && hour.len() <= 2 && minutes && rest.chars().all(is_of_time)
}

/// Three numbers, one of which may be a year.
fn is_day(word: &str) -> bool {
    ['-', '/', '.'].into_iter().any(|by| {
        let parts: Vec<&str> = word.split(by).collect();
        parts.len() == 3 && parts.iter().all(|part| is_number(part) && matches!(part.len(), 1 | 2 | 4))
    })
}

/// `+01`, `-0100`, `+01:00`
fn is_offset(word: &str) -> bool {
    let digits = word.strip_prefix(['+', '-']).unwrap_or_default().replacen(':', "", 1);
    is_number(&digits) && matches!(digits.len(), 2 | 4)
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|octet| octet.is_ascii_digit())
}

fn is_among(word: &str, names: &[&str]) -> bool {
    names.iter().any(|name| word.eq_ignore_ascii_case(name))
}
