//! The audit finds what was planted, and names the row.

use chrono::TimeDelta;
use mbush::domain::{ReasonCode, Receipt};
use mbush::store::{Audit, Progress, SealedDays, Stage, Store};
use rstest::rstest;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, now, number, transfer_of};
use crate::store::staff::{minor, staff, why};

/// Changes the database behind the program's back.
pub(crate) async fn execute(database: &Database, kind: Kind, sql: &str) -> u64 {
    // Twice the same but for how octets are written.
    let sql = match kind {
        Kind::Sqlite => sql.to_owned(),
        Kind::Postgres => sql.replace("zeroblob(32)", "decode(repeat('00', 32), 'hex')"),
    };
    let sql = sqlx::AssertSqlSafe(sql);
    match kind {
        Kind::Sqlite => {
            let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected()
        }
        Kind::Postgres => {
            let mut connection = PgConnection::connect(&database.url).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected()
        }
    }
}

async fn audit(store: &Store) -> Audit {
    store.audit(&mut |_| {}).await.unwrap()
}

/// Five accounts with three top-ups each, and a duplicate.
async fn filled(kind: Kind) -> Option<(Database, Store)> {
    let database = Database::new(kind)?;
    let store = database.open().await;
    fill(&store).await;
    Some((database, store))
}

pub(crate) async fn fill(store: &Store) {
    for round in 0..3 {
        let batch: Vec<TopUp> = (1..=5).map(|i| TopUp::new(&format!("ipko:{round}:{i}"), i, round * 10 + i)).collect();
        apply(store, &batch).await;
    }
    apply(store, &[TopUp::new("ipko:twice", 1, 1)]).await;
    staff_at_work(store).await;
}

