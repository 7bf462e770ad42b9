//! Rendering: the values of a reply, put into its text as the language has them.

use std::collections::BTreeMap;

use minijinja::Value;

use super::gsm7;
use super::replies::{AMOUNT_MAX, CURRENCY, Handling, ITEMS_MAX, NAME_MAX, VALUES, handling};
use super::segments::Written;
use super::shift::Letters;
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
        let outgoing = transliterate_keeping(&text, &kept, self.letters.as_ref());
        let wide = !kept.iter().all(|value| self.is_narrow(value));
        Ok(if wide { outgoing.text } else { self.readable(outgoing) })
    }

    /// Tells whether both the default alphabet and the national tables have all of a value.
    fn is_narrow(&self, value: &str) -> bool {
        let in_tables = |letters: &Letters| value.chars().all(|c| letters.has(c));
        gsm7::septet_count(value).is_ok() && self.letters.as_ref().is_none_or(in_tables)
    }

    /// Tells whether a text in GSM 7-bit may have this character.
    fn has(&self, c: char) -> bool {
        self.letters.as_ref().map_or_else(|| gsm7::septet_of(c).is_some(), |letters| letters.has(c))
    }

    /// A text in GSM 7-bit only: a character without transliteration becomes `?`.
    fn readable(&self, outgoing: Outgoing) -> String {
        if outgoing.fits_gsm7() {
            return outgoing.text;
        }
        outgoing.text.chars().map(|c| if self.has(c) { c } else { '?' }).collect()
    }

    /// Words in GSM 7-bit, truncated to `longest` places.
    pub(super) fn quoted(&self, words: &str, longest: usize) -> String {
        let readable = self.readable(self.outgoing(&self.spelled(words)));
        clipped(&readable, longest, |c| self.weight(c))
    }

    /// Words in GSM 7-bit, transliterated if their letters take more than `longest` places.
    fn free(&self, words: &str, longest: usize) -> String {
        let spelled = self.spelled(words);
        let is_short = || spelled.chars().map(|c| self.weight(c)).sum::<usize>() <= longest;
        if self.letters.is_none() || is_short() { spelled } else { transliterate(&spelled).text }
    }

    /// Places that a character takes of those of a value.
    fn weight(&self, c: char) -> usize {
        let septets = || gsm7::septet_of(c).map_or(1, gsm7::Septet::count);
        self.letters.as_ref().map_or_else(septets, |letters| letters.weight(c))
    }

    /// The places that a text takes, and those that `parts` parts hold, if they are fewer. A text in GSM 7-bit is sent in
    /// the default alphabet if that has all its characters, and with the best of the national tables otherwise.
    pub(super) fn excess(&self, text: &str, parts: usize, wide: bool) -> Option<(usize, usize)> {
        let over = |written: Written<'_>| {
            let (taken, room) = (written.size(text), written.room(text, parts));
            (taken > room).then_some((taken, room))
        };
        match &self.letters {
            _ if wide => over(Written::Ucs2),
            None => over(Written::Gsm7),
            Some(letters) => {
                let sets = letters.sets().iter().map(|set| over(Written::National(set)));
                let least = sets.min_by_key(|over| over.map_or(0, |(taken, room)| taken - room)).flatten();
                let plain = || if gsm7::septet_count(text).is_ok() { over(Written::Gsm7) } else { None };
                least.or_else(plain)
            }
        }
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
            (Some((Handling::Quoted, longest)), Coding::Gsm7) => self.quoted(value, longest),
            (Some((Handling::Free, longest)), Coding::Gsm7) => self.free(value, longest),
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

/// The sender's words on one line, truncated to `units_max` units of UCS-2; two dots mark a truncated text.
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
