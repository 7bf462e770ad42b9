//! Replies that are a courtesy. What moved money, or was refused as a complete request, is always answered; a text that was
//! not understood is answered a few times, so that two machines never talk to each other at the operator's cost.

use chrono::{DateTime, TimeDelta, Utc};

use super::ContentHash;
use super::closed_set::closed_set;

/// How many courtesies one phone gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourtesyRules {
    /// At most so many...
    pub most: u32,
    /// ...within this time.
    pub within: TimeDelta,
    /// At most so many for one text that comes again and again.
    pub same_text_max: u32,
}

impl Default for CourtesyRules {
    /// Ten within an hour, of which three for the same text.
    fn default() -> Self {
        Self { most: 10, within: TimeDelta::hours(1), same_text_max: 3 }
    }
}

closed_set! {
    /// Why a reply is withheld.
    pub enum Withheld ("a reason to withhold a reply") {
        /// The same text was answered often enough.
        SameText = "same_text",
        /// The phone had as many replies of this kind as it may.
        TooMany = "too_many",
    }
}

/// What is answered by courtesy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Courtesy {
    /// A text; the same one again says nothing new.
    Text(ContentHash),
    /// A question whose answer may be another one each time.
    Question,
}

/// A text that came several times in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated {
    /// What it says, and to whom.
    pub text: ContentHash,
    /// How often it came.
    pub times: u32,
    /// When it came last.
    pub at: DateTime<Utc>,
}

/// What is remembered of a phone that wrote what was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Courtesies {
    /// When it was answered, the oldest first; what no rule looks at any more is forgotten.
    pub answered: Vec<DateTime<Utc>>,
    /// The last text.
    pub last: Option<Repeated>,
    /// How many replies were withheld, ever.
    pub withheld: u64,
    /// When the last of them was.
    pub withheld_at: Option<DateTime<Utc>>,
}

impl Courtesies {
    /// Takes one more in, and says why it is not answered, if so.
    pub fn take(&mut self, courtesy: Courtesy, rules: &CourtesyRules, now: DateTime<Utc>) -> Option<Withheld> {
        // A clock that was set back must not make the phone wait for longer.
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