/// A sixth account, with a reversal, an adjustment, and a hold of each end and a pending one.
async fn staff_at_work(store: &Store) {
    let top_ups = [TopUp::new("ipko:staff", 6, 600), TopUp::new("ipko:more", 6, 601)];
    let receipt = Receipt::of(transfer_of(&apply(store, &top_ups).await[0]));
    let (staff, account, until) = (staff(store), number(6), now() + TimeDelta::days(7));
    let why = why("Arta", ReasonCode::Disputed);
    staff.reverse(&receipt, &why).await.unwrap();
    let proposed = staff.propose(&account, 200, &why).await.unwrap();
    staff.approve(proposed.id, "Blerim").await.unwrap();
    let mut holds = Vec::new();
    for amount in [100, 50, 30] {
        holds.push(staff.place_hold(&account, minor(amount), until, &why).await.unwrap().action);
    }
    staff.post_hold(holds[0], Some(minor(60)), &why).await.unwrap();
    staff.void_hold(holds[2], &why).await.unwrap();
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_sound_ledger_is_found_sound_and_counted(#[case] kind: Kind) {
    let Some((_database, store)) = filled(kind).await else { return };
    let found = audit(&store).await;
    let days = SealedDays { unsealed: 20, first_unsealed: now().date_naive().into(), ..SealedDays::default() };
    let expected = Audit {
        transfers: 20,
        accounts: 6,
        messages: 17,
        holds: 3,
        actions: 7,
        requests: 17,
        balances_minor: 7_500 + 640,
        days,
        ..Audit::default()
    };
    assert_eq!(found, expected);
}

/// What is done behind the program's back, the table whose row is reported, and what is said of it.
const PLANTED: [(&str, &str, &str, &str); 64] = [
    (
        "an amount raised",
        "UPDATE transfers SET amount_minor = 50000 WHERE message_key = 'ipko:1:3'",
        "transfers",
        "was changed",
    ),
    (
        "a transfer turned to another",
        "UPDATE transfers SET credit = 'subscriber:38349000004', credit_entry = 4 WHERE message_key = \
            'ipko:2:3'",
        "transfers",
        "was changed",
    ),
    (
        "a transfer of another bank",
        "UPDATE transfers SET debit = 'bank_clearing:other' WHERE message_key = 'ipko:1:3'",
        "transfers",
        "was changed",
    ),
    (
        "a transfer of another day",
        "UPDATE transfers SET at = (SELECT valid_until FROM accounts WHERE name = 'subscriber:38349000003') \
            WHERE message_key = 'ipko:1:3'",
        "transfers",
        "was changed",
    ),
    (
        "a balance after it",
        "UPDATE transfers SET credit_balance_minor = 2000 WHERE message_key = 'ipko:1:3'",
        "transfers",
        "was changed",
    ),
    (
        "half an entry",
        "UPDATE transfers SET credit_balance_minor = NULL WHERE message_key = 'ipko:1:3'",
        "transfers",
        "do not belong together",
    ),
    ("a hash", "UPDATE transfers SET hash = zeroblob(32) WHERE message_key = 'ipko:1:3'", "transfers", "was changed"),
    (
        "a balance",
        "UPDATE accounts SET balance_minor = balance_minor + 1 WHERE name = 'subscriber:38349000003'",
        "accounts",
        "1501 minor units where its entries give 1500",
    ),
    (
        "a head",
        "UPDATE accounts SET head = zeroblob(32) WHERE name = 'subscriber:38349000003'",
        "accounts",
        "its head is not",
    ),
    (
        "a count",
        "UPDATE accounts SET entries = 2 WHERE name = 'subscriber:38349000003'",
        "accounts",
        "2 entries where it has 3",
    ),
    (
        "an account without entries",
        "INSERT INTO accounts SELECT 'subscriber:38349000009', 700, state, valid_until, language, opened_at, \
            1, 0, zeroblob(32), 0, NULL FROM accounts WHERE name = 'subscriber:38349000003'",
        "accounts",
        "700 minor units where its entries give 0",
    ),
    (
        "an account removed",
        "DELETE FROM accounts WHERE name = 'subscriber:38349000003'",
        "transfers",
        "there is no account subscriber:38349000003",
    ),
    (
        "the last account removed",
        "DELETE FROM accounts WHERE name = 'subscriber:38349000005'",
        "transfers",
        "there is no account subscriber:38349000005",
    ),
    (
        "a transfer removed",
        "DELETE FROM transfers WHERE message_key = 'ipko:1:3'",
        "transfers",
        "the transfer before it is not there",
    ),
    (
        "an account put back to before its last transfer",
        "UPDATE accounts SET balance_minor = 1000, entries = 2, \
            head = (SELECT hash FROM transfers WHERE message_key = 'ipko:1:3'), \
            last_transfer = (SELECT id FROM transfers WHERE message_key = 'ipko:1:3') \
            WHERE name = 'subscriber:38349000003'",
        "transfers",
        "it is not in the account's chain",
    ),
    (
        "a last transfer that is not the last",
        "UPDATE accounts SET last_transfer = (SELECT id FROM transfers WHERE message_key = 'ipko:1:3') \
            WHERE name = 'subscriber:38349000003'",
        "accounts",
        "3 entries where it has 2",
    ),
    (
        "a way back that ends early",
        "UPDATE transfers SET credit_prior = NULL WHERE message_key = 'ipko:1:3'",
        "transfers",
        "number 2 after 0",
    ),
    (
        "a way back to another account",
        "UPDATE transfers SET credit_prior = (SELECT id FROM transfers WHERE message_key = 'ipko:0:4') \
            WHERE message_key = 'ipko:1:3'",
        "transfers",
        "the transfer before it is not there",
    ),
    (
        "the last transfer removed",
        "DELETE FROM transfers WHERE message_key = 'ipko:2:5'",
        "accounts",
        "its last transfer is not there",
    ),
    ("a message removed", "DELETE FROM inbox WHERE key = 'ipko:1:3'", "transfers", "there is no message ipko:1:3"),
    (
        "a message that was refused",
        "UPDATE inbox SET ending = 'refused', transfer = NULL WHERE key = 'ipko:1:3'",
        "transfers",
        "its message ipko:1:3 is refused",
    ),
    (
        "a message of another",
        "UPDATE inbox SET transfer = (SELECT id FROM transfers WHERE message_key = 'ipko:1:4') WHERE key = \
            'ipko:1:3'",
        "transfers",
        "names another transfer",
    ),
    (
        "a message without a transfer",
        "INSERT INTO inbox SELECT 'ipko:planted', content, link, sender, short_code, body, received_at, bank, \
            form, grammars, ending, outcome, reply, trace, (SELECT id FROM transfers WHERE message_key = \
            'ipko:1:4') FROM inbox WHERE key = 'ipko:1:3'",
        "inbox",
        "another message's",
    ),
    (
        "a reversal of another transfer",
        "UPDATE transfers SET reverses = (SELECT id FROM transfers WHERE message_key = 'ipko:1:3') WHERE kind = 'reversal'",
        "transfers",
        "was changed",
    ),
    (
        "what was reversed is removed",
        "DELETE FROM transfers WHERE message_key = 'ipko:staff'",
        "transfers",
        "that it takes back is not there",
    ),
    ("an action removed", "DELETE FROM operator_actions WHERE kind = 'reversal'", "transfers", "there is no action"),
    (
        "an action turned down",
        "UPDATE operator_actions SET state = 'rejected' WHERE kind = 'adjustment'",
        "transfers",
        "is rejected",
    ),
    (
        "an action of another transfer",
        "UPDATE operator_actions SET transfer = (SELECT id FROM transfers WHERE kind = 'adjustment') \
            WHERE kind = 'reversal'",
        "transfers",
        "names another transfer",
    ),
    (
        "an action without a transfer of its own",
        "INSERT INTO operator_actions SELECT (SELECT id FROM transfers WHERE message_key = 'ipko:1:3'), kind, state, \
            account, amount_minor, reason, note, made_by, made_at, checked_by, checked_at, subject, transfer, card \
            FROM operator_actions WHERE kind = 'reversal'",
        "operator_actions",
        "another action's",
    ),
    (
        "a pending hold raised",
        "UPDATE holds SET amount_minor = 60 WHERE state = 'pending'",
        "accounts",
        "50 minor units held where its pending holds keep 60",
    ),
    (
        "what an account holds",
        "UPDATE accounts SET held_minor = 0 WHERE name = 'subscriber:38349000006'",
        "accounts",
        "0 minor units held",
    ),
    (
        "a hold that was taken is removed",
        "DELETE FROM holds WHERE state = 'posted'",
        "transfers",
        "hold that it captures is not there",
    ),
    (
        "what was taken of a hold",
        "UPDATE holds SET posted_minor = 59 WHERE state = 'posted'",
        "transfers",
        "says another amount",
    ),
    (
        "a hold of another transfer",
        "UPDATE holds SET transfer = (SELECT id FROM transfers WHERE kind = 'adjustment') WHERE state = 'posted'",
        "transfers",
        "names another transfer",
    ),
    (
        "a hold that was never taken",
        "UPDATE holds SET state = 'posted', posted_minor = 30, transfer = (SELECT id FROM transfers WHERE \
            kind = 'adjustment') WHERE state = 'voided'",
        "holds",
        "captures no hold",
    ),
    (
        "a hold that was let go is removed",
        "DELETE FROM holds WHERE state = 'voided'",
        "operator_actions",
        "the hold that it is about is not there",
    ),
    (
        "validity for nothing",
        "UPDATE accounts SET valid_until = opened_at WHERE name = 'subscriber:38349000003'",
        "accounts",
        "its end of validity",
    ),
    (
        "an order of another amount",
        "UPDATE operator_actions SET amount_minor = 20000 WHERE kind = 'adjustment'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "an order for another account",
        "UPDATE operator_actions SET account = 'subscriber:38349000003' WHERE kind = 'adjustment'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "an adjustment that nobody had to check",
        "UPDATE operator_actions SET kind = 'reversal', checked_by = NULL, checked_at = NULL WHERE kind = 'adjustment'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another sender of a message",
        "UPDATE inbox SET sender = '38349999999' WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another body of a message",
        "UPDATE inbox SET body = '{\"text\":\"50\"}' WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another short_code of a message",
        "UPDATE inbox SET short_code = '50333' WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another link of a message",
        "UPDATE inbox SET link = 'vala' WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another content of a message",
        "UPDATE inbox SET content = zeroblob(32) WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another bank of a message",
        "UPDATE inbox SET bank = 'other' WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another form of a message",
        "UPDATE inbox SET form = 'other' WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another grammars of a message",
        "UPDATE inbox SET grammars = 'other' WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another outcome of a message",
        "UPDATE inbox SET outcome = replace(outcome, '500', '900') WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another reply of a message",
        "UPDATE inbox SET reply = 'Mbushja nuk u krye' WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another trace of a message",
        "UPDATE inbox SET trace = 'x' WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another received_at of a message",
        "UPDATE inbox SET received_at = (SELECT valid_until FROM accounts WHERE name = 'subscriber:38349000003') WHERE key = 'ipko:1:3'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another made_by of an action",
        "UPDATE operator_actions SET made_by = 'Drita' WHERE kind = 'reversal'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another reason of an action",
        "UPDATE operator_actions SET reason = 'fraud' WHERE kind = 'reversal'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another note of an action",
        "UPDATE operator_actions SET note = 'because' WHERE kind = 'adjustment'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another checked_by of an action",
        "UPDATE operator_actions SET checked_by = 'Drita' WHERE kind = 'adjustment'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another made_at of an action",
        "UPDATE operator_actions SET made_at = (SELECT valid_until FROM accounts WHERE name = 'subscriber:38349000003') WHERE kind = 'adjustment'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "another subject of an action",
        "UPDATE operator_actions SET subject = transfer WHERE kind = 'reversal'",
        "transfers",
        "or that of its message or action",
    ),
    (
        "a request forgotten",
        "DELETE FROM requests WHERE transfer = (SELECT id FROM transfers WHERE message_key = 'ipko:1:3')",
        "requests",
        "would be carried out again",
    ),
    (
        "a request turned to another",
        "UPDATE requests SET fingerprint = (SELECT content FROM inbox WHERE key = 'ipko:1:3') WHERE transfer = (SELECT id FROM transfers WHERE message_key = 'ipko:1:3')",
        "requests",
        "would be carried out again",
    ),
    (
        "a request of long ago",
        "UPDATE requests SET at = (SELECT valid_until FROM accounts WHERE name = 'subscriber:38349000003') WHERE transfer = (SELECT id FROM transfers WHERE message_key = 'ipko:1:3')",
        "requests",
        "its time differs",
    ),
    (
        "a request of another transfer",
        "UPDATE requests SET transfer = (SELECT id FROM transfers WHERE message_key = 'ipko:1:4') WHERE transfer = (SELECT id FROM transfers WHERE message_key = 'ipko:1:3')",
        "requests",
        "did not carry it out",
    ),
    (
        "a request of no transfer",
        "UPDATE requests SET transfer = (SELECT id FROM operator_actions WHERE kind = 'reversal') WHERE transfer = (SELECT id FROM transfers WHERE message_key = 'ipko:1:3')",
        "requests",
        "did not carry it out",
    ),
    (
        "a transfer that carried out nothing",
        "UPDATE transfers SET requests = NULL WHERE message_key = 'ipko:1:3'",
        "transfers",
        "was changed",
    ),
];

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_was_planted_is_found(#[case] kind: Kind) {
    let Some((database, store)) = filled(kind).await else { return };
    for (what, sql, table, problem) in PLANTED {
        for all in ["inbox", "accounts", "transfers", "requests", "outbox", "holds", "operator_actions"] {
            execute(&database, kind, &format!("DELETE FROM {all}")).await;
        }
        fill(&store).await;
        assert_eq!(audit(&store).await.offence, None);
        assert_eq!(execute(&database, kind, sql).await, 1, "{what}: one row is changed");
        let offence = audit(&store).await.offence.unwrap_or_else(|| panic!("{what}: is not found"));
        assert!(offence.table == table && offence.problem.contains(problem), "{what}: {offence}");
        let line = offence.to_string();
        assert!(line.starts_with(table) && line.contains(&offence.row) && !offence.row.is_empty(), "{what}: {line}");
    }
}

/// Without them each of these would be carried out again.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn requests_that_were_all_forgotten_are_missed(#[case] kind: Kind) {
    let Some((database, store)) = filled(kind).await else { return };
    assert_eq!(execute(&database, kind, "DELETE FROM requests").await, 17);
    let offence = audit(&store).await.offence.expect("it is found");
    assert!(offence.table == "requests" && offence.problem.contains("would be carried out again"), "{offence}");
}

