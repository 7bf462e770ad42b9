//! Delivery receipts.

use chrono::{DateTime, Utc};

use super::super::StoreError;
use super::super::receipts::DeliveryReceipt;
use super::Store;
use super::convert::{json, micros};

const RECEIVE: &str = "UPDATE outbox SET receipt = $1, receipt_at = $2, last_error = coalesce($3, last_error)
    WHERE id = (SELECT o.id FROM json_each($5) AS spelling
            JOIN outbox o ON o.link = $4 AND ltrim(lower(o.remote_id), '0') = spelling.value
        WHERE o.remote_id IS NOT NULL AND o.state = 'sent' AND ($6 = '' OR o.recipient LIKE '%' || $6)
        ORDER BY spelling.key, o.created_at DESC LIMIT 1)";

impl Store {
    pub(crate) async fn receive_receipts(
        &self,
        receipts: &[DeliveryReceipt],
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        let mut found = Vec::with_capacity(receipts.len());
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        for receipt in receipts {
            let done = sqlx::query(RECEIVE)
                .bind(receipt.state())
                .bind(micros(now))
                .bind(&receipt.undeliverable)
                .bind(&receipt.link)
                .bind(json("outbox", &receipt.remote_ids)?)
                .bind(receipt.phone_end())
                .execute(&mut *transaction)
                .await?;
            found.push(done.rows_affected() > 0);
        }
        transaction.commit().await?;
        Ok(found)
    }
}
