//! Final states of replies. Differs from SQLite's: one array per column carries all of them, sorted by identifier,
//! which is the order of locks.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Store;
use crate::store::delivery::Ending;
use crate::store::{Delivery, StoreError};

const FINISH: &str = "UPDATE outbox SET state = ended.state, due_at = coalesce(ended.due_at, outbox.due_at),
        finished_at = ended.finished_at, remote_id = ended.remote_id, last_error = ended.error,
        attempts = outbox.attempts + ended.attempts, lease = NULL
    FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
        $8::bigint[]) AS ended (id, lease, state, due_at, finished_at, remote_id, error, attempts)
    WHERE outbox.id = ANY($1) AND outbox.id = ended.id AND outbox.lease = ended.lease AND outbox.state = 'open'";
/// The row stays locked until its final state is written in the same transaction.
const PARTS: &str = "INSERT INTO outbox_parts (outbox, number, link, remote_id)
    SELECT o.id, part.number, o.link, part.remote_id
    FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) AS part (id, lease, number, remote_id)
        JOIN outbox o ON o.id = part.id AND o.lease = part.lease
    WHERE o.id = ANY($1) AND o.state = 'open' FOR NO KEY UPDATE OF o";

impl Store {
    pub(crate) async fn finish_outbox(
        &self,
        finished: &[(Uuid, Uuid, Delivery)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut finished: Vec<&(Uuid, Uuid, Delivery)> = finished.iter().collect();
        finished.sort_unstable_by_key(|(id, ..)| *id);
        let parts: Vec<_> = finished
            .iter()
            .flat_map(|(id, lease, delivery)| {
                delivery.parts().map(move |(number, remote)| (*id, *lease, number, remote))
            })
            .collect();
        if parts.is_empty() {
            return finish(&self.pool, &finished, now).await;
        }
        let mut transaction = self.begin().await?;
        sqlx::query(PARTS)
            .bind(parts.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
            .bind(parts.iter().map(|(_, lease, ..)| *lease).collect::<Vec<_>>())
            .bind(parts.iter().map(|(_, _, number, _)| *number).collect::<Vec<_>>())
            .bind(parts.iter().map(|(.., remote_id)| *remote_id).collect::<Vec<_>>())
            .execute(&mut *transaction)
            .await?;
        finish(&mut *transaction, &finished, now).await?;
        Ok(transaction.commit().await?)
    }
}

async fn finish(
    on: impl sqlx::PgExecutor<'_>,
    finished: &[&(Uuid, Uuid, Delivery)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let endings: Vec<Ending<'_>> = finished.iter().map(|(.., delivery)| Ending::of(delivery, now)).collect();
    sqlx::query(FINISH)
        .bind(finished.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
        .bind(finished.iter().map(|(_, lease, _)| *lease).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.state).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.due_at).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.finished_at).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.remote_id).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.error).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.attempts).collect::<Vec<_>>())
        .execute(on)
        .await?;
    Ok(())
}
