//! Heads of days: a day that was rewritten is found, although everything else of the ledger was rewritten with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use mbush::domain::{Amount, Clock, Floor, Outcome};
use mbush::jobs::{DaySealer, Look};
use mbush::store::{Audit, DayHead, HeadKey, Store, Writes};
use rstest::rstest;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::store::harness::{Database, Kind, TopUp, decide, now};

const MARGIN: TimeDelta = TimeDelta::minutes(30);

fn key(of: u8) -> HeadKey {
    HeadKey::from_text(&format!("{of:064x}\n")).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// One top-up of the plan: on which day, the number, the amount.
#[derive(Clone)]
struct Planned {
    key: String,
    at: DateTime<Utc>,
    number: u64,
    euros: i64,
}

/// Twelve days from [`now`] on with three top-ups each, but none on the fifth.
fn planned() -> Vec<Planned> {
    let of_day = |day: i64| {
        (0..3).map(move |i| Planned {
            key: format!("ipko:{day}:{i}"),
            at: now() + TimeDelta::days(day) + TimeDelta::minutes(i * 90),
            number: 1 + i.unsigned_abs(),
            euros: 5 + i,
        })
    };
    (0..12).filter(|day| *day != 5).flat_map(of_day).collect()
}

/// Writes a sound ledger of these, with the same identifiers each time that it is written.
async fn write(store: &Store, planned: &[Planned]) {
    for one in planned {
        let top_up = TopUp::new(&one.key, one.number, one.at.timestamp().unsigned_abs());
        let mut batch = store.begin().await.unwrap();
        let loaded = batch.load(&top_up.wanted()).await.unwrap();
        let mut writes = Writes::default();
        decide(&mut writes, &loaded, &top_up);
        // The same identifier for the same key.
        let octets = one.key.bytes();
        let random: u128 = octets.fold(0, |all, octet| (all * 257 + u128::from(octet)) & ((1 << 60) - 1));
        let at_ms = u128::from(one.at.timestamp_millis().unsigned_abs());
        let id = Uuid::from_u128((at_ms << 80) | (7 << 76) | (2 << 62) | random);
        let amount = Amount::whole(one.euros.try_into().unwrap()).unwrap();
        let (transfer, account) = (&mut writes.transfers[0], &mut writes.accounts[0]);
        let change = amount.minor() - transfer.movement.amount.minor();
        account.balance_minor += change;
        transfer.credit_balance_minor = transfer.credit_balance_minor.map(|minor| minor + change);
        (transfer.id, transfer.movement.amount, transfer.at) = (id, amount, one.at);
        if let Outcome::Applied(applied) = &mut writes.inbox[0].outcome {
            (applied.transfer, applied.amount) = (id, amount);
        }
        (writes.requests[0].done.transfer, writes.requests[0].done.at) = (id, one.at);
        batch.write(&writes).await.unwrap();
        batch.commit().await.unwrap();
    }
}

async fn audit(store: &Store) -> Audit {
    store.audit(&mut |_| {}).await.unwrap()
}

async fn seal(store: &Store, days_later: i64) -> Vec<DayHead> {
    store.seal_days(&key(7), now() + TimeDelta::days(days_later), MARGIN).await.unwrap()
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn each_day_that_is_over_gets_one_signed_head_chained_to_the_day_before(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    assert!(seal(&store, 3).await.is_empty(), "nothing happened yet");
    write(&store, &planned()).await;

    // `now` is 17:20 in Prishtina on 22 November: its day is over, and the margin too, at 00:30.
    let midnight = "2026-11-22T23:00:00Z".parse::<DateTime<Utc>>().unwrap();
    let early = store.seal_days(&key(7), midnight + MARGIN - TimeDelta::seconds(1), MARGIN).await.unwrap();
    assert!(early.is_empty(), "{early:?}");
    let first = store.seal_days(&key(7), midnight + MARGIN, MARGIN).await.unwrap();
    assert_eq!(
        first.iter().map(|head| (head.day, head.transfers, head.sum_minor)).collect::<Vec<_>>(),
        [(day("2026-11-22"), 3, 1_800)]
    );
    assert_eq!(first[0].previous, [0; 32]);

    // Another node does the rest; days without a transfer have a head too.
    let other = database.open().await;
    let (one, two) = tokio::join!(seal(&store, 8), seal(&other, 8));
    let mut sealed = [first, one, two].concat();
    sealed.sort_by_key(|head| head.day);
    let days: Vec<String> = sealed.iter().map(|head| format!("{} {}", head.day, head.transfers)).collect();
    let expected = [
        "2026-11-22 3",
        "2026-11-23 3",
        "2026-11-24 3",
        "2026-11-25 3",
        "2026-11-26 3",
        "2026-11-27 0",
        "2026-11-28 3",
        "2026-11-29 3",
    ];
    assert_eq!(days, expected);
    for (before, after) in sealed.iter().zip(sealed.iter().skip(1)) {
        assert_eq!(after.previous, before.hash());
    }
    assert!(seal(&store, 8).await.is_empty(), "each is sealed once");
    let found = audit(&store).await;
    assert_eq!((found.offence, found.days.heads, found.days.unsealed), (None, 8, 12));
    assert_eq!(found.days.last.as_ref(), sealed.last());
    assert_eq!(found.days.signers.into_iter().collect::<Vec<_>>(), [(key(7).public(), day("2026-11-22"))]);
}

/// Heads of one database, put into the place of another's.
async fn copy_heads(kind: Kind, from: &Database, to: &Database) {
    const COLUMNS: &str = "day, transfers, sum_minor, content, previous, sealed_at, public_key, signature";
    type Row<At> = (String, i64, i64, Vec<u8>, Vec<u8>, At, Vec<u8>, Vec<u8>);
    let read = format!("SELECT {COLUMNS} FROM day_heads");
    let write = format!("INSERT INTO day_heads ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    macro_rules! copy {
        ($connection:ty, $at:ty) => {{
            let mut source = <$connection>::connect(&from.url).await.unwrap();
            let rows: Vec<Row<$at>> = sqlx::query_as(AssertSqlSafe(read)).fetch_all(&mut source).await.unwrap();
            let mut target = <$connection>::connect(&to.url).await.unwrap();
            for (day, transfers, sum, content, previous, at, public_key, signature) in rows {
                let row = sqlx::query(AssertSqlSafe(write.clone())).bind(day).bind(transfers).bind(sum).bind(content);
                let row = row.bind(previous).bind(at).bind(public_key).bind(signature);
                row.execute(&mut target).await.unwrap();
            }
        }};
    }
    match kind {
        Kind::Sqlite => copy!(SqliteConnection, i64),
        Kind::Postgres => copy!(PgConnection, DateTime<Utc>),
    }
}

type Forgery = (&'static str, fn(&mut Vec<Planned>), &'static str, &'static str);

/// What was done to the history, the day that is reported, and what is said of it.
const FORGERIES: [Forgery; 7] = [
    ("nothing", |_| {}, "", ""),
    ("a transfer removed", |all| drop(all.remove(4)), "2026-11-23", "3 transfers of 18.00 EUR, and there are 2"),
    (
        "an amount altered",
        |all| all[7].euros = 50,
        "2026-11-24",
        "sealed with 3 transfers of 18.00 EUR, and there are 3",
    ),
    ("a number altered", |all| all[7].number = 3, "2026-11-24", "not those that it was sealed with"),
    (
        "a transfer slipped in",
        |all| {
            let mut one = all[10].clone();
            one.key = "ipko:forged".into();
            one.at += TimeDelta::minutes(1);
            all.insert(11, one);
        },
        "2026-11-25",
        "3 transfers of 18.00 EUR, and there are 4",
    ),
    (
        "a transfer slipped into a day without any",
        |all| all.insert(15, Planned { key: "ipko:f".into(), at: now() + TimeDelta::days(5), number: 1, euros: 1 }),
        "2026-11-27",
        "0 transfers of 0.00 EUR, and there are 1",
    ),
    (
        "a transfer slipped in before the first day",
        |all| all.insert(0, Planned { key: "ipko:f".into(), at: now() - TimeDelta::days(5), number: 9, euros: 1 }),
        "2026-11-17",
        "before the first day that was sealed",
    ),
];

/// The whole ledger is written anew, with sound chains, balances and messages: only the heads of days know better.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_day_that_was_rewritten_is_found_although_all_chains_were_rebuilt(#[case] kind: Kind) {
    let Some(genuine) = Database::new(kind) else { return };
    let store = genuine.open().await;
    write(&store, &planned()).await;
    assert_eq!(seal(&store, 10).await.len(), 10);
    for (what, forge, day, problem) in FORGERIES {
        let database = Database::new(kind).unwrap();
        let forged = database.open().await;
        let mut history = planned();
        forge(&mut history);
        write(&forged, &history).await;
        assert_eq!(audit(&forged).await.offence, None, "{what}: sound in itself");
        copy_heads(kind, &genuine, &database).await;
        match audit(&forged).await.offence {
            None => assert_eq!(day, "", "{what}: is not found"),
            Some(offence) => {
                assert_eq!((offence.table, offence.row.as_str()), ("day_heads", day), "{what}: {offence}");
                assert!(offence.problem.contains(problem) && !problem.is_empty(), "{what}: {offence}");
            }
        }
    }
}

async fn execute(kind: Kind, database: &Database, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    let changed = match kind {
        Kind::Sqlite => {
            let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected()
        }
        Kind::Postgres => {
            let mut connection = PgConnection::connect(&database.url).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected()
        }
    };
    assert!(changed > 0, "nothing was planted");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_head_that_was_changed_removed_or_made_by_another_is_found(#[case] kind: Kind) {
    for (what, sql, day, problem) in [
        (
            "a count",
            "UPDATE day_heads SET transfers = 4 WHERE day = '2026-11-24'",
            "2026-11-24",
            "signature is not good",
        ),
        ("a head removed", "DELETE FROM day_heads WHERE day = '2026-11-24'", "2026-11-24", "2026-11-25 is"),
        ("the first removed", "DELETE FROM day_heads WHERE day = '2026-11-22'", "2026-11-23", "the chain is broken"),
        (
            "a signature of another day",
            "UPDATE day_heads SET signature = (SELECT signature FROM day_heads WHERE day = '2026-11-23') \
                WHERE day = '2026-11-24'",
            "2026-11-24",
            "signature is not good",
        ),
        ("a key of nothing", "UPDATE day_heads SET public_key = content", "2026-11-22", "signature is not good"),
        ("half a hash", "UPDATE day_heads SET content = substr(content, 1, 5)", "2026-11-22", "a shape that is never"),
        ("no day", "UPDATE day_heads SET day = 'today' WHERE day = '2026-11-24'", "2026-11-24", "2026-11-25 is"),
    ] {
        let Some(database) = Database::new(kind) else { return };
        let store = database.open().await;
        write(&store, &planned()).await;
        seal(&store, 10).await;
        execute(kind, &database, sql).await;
        let offence = audit(&store).await.offence.unwrap_or_else(|| panic!("{what}: is not found"));
        assert_eq!((offence.table, offence.row.as_str()), ("day_heads", day), "{what}: {offence}");
        assert!(offence.problem.contains(problem), "{what}: {offence}");
    }

    // The last days sealed anew with a key of one's own: who signed is told, and who is trusted is the auditor's to say.
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    write(&store, &planned()).await;
    seal(&store, 10).await;
    execute(kind, &database, "DELETE FROM day_heads WHERE day > '2026-11-26'").await;
    store.seal_days(&key(8), now() + TimeDelta::days(10), MARGIN).await.unwrap();
    let found = audit(&store).await;
    assert_eq!(found.offence, None);
    assert_eq!(found.days.signers.get(&key(8).public()), Some(&day("2026-11-27")));
}

/// Whoever takes heads out finds nobody who signs in their place what is there now.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_running_server_seals_one_day_at_a_time_and_never_again_what_was_sealed(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    write(&store, &planned()).await;
    let (days, floor) = (Arc::new(AtomicI64::new(1)), Floor::default());
    let turned = days.clone();
    let clock = Clock::new(move || now() + TimeDelta::days(turned.load(Ordering::Relaxed))).not_before(&floor);
    let sealer = || DaySealer::new(store.clone(), key(7), MARGIN, clock.clone(), floor.clone());
    let mut server = sealer();
    for (later, of) in [(1, "2026-11-22"), (2, "2026-11-23"), (3, "2026-11-24")] {
        days.store(later, Ordering::Relaxed);
        let Look::Sealed(heads) = server.look().await.unwrap() else { panic!("day {later} is not sealed") };
        assert_eq!(heads.iter().map(|head| head.day).collect::<Vec<_>>(), [day(of)]);
        assert_eq!(server.look().await.unwrap(), Look::Sealed(Vec::new()));
    }
    assert_eq!(audit(&store).await.days.late, []);

    // The clock is set back into a sealed day: what is decided now belongs to the first day after it.
    days.store(0, Ordering::Relaxed);
    assert_eq!(clock.now(), "2026-11-24T23:00:00Z".parse::<DateTime<Utc>>().unwrap());

    days.store(6, Ordering::Relaxed);
    assert_eq!(server.look().await.unwrap(), Look::Several(day("2026-11-25"), day("2026-11-27")), "nobody sealed");
    execute(kind, &database, "DELETE FROM day_heads WHERE day > '2026-11-22'").await;
    days.store(4, Ordering::Relaxed);
    assert_eq!(server.look().await.unwrap(), Look::Changed(day("2026-11-24")));
    let found = audit(&store).await;
    assert_eq!((found.offence, found.days.heads, found.days.first_unsealed), (None, 1, Some(day("2026-11-23"))));
    let mut restarted = sealer();
    assert_eq!(restarted.look().await.unwrap(), Look::Several(day("2026-11-23"), day("2026-11-25")));
    // By order, and the audit says that it was late.
    assert_eq!(restarted.seal().await.unwrap().len(), 3);
    let found = audit(&store).await;
    assert_eq!((found.offence, found.days.late), (None, vec![day("2026-11-23"), day("2026-11-24")]));

    execute(kind, &database, "UPDATE day_heads SET signature = content WHERE day = '2026-11-25'").await;
    days.store(5, Ordering::Relaxed);
    let refused = sealer().look().await.unwrap_err().to_string();
    assert!(refused.contains("signature of the last sealed day"), "{refused}");
}

/// A node's clock was set back by days: what it writes is in the ledger, and the audit says which sealed day it is in.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_transfer_that_comes_after_its_day_was_sealed_is_reported(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    write(&store, &planned()).await;
    seal(&store, 10).await;
    let late = Planned {
        key: "ipko:late".into(),
        at: now() + TimeDelta::days(3) + TimeDelta::seconds(7),
        number: 9,
        euros: 2,
    };
    write(&store, &[late]).await;
    let offence = audit(&store).await.offence.expect("it is found");
    assert_eq!((offence.table, offence.row.as_str()), ("day_heads", "2026-11-25"));
    assert_eq!(offence.problem, "sealed with 3 transfers of 18.00 EUR, and there are 4 of 20.00 EUR");
}

#[test]
fn a_key_is_read_as_it_was_made() {
    let (one, two) = (HeadKey::generate().unwrap(), HeadKey::generate().unwrap());
    assert_ne!(one, two);
    assert_eq!(HeadKey::from_text(&one).unwrap().public(), HeadKey::from_text(one.trim()).unwrap().public());
    for wrong in ["", "abc", &one[2..], "zz"] {
        assert!(HeadKey::from_text(wrong).is_err(), "{wrong}");
    }
    assert!(!format!("{:?}", key(7)).contains(&format!("{:064x}", 7)), "the secret is not shown");
}
