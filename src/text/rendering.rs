//! Rendering: the values of a reply, put into its text as the language has them.

use std::collections::BTreeMap;

use minijinja::Value;

use super::gsm7;
use super::replies::{AMOUNT_MAX, CURRENCY, Handling, ITEMS_MAX, NAME_MAX, VALUES, handling};
use super::text_file::{Coding, Settings};
use super::transliterate::{Outgoing, transliterate, transliterate_keeping};
use crate::domain::Language;

/// Values by name. An amount is a plain decimal, such as `1234.50`.
pub type Values = BTreeMap<&'static str, String>;

/// Stands between the amounts of a list.
pub(super) const AMOUNTS: &str = ", ";

/// Stand in the value of a list between the items, and between a name and its amount. No name has a line break or a tab.
const ITEMS: &str = ",\n";
const AMOUNT_OF_ITEM: char = '\t';

/// The value of a list: names, each with its amount, which is a plain decimal.
pub fn items(items: impl Iterator<Item = (String, String)>) -> String {
    items.map(|(name, amount)| format!("{name}{AMOUNT_OF_ITEM}{amount}")).collect::<Vec<_>>().join(ITEMS)
}

/// The items of a value of [`items`].
fn items_of(value: &str) -> impl Iterator<Item = (&str, &str)> {
    value.split(ITEMS).map(|item| item.split_once(AMOUNT_OF_ITEM).unwrap_or((item, "")))
}

impl Settings {
    pub(super) fn render(
        &self,
        template: &minijinja::Template<'_, '_>,
        values: &Values,
    ) -> Result<String, minijinja::Error> {
        let prepared = values.iter().map(|(name, value)| (*name, self.prepare(name, value)));
        let text = template.render(Value::from_pairs(prepared.chain([(CURRENCY, self.currency.clone())])))?;
        if self.coding == Coding::Ucs2 {
            return Ok(text);
        }
        let kept: Vec<&str> = values.iter().flat_map(|(name, value)| kept(name, value)).collect();
        let outgoing = transliterate_keeping(&text, &kept);
        let wide = kept.iter().any(|value| gsm7::septet_count(value).is_err());
        Ok(if wide { outgoing.text } else { readable(outgoing) })
    }

    /// Prepares a value for the text.
    fn prepare(&self, name: &str, value: &str) -> String {
        match (handling(name), self.coding) {
            (Some((Handling::Amount, _)), _) => self.signs.written(value),
            (Some((Handling::Amounts, _)), _) => {
                value.split(AMOUNTS).map(|amount| self.signs.listed(amount)).collect::<Vec<_>>().join(AMOUNTS)
            }
            (Some((Handling::Items, _)), _) => {
                let item = |(name, amount)| format!("{name} {}", self.signs.written(amount));
                items_of(value).map(item).collect::<Vec<_>>().join(AMOUNTS)
            }
            (Some((Handling::Quoted, longest)), Coding::Gsm7) => {
                clip(&readable(transliterate(&self.spelled(value))), longest)
            }
            (Some((Handling::Free, _)), Coding::Gsm7) => self.spelled(value),
            (Some((Handling::Quoted, longest)), Coding::Ucs2) => clip_units(value, longest),
            _ => value.to_owned(),
        }
    }
}

/// The parts of a value that are not altered.
fn kept<'v>(name: &str, value: &'v str) -> Vec<&'v str> {
    match handling(name) {
        Some((Handling::Kept, _)) => vec![value],
        Some((Handling::Items, _)) => items_of(value).map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

/// The longest form of each value. A start that knows longer or shorter ones gives them to `Templates::load`.
pub fn longest_values() -> Values {
    VALUES.iter().map(|&(name, longest, how)| (name, longest_value(longest, how))).collect()
}

/// An amount has two decimals, so that the signs of the language count.
fn longest_value(longest: usize, how: Handling) -> String {
    match how {
        Handling::Amount => format!("{}.99", "9".repeat(longest.saturating_sub(3))),
        Handling::Items => longest_items(&longest_value(AMOUNT_MAX, Handling::Amount)),
        Handling::Amounts | Handling::Free | Handling::Quoted | Handling::Kept => "W".repeat(longest),
    }
}

/// The longest list whose items have this amount.
pub(super) fn longest_items(amount: &str) -> String {
    items((0..ITEMS_MAX).map(|_| ("W".repeat(NAME_MAX), amount.to_owned())))
}

pub(super) fn name_of(language: Language, key: &str) -> String {
    format!("{language}/{key}")
}

/// A text in GSM 7-bit only: a character without transliteration becomes `?`.
pub(super) fn readable(outgoing: Outgoing) -> String {
    if outgoing.fits_gsm7() {
        return outgoing.text;
    }
    let known = |c: char| if gsm7::septet_of(c).is_some() { c } else { '?' };
    outgoing.text.chars().map(known).collect()
}

/// The sender's words on one line, truncated to `septets_max` septets; two dots mark a truncated text.
pub(super) fn clip(value: &str, septets_max: usize) -> String {
    clipped(value, septets_max, |c| gsm7::septet_of(c).map_or(1, gsm7::Septet::count))
}

/// As [`clip`], in units of UCS-2.
pub(super) fn clip_units(value: &str, units_max: usize) -> String {
    clipped(value, units_max, char::len_utf16)
}

fn clipped(value: &str, longest: usize, cost: impl Fn(char) -> usize) -> String {
    let value: String = value.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    if value.chars().map(&cost).sum::<usize>() <= longest {
        return value;
    }
    let mut room = longest.saturating_sub(2);
    let fits = |c: &char| match room.checked_sub(cost(*c)) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    value.chars().take_while(fits).chain("..".chars()).collect()
}
