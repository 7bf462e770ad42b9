//! A fresh database of each kind, and rows as the processor writes them.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use mbush::domain::{
    Account, AccountKey, Amount, Applied, Beneficiary, Body, Cause, Channel, Earlier, Fields, Fingerprint, InboundSms,
    LoadedRows, Movement, Msisdn, Needs, OutboundSms, Outcome, Stored, Transfer, TransferKind, ValidityChange,
};
use mbush::store::{Batch, Carried, InboxRow, Store, StoreError, Writes};
use tempfile::TempDir;
use testkit::postgres::Postgres;
use testkit::wait::DEADLINE;
use uuid::Uuid;

/// The databases that the suite runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// One empty database, deleted when dropped.
pub(crate) struct Database {
    pub(crate) url: String,
    _folder: Option<TempDir>,
    server: Option<Postgres>,
}

impl Database {
    /// `None` where there is none of this kind on this machine.
    pub(crate) fn new(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite://{}", folder.path().join("mbush.db").display());
                Some(Self { url, _folder: Some(folder), server: None })
            }
            Kind::Postgres => {
                let server = Postgres::start()?;
                Some(Self { url: server.url.clone(), _folder: None, server: Some(server) })
            }
        }
    }

    /// Crashes the server and starts it again; `false` where there is none, or not ours.
    pub(crate) fn crash_and_restart(&mut self) -> bool {
        self.server.as_mut().is_some_and(Postgres::crash_and_restart)
    }

    /// The server, where it is one's own.
    pub(crate) const fn server(&self) -> Option<&Postgres> {
        self.server.as_ref()
    }

    /// One node on it.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_368_000, 123_456_000).unwrap()
}

pub(crate) fn msisdn(last: u64) -> Msisdn {
    Msisdn::from_u64(38_349_000_000 + last).unwrap()
}

pub(crate) fn number(last: u64) -> AccountKey {
    AccountKey::subscriber(msisdn(last))
}

pub(crate) fn fingerprint(of: u64) -> Fingerprint {
    let mut octets = [0; 16];
    octets[..8].copy_from_slice(&of.to_be_bytes());
    Fingerprint(octets)
}

/// A text of five euros that asks for credit.
#[derive(Debug, Clone)]
pub(crate) struct TopUp {
    pub(crate) message: InboundSms,
    pub(crate) credited: u64,
    pub(crate) fingerprint: Fingerprint,
}

impl TopUp {
    pub(crate) fn new(key: &str, credited: u64, request: u64) -> Self {
        Self {
            message: InboundSms {
                key: key.to_owned(),
                link: "ipko".into(),
                from: msisdn(credited).digits(),
                from_type: None,
                to: "50005".into(),
                body: Body::Text("5".into()),
                channel: Channel::Sms,
                received_at: now(),
                redelivery_doubt_since: None,
            },
            credited,
            fingerprint: fingerprint(request),
        }
    }

    pub(crate) fn wanted(&self) -> Needs {
        Needs { accounts: vec![number(self.credited)], fingerprints: vec![self.fingerprint], ..Needs::default() }
    }
}

/// What was loaded, and what the batch so far has made of it: the processor in small.
pub(crate) fn decide(writes: &mut Writes, loaded: &LoadedRows, top_up: &TopUp) -> Outcome {
    let earlier = |carried: &&Carried| carried.fingerprint == top_up.fingerprint;
    let in_batch = writes.requests.iter().find(earlier).map(|carried| carried.done);
    let number_of = msisdn(top_up.credited);
    let amount = Amount::whole(5).unwrap();
    let outcome = match in_batch.or_else(|| loaded.earlier.get(&top_up.fingerprint).copied()) {
        Some(of) => Outcome::Duplicate { of, beneficiary: Beneficiary::Number(number_of), amount: Some(amount) },
        None => Outcome::Applied(credit(writes, loaded, top_up, amount)),
    };
    writes.inbox.push(InboxRow {
        message: top_up.message.clone(),
        bank: Some("ekonomike".into()),
        form: Some("own number".into()),
        grammars: "g".into(),
        outcome: outcome.clone(),
        reply: Some("done".into()),
        trace: None,
        fields: Fields::default(),
    });
    writes.outbox.push(OutboundSms {
        id: Uuid::now_v7(),
        message_key: top_up.message.key.clone(),
        link: "ipko".into(),
        from: "50005".into(),
        to: number_of.digits(),
        to_source: None,
        text: "Mbushja u krye".into(),
        created_at: now(),
    });
    outcome
}

/// A transfer's identifier as a node of that time makes it.
fn id_at(at: DateTime<Utc>) -> Uuid {
    let millis = u128::from(at.timestamp_millis().unsigned_abs());
    Uuid::from_u128((millis << 80) | (Uuid::now_v7().as_u128() & ((1 << 80) - 1)))
}