/// What a person at a phone writes may hold a character that PostgreSQL does not keep.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_message_is_hashed_as_it_is_stored(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let mut top_up = TopUp::new("ipko:1", 1, 1);
    (top_up.message.from, top_up.message.to) = ("38349\0".into(), "5000\0".into());
    top_up.message.body = mbush::domain::Body::Text("5\0".into());
    apply(&store, &[top_up]).await;
    let found = audit(&store).await;
    assert_eq!((found.offence, found.transfers, found.without_cause), (None, 1, 0));
}

/// Every table has a line that says what is proven of it, and no line is about a table that is not there.
#[tokio::test]
async fn the_page_says_of_each_table_what_is_proven() {
    let database = Database::new(Kind::Sqlite).unwrap();
    database.open().await.close().await;
    let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_sqlx_*' ORDER BY name";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    let page = std::fs::read_to_string("docs/ledger.md").unwrap();
    let behind = page.split_once("| table | the audit proves | it does not prove |").expect("the page has the table").1;
    let rows = behind.lines().skip(2).take_while(|line| line.starts_with("| `"));
    let mut told: Vec<&str> = rows.filter_map(|line| line.split('`').nth(1)).collect();
    told.sort_unstable();
    assert_eq!(told, tables);
}

/// Whoever may write the database and knows the hash can forge a row, but then has to forge all rows after it, too.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_transfer_slipped_in_between_breaks_the_chain(#[case] kind: Kind) {
    let Some((database, store)) = filled(kind).await else { return };
    // A whole, soundly hashed history of the same number from another ledger, in place of this one's second entry.
    let other = Database::new(kind).unwrap();
    let elsewhere = other.open().await;
    apply(&elsewhere, &[TopUp::new("ipko:other", 3, 1)]).await;
    let outcome = apply(&elsewhere, &[TopUp::new("ipko:1:3", 3, 13)]).await;
    assert_sound(&elsewhere).await;
    let forged = transfer_of(&outcome[0]);
    copy_transfer(&database, &other, kind, forged).await;
    let after = store.statement(&number(3), 1).await.unwrap()[0].id;
    let offence = audit(&store).await.offence.expect("it is found");
    assert_eq!((offence.table, offence.row), ("transfers", after.to_string()));
    assert!(offence.problem.contains("the chain is broken before it"), "{}", offence.problem);
}

