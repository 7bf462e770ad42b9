//! Reports to an ESME about the ending of a message that it submitted.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Outcome;

/// Endings after which the sender of a message gets a report; none by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReportWanted {
    /// True for a report if the message was carried out or answered.
    pub on_success: bool,
    /// True for a report after all other endings.
    pub on_failure: bool,
    pub numbering: Option<Numbering>,
}

/// Type of number and numbering plan of the addresses of a message, if the protocol has them. A reply to an ESME uses
/// the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    pub from: (u8, u8),
    /// Of the short code.
    pub to: (u8, u8),
}

impl ReportWanted {
    /// Returns true if a report is requested after this ending.
    pub const fn is_after(self, ending: Ending) -> bool {
        if ending.is_success() { self.on_success } else { self.on_failure }
    }

    /// Combines the requests of two parts of one message.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        let numbering = if self.numbering.is_some() { self.numbering } else { other.numbering };
        let (on_success, on_failure) = (self.on_success || other.on_success, self.on_failure || other.on_failure);
        Self { on_success, on_failure, numbering }
    }
}

/// The ending of a message as the sender's records need it. Only `Applied` moved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Applied,
    /// A question was answered.
    Informed,
    /// The same request was carried out before, for another message; nothing moved.
    Duplicate,
    Refused,
    /// The message could not be read, and is not carried out unless staff do it.
    Quarantined,
}

impl Ending {
    /// Name in the database, metrics and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Informed => "informed",
            Self::Duplicate => "duplicate",
            Self::Refused => "refused",
            Self::Quarantined => "quarantined",
        }
    }

    /// Returns true if the message was carried out or answered.
    pub const fn is_success(self) -> bool {
        match self {
            Self::Applied | Self::Informed => true,
            Self::Duplicate | Self::Refused | Self::Quarantined => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub ending: Ending,
    /// [`Outcome::error_code`]; 0 if the message was carried out.
    pub error_code: u8,
    pub submitted_at: DateTime<Utc>,
    pub done_at: DateTime<Utc>,
    /// `None` in reports that were stored before this field existed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbering: Option<Numbering>,
}

impl Report {
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
        let always = ReportWanted { on_success: true, on_failure: true, numbering: None };
        let (success, failure) = (Ending::Applied, Ending::Duplicate);
        for (wanted, expected) in [
            (ReportWanted::default(), [false, false]),
            (always, [true, true]),
            (ReportWanted { on_success: false, ..always }, [false, true]),
            (ReportWanted { on_failure: false, ..always }, [true, false]),
        ] {
            assert_eq!([success, failure].map(|ending| wanted.is_after(ending)), expected, "{wanted:?}");
            assert_eq!(wanted.or(ReportWanted::default()), wanted);
        }
    }
}
