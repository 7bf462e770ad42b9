//! Instants of answers, to the millisecond.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use serde::{Serialize, Serializer};

use crate::domain::Outcome;

/// An instant of an answer: RFC 3339 in UTC, to the millisecond, as both databases give it back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instant(pub(super) DateTime<Utc>);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// The outcome with its instants to the millisecond.
pub(super) fn to_the_millisecond(mut outcome: Outcome) -> Outcome {
    let shorten = |at: &mut DateTime<Utc>| *at = at.trunc_subsecs(3);
    match &mut outcome {
        Outcome::Applied(applied) => {
            let others = applied.others.iter_mut().filter_map(|item| item.valid_until.as_mut());
            applied.valid_until.iter_mut().chain(others).for_each(shorten);
        }
        Outcome::Duplicate { of, .. } => shorten(&mut of.at),
        Outcome::Refused(rejection) | Outcome::Quarantined(rejection) => {
            let details = &mut rejection.details;
            details.opens_at.iter_mut().chain(&mut details.until).for_each(shorten);
        }
        Outcome::Informed { .. } | Outcome::Newer(_) => {}
    }
    outcome
}
