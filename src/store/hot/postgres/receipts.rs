//! Delivery receipts. Differs from SQLite's: changed rows are locked in one order, one array per column carries the
//! rows, and identifiers are looked up with LATERAL.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Store;
use crate::store::StoreError;
use crate::store::hot::receipts::{Changes, DeliveryReceipt, EARLY_MAX, EarlyReceipt, Found, early, flags};

/// LATERAL and LIMIT make the planner look up the few spellings one by one in the index, whatever the size and the
/// statistics of the table are.
const FIND: &str = "SELECT DISTINCT ON (place) place, id, number, remote_id
    FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[])
            AS wanted (place, link, phone, spelling, preference)
        CROSS JOIN LATERAL (
            (SELECT o.id, o.created_at, NULL::bigint AS number, NULL AS remote_id FROM outbox o
                WHERE o.link = wanted.link AND ltrim(lower(o.remote_id), '0') = spelling AND o.remote_id IS NOT NULL
                    AND o.state = 'sent' AND (phone = '' OR o.recipient LIKE '%' || phone)
                ORDER BY o.created_at DESC LIMIT 1)
            UNION ALL
            (SELECT o.id, o.created_at, p.number, spelling FROM outbox_parts p JOIN outbox o ON o.id = ANY(ARRAY[p.outbox])
                WHERE p.link = wanted.link AND ltrim(lower(p.remote_id), '0') = spelling AND p.remote_id IS NOT NULL
                    AND (phone = '' OR o.recipient LIKE '%' || phone)
                ORDER BY o.created_at DESC, p.number LIMIT 1)) AS candidates
    ORDER BY place, preference, created_at DESC, number";
/// The changed rows stay locked, so that of two receipts for parts of one reply the second sees the first.
const HOLD: &str = "SELECT id FROM outbox WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
const REPLIES: &str = "UPDATE outbox SET receipt = said.receipt, receipt_at = $1,
        last_error = coalesce(said.reason, outbox.last_error)
    FROM UNNEST($2::uuid[], $3::text[], $4::text[]) AS said (id, receipt, reason)
    WHERE outbox.id = ANY(ARRAY[said.id]) AND outbox.receipt IS NULL";
const PARTS: &str = "UPDATE outbox_parts SET receipt = said.receipt, receipt_at = $1
    FROM UNNEST($2::uuid[], $3::text[], $4::text[]) AS said (outbox, remote_id, receipt)
    WHERE outbox_parts.outbox = ANY(ARRAY[said.outbox])
        AND ltrim(lower(outbox_parts.remote_id), '0') = said.remote_id
        AND outbox_parts.receipt IS NULL";
const FAILED_WHOLES: &str = "UPDATE outbox SET receipt = 'undeliverable', receipt_at = $1, last_error = said.reason
    FROM UNNEST($2::uuid[], $3::text[]) AS said (id, reason)
    WHERE outbox.id = ANY(ARRAY[said.id]) AND outbox.receipt IS NULL
        AND EXISTS (SELECT 1 FROM outbox_parts p WHERE p.outbox = outbox.id AND p.receipt = 'undeliverable')";
const DELIVERED_WHOLES: &str = "UPDATE outbox SET receipt = 'delivered', receipt_at = $1
    WHERE id = ANY($2) AND state = 'sent' AND receipt IS NULL AND NOT EXISTS (
        SELECT 1 FROM outbox_parts p WHERE p.outbox = outbox.id AND p.receipt IS DISTINCT FROM 'delivered')";
