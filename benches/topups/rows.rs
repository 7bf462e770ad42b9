//! Top-ups as the processor writes them.

use chrono::{DateTime, TimeDelta, Utc};
use mbush::domain::{
    Account, AccountKey, Amount, Applied, Beneficiary, Body, Cause, Channel, Earlier, Fields, Fingerprint, InboundSms,
    Movement, Msisdn, OutboundSms, Outcome, Transfer, TransferKind, ValidityChange,
};
use mbush::store::{Carried, InboxRow, Writes};
use uuid::Uuid;

/// Accounts that one batch opens.
const OPENED_AT_ONCE: usize = 2_000;

/// Knows what each account holds, so that batches can be made before they are measured.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Vec<i64>,
    made: u64,
}

impl Ledger {
    /// Opens accounts until there are so many, without an entry, in batches.
    pub(crate) fn open_up_to(&mut self, accounts: usize) -> impl Iterator<Item = Writes> {
        let open = self.entries.len();
        self.entries.resize(accounts, 0);
        (open..accounts).step_by(OPENED_AT_ONCE).map(move |first| {
            let numbers = first..accounts.min(first + OPENED_AT_ONCE);
            let account = |number| opened(AccountKey::subscriber(msisdn(number)), 0, None);
            Writes { accounts: numbers.map(account).collect(), ..Writes::default() }
        })
    }

    /// Top-ups of accounts all over the table, in batches.
    pub(crate) fn batches(&mut self, count: usize, batch: usize) -> Vec<Writes> {
        self.shard(count, batch, 0, 1)
    }

    /// The same, of accounts that no other shard touches.
    pub(crate) fn shard(&mut self, count: usize, batch: usize, shard: usize, shards: usize) -> Vec<Writes> {
        let places = self.entries.len() / shards;
        (0..count / batch)
            .map(|_| {
                let start = usize::try_from(self.made).unwrap_or(0);
                // A step that has no factor in common with the places reaches each before any twice.
                self.writes((0..batch).map(|i| (start + i) * 7_919 % places * shards + shard))
            })
            .collect()
    }

    fn writes(&mut self, numbers: impl Iterator<Item = usize>) -> Writes {
        let mut writes = Writes::default();
        for number in numbers {
            self.made += 1;
            if let Some(entries) = self.entries.get_mut(number) {
                *entries += 1;
                add(&mut writes, number, *entries * 500, self.made);
            }
        }
        writes
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_368_000, 123_456_000).unwrap()
}

fn msisdn(number: usize) -> Msisdn {
    Msisdn::from_u64(38_349_000_000 + number as u64).unwrap()
}

fn opened(key: AccountKey, balance_minor: i64, valid_until: Option<DateTime<Utc>>) -> Account {
    Account { balance_minor, valid_until, ..Account::open(key, now()) }
}

fn add(writes: &mut Writes, number: usize, balance_minor: i64, made: u64) {
    let msisdn = msisdn(number);
    let (id, at, amount) = (Uuid::now_v7(), now(), Amount::whole(5).unwrap());
    let key = format!("ipko:{}", id.simple());
    let valid_until = at + TimeDelta::days(60);
    let text = format!("Numri 0{number} u mbush me 5.00 EUR. Gjendja: {balance_minor}. Vlen deri me 21.01.2027.");
    let (kind, beneficiary) = (TransferKind::TopUp, Beneficiary::Number(msisdn));
    let valid_until = Some(valid_until);
    let bonuses = Vec::new();
    let applied = Applied {
        transfer: id,
        kind,
        beneficiary,
        own: true,
        amount,
        balance_minor,
        valid_until,
        bonuses,
        fee: None,
        commission: None,
        others: Vec::new(),
    };
    writes.inbox.push(InboxRow {
        message: InboundSms {
            key: key.clone(),
            link: "ipko".into(),
            from: msisdn.digits(),
            from_type: None,
            to: "50005".into(),
            body: Body::Text("5".into()),
            channel: Channel::Sms,
            received_at: at,
            redelivery_doubt_since: None,
        },
        bank: Some("ekonomike".into()),
        form: Some("own number".into()),
        grammars: "3f1c9a".into(),
        outcome: Outcome::Applied(applied),
        reply: Some(text.clone()),
        trace: None,
        fields: Fields::default(),
    });
    let account = AccountKey::subscriber(msisdn);
    writes.accounts.push(opened(account.clone(), balance_minor, valid_until));
    let movement = Movement::new(kind, AccountKey::bank_clearing("ekonomike"), account, amount);
    let validity = Some(ValidityChange { before: valid_until, after: valid_until });
    writes.transfers.push(Transfer {
        id,
        movement: Movement { validity, ..movement },
        debit_balance_minor: None,
        credit_balance_minor: Some(balance_minor),
        cause: Cause::Message(key.clone()),
        at,
    });
    // Fingerprints are hashes: they come in no order.
    let print = (u128::from(made) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let fingerprint = Fingerprint(print.to_be_bytes());
    writes.requests.push(Carried { fingerprint, done: Earlier { transfer: id, at } });
    writes.outbox.push(OutboundSms {
        id: Uuid::now_v7(),
        message_key: key,
        link: "ipko".into(),
        from: "50005".into(),
        to: msisdn.digits(),
        to_source: None,
        text,
        created_at: at,
    });
}
