//! Periods in which links were up or down, on each node.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::store::db::{InsertInto, columns, execute, insert, rows};
use crate::store::{Store, StoreError};

/// Longest list of periods.
const LISTED_MAX: u32 = 10_000;

const BETWEEN: &str = "SELECT link, since, node, state, until, reason FROM link_states
    WHERE until >= $1 AND since <= $2 ORDER BY until DESC LIMIT $3";
const FORGET: &str = "DELETE FROM link_states WHERE until < $1";

/// A node that runs again after its clock was set back may begin a period twice.
static WRITE: LazyLock<InsertInto> = LazyLock::new(|| {
    let prolonged = "ON CONFLICT (link, since, node) DO UPDATE SET until = excluded.until, state = excluded.state,
        reason = excluded.reason";
    InsertInto::table("link_states", "link, since, node, state, until, reason", prolonged)
});

/// A period in which a link was in one state on one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPeriod {
    pub link: String,
    pub since: DateTime<Utc>,
    pub node: Uuid,
    /// `up`, `down`, `untried` or `unbound`.
    pub state: String,
    /// The end, or the last time at which it was still so.
    pub until: DateTime<Utc>,
    /// The reason why it was down, if the link knew it.
    pub reason: Option<String>,
}

columns!(in "link_states", LinkPeriod: link, since, node, state, until, reason);

impl Store {
    /// Writes periods; those that are there are prolonged.
    ///
    /// # Errors
    /// The database fails.
    pub async fn record_links(&self, periods: &[LinkPeriod]) -> Result<(), StoreError> {
        let mut transaction = self.transaction().await?;
        insert!(transaction.connection(), WRITE, periods, row => [
            &row.link, row.since, row.node, &row.state, row.until, &row.reason
        ])?;
        transaction.commit().await
    }

    /// Returns the periods of all links that touch this span of time, the latest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn link_periods(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<LinkPeriod>, StoreError> {
        rows!(self.reader(), LinkPeriod, BETWEEN, [from, to, LISTED_MAX])
    }

    /// Deletes periods that ended before an instant. Returns their number.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_links(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        execute!(self.writer(), FORGET, [before])
    }
}
