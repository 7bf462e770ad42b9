//! Withdrawal of a client's order by its key, for a machine that did not receive the answer or could not complete the
//! sale. A completed order is reversed. An order that arrives later is refused.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Beneficiary, Decision, Fingerprint, LoadedRows, Msisdn, Needs, Orders, Payer, ReasonCode, ReverseCommand, Rules,
    Transfer, reversal,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawCommand {
    /// Identifier of the reversal, if one is made.
    pub id: Uuid,
    pub client: String,
    /// Bank of the client.
    pub bank: String,
    /// The client's idempotency key of the order.
    pub key: String,
    /// Data of the order in the withdrawal.
    pub said: Said,
}

/// Data of the order in a withdrawal beside the key. They must agree with the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    pub amount_minor: Option<i64>,
    pub number: Option<Msisdn>,
}

/// Data of a withdrawal that differ from its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradiction {
    Amount,
    Number,
}

impl WithdrawCommand {
    pub fn order(&self) -> Fingerprint {
        Fingerprint::of_order(&self.client, &self.key)
    }

    /// The rows that the decision needs, after the transfers of the order were looked up.
    pub fn needs(&self, orders: &Orders, rules: &Rules) -> Needs {
        let order = self.order();
        let needs = orders.get(&order).and_then(|done| self.reversal(done)).map(|reversal| reversal.needs(rules));
        Needs { fingerprints: vec![order], ..needs.unwrap_or_default() }
    }

    /// The difference between the withdrawal and the transfers of the order; `None` if there is none or the order was
    /// not carried out.
    pub fn contradiction(&self, orders: &Orders) -> Option<Contradiction> {
        let movement = &orders.get(&self.order())?.first()?.movement;
        if self.said.amount_minor.is_some_and(|minor| minor != movement.amount.minor()) {
            return Some(Contradiction::Amount);
        }
        let number = Beneficiary::of_account(&movement.credit).number();
        self.said.number.filter(|said| Some(*said) != number).map(|_| Contradiction::Number)
    }

    /// The reversal of these transfers of the order, the main one first.
    fn reversal(&self, done: &[Transfer]) -> Option<ReverseCommand> {
        let (main, further) = done.split_first()?;
        let reason = ReasonCode::NotDelivered;
        let payer = Some(Payer::Client(self.client.clone()));
        Some(ReverseCommand { id: self.id, main: main.clone(), further: further.to_vec(), reason, payer, undo: None })
    }
}

/// Decides a withdrawal: reverses a completed order, or marks the key so that a later order is refused.
pub(super) fn decide(loaded: &LoadedRows, command: &WithdrawCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let order = command.order();
    match loaded.orders.get(&order).and_then(|done| command.reversal(done)) {
        Some(reversal) => reversal::decide(loaded, &reversal, rules, now),
        None => Decision::Cancel(order),
    }
}