fn credit(writes: &mut Writes, loaded: &LoadedRows, top_up: &TopUp, amount: Amount) -> Applied {
    let key = number(top_up.credited);
    let place = writes.accounts.iter().position(|account| account.key == key).unwrap_or_else(|| {
        let new = Account { language: Some(Stored::Known("sr".parse().unwrap())), ..Account::open(key.clone(), now()) };
        writes.accounts.push(loaded.accounts.get(&key).cloned().unwrap_or(new));
        writes.accounts.len() - 1
    });
    let account = &mut writes.accounts[place];
    account.balance_minor += amount.minor();
    let change = ValidityChange { before: account.valid_until, after: Some(now() + TimeDelta::days(60)) };
    account.valid_until = change.after;
    let (id, balance_minor) = (id_at(now()), account.balance_minor);
    let movement = Movement::new(TransferKind::TopUp, AccountKey::bank_clearing("ekonomike"), key, amount);
    writes.transfers.push(Transfer {
        id,
        movement: Movement { validity: Some(change), ..movement },
        debit_balance_minor: None,
        credit_balance_minor: Some(balance_minor),
        cause: Cause::Message(top_up.message.key.clone()),
        at: now(),
    });
    writes.requests.push(Carried { fingerprint: top_up.fingerprint, done: Earlier { transfer: id, at: now() } });
    Applied {
        fee: None,
        commission: None,
        transfer: id,
        kind: TransferKind::TopUp,
        beneficiary: Beneficiary::Number(msisdn(top_up.credited)),
        own: true,
        amount,
        balance_minor,
        valid_until: Some(now() + TimeDelta::days(60)),
        bonuses: Vec::new(),
        others: Vec::new(),
    }
}

/// Claim, load, decide, write, commit, as the processor does; once.
pub(crate) async fn try_apply(store: &Store, top_ups: &[TopUp]) -> Result<Vec<Outcome>, StoreError> {
    let (batch, outcomes) = try_write(store, top_ups).await?;
    batch.commit().await?;
    Ok(outcomes)
}

/// The same without the commit.
pub(crate) async fn try_write(store: &Store, top_ups: &[TopUp]) -> Result<(Batch, Vec<Outcome>), StoreError> {
    write_in(store.begin().await?, top_ups).await
}

/// The same in a batch that has begun, or reads first.
pub(crate) async fn write_in(mut batch: Batch, top_ups: &[TopUp]) -> Result<(Batch, Vec<Outcome>), StoreError> {
    let keys: Vec<&str> = top_ups.iter().map(|top_up| top_up.message.key.as_str()).collect();
    let mut wanted = Needs::default();
    for top_up in top_ups {
        let one = top_up.wanted();
        wanted.accounts.extend(one.accounts);
        wanted.fingerprints.extend(one.fingerprints);
    }
    let (loaded, mut known) = batch.load_with_answers(&wanted, &keys).await?;
    let (mut writes, mut outcomes) = (Writes::default(), Vec::new());
    for top_up in top_ups {
        let key = top_up.message.key.clone();
        let outcome = match known.get(&key) {
            Some(first) => first.outcome.clone(),
            None => decide(&mut writes, &loaded, top_up),
        };
        let (content, reply, received_at) = (top_up.message.content_hash(), None, top_up.message.received_at);
        known.insert(key, mbush::store::Answered { content, outcome: outcome.clone(), reply, received_at });
        outcomes.push(outcome);
    }
    batch.write(&writes).await?;
    Ok((batch, outcomes))
}

/// As the processor does: the first run reads before its transaction begins, and further ones lock what they read.
async fn run(store: &Store, number: u32, top_ups: &[TopUp]) -> Result<Vec<Outcome>, StoreError> {
    if number > 0 {
        return try_apply(store, top_ups).await;
    }
    let (batch, outcomes) = write_in(store.begin_reading().await?, top_ups).await?;
    batch.commit().await?;
    Ok(outcomes)
}

/// Applies them, run again while it may help.
pub(crate) async fn apply(store: &Store, top_ups: &[TopUp]) -> Vec<Outcome> {
    let end = Instant::now() + DEADLINE;
    for number in 0.. {
        match run(store, number, top_ups).await {
            Ok(outcomes) => return outcomes,
            Err(error) => assert!(error.is_transient() && Instant::now() < end, "run {number}: {error}"),
        }
        // The first runs lost a race; later ones wait for a server that is away.
        if number > 3 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    unreachable!("it runs until it succeeds or fails")
}

pub(crate) fn transfer_of(outcome: &Outcome) -> Uuid {
    match outcome {
        Outcome::Applied(applied) => applied.transfer,
        Outcome::Duplicate { of, .. } => of.transfer,
        other => panic!("{other:?}"),
    }
}

/// Proves the ledger.
pub(crate) async fn assert_sound(store: &Store) {
    let audit = store.audit(&mut |_| {}).await.unwrap();
    assert_eq!(audit.offence, None);
}
