//! Rows forged by somebody who knows how they are hashed.

use mbush::domain::format_minor;
use rstest::rstest;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, number};

/// One top-up of the forged account.
struct Forged {
    id: Uuid,
    key: String,
    entry: i64,
    previous: [u8; 32],
    amount_minor: i64,
    balance_minor: i64,
}

const AT_US: i64 = 1_795_368_000_000_000;
const CREDIT: &str = "subscriber:38349000099";

impl Forged {
    /// As the first version hashed a row, which is found sound for ever.
    fn hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(b"mbush transfer 1");
        hasher.update(self.id.as_bytes());
        for text in ["top_up", "bank_clearing:nlb", CREDIT, &self.key] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        for number in [self.amount_minor, AT_US] {
            hasher.update(number.to_be_bytes());
        }
        hasher.update([0, 1]);
        hasher.update(self.entry.to_be_bytes());
        hasher.update(self.previous);
        hasher.update(self.balance_minor.to_be_bytes());
        hasher.finalize().into()
    }

    async fn write(&self, database: &Database, kind: Kind, prior: Option<Uuid>) {
        let (id, prior) = (shown(kind, self.id), prior.map_or_else(|| "NULL".to_owned(), |prior| shown(kind, prior)));
        let (previous, hash) = (octets(kind, &self.previous), octets(kind, &self.hash()));
        let Self { key, entry, amount_minor, balance_minor, .. } = self;
        let at = match kind {
            Kind::Sqlite => AT_US.to_string(),
            Kind::Postgres => format!("timestamptz 'epoch' + {AT_US} * interval '1 microsecond'"),
        };
        let inbox = format!(
            "INSERT INTO inbox SELECT '{key}', content, link, sender, short_code, body, received_at, bank, form, grammars,
                ending, outcome, reply, trace, {id} FROM inbox WHERE key = 'ipko:1'"
        );
        assert_eq!(execute(database, kind, &inbox).await, 1);
        let transfer = format!(
            "INSERT INTO transfers (id, kind, debit, credit, amount_minor, message_key, at, credit_entry, credit_previous,
                credit_balance_minor, credit_prior, hash)
            VALUES ({id}, 'top_up', 'bank_clearing:nlb', '{CREDIT}', {amount_minor}, '{key}', {at}, {entry}, {previous},
                {balance_minor}, {prior}, {hash})"
        );
        assert_eq!(execute(database, kind, &transfer).await, 1);
    }
}

fn octets(kind: Kind, octets: &[u8]) -> String {
    match kind {
        Kind::Sqlite => format!("x'{}'", hex::encode(octets)),
        Kind::Postgres => format!("decode('{}', 'hex')", hex::encode(octets)),
    }
}

fn shown(kind: Kind, id: Uuid) -> String {
    match kind {
        Kind::Sqlite => octets(kind, id.as_bytes()),
        Kind::Postgres => format!("'{id}'::uuid"),
    }
}

/// Two top-ups that run over the end of what a balance can be: each row is well hashed, the chain is whole, and each balance
/// follows from the one before it in 64 bits. Only that all accounts together hold less than came to them tells of it.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_balance_that_ran_over_its_end_is_found_by_the_sum_over_all_accounts(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    let id = |of: u128| Uuid::from_u128((0x019c_0000_0000_7000_8000 << 48) | of);
    let first = Forged {
        id: id(1),
        key: "ipko:forged1".into(),
        entry: 1,
        previous: [0; 32],
        amount_minor: i64::MAX,
        balance_minor: i64::MAX,
    };
    let second = Forged {
        id: id(2 << 8),
        key: "ipko:forged2".into(),
        entry: 2,
        previous: first.hash(),
        amount_minor: i64::MAX,
        balance_minor: i64::MAX.wrapping_add(i64::MAX),
    };
    assert_eq!(format_minor(second.balance_minor), "-0.02");
    first.write(&database, kind, None).await;
    second.write(&database, kind, Some(first.id)).await;
    let (head, last) = (octets(kind, &second.hash()), shown(kind, second.id));
    let account = format!(
        "INSERT INTO accounts (name, balance_minor, state, opened_at, version, entries, head, last_transfer)
        SELECT '{CREDIT}', -2, state, opened_at, 2, 2, {head}, {last} FROM accounts WHERE name = '{}'",
        number(1)
    );
    assert_eq!(execute(&database, kind, &account).await, 1);
    let found = store.audit(&mut |_| {}).await.unwrap();
    let offence = found.offence.expect("it is found");
    let moved = 500 + 2 * i128::from(i64::MAX);
    assert_eq!((offence.table, offence.row.as_str()), ("accounts", "(all)"));
    assert_eq!(offence.problem, format!("they hold 498 minor units where transfers brought {moved}"));
}
