//! Messages that were answered. (`hot/` writes them.)

use std::collections::HashMap;

use sqlx::{PgExecutor, SqliteExecutor};

use crate::domain::ContentHash;
use crate::store::db::{OneOf, Sql, row, rows};
use crate::store::value::{Instant, Keys, read};
use crate::store::{Answered, Store, StoreError};

const ANSWERED: Sql = Sql {
    sqlite: "SELECT i.key, i.content, i.outcome, i.reply, i.received_at FROM json_each(?) AS wanted CROSS JOIN inbox i
    WHERE i.key = wanted.value",
    postgres: "SELECT key, content, outcome, reply, received_at FROM inbox WHERE key = ANY($1)",
};
const SENDER: &str = "SELECT link, sender FROM inbox WHERE key = $1";

/// Key, content hash, ending, reply, and arrival.
type AnsweredRow = (String, Vec<u8>, String, Option<String>, Instant);

pub(super) async fn answered<'e>(
    on: OneOf<impl SqliteExecutor<'e>, impl PgExecutor<'e>>,
    keys: &[&str],
) -> Result<HashMap<String, Answered>, StoreError> {
    let answer = |(key, content, outcome, reply, Instant(received_at)): AnsweredRow| {
        let (content, outcome) = (read::<ContentHash>("inbox", content)?, read("inbox", outcome)?);
        Ok((key, Answered { content, outcome, reply, received_at }))
    };
    rows!(on, AnsweredRow, ANSWERED, [Keys(keys.to_vec())])?.into_iter().map(answer).collect()
}

impl Store {
    /// Returns link and sender of this message.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sender_of(&self, message_key: &str) -> Result<Option<(String, String)>, StoreError> {
        row!(self.reader(), (String, String), SENDER, [message_key])
    }
}
