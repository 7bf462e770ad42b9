//! Reports to machines about the messages that they submitted: the ending, and the row in the outbox.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{OutboundSms, Outcome, Report};
use crate::store::db::{Connection, InsertInto, columns, insert, row};
use crate::store::value::Shown;
use crate::store::{Store, StoreError};

/// Delay of a report after the commit of its message. The report names the identifier that the response to the
/// submission contains, and the response should arrive first.
const AFTER: TimeDelta = TimeDelta::seconds(1);

const ENDED: &str = "SELECT outcome, received_at FROM inbox WHERE key = $1";

static WRITE: LazyLock<InsertInto> = LazyLock::new(|| {
    let columns = "id, message_key, link, sender, recipient, text, created_at, due_at, report, state, attempts";
    InsertInto::with("outbox", columns, ", 'open', 0", "")
});

struct Ended {
    outcome: Outcome,
    received_at: DateTime<Utc>,
}

columns!(in "inbox", Ended: outcome, received_at);

pub(in crate::store) async fn write(
    connection: Connection<'_>,
    reports: &[(OutboundSms, Report)],
) -> Result<(), StoreError> {
    let unwritable = |error: serde_json::Error| StoreError::corrupt("outbox", error.to_string());
    let column = |report| serde_json::to_string(report).map_err(unwritable);
    let rows: Vec<(&OutboundSms, String)> =
        reports.iter().map(|(sms, report)| Ok((sms, column(report)?))).collect::<Result<_, StoreError>>()?;
    insert!(connection, WRITE, &rows, row => [
        row.0.id,
        &row.0.message_key,
        &row.0.link,
        Shown(&row.0.from),
        Shown(&row.0.to),
        Shown(&row.0.text),
        row.0.created_at,
        row.0.created_at + AFTER,
        &row.1,
    ])
}

impl Store {
    /// Returns the ending of the message with this key; `None` if there is none. Its time is that of the message, to
    /// the second.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn report_about(&self, key: &str) -> Result<Option<Report>, StoreError> {
        let ended = row!(self.reader(), Ended, ENDED, [key])?;
        Ok(ended.map(|Ended { outcome, received_at }| Report::of(&outcome, received_at, received_at)))
    }
}
