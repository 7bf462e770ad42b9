//! Replies on their way out.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use mbush::domain::{Ending, OutboundSms, Report};
use mbush::store::{Delivery, Lease, Leased, Oldest, OutboxRow, Store, Writes};
use rstest::rstest;
use testkit::wait::within;
use uuid::Uuid;

use crate::store::harness::{Database, Kind, TopUp, apply, now};

fn lease(at: DateTime<Utc>) -> Lease {
    Lease { id: Uuid::now_v7(), now: at, until: at + TimeDelta::seconds(60) }
}

async fn leased(store: &Store, at: DateTime<Utc>) -> Vec<Leased> {
    store.lease_outbox("ipko", lease(at), 10).await.unwrap()
}

async fn row(store: &Store, key: &str) -> OutboxRow {
    store.outbox_of(key).await.unwrap().remove(0)
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_reply_is_leased_to_one_until_the_lease_ends(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;

    let first = leased(&store, now()).await;
    assert_eq!(first.len(), 1);
    assert_eq!((first[0].attempts, first[0].sms.text.as_str()), (0, "Mbushja u krye"));
    assert_eq!((first[0].sms.message_key.as_str(), first[0].sms.created_at), ("ipko:1", now()));
    assert!(leased(&store, now()).await.is_empty());
    let after = now() + TimeDelta::seconds(60);
    let second = leased(&store, after).await;
    assert_eq!(second.len(), 1, "a lease that ended goes to another");

    let sent = |lease: &Leased| (lease.sms.id, lease.lease, Delivery::Sent { remote_ids: vec![Some("a1".into())] });
    store.finish_outbox(&[sent(&first[0])], after).await.unwrap();
    assert_eq!(row(&store, "ipko:1").await.state, "open", "the old lease has no say");
    store.finish_outbox(&[sent(&second[0])], after).await.unwrap();
    assert_eq!((row(&store, "ipko:1").await.state.as_str(), row(&store, "ipko:1").await.attempts), ("sent", 1));
    assert!(leased(&store, after + TimeDelta::days(1)).await.is_empty());
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_reply_waits_until_it_is_due_and_is_given_up_when_it_is_too_old(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    let reply = leased(&store, now()).await.remove(0);
    let due_at = now() + TimeDelta::seconds(5);
    let retry = Delivery::Retry { due_at, error: "0x58".into(), counts: true };
    store.finish_outbox(&[(reply.sms.id, reply.lease, retry)], now()).await.unwrap();
    assert_eq!(store.next_outbox_due(&["ipko".to_owned()]).await.unwrap(), Some(due_at));
    assert_eq!(store.next_outbox_due(&["other".to_owned()]).await.unwrap(), None);
    assert!(leased(&store, now() + TimeDelta::seconds(4)).await.is_empty());
    assert_eq!(leased(&store, due_at).await[0].attempts, 1);

    let late = now() + TimeDelta::days(2);
    assert_eq!(store.expire_outbox(late, Oldest { reply: late - TimeDelta::days(1), report: now() }).await.unwrap(), 1);
    let row = row(&store, "ipko:1").await;
    assert_eq!(row.state, "failed");
    assert!(row.last_error.as_deref().is_some_and(|error| error.contains("0x58") && error.contains("too old")));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn after_a_clock_was_set_back_nobody_waits_for_it_to_catch_up(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    let (back, latest) = (now() - TimeDelta::hours(1), now() - TimeDelta::minutes(50));
    assert!(leased(&store, back).await.is_empty(), "it is due by the old time");
    assert_eq!(store.hasten_outbox(back, now()).await.unwrap(), 0, "a wait that a setting asks for is left");
    assert_eq!(store.hasten_outbox(back, latest).await.unwrap(), 1);
    assert_eq!(leased(&store, back).await.len(), 1);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dispatchers_at_once_never_lease_the_same_reply(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let top_ups: Vec<TopUp> = (0..200).map(|i| TopUp::new(&format!("ipko:{i}"), i, i)).collect();
    apply(&store, &top_ups).await;
    let dispatchers = (0..4).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let some = store.lease_outbox("ipko", lease(now()), 7).await.unwrap();
                if some.is_empty() && store.next_outbox_due(&["ipko".to_owned()]).await.unwrap() > Some(now()) {
                    return mine;
                }
                mine.extend(some.into_iter().map(|leased| leased.sms.id));
            }
        })
    });
    let dispatchers: Vec<_> = dispatchers.collect();
    let mut all = Vec::new();
    for dispatcher in dispatchers {
        all.extend(within("a dispatcher", dispatcher).await.unwrap());
    }
    assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (200, 200));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_report_is_kept_with_its_message_and_longer_than_a_reply(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    let reply = leased(&store, now()).await.remove(0);
    assert_eq!(reply.report, None);
    let numbering = Some(mbush::domain::Numbering { from: (3, 0), to: (6, 9) });
    let report = Report { ending: Ending::Refused, error_code: 23, submitted_at: now(), done_at: now(), numbering };
    let sms =
        OutboundSms { id: Uuid::now_v7(), message_key: "teb:1".into(), to: "T\u{0}EB \u{1F600}".into(), ..reply.sms };
    let mut batch = store.begin().await.unwrap();
    batch.write(&Writes { reports: vec![(sms.clone(), report)], ..Writes::default() }).await.unwrap();
    batch.commit().await.unwrap();

    assert!(leased(&store, now()).await.is_empty(), "the answer to the submission goes first");
    let late = now() + TimeDelta::days(2);
    let oldest = Oldest { reply: late - TimeDelta::days(1), report: late - TimeDelta::days(3) };
    assert_eq!(store.expire_outbox(late, oldest).await.unwrap(), 1, "the reply");
    let waiting = leased(&store, late).await.remove(0);
    assert_eq!((waiting.report, waiting.sms.text.as_str()), (Some(report), sms.text.as_str()));
    assert_eq!(row(&store, "teb:1").await.report, Some(report));
    let ended = store.report_about("ipko:1").await.unwrap().unwrap();
    assert_eq!((ended.ending, ended.error_code, ended.submitted_at), (Ending::Applied, 0, now()));
    assert_eq!(store.report_about("ipko:2").await.unwrap(), None);
}
