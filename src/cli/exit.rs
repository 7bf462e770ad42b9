//! Exit codes: the ends of the program that a script may rely on.

use std::process::ExitCode;

/// A thing that was asked for is not there. Whoever only looks hears no (1); an order that is about it is refused (3).
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Absent(pub(super) String);

/// An exit code; `docs/commands.md` has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It was done, and what was looked at is as it should be.
    Done,
    /// It was looked at, and the answer is no.
    No,
    /// The command line is not understood, or `--yes` is not on it where nobody can be asked.
    Usage,
    /// It could not be done.
    Failed,
}

impl Exit {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Done, Self::No, Self::Usage, Self::Failed];

    /// As the shell sees it.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Failed => 3,
        }
    }

    /// For the page.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "It was done, and what was looked at is as it should be.",
            Self::No => {
                "It was looked at, and the answer is no: a start would be refused (`check`), the ledger is not sound or not proven \
                 (`audit`), a text is no request (`parse`), a fixture fails (`grammar test`), what is to be shown is not there (`account`, `statement`, `enrol NUMBER`, `pin show`, \
                 `hold list NUMBER`, `dealer summary`, `voucher show`, `quarantine show`), \
                 the server did not take the message (`send`) or any of the texts (`simulate`), who was asked did not agree."
            }
            Self::Usage => {
                "The command line is not understood, or a command that asks before it does something was given without `--yes` \
                 where standard input is no terminal. Standard error says what was expected; nothing was done."
            }
            Self::Failed => {
                "It could not be done: the configuration is not valid, the database is out of reach, what is ordered is refused. \
                 Standard error says why, and what to do."
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Done, or no.
impl From<bool> for Exit {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Done } else { Self::No }
    }
}
