//! What every database has to do: the rows of a batch are kept whole or not at all, and are found again.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use mbush::domain::{
    Account, AccountKey, AccountState, Amount, Applied, Body, Earlier, Fingerprint, InboundSms, Language, OutboundSms,
    Outcome, Receipt, Transfer, TransferKind,
};
use mbush::store::{Carried, Delivery, InboxRow, Lease, Leased, Store, StoreError, Wanted, Writes};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_368_000, 123_456_000).unwrap()
}

async fn open(folder: &Path) -> Store {
    Store::open(&format!("sqlite://{}", folder.join("mbush.db").display())).await.unwrap()
}

fn number(last: u64) -> AccountKey {
    AccountKey::subscriber(mbush::domain::Msisdn::from_u64(38_349_000_000 + last).unwrap())
}

/// One top-up of 5 euros as the processor writes it.
fn top_up(last: u64, balance_cents: i64) -> Writes {
    let id = Uuid::now_v7();
    let key = format!("ipko:{}", id.simple());
    let applied = Applied {
        transfer: id,
        number: number(last).key.parse().unwrap(),
        own: true,
        amount: Amount::from_euros(5).unwrap(),
        balance_cents,
        valid_until: now() + TimeDelta::days(60),
    };
    Writes {
        inbox: vec![InboxRow {
            message: InboundSms {
                key: key.clone(),
                link: "ipko".into(),
                from: number(last).key,
                to: "50005".into(),
                body: Body::Text("5".into()),
                received_at: now(),
            },
            bank: Some("ekonomike".into()),
            form: Some("own number".into()),
            grammars: "g".into(),
            outcome: Outcome::Applied(applied),
            reply: Some("done".into()),
            trace: None,
        }],
        accounts: vec![Account {
            key: number(last),
            balance_cents,
            state: AccountState::Active,
            valid_until: Some(now() + TimeDelta::days(60)),
            language: Some(Language::Sr),
            opened_at: now(),
        }],
        transfers: vec![Transfer {
            id,
            kind: TransferKind::TopUp,
            debit: AccountKey::bank_clearing("ekonomike"),
            credit: number(last),
            amount: Amount::from_euros(5).unwrap(),
            credit_balance_cents: balance_cents,
            message_key: key.clone(),
            at: now(),
        }],
        requests: vec![Carried { fingerprint: Fingerprint([7; 16]), done: Earlier { transfer: id, at: now() } }],
        outbox: vec![OutboundSms {
            id: Uuid::now_v7(),
            message_key: key,
            link: "ipko".into(),
            from: "50005".into(),
            to: number(last).key,
            text: "Mbushja u krye".into(),
            created_at: now(),
        }],
    }
}

async fn commit(store: &Store, writes: &Writes) -> Result<(), StoreError> {
    let mut batch = store.begin().await?;
    batch.write(writes).await?;
    batch.commit().await
}

fn lease(at: DateTime<Utc>) -> Lease {
    Lease { id: Uuid::now_v7(), now: at, until: at + TimeDelta::seconds(60) }
}

async fn leased(store: &Store, at: DateTime<Utc>) -> Vec<Leased> {
    store.lease_outbox("ipko", lease(at), 10).await.unwrap()
}

#[tokio::test]
async fn what_is_committed_is_found_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let writes = top_up(1, 500);
    let store = open(folder.path()).await;
    commit(&store, &writes).await.unwrap();
    store.close().await;

    let store = open(folder.path()).await;
    assert_eq!(store.account(&number(1)).await.unwrap().as_ref(), writes.accounts.first());
    let history = store.statement(&number(1), 10).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].receipt, Receipt::of(writes.transfers[0].id));
    assert_eq!((history[0].amount.cents(), history[0].balance_cents), (500, 500));
    assert_eq!(store.clearing_cents("ekonomike").await.unwrap(), 500);

    let mut batch = store.begin().await.unwrap();
    let message = &writes.inbox[0].message;
    let answered = batch.answered(&[&message.key, "ipko:unknown"]).await.unwrap();
    assert_eq!(answered.len(), 1);
    assert_eq!(answered[&message.key].outcome, writes.inbox[0].outcome);
    assert_eq!(answered[&message.key].content, message.content_hash());
    let wanted =
        Wanted { accounts: vec![number(1), number(2)], fingerprints: vec![Fingerprint([7; 16]), Fingerprint([8; 16])] };
    let loaded = batch.load(&wanted).await.unwrap();
    assert_eq!(loaded.accounts.len(), 1);
    assert_eq!(loaded.earlier[&Fingerprint([7; 16])].transfer, writes.transfers[0].id);
}

