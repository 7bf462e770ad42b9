//! A stack that is measured: how to start it, and what it has done once it is stopped.

use std::path::PathBuf;

use serde::Serialize;

use crate::database::Server;
use crate::incumbent::{Incumbent, Kannel};
use crate::processes::Parts;
use crate::serve::Mbush;

/// The name that the SMSC knows each stack by, and the secret of all.
pub(crate) const SYSTEM_ID: &str = "mbush";
/// The password that `mbush load` expects.
pub(crate) const PASSWORD: &str = "secret";
/// Requests without an answer, in each direction of the session: the default of a link of mbush.
pub(crate) const WINDOW: u32 = 1_024;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stack {
    Mbush {
        /// Where there are two versions of it.
        version: Option<&'static str>,
        program: PathBuf,
        database: Kind,
    },
    Incumbent(Kannel),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Stack {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Mbush { version, database, .. } => {
                let database = if *database == Kind::Sqlite { "SQLite" } else { "PostgreSQL" };
                version.map_or_else(|| format!("mbush, {database}"), |version| format!("mbush {version}, {database}"))
            }
            Self::Incumbent(_) => "Kannel, PostgreSQL".to_owned(),
        }
    }

    pub(crate) const fn is_mbush(&self) -> bool {
        matches!(self, Self::Mbush { .. })
    }

    /// Starts it on an empty database, with an SMSC at this port.
    pub(crate) fn start<'a>(&self, server: Option<&'a Server>, smsc: u16) -> Box<dyn Running + 'a> {
        match self {
            Self::Mbush { program, database, .. } => {
                let database = if *database == Kind::Postgres { server.map(Server::create) } else { None };
                Box::new(Mbush::start(program, database, smsc, ""))
            }
            Self::Incumbent(kannel) => {
                let server = server.expect("the incumbent is left out where there is no PostgreSQL");
                Box::new(Incumbent::start(kannel, server.create(), smsc))
            }
        }
    }
}

/// A stack that is up.
pub(crate) trait Running {
    fn parts(&self) -> &Parts;
    /// Address of the HTTP server and the secret of a client, where it has one.
    fn http(&self) -> Option<(&str, &str)>;
    /// Makes its database as one that was not filled just now.
    fn settle(&self);
    /// Stops it and looks into its database.
    fn stop(self: Box<Self>) -> Applied;
}

/// What a database holds after a run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Applied {
    pub(crate) transfers: u64,
    /// Replies that are in another state than sent.
    pub(crate) replies_unsent: u64,
    /// No money was made or lost.
    pub(crate) is_sound: bool,
}
