//! Final states of replies. Differs from PostgreSQL's: one JSON text carries all of them.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::convert::{json, micros};
use crate::store::db::Script;
use crate::store::delivery::Ending;
use crate::store::hot::Ended;
use crate::store::{Finished, StoreError};

const FINISH: &str = "UPDATE OR FAIL outbox SET state = value->>2, due_at = coalesce(value->>3, due_at),
        finished_at = value->>4, remote_id = value->>5, last_error = value->>6, attempts = attempts + (value->>7),
        lease = NULL
    FROM json_each(?)
    WHERE outbox.id = unhex(value->>0) AND outbox.lease = unhex(value->>1) AND outbox.state = 'open'";
const PARTS: &str = "INSERT OR FAIL INTO outbox_parts (outbox, number, link, remote_id)
    SELECT o.id, value->>2, o.link, value->>3
    FROM json_each(?) CROSS JOIN outbox o ON o.id = unhex(value->>0) AND o.lease = unhex(value->>1)
    WHERE o.state = 'open'";

/// Adds the statements that write final states. Those of replies that another dispatcher has leased are not written.
pub(in crate::store) fn add_ended(script: &mut Script, Ended { finished, now }: &Ended) -> Result<(), StoreError> {
    // Joined statements have fewer texts, which stay prepared, if this one is always among them.
    if finished.is_empty() && !script.is_joined() {
        return Ok(());
    }
    let rows: Vec<_> = finished.iter().map(|row| ended_row(row, *now)).collect();
    let parts = finished.iter().flat_map(|(id, lease, delivery)| {
        delivery.parts().map(move |(number, remote_id)| (id.simple(), lease.simple(), number, remote_id))
    });
    let parts: Vec<_> = parts.collect();
    if !parts.is_empty() {
        script.add("outbox_parts", PARTS, json("outbox_parts", &parts)?);
    }
    script.add("outbox", FINISH, json("outbox", &rows)?);
    Ok(())
}

fn ended_row((id, lease, delivery): &Finished, now: DateTime<Utc>) -> impl Serialize + '_ {
    let Ending { state, due_at, finished_at, remote_id, error, attempts } = Ending::of(delivery, now);
    let (due_at, finished_at) = (due_at.map(micros), finished_at.map(micros));
    (id.simple(), lease.simple(), state, due_at, finished_at, remote_id, error, attempts)
}
