//! Exit codes. Scripts may depend on them.

use std::process::ExitCode;

/// The item does not exist. A command that only shows it exits with 1, and an order about it with 3.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Absent(pub(super) String);

/// An exit code; `docs/commands.md` has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The command was carried out, and what it examined is in order.
    Done,
    /// The command was carried out, and the answer is no.
    No,
    /// The command line is not valid, or `--yes` is missing and standard input is not a terminal.
    Usage,
    /// The command failed.
    Failed,
}

impl Exit {
    /// All exit codes.
    pub const ALL: [Self; 4] = [Self::Done, Self::No, Self::Usage, Self::Failed];

    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Failed => 3,
        }
    }

    /// Text for docs/commands.md.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "Success. The command was carried out, and what it examined is in order.",
            Self::No => {
                "The command was carried out, and the answer is no: the server would not start (`check`), the ledger is not sound or \
                 not proven (`audit`), the text is not a request (`parse`), a fixture fails (`grammar test`), the item to be shown does \
                 not exist (`account`, `statement`, `enrol NUMBER`, `pin show`, `hold list NUMBER`, `dealer summary`, `voucher show`, \
                 `quarantine show`), nothing was found (`find`), the server did not accept the message (`send`) or any of the texts (`simulate`), no message got the right \
                 reply (`load`), or the user did not confirm."
            }
            Self::Usage => {
                "Wrong usage: the command line is not valid, or a command that asks for confirmation was run without `--yes` and \
                 standard input is not a terminal. Standard error says what was expected; nothing was done."
            }
            Self::Failed => {
                "Failure: the configuration is not valid, the database cannot be reached, or the order was refused. Standard error \
                 says why, and what to do."
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// `Done` if true, otherwise `No`.
impl From<bool> for Exit {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Done } else { Self::No }
    }
}
