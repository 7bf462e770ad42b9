//! Values of messages that only their forms know, as JSON: one row for each message that has some.

use std::sync::LazyLock;

use crate::domain::Fields;
use crate::store::db::{Connection, InsertInto, insert};
use crate::store::{InboxRow, StoreError};

static WRITE: LazyLock<InsertInto> = LazyLock::new(|| InsertInto::table("message_fields", "message_key, fields", ""));

/// Writes the fields of these messages.
pub(in crate::store) async fn write(connection: Connection<'_>, inbox: &[InboxRow]) -> Result<(), StoreError> {
    let with_fields = inbox.iter().filter(|row| !row.fields.is_empty());
    let json = |row: &InboxRow| {
        let fields = serde_json::to_string(&row.fields);
        fields.map(|fields| (row.message.key.clone(), fields))
    };
    let kept = with_fields.map(json).collect::<Result<Vec<_>, _>>();
    let kept = kept.map_err(|error| StoreError::corrupt("message_fields", error.to_string()))?;
    insert!(connection, WRITE, &kept, row => [&row.0, &row.1])
}

/// The fields of a message as stored; none if it has no row.
pub(super) fn read(stored: Option<String>) -> Result<Fields, StoreError> {
    let Some(json) = stored else { return Ok(Fields::default()) };
    serde_json::from_str(&json).map_err(|error| StoreError::corrupt("message_fields", error.to_string()))
}
