//! Courtesy replies. A message that moved money, or was refused as a complete request, is always answered. A text that
//! was not understood is answered a few times only, so that two machines do not answer each other without end at the
//! operator's cost.

use chrono::{DateTime, TimeDelta, Utc};

use super::ContentHash;
use super::closed_set::closed_set;

/// Limits on courtesy replies to one phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourtesyRules {
    /// Most replies within `within`.
    pub most: u32,
    /// Period of the count.
    pub within: TimeDelta,
    /// Most replies to the same text in a row.
    pub same_text_max: u32,
}

impl Default for CourtesyRules {
    /// Ten within an hour, of which three to the same text.
    fn default() -> Self {
        Self { most: 10, within: TimeDelta::hours(1), same_text_max: 3 }
    }
}

closed_set! {
    pub enum Withheld ("a reason to withhold a reply") {
        /// The same text was answered often enough.
        SameText = "same_text",
        /// The phone had the maximum of courtesy replies.
        TooMany = "too_many",
    }
}

/// A message that gets a courtesy reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Courtesy {
    /// A text; a repetition has no new content.
    Text(ContentHash),
    /// A question; the answer may change between repetitions.
    Question,
}

/// A text that was received several times in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated {
    /// Text and destination.
    pub text: ContentHash,
    pub times: u32,
    /// Instant of the last time.
    pub at: DateTime<Utc>,
}

/// The record of a phone that sent texts which were not understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Courtesies {
    /// Instants of replies, the oldest first. Instants that no rule looks at are removed.
    pub answered: Vec<DateTime<Utc>>,
    pub last: Option<Repeated>,
    /// Number of withheld replies in total.
    pub withheld: u64,
    /// Instant of the last withheld reply.
    pub withheld_at: Option<DateTime<Utc>>,
}

impl Courtesies {
    /// Counts one more message. Returns the reason to withhold the reply, if there is one.
    pub fn take(&mut self, courtesy: Courtesy, rules: &CourtesyRules, now: DateTime<Utc>) -> Option<Withheld> {
        // If the clock was set back, the phone must not wait longer.
        let is_recent = |at: DateTime<Utc>| (now - at).abs() < rules.within;
        self.answered.retain(|at| is_recent(*at));
        let mut times = 0;
        if let Courtesy::Text(text) = courtesy {
            let before = self.last.filter(|last| last.text == text && is_recent(last.at)).map_or(0, |last| last.times);
            times = before.saturating_add(1);
            self.last = Some(Repeated { text, times, at: now });
        }
        let is_repeated = times > rules.same_text_max;
        let is_full = self.answered.len() >= usize::try_from(rules.most).unwrap_or(usize::MAX);
        let withheld = match (is_repeated, is_full) {
            (true, _) => Some(Withheld::SameText),
            (false, true) => Some(Withheld::TooMany),
            (false, false) => None,
        };
        if withheld.is_some() {
            (self.withheld, self.withheld_at) = (self.withheld.saturating_add(1), Some(now));
        } else {
            self.answered.push(now);
        }
        withheld
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn text(number: u8) -> Courtesy {
        Courtesy::Text(ContentHash([number; 16]))
    }

    #[test]
    fn a_text_that_comes_again_and_again_is_answered_a_few_times() {
        let (rules, mut phone) = (CourtesyRules::default(), Courtesies::default());
        let answers: Vec<_> = (0..6).map(|second| phone.take(text(1), &rules, at(second))).collect();
        let same = Some(Withheld::SameText);
        assert_eq!(answers, [None, None, None, same, same, same]);
        assert_eq!((phone.withheld, phone.withheld_at), (3, Some(at(5))));
        assert_eq!(phone.take(text(2), &rules, at(6)), None, "another text is another question");
        assert_eq!(phone.take(text(1), &rules, at(7)), None, "in a row");
        assert_eq!(phone.take(text(1), &rules, at(3_607)), None, "it is forgotten in time");
    }

    #[test]
    fn a_phone_gets_so_many_within_so_long() {
        let (rules, mut phone) = (CourtesyRules::default(), Courtesies::default());
        for number in 0..10 {
            assert_eq!(phone.take(text(number), &rules, at(i64::from(number))), None);
        }
        assert_eq!(phone.take(text(11), &rules, at(10)), Some(Withheld::TooMany));
        assert_eq!(phone.take(Courtesy::Question, &rules, at(3_599)), Some(Withheld::TooMany));
        assert_eq!(phone.take(Courtesy::Question, &rules, at(3_600)), None, "the first is an hour ago");
        assert_eq!(phone.take(Courtesy::Question, &rules, at(3_600)), Some(Withheld::TooMany), "the second is not");
        assert_eq!(
            phone.take(Courtesy::Question, &rules, at(-3_600)),
            None,
            "a clock that was set back holds nothing up"
        );
    }

    #[test]
    fn what_may_be_asked_again_counts_but_not_as_the_same() {
        let (rules, mut phone) = (CourtesyRules::default(), Courtesies::default());
        let answers = (0..12).filter(|second| phone.take(Courtesy::Question, &rules, at(*second)).is_none()).count();
        assert_eq!(answers, 10);
    }

    #[test]
    fn none_is_given_where_none_may_be() {
        let rules = CourtesyRules { most: 0, ..CourtesyRules::default() };
        assert_eq!(Courtesies::default().take(text(1), &rules, at(0)), Some(Withheld::TooMany));
    }
}
