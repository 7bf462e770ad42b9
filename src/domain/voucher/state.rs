//! The life of a card, and of its batch.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

/// Where a card or a batch stands. A batch is never used, a single card is never anything that all of its batch are not,
/// but used, blocked or void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Its codes are being drawn. A run that was cut off leaves a batch here for ever.
    Generating,
    /// All codes are stored as hashes and written to the print file, which is on disk.
    Generated,
    /// The printer has the very file.
    Printed,
    /// The cards are with a distributor.
    Distributed,
    /// Two people have agreed that it is worth its money.
    Active,
    /// It has been redeemed.
    Used,
    /// Staff have stopped it: stolen, lost, in dispute.
    Blocked,
    /// Its date has passed.
    Expired,
    /// It is worth nothing any more, for ever.
    Void,
}

/// Every step that is allowed; all others are not.
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
        // Found again, or the dispute is over: by two people, like the first time.
        (Blocked, Active),
        (Blocked, Void),
    ]
};

impl State {
    /// All of them, from the draw to the end.
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

    /// Whether this step is allowed.
    pub fn may_become(self, to: Self) -> bool {
        ALLOWED.contains(&(self, to))
    }

    /// What it may become.
    pub fn next(self) -> impl Iterator<Item = Self> {
        ALLOWED.into_iter().filter(move |(from, _)| *from == self).map(|(_, to)| to)
    }

    /// Where a card stands: what it is itself, then what its batch is; a date that has passed needs no sweep to count.
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

    /// As the database and the command line name it.
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
