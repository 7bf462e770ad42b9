//! A client withdraws what it ordered under a key: a machine that did not hear the answer, or could not give its customer
//! what was paid for. What was done is taken back; what did not come yet will not be done when it comes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Beneficiary, Decision, Fingerprint, Msisdn, Needs, Orders, Payer, ReasonCode, ReverseCommand, Rules, Snapshot,
    Transfer, reversal,
};

/// Withdraws an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawCommand {
    /// Identifier of the reversal, where it makes one.
    pub id: Uuid,
    /// The client, by name.
    pub client: String,
    /// The bank that it is of.
    pub bank: String,
    /// The client's key of the order.
    pub key: String,
    /// What it says of the order.
    pub said: Said,
}

/// What a withdrawal says of its order beside the key. It has to agree with what was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// The amount, in cents.
    pub amount_cents: Option<i64>,
    /// The number.
    pub number: Option<Msisdn>,
}

/// What a withdrawal says otherwise than its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradiction {
    /// The amount.
    Amount,
    /// The number.
    Number,
}

impl WithdrawCommand {
    /// The order.
    pub fn order(&self) -> Fingerprint {
        Fingerprint::of_order(&self.client, &self.key)
    }

    /// What its decision looks at, once it is known what was done under the key.
    pub fn needs(&self, orders: &Orders, rules: &Rules) -> Needs {
        let order = self.order();
        let needs = orders.get(&order).and_then(|done| self.reversal(done)).map(|reversal| reversal.needs(rules));
        Needs { fingerprints: vec![order], ..needs.unwrap_or_default() }
    }

    /// What it says otherwise than what was done under the key; nothing where nothing was done.
    pub fn contradiction(&self, orders: &Orders) -> Option<Contradiction> {
        let movement = &orders.get(&self.order())?.first()?.movement;
        if self.said.amount_cents.is_some_and(|cents| cents != movement.amount.cents()) {
            return Some(Contradiction::Amount);
        }
        let number = Beneficiary::of_account(&movement.credit).number();
        self.said.number.filter(|said| Some(*said) != number).map(|_| Contradiction::Number)
    }

    /// The reversal of what was done under the key: of these transfers, the main one first.
    fn reversal(&self, done: &[Transfer]) -> Option<ReverseCommand> {
        let (main, further) = done.split_first()?;
        let reason = ReasonCode::NotDelivered;
        let payer = Some(Payer::Client(self.client.clone()));
        Some(ReverseCommand { id: self.id, main: main.clone(), further: further.to_vec(), reason, payer, undo: None })
    }
}

/// Decides a withdrawal: a reversal of what was done, or a mark that keeps it from being done.
pub(super) fn decide(snapshot: &Snapshot, command: &WithdrawCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let order = command.order();
    match snapshot.orders.get(&order).and_then(|done| command.reversal(done)) {
        Some(reversal) => reversal::decide(snapshot, &reversal, rules, now),
        None => Decision::Cancel(order),
    }
}
