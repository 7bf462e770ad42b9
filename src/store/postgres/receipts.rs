//! Delivery receipts.

use chrono::{DateTime, Utc};

use super::super::StoreError;
use super::super::receipts::DeliveryReceipt;
use super::Store;

const RECEIVE: &str = "UPDATE outbox SET receipt = $1, receipt_at = $2, last_error = coalesce($3, last_error)
    WHERE id = (SELECT o.id FROM UNNEST($5::text[]) WITH ORDINALITY AS spelling (id, place)
            JOIN outbox o ON o.link = $4 AND ltrim(lower(o.remote_id), '0') = spelling.id
        WHERE o.remote_id IS NOT NULL AND o.state = 'sent' AND ($6 = '' OR o.recipient LIKE '%' || $6)
        ORDER BY spelling.place, o.created_at DESC LIMIT 1)";

impl Store {
    pub(crate) async fn receive_receipts(
        &self,
        receipts: &[DeliveryReceipt],
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        let mut found = Vec::with_capacity(receipts.len());
        let mut transaction = self.pool.begin().await?;
        for receipt in receipts {
            let done = sqlx::query(RECEIVE)
                .bind(receipt.state())
                .bind(now)
                .bind(&receipt.undeliverable)
                .bind(&receipt.link)
                .bind(&receipt.remote_ids)
                .bind(receipt.phone_end())
                .execute(&mut *transaction)
                .await?;
            found.push(done.rows_affected() > 0);
        }
        transaction.commit().await?;
        Ok(found)
    }
}
