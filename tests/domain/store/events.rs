//! The audit of the life of numbers.

use mbush::config::Config;
use mbush::jobs::staff::{Action, Order, act};
use rstest::rstest;

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, now, number};

/// What is done behind the program's back, the table whose row is reported, and what is said of it.
const PLANTED: [(&str, &str, &str); 6] = [
    (
        "DELETE FROM account_events WHERE number = 1 AND account = 'subscriber:38349000001'",
        "account_events",
        "there is no change 1 before it",
    ),
    (
        "UPDATE account_events SET from_state = 'suspended' WHERE number = 1 AND account = 'subscriber:38349000001'",
        "account_events",
        "it begins as suspended where the account was active",
    ),
    (
        "UPDATE account_events SET to_state = 'receive_only' WHERE number = 1 AND account = 'subscriber:38349000001'",
        "account_events",
        "it begins as suspended where the account was receive_only",
    ),
    (
        "UPDATE account_events SET account = 'subscriber:38349000003' WHERE account = 'subscriber:38349000002'",
        "account_events",
        "there is no such account",
    ),
    ("UPDATE accounts SET state = 'suspended' WHERE name = 'subscriber:38349000001'", "accounts", "it is suspended"),
    ("UPDATE accounts SET state = 'active' WHERE name = 'subscriber:38349000002'", "accounts", "it is active"),
];

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_state_that_no_record_explains_is_found(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let (store, rules) = (database.open().await, Config::default().rules);
    for (sql, table, problem) in PLANTED {
        for all in ["inbox", "accounts", "transfers", "requests", "outbox", "account_events"] {
            execute(&database, kind, &format!("DELETE FROM {all}")).await;
        }
        apply(&store, &[TopUp::new("ipko:1", 1, 1), TopUp::new("ipko:2", 2, 2)]).await;
        for (of, action) in [(1, Action::Suspend), (1, Action::Reactivate { days: 0 }), (2, Action::Suspend)] {
            let order = Order { action, by: "Arta", reason: "lost phone", now: now() };
            act(&store, &rules.validity, &number(of), order).await.unwrap();
        }
        assert_sound(&store).await;
        assert_eq!(execute(&database, kind, sql).await, 1, "{sql}: one row is changed");
        let offence = store.audit(&mut |_| {}).await.unwrap().offence.unwrap_or_else(|| panic!("{sql}: is not found"));
        assert!(offence.table == table && offence.problem.contains(problem), "{sql}: {offence}");
    }
}
