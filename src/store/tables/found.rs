//! Messages, SMS and transfers that a search found, as staff are shown them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::transfers::{TransferRow, transfer_columns};
use crate::domain::{Body, Fields, Fingerprint, Outcome, Transfer, Withheld};
use crate::store::db::{Sql, columns, rows};
use crate::store::value::Keys;
use crate::store::{Store, StoreError};

macro_rules! message {
    ($rest:literal) => {
        concat!(
            "SELECT i.key AS key, i.link AS link, i.sender AS sender, i.short_code AS short_code, i.body AS body,
                i.received_at AS received_at, i.bank AS bank, i.form AS form, i.grammars AS grammars,
                i.outcome AS outcome, i.reply AS reply, w.why AS withheld, coalesce(f.fields, '[]') AS fields
            FROM inbox i LEFT JOIN withheld_replies w ON w.message_key = i.key
                LEFT JOIN message_fields f ON f.message_key = i.key
            WHERE i.key ",
            $rest
        )
    };
}
macro_rules! sms {
    ($rest:literal) => {
        concat!(
            "SELECT id, message_key, link, sender, recipient, text, coalesce(receipt, state) AS state, attempts, created_at,
                finished_at, receipt_at, remote_id, last_error
            FROM outbox WHERE report IS NULL AND ",
            $rest,
            " ORDER BY id"
        )
    };
}
macro_rules! transfer {
    ($rest:literal) => {
        concat!("SELECT ", transfer_columns!(), " FROM transfers WHERE ", $rest, " ORDER BY id")
    };
}
macro_rules! order {
    ($rest:literal) => {
        concat!("SELECT id, made_by, checked_by, reason, note FROM operator_actions WHERE id ", $rest)
    };
}

const MESSAGES: Sql = Sql { sqlite: message!("IN (SELECT value FROM json_each($1))"), postgres: message!("= ANY($1)") };
const SMS_OF: Sql =
    Sql { sqlite: sms!("message_key IN (SELECT value FROM json_each($1))"), postgres: sms!("message_key = ANY($1)") };
const SMS: Sql = Sql { sqlite: sms!("id IN (SELECT unhex(value) FROM json_each($1))"), postgres: sms!("id = ANY($1)") };
const TRANSFERS: Sql =
    Sql { sqlite: transfer!("id IN (SELECT unhex(value) FROM json_each($1))"), postgres: transfer!("id = ANY($1)") };
const REVERSALS: Sql = Sql {
    sqlite: transfer!("reverses IN (SELECT unhex(value) FROM json_each($1))"),
    postgres: transfer!("reverses = ANY($1)"),
};
const ORDERS: Sql =
    Sql { sqlite: order!("IN (SELECT unhex(value) FROM json_each($1))"), postgres: order!("= ANY($1)") };
const CARRIED: Sql = Sql {
    sqlite: "SELECT transfer AS id FROM requests WHERE fingerprint IN (SELECT unhex(value) FROM json_each($1))",
    postgres: "SELECT transfer AS id FROM requests WHERE fingerprint = ANY($1)",
};
/// By the identifier that the network gave an SMS, or a part of it, on any of these links.
const REMOTE: Sql = Sql {
    sqlite: "SELECT o.id AS id, o.message_key AS message_key FROM json_each($1) l CROSS JOIN outbox o
    WHERE o.link = l.value AND ltrim(lower(o.remote_id), '0') = $2 AND o.remote_id IS NOT NULL
    UNION SELECT o.id, o.message_key FROM json_each($1) l CROSS JOIN outbox_parts p CROSS JOIN outbox o
    WHERE p.link = l.value AND ltrim(lower(p.remote_id), '0') = $2 AND p.remote_id IS NOT NULL AND o.id = p.outbox
    LIMIT $3",
    postgres: "SELECT id, message_key FROM outbox
    WHERE link = ANY($1) AND ltrim(lower(remote_id), '0') = $2 AND remote_id IS NOT NULL
    UNION SELECT o.id, o.message_key FROM outbox_parts p JOIN outbox o ON o.id = p.outbox
    WHERE p.link = ANY($1) AND ltrim(lower(p.remote_id), '0') = $2 AND p.remote_id IS NOT NULL
    LIMIT $3",
};

/// A message with its ending.
#[derive(Debug, Clone)]
pub struct FoundMessage {
    pub key: String,
    pub link: String,
    pub sender: String,
    pub short_code: String,
    pub body: Body,
    pub received_at: DateTime<Utc>,
    pub bank: Option<String>,
    pub form: Option<String>,
    pub grammars: String,
    pub outcome: Outcome,
    /// The answer on the link.
    pub reply: Option<String>,
    /// The reason why the reply was withheld, if it was.
    pub withheld: Option<Withheld>,
    pub fields: Fields,
}

columns!(
    in "inbox", FoundMessage: key, link, sender, short_code, body, received_at, bank, form, grammars, outcome, reply,
        withheld, fields
);

