//! Parts of longer replies that were sent. Differs from SQLite's: one array per column carries all of them. The final
//! states of replies are written with the other tables (`writes`).

use sqlx::PgConnection;

use super::column;
use crate::store::StoreError;
use crate::store::hot::Ended;

/// The row stays locked until its final state is written in the same transaction.
const PARTS: &str = "INSERT INTO outbox_parts (outbox, number, link, remote_id)
    SELECT o.id, part.number, o.link, part.remote_id
    FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) AS part (id, lease, number, remote_id)
        JOIN outbox o ON o.id = ANY(ARRAY[part.id]) AND o.lease = part.lease
    FOR NO KEY UPDATE OF o";

/// Most batches have none.
pub(super) fn have_parts(ended: &Ended) -> bool {
    ended.finished.iter().any(|(.., delivery)| delivery.parts().next().is_some())
}

/// Writes the parts of longer replies.
pub(super) async fn write_parts(connection: &mut PgConnection, ended: &Ended) -> Result<(), StoreError> {
    let finished = ended.finished.iter();
    let parts: Vec<_> = finished
        .flat_map(|(id, lease, delivery)| delivery.parts().map(move |(number, remote)| (*id, *lease, number, remote)))
        .collect();
    if parts.is_empty() {
        return Ok(());
    }
    sqlx::query(PARTS)
        .bind(column(&parts, |(id, ..)| *id))
        .bind(column(&parts, |(_, lease, ..)| *lease))
        .bind(column(&parts, |(_, _, number, _)| *number))
        .bind(column(&parts, |(.., remote_id)| *remote_id))
        .execute(connection)
        .await?;
    Ok(())
}
