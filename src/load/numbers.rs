//! The numbers of the subscribers: which one has which number, and back.

use super::template::{BadTemplate, Part, number, parts};

/// Most digits of an address.
const DIGITS_MAX: usize = 20;

/// The numbers of one template: `38349{n:6}` has a million.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    before: String,
    width: usize,
    after: String,
}

impl Range {
    fn parse(template: &str) -> Result<Self, BadTemplate> {
        let parts = parts(template, false)?;
        let (before, width, after) = match parts.as_slice() {
            [Part::Number(width)] => ("", *width, ""),
            [Part::Literal(before), Part::Number(width)] => (before.as_str(), *width, ""),
            [Part::Literal(before), Part::Number(width), Part::Literal(after)] => {
                (before.as_str(), *width, after.as_str())
            }
            _ => return Err(BadTemplate::Number),
        };
        let before = before.strip_prefix('+').unwrap_or(before);
        let is_digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
        if !is_digits(before) || !is_digits(after) || before.len() + width + after.len() > DIGITS_MAX {
            return Err(BadTemplate::Number);
        }
        Ok(Self { before: before.to_owned(), width, after: after.to_owned() })
    }

    fn size(&self) -> u32 {
        (0..self.width).fold(1, |size, _| size * 10)
    }

    fn read(&self, number: &str) -> Option<u32> {
        let digits = number.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?;
        let is_whole = digits.len() == self.width && digits.bytes().all(|octet| octet.is_ascii_digit());
        if is_whole { digits.parse().ok() } else { None }
    }
}

/// The subscribers: their numbers, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    ranges: Vec<Range>,
    first: u32,
    count: u32,
}

impl Numbers {
    /// The numbers of all templates, from the one at `first` on; at most `most` of them.
    ///
    /// # Errors
    /// A template is not one of a number, or there is none, or nothing is left after `first`.
    pub fn new(templates: &[String], first: u32, most: Option<u32>) -> Result<Self, BadTemplate> {
        let ranges = templates.iter().map(|template| Range::parse(template)).collect::<Result<Vec<_>, _>>()?;
        let size = ranges.iter().fold(0_u32, |size, range| size.saturating_add(range.size()));
        let left = size.saturating_sub(first);
        let count = most.unwrap_or(left);
        if count == 0 || left == 0 {
            return Err(BadTemplate::Nothing);
        }
        if count > left { Err(BadTemplate::TooFew(left)) } else { Ok(Self { ranges, first, count }) }
    }

    /// Number of subscribers.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// The template of a subscriber, and its `{n}`.
    fn place(&self, subscriber: u32) -> Option<(&Range, u32)> {
        let mut n = subscriber.saturating_add(self.first);
        for range in &self.ranges {
            if n < range.size() {
                return Some((range, n));
            }
            n -= range.size();
        }
        None
    }

    /// Appends the number of a subscriber.
    pub(super) fn render(&self, subscriber: u32, out: &mut String) {
        if let Some((range, n)) = self.place(subscriber) {
            out.push_str(&range.before);
            out.push_str(number(n, range.width).as_str());
            out.push_str(&range.after);
        }
    }

    /// The `{n}` of a subscriber.
    pub(super) fn n(&self, subscriber: u32) -> u32 {
        self.place(subscriber).map_or(0, |(_, n)| n)
    }

    /// The subscriber with this number.
    pub(super) fn read(&self, number: &str) -> Option<u32> {
        let number = number.strip_prefix('+').unwrap_or(number);
        let mut before = 0_u32;
        for range in &self.ranges {
            if let Some(n) = range.read(number) {
                return before.checked_add(n)?.checked_sub(self.first).filter(|&place| place < self.count);
            }
            before = before.saturating_add(range.size());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(templates: &[&str], first: u32, most: Option<u32>) -> Result<Numbers, BadTemplate> {
        let templates: Vec<String> = templates.iter().map(|&template| template.to_owned()).collect();
        Numbers::new(&templates, first, most)
    }

    #[test]
    fn a_number_is_read_as_the_subscriber_that_has_it() {
        let numbers = numbers(&["+38349{n:2}", "38344{n:3}7"], 98, Some(4)).unwrap();
        for (subscriber, number, n) in
            [(0, "3834998", 98), (1, "3834999", 99), (2, "383440007", 0), (3, "383440017", 1)]
        {
            let mut rendered = String::new();
            numbers.render(subscriber, &mut rendered);
            assert_eq!((rendered.as_str(), numbers.n(subscriber)), (number, n));
            assert_eq!(numbers.read(number), Some(subscriber));
            assert_eq!(numbers.read(&format!("+{number}")), Some(subscriber));
        }
        for foreign in ["3834997", "383440027", "38349980", "383490", "38344+017", ""] {
            assert_eq!(numbers.read(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn numbers_that_are_none_or_too_few_are_refused() {
        for wrong in ["38349", "{n:3}{n:3}", "bank{n:3}", "123456789012{n:9}", "38349{amount}"] {
            assert_eq!(numbers(&[wrong], 0, None), Err(BadTemplate::Number), "{wrong}");
        }
        assert_eq!(numbers(&["{n:2}"], 90, Some(11)), Err(BadTemplate::TooFew(10)));
        assert_eq!(numbers(&["{n:2}"], 100, None), Err(BadTemplate::Nothing));
        assert_eq!(numbers(&[], 0, None), Err(BadTemplate::Nothing));
    }
}