/// An SMS of the program.
#[derive(Debug, Clone)]
pub struct FoundSms {
    pub id: Uuid,
    pub message_key: String,
    pub link: String,
    pub sender: String,
    pub recipient: String,
    pub text: String,
    /// `open`, `sent`, `failed` or `unknown`; `delivered` or `undeliverable` once a receipt said so.
    pub state: String,
    pub attempts: u32,
    pub created_at: DateTime<Utc>,
    /// Time of its final state.
    pub finished_at: Option<DateTime<Utc>>,
    /// Time of the network's receipt.
    pub receipt_at: Option<DateTime<Utc>>,
    /// Identifier that the network gave it.
    pub remote_id: Option<String>,
    pub last_error: Option<String>,
}

columns!(
    in "outbox", FoundSms: id, message_key, link, sender, recipient, text, state, attempts, created_at, finished_at,
        receipt_at, remote_id, last_error
);

/// An order of staff.
#[derive(Debug, Clone)]
pub struct FoundOrder {
    pub id: Uuid,
    pub made_by: String,
    pub checked_by: Option<String>,
    /// Name of the reason.
    pub reason: String,
    pub note: String,
}

columns!(in "operator_actions", FoundOrder: id, made_by, checked_by, reason, note);

struct Id {
    id: Uuid,
}

columns!(in "requests", Id: id);

struct Remote {
    id: Uuid,
    message_key: String,
}

columns!(in "outbox", Remote: id, message_key);

fn keys(keys: &[String]) -> Keys<&str> {
    keys.iter().map(String::as_str).collect()
}

impl Store {
    /// Returns messages by their keys.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn found_messages(&self, wanted: &[String]) -> Result<Vec<FoundMessage>, StoreError> {
        rows!(self.reader(), FoundMessage, MESSAGES, [keys(wanted)])
    }

    /// Returns the SMS that messages or orders caused, by the keys of these.
    ///
    /// # Errors
    /// As [`Store::found_messages`].
    pub async fn sms_of_messages(&self, wanted: &[String]) -> Result<Vec<FoundSms>, StoreError> {
        rows!(self.reader(), FoundSms, SMS_OF, [keys(wanted)])
    }

    /// Returns SMS by their identifiers.
    ///
    /// # Errors
    /// As [`Store::found_messages`].
    pub async fn found_sms(&self, wanted: &[Uuid]) -> Result<Vec<FoundSms>, StoreError> {
        rows!(self.reader(), FoundSms, SMS, [Keys(wanted.to_vec())])
    }

    /// Returns identifier and message of the SMS to which the network of one of these links gave this identifier.
    ///
    /// # Errors
    /// As [`Store::found_messages`].
    pub async fn sms_by_remote_id(
        &self,
        links: &[String],
        remote_id: &str,
        most: u32,
    ) -> Result<Vec<(Uuid, String)>, StoreError> {
        let plain = remote_id.to_ascii_lowercase();
        let found = rows!(self.reader(), Remote, REMOTE, [keys(links), plain.trim_start_matches('0'), most])?;
        Ok(found.into_iter().map(|row| (row.id, row.message_key)).collect())
    }

    /// Returns transfers by their identifiers.
    ///
    /// # Errors
    /// As [`Store::found_messages`].
    pub async fn found_transfers(&self, wanted: &[Uuid]) -> Result<Vec<Transfer>, StoreError> {
        let found = rows!(self.reader(), TransferRow, TRANSFERS, [Keys(wanted.to_vec())])?;
        found.into_iter().map(Transfer::try_from).collect()
    }

    /// Returns the reversals of these transfers.
    ///
    /// # Errors
    /// As [`Store::found_messages`].
    pub async fn reversals_of(&self, reversed: &[Uuid]) -> Result<Vec<Transfer>, StoreError> {
        let found = rows!(self.reader(), TransferRow, REVERSALS, [Keys(reversed.to_vec())])?;
        found.into_iter().map(Transfer::try_from).collect()
    }

    /// Returns orders of staff by their identifiers.
    ///
    /// # Errors
    /// As [`Store::found_messages`].
    pub async fn found_orders(&self, wanted: &[Uuid]) -> Result<Vec<FoundOrder>, StoreError> {
        rows!(self.reader(), FoundOrder, ORDERS, [Keys(wanted.to_vec())])
    }

    /// Returns the transfers that carried out these requests the last time.
    ///
    /// # Errors
    /// As [`Store::found_messages`].
    pub async fn carried_out(&self, requests: &[Fingerprint]) -> Result<Vec<Uuid>, StoreError> {
        let prints: Keys<&[u8]> = requests.iter().map(|print| &print.0[..]).collect();
        let found = rows!(self.reader(), Id, CARRIED, [prints])?;
        Ok(found.into_iter().map(|row| row.id).collect())
    }
}
