//! The states of cards and batches.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

/// State of a card or a batch. A batch is never `Used`. A single card has a state of its own only if it is used,
/// blocked or void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// The codes are being drawn. An interrupted run leaves a batch in this state for ever.
    Generating,
    /// All codes are stored as hashes and written to the print file, which is on disk.
    Generated,
    /// The printer has this very file.
    Printed,
    /// The cards are with a distributor.
    Distributed,
    /// Two persons have approved its value.
    Active,
    Used,
    /// Stopped by staff: stolen, lost, or disputed.
    Blocked,
    Expired,
    /// Without value for ever.
    Void,
}

/// All allowed changes.
const ALLOWED: [(State, State); 18] = {
    use State::{Active, Blocked, Distributed, Expired, Generated, Generating, Printed, Used, Void};
    [
        (Generating, Generated),
        (Generating, Void),
        (Generated, Printed),
        (Generated, Void),
        (Generated, Expired),
        (Printed, Distributed),
        (Printed, Blocked),
        (Printed, Void),
        (Printed, Expired),
        (Distributed, Active),
        (Distributed, Blocked),
        (Distributed, Void),
        (Distributed, Expired),
        (Active, Used),
        (Active, Blocked),
        (Active, Expired),
        // The card was found or the dispute is settled: again by two persons.
        (Blocked, Active),
        (Blocked, Void),
    ]
};

impl State {
    /// All states, from the draw to the end.
    pub const ALL: [Self; 9] = [
        Self::Generating,
        Self::Generated,
        Self::Printed,
        Self::Distributed,
        Self::Active,
        Self::Used,
        Self::Blocked,
        Self::Expired,
        Self::Void,
    ];

    pub fn may_become(self, to: Self) -> bool {
        ALLOWED.contains(&(self, to))
    }

    /// The states that may follow.
    pub fn next(self) -> impl Iterator<Item = Self> {
        ALLOWED.into_iter().filter(move |(from, _)| *from == self).map(|(_, to)| to)
    }

    /// State of a card, from its own state and that of its batch. The order of precedence is used, void, blocked,
    /// expired, then the state of the batch. A date that has passed counts without a sweep.
    pub fn of_card(own: Option<Self>, batch: Self, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        match (own, batch) {
            (Some(Self::Used), _) => Self::Used,
            (Some(Self::Void), _) | (_, Self::Void) => Self::Void,
            (Some(Self::Blocked), _) | (_, Self::Blocked) => Self::Blocked,
            (_, Self::Generating) => Self::Generating,
            (_, _) if now >= expires_at => Self::Expired,
            (_, batch) => batch,
        }
    }

    /// Name in the database and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generating => "generating",
            Self::Generated => "generated",
            Self::Printed => "printed",
            Self::Distributed => "distributed",
            Self::Active => "active",
            Self::Used => "used",
            Self::Blocked => "blocked",
            Self::Expired => "expired",
            Self::Void => "void",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| format!("`{text}` is not a state of a card"))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_table_of_steps() {
        let mut table = String::new();
        for state in State::ALL {
            let next: Vec<&str> = state.next().map(State::as_str).collect();
            writeln!(table, "{state} -> {}", next.join(" ")).unwrap();
        }
        insta::assert_snapshot!(table, @r"
        generating -> generated void
        generated -> printed void expired
        printed -> distributed blocked void expired
        distributed -> active blocked void expired
        active -> used blocked expired
        used -> 
        blocked -> active void
        expired -> 
        void -> 
        ");
    }

    #[test]
    fn a_card_is_what_stops_it_first() {
        let now = DateTime::UNIX_EPOCH;
        let (later, past) = (now + TimeDelta::days(1), now - TimeDelta::days(1));
        for (own, batch, expires_at, expected) in [
            (None, State::Active, later, State::Active),
            (None, State::Active, now, State::Expired),
            (None, State::Active, past, State::Expired),
            (None, State::Printed, later, State::Printed),
            (None, State::Generating, past, State::Generating),
            (Some(State::Used), State::Void, past, State::Used),
            (Some(State::Blocked), State::Active, past, State::Blocked),
            (None, State::Blocked, past, State::Blocked),
            (Some(State::Void), State::Active, later, State::Void),
            (Some(State::Blocked), State::Void, later, State::Void),
        ] {
            assert_eq!(State::of_card(own, batch, expires_at, now), expected, "{own:?} {batch}");
        }
    }

    #[test]
    fn names_are_read_again() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("lost".parse::<State>().is_err());
    }
}
