//! Reports: what the machine that submitted a message is told about its ending.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Outcome;

/// After which endings the sender of a message wants a report; by default after none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReportWanted {
    /// After those in which it was carried out or answered.
    pub on_success: bool,
    /// After all others.
    pub on_failure: bool,
    /// How the message was addressed.
    pub numbering: Option<Numbering>,
}

/// How a message was addressed, over a protocol that says so: type of number and numbering plan of each address. What
/// goes back to a machine is addressed as its own message was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    /// Of its sender.
    pub from: (u8, u8),
    /// Of its short code.
    pub to: (u8, u8),
}

impl ReportWanted {
    /// After whatever ending.
    pub const ALWAYS: Self = Self { on_success: true, on_failure: true, numbering: None };

    /// Whether one is wanted after this ending.
    pub const fn is_after(self, ending: Ending) -> bool {
        if ending.is_success() { self.on_success } else { self.on_failure }
    }

    /// What either of two parts of one message wants.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        let numbering = if self.numbering.is_some() { self.numbering } else { other.numbering };
        let (on_success, on_failure) = (self.on_success || other.on_success, self.on_failure || other.on_failure);
        Self { on_success, on_failure, numbering }
    }
}

/// How a message ended, as much of it as its sender's books need. Only one of them moved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Money moved.
    Applied,
    /// It asked for information, and was answered.
    Informed,
    /// The same request was done before, for another message: this one moved nothing.
    Duplicate,
    /// It is not done.
    Refused,
    /// Nobody could read it: it is not done, unless staff do it.
    Quarantined,
}

impl Ending {
    /// As the database, metrics and the API name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Informed => "informed",
            Self::Duplicate => "duplicate",
            Self::Refused => "refused",
            Self::Quarantined => "quarantined",
        }
    }

    /// What the sender wanted was done or answered.
    pub const fn is_success(self) -> bool {
        match self {
            Self::Applied | Self::Informed => true,
            Self::Duplicate | Self::Refused | Self::Quarantined => false,
        }
    }
}

/// A report about one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How it ended.
    pub ending: Ending,
    /// Why, where it was not done: [`Outcome::error_code`]; 0 where it was.
    pub error_code: u8,
    /// When it came.
    pub submitted_at: DateTime<Utc>,
    /// When it ended.
    pub done_at: DateTime<Utc>,
    /// How the message was addressed; nothing in reports of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbering: Option<Numbering>,
}

impl Report {
    /// The report about a message with this ending.
    pub const fn of(outcome: &Outcome, submitted_at: DateTime<Utc>, done_at: DateTime<Utc>) -> Self {
        let (ending, error_code) = (outcome.ending(), outcome.error_code());
        Self { ending, error_code, submitted_at, done_at, numbering: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_made_after_the_endings_that_were_asked_for() {
        let (success, failure) = (Ending::Applied, Ending::Duplicate);
        for (wanted, expected) in [
            (ReportWanted::default(), [false, false]),
            (ReportWanted::ALWAYS, [true, true]),
            (ReportWanted { on_success: false, ..ReportWanted::ALWAYS }, [false, true]),
            (ReportWanted { on_failure: false, ..ReportWanted::ALWAYS }, [true, false]),
        ] {
            assert_eq!([success, failure].map(|ending| wanted.is_after(ending)), expected, "{wanted:?}");
            assert_eq!(wanted.or(ReportWanted::default()), wanted);
        }
    }
}