type Columns = (Vec<u8>, Vec<u8>, Vec<u8>, String);

/// Puts the identifier and hashes of a transfer of `from` into the transfer of the same message of `to`, and its ending into
/// that message.
async fn copy_transfer(to: &Database, from: &Database, kind: Kind, id: uuid::Uuid) {
    let read = "SELECT id, credit_previous, hash, outcome FROM transfers, inbox
        WHERE message_key = 'ipko:1:3' AND key = message_key";
    let request =
        "UPDATE requests SET transfer = $1 WHERE transfer = (SELECT transfer FROM inbox WHERE key = 'ipko:1:3')";
    let write = "UPDATE transfers SET id = $1, credit_previous = $2, hash = $3 WHERE message_key = 'ipko:1:3'";
    let name = "UPDATE inbox SET transfer = $1, outcome = $2 WHERE key = 'ipko:1:3'";
    let way = "UPDATE transfers SET credit_prior = $1 WHERE message_key = 'ipko:2:3'";
    match kind {
        Kind::Sqlite => {
            let mut source = SqliteConnection::connect(&from.url).await.unwrap();
            let (key, previous, hash, outcome): Columns = sqlx::query_as(read).fetch_one(&mut source).await.unwrap();
            let mut target = SqliteConnection::connect(&to.url).await.unwrap();
            sqlx::query(request).bind(&key).execute(&mut target).await.unwrap();
            let statement = sqlx::query(write).bind(&key).bind(previous).bind(hash);
            assert_eq!(statement.execute(&mut target).await.unwrap().rows_affected(), 1);
            sqlx::query(name).bind(&key).bind(outcome).execute(&mut target).await.unwrap();
            sqlx::query(way).bind(key).execute(&mut target).await.unwrap();
        }
        Kind::Postgres => {
            let read = read.replace("SELECT id", "SELECT uuid_send(id)");
            let read = sqlx::AssertSqlSafe(read);
            let mut source = PgConnection::connect(&from.url).await.unwrap();
            let (_, previous, hash, outcome): Columns = sqlx::query_as(read).fetch_one(&mut source).await.unwrap();
            let mut target = PgConnection::connect(&to.url).await.unwrap();
            sqlx::query(request).bind(id).execute(&mut target).await.unwrap();
            let statement = sqlx::query(write).bind(id).bind(previous).bind(hash);
            assert_eq!(statement.execute(&mut target).await.unwrap().rows_affected(), 1);
            sqlx::query(name).bind(id).bind(outcome).execute(&mut target).await.unwrap();
            sqlx::query(way).bind(id).execute(&mut target).await.unwrap();
        }
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_in_use_is_audited_page_by_page_as_of_one_instant(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    // More accounts than one page holds, and chains of different lengths.
    for round in 0..12 {
        let batch: Vec<TopUp> = (0..500)
            .map(|i| TopUp::new(&format!("{round}:{i}"), (i + round * 400) % 2_600, round * 1_000 + i))
            .collect();
        apply(&store, &batch).await;
    }
    let writing = tokio::spawn({
        let store = store.clone();
        async move {
            for round in 0..50 {
                apply(&store, &[TopUp::new(&format!("late:{round}"), round, 90_000 + round)]).await;
            }
        }
    });
    let mut seen: Vec<Progress> = Vec::new();
    let found = store.audit(&mut |progress| seen.push(progress)).await.unwrap();
    writing.await.unwrap();
    assert_eq!(found.offence, None);
    assert!((6_000..=6_050).contains(&found.transfers) && found.messages == found.transfers, "{found:?}");
    assert_eq!(found.balances_minor, i128::from(found.transfers) * 500);
    for stage in [Stage::Transfers, Stage::Accounts, Stage::Messages] {
        let steps: Vec<&Progress> = seen.iter().filter(|progress| progress.stage == stage).collect();
        assert!(!steps.is_empty() && steps.is_sorted_by_key(|progress| progress.done), "{stage:?}");
        assert!(steps.iter().all(|progress| progress.done <= progress.total), "{stage:?}");
    }
    assert_sound(&store).await;
}
