//! The floor on PostgreSQL: tokio-postgres, one prepared array statement a table.

use tokio_postgres::{Client, Statement};

use crate::server;
use crate::tables::{HASH, Tables};

const INBOX: &str =
    "INSERT INTO inbox (key, content, link, sender, short_code, body, received_at, bank, form, grammars,
        ending, outcome, reply, transfer)
    SELECT * FROM UNNEST($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
        $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::uuid[])";
const ACCOUNTS: &str =
    "INSERT INTO accounts (name, balance_minor, state, valid_until, opened_at, version, entries, head,
        last_transfer)
    SELECT name, balance, 'active', until, until, entries, entries, $5, $6::uuid
    FROM UNNEST($1::text[], $2::bigint[], $3::timestamptz[], $4::bigint[]) AS row (name, balance, until, entries)
    ON CONFLICT (name) DO UPDATE SET balance_minor = excluded.balance_minor, state = excluded.state,
        valid_until = excluded.valid_until, version = excluded.version, entries = excluded.entries,
        head = excluded.head, last_transfer = excluded.last_transfer";
const TRANSFERS: &str = "INSERT INTO transfers (id, kind, debit, credit, amount_minor, message_key, at, credit_entry,
        credit_balance_minor, valid_before, valid_after, credit_previous, hash, credit_prior)
    SELECT id, 'top_up', debit, credit, amount, key, at, entry, balance, at, at, $9, $9, id
    FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[], $7::bigint[],
        $8::bigint[]) AS row (id, debit, credit, amount, key, at, entry, balance)";
const REQUESTS: &str = "INSERT INTO requests (fingerprint, transfer, at, times)
    SELECT fingerprint, transfer, now(), 1 FROM UNNEST($1::bytea[], $2::uuid[]) AS row (fingerprint, transfer)";
const OUTBOX: &str = "INSERT INTO outbox (id, message_key, link, sender, recipient, text, state, attempts, created_at,
        due_at)
    SELECT id, key, link, sender, recipient, text, 'open', 0, at, at
    FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
        AS row (id, key, link, sender, recipient, text, at)";

/// A connection with its prepared statements.
pub(crate) struct Bare {
    client: Client,
    statements: [Statement; 5],
}

/// One column.
macro_rules! column {
    ($rows:expr, $row:pat => $value:expr) => {
        &$rows.iter().map(|$row| $value).collect::<Vec<_>>()
    };
}

impl Bare {
    pub(crate) async fn connect(url: &str) -> Self {
        let client = server::connect(url).await;
        let mut statements = Vec::new();
        for sql in [INBOX, ACCOUNTS, TRANSFERS, REQUESTS, OUTBOX] {
            statements.push(client.prepare(sql).await.unwrap());
        }
        let Ok(statements) = statements.try_into() else { unreachable!("five were prepared") };
        Self { client, statements }
    }

    pub(crate) async fn postmaster(&self) -> u32 {
        server::postmaster(&self.client).await
    }

    pub(crate) async fn write_all(&self, batches: &[Tables]) {
        for tables in batches {
            self.write(tables).await.unwrap();
        }
    }

    /// One transaction.
    async fn write(&self, tables: &Tables) -> Result<(), tokio_postgres::Error> {
        let [inbox, accounts, transfers, requests, outbox] = &self.statements;
        self.client.batch_execute("BEGIN").await?;
        let rows = &tables.inbox;
        let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 14] = [
            column!(rows, row => row.row.message.key.as_str()),
            column!(rows, row => &row.content[..]),
            column!(rows, row => row.row.message.link.as_str()),
            column!(rows, row => row.row.message.from.as_str()),
            column!(rows, row => row.row.message.to.as_str()),
            column!(rows, row => row.body.as_str()),
            column!(rows, row => row.row.message.received_at),
            column!(rows, row => row.row.bank.as_deref()),
            column!(rows, row => row.row.form.as_deref()),
            column!(rows, row => row.row.grammars.as_str()),
            column!(rows, row => row.row.outcome.kind()),
            column!(rows, row => row.outcome.as_str()),
            column!(rows, row => row.row.reply.as_deref()),
            column!(rows, row => row.transfer),
        ];
        self.client.execute(inbox, &columns).await?;
        let rows = &tables.accounts;
        let (names, balances) = (column!(rows, row => row.0.as_str()), column!(rows, row => row.1));
        let (untils, entries) = (column!(rows, row => row.2), column!(rows, row => row.3));
        self.client.execute(accounts, &[names, balances, untils, entries, &&HASH[..], &uuid::Uuid::max()]).await?;
        self.transfers(transfers, tables).await?;
        let (prints, ids) = (column!(tables.requests, row => &row.0[..]), column!(tables.requests, row => row.1));
        self.client.execute(requests, &[prints, ids]).await?;
        self.outbox(outbox, tables).await?;
        self.client.batch_execute("COMMIT").await
    }

    async fn transfers(&self, statement: &Statement, tables: &Tables) -> Result<(), tokio_postgres::Error> {
        let rows = &tables.transfers;
        let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 9] = [
            column!(rows, row => row.transfer.id),
            column!(rows, row => row.debit.as_str()),
            column!(rows, row => row.credit.as_str()),
            column!(rows, row => row.transfer.movement.amount.minor()),
            column!(rows, row => row.transfer.cause.message()),
            column!(rows, row => row.transfer.at),
            column!(rows, row => row.entry),
            column!(rows, row => row.transfer.credit_balance_minor),
            &&HASH[..],
        ];
        self.client.execute(statement, &columns).await.map(drop)
    }

    async fn outbox(&self, statement: &Statement, tables: &Tables) -> Result<(), tokio_postgres::Error> {
        let rows = &tables.outbox;
        let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 7] = [
            column!(rows, sms => sms.id),
            column!(rows, sms => sms.message_key.as_str()),
            column!(rows, sms => sms.link.as_str()),
            column!(rows, sms => sms.from.as_str()),
            column!(rows, sms => sms.to.as_str()),
            column!(rows, sms => sms.text.as_str()),
            column!(rows, sms => sms.created_at),
        ];
        self.client.execute(statement, &columns).await.map(drop)
    }
}
