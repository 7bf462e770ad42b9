//! Delivery receipts. Differs from PostgreSQL's: one JSON text carries all of them, and their identifiers are looked up
//! by a join with a fixed order, where PostgreSQL needs LATERAL.

use chrono::{DateTime, Utc};
use serde_json::{Value, json as value};
use sqlx::SqliteConnection;

use super::Store;
use super::convert::{id, json, micros};
use crate::store::StoreError;
use crate::store::hot::receipts::{Changes, DeliveryReceipt, EARLY_MAX, EarlyReceipt, Found, early, flags};

/// CROSS JOIN makes the planner look up the few spellings in the index, never the other way round.
const FIND: &str = "WITH wanted (place, link, phone, spelling, preference) AS MATERIALIZED (
        SELECT receipt.key, receipt.value->>0, receipt.value->>1, spelling.value, spelling.key
        FROM json_each($1) AS receipt, json_each(receipt.value->2) AS spelling),
    candidates AS (
        SELECT place, preference, o.id, o.created_at, o.recipient, phone, NULL AS number, NULL AS remote_id
        FROM wanted CROSS JOIN outbox o ON o.link = wanted.link AND ltrim(lower(o.remote_id), '0') = spelling
        WHERE o.remote_id IS NOT NULL AND o.state = 'sent'
        UNION ALL
        SELECT place, preference, o.id, o.created_at, o.recipient, phone, p.number, spelling
        FROM wanted CROSS JOIN outbox_parts p ON p.link = wanted.link AND ltrim(lower(p.remote_id), '0') = spelling
            CROSS JOIN outbox o ON o.id = p.outbox
        WHERE p.remote_id IS NOT NULL),
    ranked AS (
        SELECT *, row_number() OVER (PARTITION BY place ORDER BY preference, created_at DESC, number) AS rank
        FROM candidates WHERE phone = '' OR recipient LIKE '%' || phone)
    SELECT place, id, number, remote_id FROM ranked WHERE rank = 1 ORDER BY place";
const REPLIES: &str = "UPDATE outbox SET receipt = value->>1, receipt_at = $2,
        last_error = coalesce(value->>2, last_error)
    FROM json_each($1) WHERE outbox.id = unhex(value->>0) AND outbox.receipt IS NULL";
const PARTS: &str = "UPDATE outbox_parts SET receipt = value->>2, receipt_at = $2
    FROM json_each($1)
    WHERE outbox_parts.outbox = unhex(value->>0) AND ltrim(lower(outbox_parts.remote_id), '0') = value->>1
        AND outbox_parts.receipt IS NULL";
const FAILED_WHOLES: &str = "UPDATE outbox SET receipt = 'undeliverable', receipt_at = $2, last_error = value->>1
    FROM json_each($1)
    WHERE outbox.id = unhex(value->>0) AND outbox.receipt IS NULL
        AND EXISTS (SELECT 1 FROM outbox_parts p WHERE p.outbox = outbox.id AND p.receipt = 'undeliverable')";
const DELIVERED_WHOLES: &str = "UPDATE outbox SET receipt = 'delivered', receipt_at = $2
    WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND state = 'sent' AND receipt IS NULL
        AND NOT EXISTS (SELECT 1 FROM outbox_parts p WHERE p.outbox = outbox.id AND p.receipt IS NOT 'delivered')";
const KEEP: &str =
    "INSERT INTO early_receipts (link, remote_id, phone, spellings, undeliverable, received_at, tries, due_at)
    SELECT value->>0, value->>1, value->>2, value->>3, value->>4, $2, 0, $3 FROM json_each($1) WHERE true
    ON CONFLICT (link, remote_id, phone) DO UPDATE SET due_at = min(early_receipts.due_at, excluded.due_at)";
const TRIM: &str = "DELETE FROM early_receipts WHERE link = $1 AND (remote_id, phone) IN
    (SELECT remote_id, phone FROM early_receipts WHERE link = $1 ORDER BY received_at DESC LIMIT -1 OFFSET $2)";
const DONE: &str = "DELETE FROM early_receipts WHERE (link, remote_id, phone) IN
    (SELECT value->>0, value->>1, value->>2 FROM json_each($1))";
const AGAIN: &str = "UPDATE early_receipts SET tries = tries + 1, due_at = value->>3 FROM json_each($1)
    WHERE link = value->>0 AND remote_id = value->>1 AND phone = value->>2";

fn hexed(id: &uuid::Uuid) -> String {
    hex::encode(id)
}

/// Index of the receipt, reply; for a part, its number and identifier.
type FoundRow = (i64, Vec<u8>, Option<i64>, Option<String>);

