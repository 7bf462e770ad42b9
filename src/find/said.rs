//! Numbers, sums and times as sentences have them.

use chrono::{DateTime, Utc};

use crate::domain::calendar::zone;
use crate::domain::{Amount, Beneficiary, CURRENCY, NumberingPlan};

/// Digits of a group.
const GROUP: usize = 3;

/// A number in groups, as `049 123 456`; another address as it is.
pub(super) fn number(plan: &NumberingPlan, address: &str) -> String {
    let Some(number) = plan.phone(address, None) else { return address.to_owned() };
    let national = plan.national(number);
    if !national.bytes().all(|b| b.is_ascii_digit()) {
        return national;
    }
    let digits: Vec<char> = national.chars().collect();
    let mut groups: Vec<String> = digits.chunks(GROUP).map(|group| group.iter().collect()).collect();
    // A digit does not stand alone.
    if groups.len() > 1
        && let Some(last) = groups.pop_if(|last| last.len() == 1)
        && let Some(before) = groups.last_mut()
    {
        before.push_str(&last);
    }
    groups.join(" ")
}

pub(super) fn beneficiary(plan: &NumberingPlan, beneficiary: &Beneficiary) -> String {
    beneficiary.number().map_or_else(|| beneficiary.to_string(), |known| number(plan, &known.digits()))
}

pub(super) fn sum(amount: Amount) -> String {
    format!("{amount} {CURRENCY}")
}

/// `14:02:07`, with the day if it is not today.
pub(super) fn time(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (at, now) = (at.with_timezone(&zone()), now.with_timezone(&zone()));
    let form = if at.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%H:%M:%S on %d.%m.%Y" };
    at.format(form).to_string()
}

/// A sentence as a part of another one: a small letter at its beginning, and no point at its end.
pub(super) fn part(sentence: &str) -> String {
    let first = sentence.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let mut letters = first.chars();
    letters.next().map_or_else(String::new, |letter| letter.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_groups() {
        let plan = NumberingPlan::kosovo().unwrap();
        for (address, shown) in [
            ("38349123456", "049 123 456"),
            ("049123456", "049 123 456"),
            ("+41791234567", "+41791234567"),
            ("BANK", "BANK"),
        ] {
            assert_eq!(number(&plan, address), shown);
        }
    }

    #[test]
    fn a_sentence_becomes_a_part() {
        assert_eq!(part("The amount is wrong. It is odd."), "the amount is wrong");
        assert_eq!(part(""), "");
    }
}