const KEEP: &str =
    "INSERT INTO early_receipts (link, remote_id, phone, spellings, undeliverable, received_at, tries, due_at)
    SELECT DISTINCT ON (link, remote_id, phone) link, remote_id, phone, spellings, undeliverable, $1, 0, $2
    FROM UNNEST($3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
        AS early (link, remote_id, phone, spellings, undeliverable)
    ORDER BY link, remote_id, phone
    ON CONFLICT (link, remote_id, phone) DO UPDATE SET due_at = least(early_receipts.due_at, excluded.due_at)";
const TRIM: &str = "DELETE FROM early_receipts WHERE link = $1 AND (remote_id, phone) IN
    (SELECT remote_id, phone FROM early_receipts WHERE link = $1 ORDER BY received_at DESC OFFSET $2)";
const DONE: &str = "DELETE FROM early_receipts
    USING UNNEST($1::text[], $2::text[], $3::text[]) AS done (link, remote_id, phone)
    WHERE early_receipts.link = ANY(ARRAY[done.link]) AND early_receipts.remote_id = ANY(ARRAY[done.remote_id])
        AND early_receipts.phone = done.phone";
const AGAIN: &str = "UPDATE early_receipts SET tries = tries + 1, due_at = again.due_at
    FROM UNNEST($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS again (link, remote_id, phone, due_at)
    WHERE early_receipts.link = ANY(ARRAY[again.link]) AND early_receipts.remote_id = ANY(ARRAY[again.remote_id])
        AND early_receipts.phone = again.phone";

async fn find(on: &mut PgConnection, receipts: &[DeliveryReceipt]) -> Result<Vec<Found>, StoreError> {
    let wanted: Vec<(i64, &str, String, &str, i64)> = (0..)
        .zip(receipts)
        .flat_map(|(place, receipt)| {
            let ids = (0..).zip(&receipt.remote_ids);
            ids.map(move |(nth, id)| (place, receipt.link.as_str(), receipt.phone_end(), id.as_str(), nth))
        })
        .collect();
    let rows: Vec<(i64, Uuid, Option<i64>, Option<String>)> = sqlx::query_as(FIND)
        .bind(wanted.iter().map(|(place, ..)| *place).collect::<Vec<_>>())
        .bind(wanted.iter().map(|(_, link, ..)| *link).collect::<Vec<_>>())
        .bind(wanted.iter().map(|(_, _, phone, ..)| phone.as_str()).collect::<Vec<_>>())
        .bind(wanted.iter().map(|(_, _, _, id, _)| *id).collect::<Vec<_>>())
        .bind(wanted.iter().map(|(.., nth)| *nth).collect::<Vec<_>>())
        .fetch_all(on)
        .await?;
    let found = |(place, outbox, number, remote_id): (i64, Uuid, Option<i64>, Option<String>)| Found {
        receipt: usize::try_from(place).unwrap_or(usize::MAX),
        outbox,
        part: number.zip(remote_id),
    };
    Ok(rows.into_iter().map(found).collect())
}

/// Finds the replies and writes the states. Returns for each receipt whether a reply was found.
async fn settle(
    on: &mut PgConnection,
    receipts: &[DeliveryReceipt],
    now: DateTime<Utc>,
) -> Result<Vec<bool>, StoreError> {
    let found = find(on, receipts).await?;
    let changes = Changes::of(receipts, &found);
    sqlx::query(HOLD).bind(changes.outbox()).execute(&mut *on).await?;
    let replies = &changes.replies;
    sqlx::query(REPLIES)
        .bind(now)
        .bind(replies.keys().copied().collect::<Vec<_>>())
        .bind(replies.values().map(|receipt| receipt.state()).collect::<Vec<_>>())
        .bind(replies.values().map(|receipt| receipt.undeliverable.as_deref()).collect::<Vec<_>>())
        .execute(&mut *on)
        .await?;
    if !changes.parts.is_empty() {
        settle_parts(on, &changes, now).await?;
    }
    Ok(flags(receipts.len(), &found))
}

async fn settle_parts(on: &mut PgConnection, changes: &Changes<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let parts = &changes.parts;
    let wholes: Vec<Uuid> = parts.keys().map(|(id, _)| *id).collect();
    sqlx::query(PARTS)
        .bind(now)
        .bind(&wholes)
        .bind(parts.keys().map(|(_, remote_id)| remote_id.as_str()).collect::<Vec<_>>())
        .bind(parts.values().map(|(_, receipt)| receipt.state()).collect::<Vec<_>>())
        .execute(&mut *on)
        .await?;
    let failed = changes.failed_wholes();
    sqlx::query(FAILED_WHOLES)
        .bind(now)
        .bind(failed.keys().copied().collect::<Vec<_>>())
        .bind(failed.values().map(String::as_str).collect::<Vec<_>>())
        .execute(&mut *on)
        .await?;
    sqlx::query(DELIVERED_WHOLES).bind(now).bind(wholes).execute(&mut *on).await?;
    Ok(())
}

/// Columns of the primary key: links, identifiers, phones.
fn keys<'r>(receipts: impl Iterator<Item = &'r DeliveryReceipt>) -> (Vec<&'r str>, Vec<&'r str>, Vec<String>) {
    let (mut links, mut ids, mut phones) = (Vec::new(), Vec::new(), Vec::new());
    for receipt in receipts {
        links.push(receipt.link.as_str());
        ids.push(receipt.remote_id().unwrap_or_default());
        phones.push(receipt.phone_end());
    }
    (links, ids, phones)
}

async fn keep(
    on: &mut PgConnection,
    early: &[&DeliveryReceipt],
    now: DateTime<Utc>,
    again: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (links, ids, phones) = keys(early.iter().copied());
    let unwritable = |error: serde_json::Error| StoreError::corrupt("early_receipts", error.to_string());
    let spellings = early.iter().map(|receipt| serde_json::to_string(&receipt.remote_ids).map_err(unwritable));
    sqlx::query(KEEP)
        .bind(now)
        .bind(again)
        .bind(&links)
        .bind(ids)
        .bind(phones)
        .bind(spellings.collect::<Result<Vec<_>, _>>()?)
        .bind(early.iter().map(|receipt| receipt.undeliverable.as_deref()).collect::<Vec<_>>())
        .execute(&mut *on)
        .await?;
    for link in links.iter().collect::<BTreeSet<_>>() {
        sqlx::query(TRIM).bind(*link).bind(EARLY_MAX).execute(&mut *on).await?;
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
        let early = early(receipts, &found);
        if !early.is_empty() {
            keep(&mut transaction, &early, now, again).await?;
        }
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
        let (mut done, mut again, mut due_at) = (Vec::new(), Vec::new(), Vec::new());
        for ((early, next), found) in receipts.iter().zip(&found) {
            match next {
                Some(next) if !found => {
                    again.push(&early.receipt);
                    due_at.push(*next);
                }
                _ => done.push(&early.receipt),
            }
        }
        let (links, ids, phones) = keys(done.into_iter());
        sqlx::query(DONE).bind(links).bind(ids).bind(phones).execute(&mut *transaction).await?;
        let (links, ids, phones) = keys(again.into_iter());
        sqlx::query(AGAIN).bind(links).bind(ids).bind(phones).bind(due_at).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }
}