#[tokio::test]
async fn a_batch_that_is_dropped_or_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut batch = store.begin().await.unwrap();
    batch.write(&top_up(1, 500)).await.unwrap();
    drop(batch);
    let mut to_itself = top_up(2, 500);
    to_itself.transfers[0].debit = to_itself.transfers[0].credit.clone();
    assert!(commit(&store, &to_itself).await.is_err_and(|error| !error.is_transient()));
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.transfers, totals.messages, totals.balances_cents), (0, 0, 0));
}

#[tokio::test]
async fn the_same_key_cannot_be_written_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let first = top_up(1, 500);
    commit(&store, &first).await.unwrap();
    let mut second = top_up(1, 1_000);
    second.inbox[0].message.key = first.inbox[0].message.key.clone();
    assert!(commit(&store, &second).await.is_err());
    assert_eq!(store.totals().await.unwrap().transferred_cents, 500);
}

#[tokio::test]
async fn a_reply_is_leased_to_one_until_the_lease_ends() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let writes = top_up(1, 500);
    commit(&store, &writes).await.unwrap();

    let first = leased(&store, now()).await;
    assert_eq!(first.len(), 1);
    assert_eq!((first[0].attempts, &first[0].sms), (0, &writes.outbox[0]));
    assert!(leased(&store, now()).await.is_empty());
    let after = now() + TimeDelta::seconds(60);
    let second = leased(&store, after).await;
    assert_eq!(second.len(), 1, "a lease that ended goes to another");

    let sent = |lease: &Leased| (lease.sms.id, lease.lease, Delivery::Sent { remote_id: Some("a1".into()) });
    store.finish_outbox(&[sent(&first[0])], after).await.unwrap();
    let state = |rows: Vec<mbush::store::OutboxRow>| rows[0].state.clone();
    assert_eq!(state(store.outbox_of(&writes.inbox[0].message.key).await.unwrap()), "open", "the old lease has no say");
    store.finish_outbox(&[sent(&second[0])], after).await.unwrap();
    assert_eq!(state(store.outbox_of(&writes.inbox[0].message.key).await.unwrap()), "sent");
    assert!(leased(&store, after + TimeDelta::days(1)).await.is_empty());
}

#[tokio::test]
async fn a_reply_waits_until_it_is_due_and_is_given_up_when_it_is_too_old() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    commit(&store, &top_up(1, 500)).await.unwrap();
    let reply = leased(&store, now()).await.remove(0);
    let due_at = now() + TimeDelta::seconds(5);
    let retry = Delivery::Retry { due_at, error: "0x58".into(), counts: true };
    store.finish_outbox(&[(reply.sms.id, reply.lease, retry)], now()).await.unwrap();
    assert_eq!(store.next_outbox_due(&["ipko".to_owned()]).await.unwrap(), Some(due_at));
    assert_eq!(store.next_outbox_due(&["other".to_owned()]).await.unwrap(), None);
    assert!(leased(&store, now() + TimeDelta::seconds(4)).await.is_empty());
    assert_eq!(leased(&store, due_at).await[0].attempts, 1);

    let late = now() + TimeDelta::days(2);
    assert_eq!(store.expire_outbox(late, late - TimeDelta::days(1)).await.unwrap(), 1);
    let row = &store.outbox_of(&reply.sms.message_key).await.unwrap()[0];
    assert_eq!(row.state, "failed");
    assert!(row.last_error.as_deref().is_some_and(|error| error.contains("0x58") && error.contains("too old")));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/nowhere/mbush.db", folder.path().display());
    let error = Store::open(&url).await.unwrap_err().to_string();
    assert!(error.contains("nowhere") && error.contains("folder exists"), "{error}");
}
