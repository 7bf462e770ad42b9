//! Words of a newer version in the tables, as in a rolling upgrade: lists, statements and accounts show them, and orders that
//! would rest on them are refused.

use chrono::TimeDelta;
use mbush::domain::{AccountKey, ActionState, Body, Clock, ReasonCode, Receipt, Service, Stored};
use mbush::jobs::UsageSweeper;
use mbush::processor::{NotAccepted, NotDone};
use mbush::store::{Enrolment, Store, Used};
use rstest::rstest;
use tokio_util::sync::CancellationToken;

use crate::node::Node;
use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, msisdn, now, number};
use crate::store::staff::{minor, staff, staff_at, why};

/// Rewrites rows as a newer version would have written them, whose words this one does not know.
async fn with_newer_words(database: &Database, kind: Kind) {
    for change in [
        "UPDATE inbox SET outcome = replace(outcome, '\"unreadable\"', '\"tariff_unknown\"') WHERE key = 'ipko:refused'",
        "UPDATE inbox SET outcome = replace(outcome, '\"kind\":\"top_up\"', '\"kind\":\"loan\"') WHERE key = 'ipko:done'",
        "UPDATE transfers SET kind = 'loan', debit = 'lender:agim', reason = 'overdrawn' WHERE message_key = 'ipko:done'",
        "UPDATE inbox SET body = '{\"picture\":{\"of\":\"a slip\"}}' WHERE key = 'ipko:refused'",
    ] {
        assert_eq!(execute(database, kind, change).await, 1, "{change}");
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn words_of_a_newer_version_are_replayed_and_shown_as_they_are(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let node = Node::start_with(|config| config.store.url.clone_from(&database.url)).await;
    let (payer, key) = ("38349111222", AccountKey::subscriber("38349123456".parse().unwrap()));
    let refused = node.text("refused", payer, "50005", "what is this").await.unwrap();
    let done = node.text("done", payer, "50005", "049123456 5").await.unwrap();
    assert_eq!((refused.outcome.reason(), done.outcome.kind()), (Some("unreadable"), "applied"));
    let receipt = Receipt::of(done.outcome.transfer().unwrap());
    with_newer_words(&database, kind).await;

    let again = node.text("refused", payer, "50005", "what is this").await.unwrap();
    assert_eq!((again.replayed, &again.reply, again.at), (true, &refused.reply, refused.at));
    assert_eq!((again.outcome.kind(), again.outcome.reason()), ("quarantined", Some("tariff_unknown")));
    let again = node.text("done", payer, "50005", "049123456 5").await.unwrap();
    assert_eq!((again.replayed, &again.reply), (true, &done.reply));
    assert_eq!((again.outcome.kind(), again.outcome.transfer()), ("applied", done.outcome.transfer()));
    let waiting = node.store.quarantine(9).await.unwrap();
    assert_eq!(waiting.iter().map(|item| item.outcome.reason()).collect::<Vec<_>>(), [Some("tariff_unknown")]);
    let Body::Newer(body) = &waiting[0].message.body else { panic!("{waiting:?}") };
    assert_eq!(serde_json::to_string(body).unwrap(), r#"{"picture":{"of":"a slip"}}"#);
    let ordered = node.store.ordered(&["ipko:done"], "ipko:none").await.unwrap();
    assert_eq!(ordered.order.unwrap().outcome.transfer(), done.outcome.transfer());
    let lines = node.store.statement(&key, 9).await.unwrap();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    let words = format!("{} {} {}", line.kind, line.other, line.reason.as_ref().unwrap());
    assert_eq!(words, "loan lender:agim overdrawn");
    assert_eq!((line.minor, line.balance_minor), (500, 500));

    // A decision cannot rest on it.
    let reversed = staff(&node.store).reverse(&receipt, &why("Arta", ReasonCode::WrongNumber)).await;
    let refused = reversed.unwrap_err().to_string();
    assert!(refused.contains("a newer version of mbush") && refused.contains("upgrade this program"), "{refused}");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_damaged_account_refuses_its_own_messages_only(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let node = Node::start_with(|config| config.store.url.clone_from(&database.url)).await;
    node.text("opened", "38349111222", "50005", "049123456 5").await.unwrap();
    let damaged = "UPDATE accounts SET head = substr(head, 2) WHERE name = 'subscriber:38349123456'";
    assert_eq!(execute(&database, kind, damaged).await, 1);
    let answers = futures_util::future::join_all((0..8).map(|index| {
        let text = if index == 3 { "049123456 1".to_owned() } else { format!("04912345{index} 1") };
        let (node, payer) = (&node, format!("3834911122{index}"));
        async move { node.text(&format!("{index}"), &payer, "50005", &text).await }
    }))
    .await;
    for (index, answer) in answers.iter().enumerate() {
        // The fourth, and the seventh, whose number is the same.
        let expected = if [3, 6].contains(&index) { Err(&NotAccepted::Store) } else { Ok(()) };
        assert_eq!(answer.as_ref().map(|_| ()), expected, "message {index}");
    }
}

/// The error of an order that is refused for a word.
#[track_caller]
fn refused<T: std::fmt::Debug>(order: Result<T, NotDone>, word: &str) {
    let refused = order.unwrap_err().to_string();
    for part in [word, "a newer version of mbush", "upgrade this program"] {
        assert!(refused.contains(part), "{refused}");
    }
    assert!(!refused.contains("damaged"), "{refused}");
}

/// A database with two top-ups of 5.00 EUR for one number.
async fn topped_up(kind: Kind) -> Option<(Database, Store)> {
    let database = Database::new(kind)?;
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1), TopUp::new("ipko:2", 1, 2)]).await;
    Some((database, store))
}

async fn change(database: &Database, kind: Kind, sql: &str, rows: u64) {
    assert_eq!(execute(database, kind, sql).await, rows, "{sql}");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_hold_of_a_newer_version_is_listed_and_left_to_that_version(#[case] kind: Kind) {
    let Some((database, store)) = topped_up(kind).await else { return };
    let (orders, why) = (staff(&store), why("Arta", ReasonCode::Disputed));
    let mut holds = Vec::new();
    for (amount, days) in [(100, 1), (110, 2), (120, 3), (130, 4)] {
        let until = now() + TimeDelta::days(days);
        holds.push(orders.place_hold(&number(1), minor(amount), until, &why).await.unwrap().action);
    }
    change(&database, kind, "UPDATE holds SET reason = 'embargo' WHERE amount_minor = 100", 1).await;
    change(&database, kind, "UPDATE holds SET account = 'loan:7' WHERE amount_minor = 110", 1).await;
    change(&database, kind, "UPDATE holds SET cause = 'partner:7' WHERE amount_minor = 120", 1).await;

    let mut listed = store.pending_holds(None, 10).await.unwrap();
    listed.sort_unstable_by_key(|hold| hold.amount);
    let shown: Vec<String> =
        listed.iter().map(|hold| format!("{} {} {}", hold.account, hold.reason, hold.cause)).collect();
    assert!(shown[0].starts_with("subscriber:38349000001 embargo operator:"), "{shown:?}");
    assert!(shown[1].starts_with("loan:7 disputed operator:"), "{shown:?}");
    assert_eq!((shown[2].as_str(), shown.len()), ("subscriber:38349000001 disputed partner:7", 4));
    assert_eq!(listed[0].reason, Stored::Other("embargo".into()));
    for (&hold, word) in holds.iter().zip(["embargo", "loan", "partner"]) {
        refused(orders.post_hold(hold, None, &why).await, word);
        refused(orders.void_hold(hold, &why).await, word);
    }
    let later = staff_at(&store, now() + TimeDelta::days(5));
    assert_eq!(later.expire_holds().await.unwrap(), 1, "the one whose words are known");
    assert_eq!(store.pending_holds_count(None).await.unwrap(), 3);
    assert_eq!(store.account(&number(1)).await.unwrap().unwrap().held_minor, 330);
}

/// More of them than are read at once.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn holds_of_a_newer_version_keep_no_others_from_expiring(#[case] kind: Kind) {
    let Some((database, store)) = topped_up(kind).await else { return };
    let until = now() + TimeDelta::days(1);
    staff(&store).place_hold(&number(1), minor(100), until, &why("Arta", ReasonCode::Disputed)).await.unwrap();
    let id = match kind {
        Kind::Sqlite => "unhex(printf('%032x', i))",
        Kind::Postgres => "lpad(to_hex(i), 32, '0')::uuid",
    };
    let copies = format!(
        "WITH RECURSIVE copies (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM copies WHERE i < 450)
        INSERT INTO holds (id, account, amount_minor, state, reason, cause, placed_at, expires_at)
        SELECT {id}, account, amount_minor, state, 'embargo', cause, placed_at, expires_at FROM holds CROSS JOIN copies"
    );
    change(&database, kind, &copies, 450).await;
    let later = staff_at(&store, now() + TimeDelta::days(5));
    assert_eq!(later.expire_holds().await.unwrap(), 1);
    assert_eq!(store.pending_holds_count(None).await.unwrap(), 450);
    assert_eq!(store.account(&number(1)).await.unwrap().unwrap().held_minor, 0);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn an_action_of_a_newer_version_is_listed_and_not_checked(#[case] kind: Kind) {
    let Some((database, store)) = topped_up(kind).await else { return };
    let (orders, why) = (staff(&store), why("Arta", ReasonCode::Goodwill));
    let (first, second) =
        (orders.propose(&number(1), 250, &why).await.unwrap(), orders.propose(&number(1), 260, &why).await.unwrap());
    change(&database, kind, "UPDATE operator_actions SET reason = 'loyalty' WHERE amount_minor = 250", 1).await;
    change(&database, kind, "UPDATE operator_actions SET account = 'loan:7' WHERE amount_minor = 260", 1).await;

    let listed = store.actions(ActionState::Proposed, 10).await.unwrap();
    let mut shown: Vec<String> = listed.iter().map(|action| format!("{} {}", action.account, action.reason)).collect();
    shown.sort_unstable();
    assert_eq!(shown, ["loan:7 goodwill", "subscriber:38349000001 loyalty"]);
    for (action, word) in [(first.id, "loyalty"), (second.id, "loan")] {
        refused(orders.approve(action, "Blerim").await, word);
        refused(orders.reject(action, "Blerim").await, word);
    }
    assert_eq!(store.actions_count(ActionState::Proposed).await.unwrap(), 2);
    assert_eq!(store.account(&number(1)).await.unwrap().unwrap().balance_minor, 1_000);
}

/// The language decides nothing about money: the reply is in the default one, and the choice stays. `rom` has no texts
/// here; the other is no code of a language.
#[rstest]
#[tokio::test]
async fn an_account_with_a_language_without_texts_is_answered_in_the_default_one_and_keeps_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values("rom", "romanes 2")] stored: &str,
) {
    let Some(database) = Database::new(kind) else { return };
    let node = Node::start_with(|config| config.store.url.clone_from(&database.url)).await;
    let key: AccountKey = "subscriber:38349123456".parse().unwrap();
    node.text("opened", "38349123456", "50005", "5").await.unwrap();
    change(&database, kind, &format!("UPDATE accounts SET language = '{stored}' WHERE name = '{key}'"), 1).await;

    let done = node.text("again", "38349123456", "50005", "10").await.unwrap();
    assert_eq!(done.outcome.kind(), "applied");
    assert!(done.reply.as_ref().is_some_and(|reply| reply.starts_with("Mbushja juaj u krye: 10.00 EUR")), "{done:?}");
    let account = node.store.account(&key).await.unwrap().unwrap();
    assert_eq!(account.balance_minor, 1_500);
    assert_eq!(account.language, Some(stored.parse().unwrap()));
    assert_eq!(account.language.as_ref().map(ToString::to_string).as_deref(), Some(stored));
    let swept = node.store.sweep_one(&key).await.unwrap().unwrap();
    assert_eq!(swept.account, account);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_registration_for_a_service_of_a_newer_version_is_listed_and_names_no_other(#[case] kind: Kind) {
    let Some((database, store)) = topped_up(kind).await else { return };
    for (service, username) in [(Service::Tv, "drita.h"), (Service::Internet, "drita")] {
        let (username, by) = (username.to_owned(), "arta".to_owned());
        store.enrol(&Enrolment { phone: msisdn(1), service, username, by, at: now() }).await.unwrap();
    }
    change(&database, kind, "UPDATE enrolments SET service = 'music' WHERE service = 'tv'", 1).await;
    let listed = store.enrolments_of(msisdn(1)).await.unwrap();
    assert_eq!(
        listed.iter().map(|found| format!("{} {}", found.service, found.username)).collect::<Vec<_>>(),
        ["internet drita", "music drita.h"]
    );
    let asked = [(msisdn(1), Service::Tv), (msisdn(1), Service::Internet)];
    let found = store.begin().await.unwrap().enrolments(&asked).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(asked[1], "drita".to_owned())]);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn usage_of_a_period_of_a_newer_version_is_left_to_that_version(#[case] kind: Kind) {
    let Some((database, store)) = topped_up(kind).await else { return };
    for period in ["2020-01", "2020-W07", "2020-W08"] {
        let used = format!(
            "INSERT INTO usage (subject, period, amount_minor, top_ups, version) VALUES ('payer:1', '{period}', 500, 1, 1)"
        );
        change(&database, kind, &used, 1).await;
    }
    let sweeper = UsageSweeper::new(store.clone(), Clock::new(now));
    assert_eq!(sweeper.sweep(&CancellationToken::new()).await.unwrap(), 1, "the month");
    let left = store.usage_page(None, 10).await.unwrap();
    assert_eq!(left.iter().map(Used::cursor).collect::<Vec<_>>(), ["payer:1 2020-W07", "payer:1 2020-W08"]);
}
