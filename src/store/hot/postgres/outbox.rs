//! Final states of replies. Differs from SQLite's: one array per column carries all of them, sorted by identifier,
//! which is the order of locks.

use super::{Batch, Insert, column};
use crate::store::StoreError;
use crate::store::delivery::Ending;
use crate::store::hot::Ended;

/// A row with a lease is open.
pub(super) const FINISH: &str = "UPDATE outbox SET state = ended.state, due_at = coalesce(ended.due_at, outbox.due_at),
        finished_at = ended.finished_at, remote_id = ended.remote_id, last_error = ended.error,
        attempts = outbox.attempts + ended.attempts, lease = NULL
    FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
        $8::bigint[]) AS ended (id, lease, state, due_at, finished_at, remote_id, error, attempts)
    WHERE outbox.id = ANY(ARRAY[ended.id]) AND outbox.lease = ended.lease";
/// The row stays locked until its final state is written in the same transaction.
const PARTS: &str = "INSERT INTO outbox_parts (outbox, number, link, remote_id)
    SELECT o.id, part.number, o.link, part.remote_id
    FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) AS part (id, lease, number, remote_id)
        JOIN outbox o ON o.id = ANY(ARRAY[part.id]) AND o.lease = part.lease
    FOR NO KEY UPDATE OF o";

impl Batch {
    /// Writes the parts of longer replies. Most batches have none.
    pub(super) async fn write_parts(&mut self, ended: &Ended) -> Result<(), StoreError> {
        let finished = ended.finished.iter();
        let parts: Vec<_> = finished
            .flat_map(|(id, lease, delivery)| {
                delivery.parts().map(move |(number, remote)| (*id, *lease, number, remote))
            })
            .collect();
        if parts.is_empty() {
            return Ok(());
        }
        sqlx::query(PARTS)
            .bind(column(&parts, |(id, ..)| *id))
            .bind(column(&parts, |(_, lease, ..)| *lease))
            .bind(column(&parts, |(_, _, number, _)| *number))
            .bind(column(&parts, |(.., remote_id)| *remote_id))
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

/// Binds the parameters of [`FINISH`].
pub(super) fn bind_ended(write: Insert<'static>, ended: &Ended) -> Insert<'static> {
    let endings: Vec<Ending<'_>> =
        ended.finished.iter().map(|(.., delivery)| Ending::of(delivery, ended.now)).collect();
    write
        .bind(column(&ended.finished, |(id, ..)| *id))
        .bind(column(&ended.finished, |(_, lease, _)| *lease))
        .bind(column(&endings, |ending| ending.state))
        .bind(column(&endings, |ending| ending.due_at))
        .bind(column(&endings, |ending| ending.finished_at))
        .bind(column(&endings, |ending| ending.remote_id))
        .bind(column(&endings, |ending| ending.error))
        .bind(column(&endings, |ending| ending.attempts))
}