async fn find(on: &mut SqliteConnection, receipts: &[DeliveryReceipt]) -> Result<Vec<Found>, StoreError> {
    let wanted: Vec<Value> =
        receipts.iter().map(|receipt| value!([receipt.link, receipt.phone_end(), receipt.remote_ids])).collect();
    let rows: Vec<FoundRow> = sqlx::query_as(FIND).bind(json("outbox", &wanted)?).fetch_all(on).await?;
    rows.into_iter()
        .map(|(place, outbox, number, remote_id)| {
            let receipt = usize::try_from(place).unwrap_or(usize::MAX);
            Ok(Found { receipt, outbox: id("outbox", &outbox)?, part: number.zip(remote_id) })
        })
        .collect()
}

/// Finds the replies and writes the states. Returns for each receipt whether a reply was found.
async fn settle(
    on: &mut SqliteConnection,
    receipts: &[DeliveryReceipt],
    now: DateTime<Utc>,
) -> Result<Vec<bool>, StoreError> {
    let found = find(on, receipts).await?;
    let changes = Changes::of(receipts, &found);
    let replies: Vec<Value> = changes
        .replies
        .iter()
        .map(|(id, receipt)| value!([hexed(id), receipt.state(), receipt.undeliverable]))
        .collect();
    write(on, REPLIES, &replies, now).await?;
    let parts: Vec<Value> =
        changes.parts.iter().map(|((id, remote), (_, receipt))| value!([hexed(id), remote, receipt.state()])).collect();
    write(on, PARTS, &parts, now).await?;
    let failed: Vec<Value> = changes.failed_wholes().iter().map(|(id, reason)| value!([hexed(id), reason])).collect();
    write(on, FAILED_WHOLES, &failed, now).await?;
    let wholes: Vec<Value> = changes.parts.keys().map(|(id, _)| value!(hexed(id))).collect();
    write(on, DELIVERED_WHOLES, &wholes, now).await?;
    Ok(flags(receipts.len(), &found))
}

async fn write(
    on: &mut SqliteConnection,
    sql: &'static str,
    rows: &[Value],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        sqlx::query(sql).bind(json("outbox", rows)?).bind(micros(now)).execute(on).await?;
    }
    Ok(())
}

fn key(receipt: &DeliveryReceipt) -> [String; 3] {
    [receipt.link.clone(), receipt.remote_id().unwrap_or_default().to_owned(), receipt.phone_end()]
}

async fn keep(
    on: &mut SqliteConnection,
    early: &[&DeliveryReceipt],
    now: DateTime<Utc>,
    again: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = |receipt: &&DeliveryReceipt| {
        let [link, remote_id, phone] = key(receipt);
        Ok(value!([link, remote_id, phone, json("early_receipts", &receipt.remote_ids)?, receipt.undeliverable]))
    };
    let rows: Vec<Value> = early.iter().map(row).collect::<Result<_, StoreError>>()?;
    if rows.is_empty() {
        return Ok(());
    }
    let rows = json("early_receipts", &rows)?;
    sqlx::query(KEEP).bind(rows).bind(micros(now)).bind(micros(again)).execute(&mut *on).await?;
    let links: std::collections::BTreeSet<&String> = early.iter().map(|receipt| &receipt.link).collect();
    for link in links {
        sqlx::query(TRIM).bind(link).bind(EARLY_MAX).execute(&mut *on).await?;
    }
    Ok(())
}

impl Store {
    pub(crate) async fn receive_receipts(
        &self,
        receipts: &[DeliveryReceipt],
        now: DateTime<Utc>,
        again: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        let mut transaction = self.begin().await?;
        let found = settle(&mut transaction, receipts, now).await?;
        keep(&mut transaction, &early(receipts, &found), now, again).await?;
        transaction.commit().await?;
        Ok(found)
    }

    pub(crate) async fn try_receipts_again(
        &self,
        receipts: &[(EarlyReceipt, Option<DateTime<Utc>>)],
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        let all: Vec<DeliveryReceipt> = receipts.iter().map(|(early, _)| early.receipt.clone()).collect();
        let mut transaction = self.begin().await?;
        let found = settle(&mut transaction, &all, now).await?;
        let (mut done, mut again) = (Vec::new(), Vec::new());
        for ((early, next), found) in receipts.iter().zip(&found) {
            let [link, remote_id, phone] = key(&early.receipt);
            match next {
                Some(next) if !found => again.push(value!([link, remote_id, phone, micros(*next)])),
                _ => done.push(value!([link, remote_id, phone])),
            }
        }
        sqlx::query(DONE).bind(json("early_receipts", &done)?).execute(&mut *transaction).await?;
        sqlx::query(AGAIN).bind(json("early_receipts", &again)?).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }
}
