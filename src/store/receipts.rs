//! What SMSCs say became of replies that they had taken.

use chrono::{DateTime, Utc};

use super::StoreError;
use super::database::{Database, Store};

/// One delivery receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReceipt {
    /// Name of the link that it came by.
    pub link: String,
    /// What the reply's identifier at the SMSC may be, without leading zeros and in small letters; the likeliest first.
    pub remote_ids: Vec<String>,
    /// The phone, as the SMSC writes it; only its end is compared, and nothing where it is empty.
    pub phone: String,
    /// Why the phone does not get it; `None` where it has it.
    pub undeliverable: Option<String>,
}

impl DeliveryReceipt {
    /// As the database and staff name it.
    pub(super) const fn state(&self) -> &'static str {
        match self.undeliverable {
            None => "delivered",
            Some(_) => "undeliverable",
        }
    }

    /// The digits of the phone that are compared: national and international spellings end alike.
    pub(super) fn phone_end(&self) -> String {
        let digits: Vec<char> = self.phone.chars().filter(char::is_ascii_digit).collect();
        digits.iter().skip(digits.len().saturating_sub(8)).collect()
    }
}

impl Store {
    /// Writes receipts in one transaction; whether each found its reply.
    ///
    /// # Errors
    /// The database fails; none was written.
    pub async fn receive_receipts(
        &self,
        receipts: &[DeliveryReceipt],
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.receive_receipts(receipts, now).await,
            Database::Postgres(store) => store.receive_receipts(receipts, now).await,
        }
    }
}
