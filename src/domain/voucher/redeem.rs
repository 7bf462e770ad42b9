//! Redemption of a card, a command of the processor's batch like every other top-up.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::recharge::topped_up;
use super::super::{
    AccountKey, Amount, Decision, Earlier, Fingerprint, Line, LoadedRows, Movement, Msisdn, Needs, Posting, Reason,
    Rejection, Rules, TransferKind, ValidityChange,
};
use super::{CodeHash, Lockout, Serial, State};

/// The redemption of a code. The code itself was replaced by its hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedeemCommand {
    /// Identifier of the top-up, created by the node that received the message.
    pub id: Uuid,
    /// Bank or operator of the form.
    pub bank: String,
    pub form: String,
    /// The hashes of the code under each key; empty for a mistyped code.
    pub hashes: Vec<CodeHash>,
    /// Source address, which is locked after wrong codes.
    pub sender: String,
    /// Number that is credited.
    pub line: Line,
    pub received_at: DateTime<Utc>,
    /// The order of a client, if it is one. It may be withdrawn before it arrives.
    pub order: Option<Fingerprint>,
}

/// The look-up of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Source address of the code.
    pub sender: String,
    /// Instant of the request. If the sender is locked then, nothing is looked up.
    pub at: DateTime<Utc>,
    pub hashes: Vec<CodeHash>,
}

impl RedeemCommand {
    pub fn credited_account(&self) -> AccountKey {
        AccountKey::subscriber(self.line.msisdn)
    }

    /// The rows that the decision needs.
    pub(in super::super) fn needs(&self) -> Needs {
        Needs {
            accounts: vec![self.credited_account()],
            lookups: vec![self.lookup()],
            fingerprints: self.order.into_iter().collect(),
            ..Needs::default()
        }
    }

    pub fn lookup(&self) -> Lookup {
        Lookup { sender: self.sender.clone(), at: self.received_at, hashes: self.hashes.clone() }
    }
}

/// A card as decisions see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub serial: Serial,
    pub amount: Amount,
    /// Days of validity that it gives; `None` for those of the tier of its amount.
    pub days: Option<u16>,
    /// State of the card itself, if it has one.
    pub own: Option<State>,
    /// State of its batch.
    pub batch: State,
    /// Instant from which it has no value.
    pub expires_at: DateTime<Utc>,
    pub used: Option<Use>,
}

impl Card {
    /// State of the card at `now`.
    pub fn state(&self, now: DateTime<Utc>) -> State {
        State::of_card(self.own, self.batch, self.expires_at, now)
    }
}

/// The use of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Source address of the code.
    pub sender: String,
    /// Number that was credited.
    pub number: Msisdn,
    pub transfer: Uuid,
    pub at: DateTime<Utc>,
}

/// A card that a command uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    pub hash: CodeHash,
    pub used: Use,
}

/// The result for a code, by the action of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Use the card, and credit its value.
    Redeem,
    /// The same sender used the card for the same number: a redelivery or a repetition.
    Duplicate(Earlier),
    /// Tell the customer the reason, and do nothing else.
    Refuse(Reason),
    /// There is no such card: count a wrong code of the sender.
    Wrong,
}

/// Returns the result for a code with this card, or without one.
pub fn judge(card: Option<&Card>, sender: &str, number: Msisdn, now: DateTime<Utc>) -> Verdict {
    let Some(card) = card else { return Verdict::Wrong };
    match (card.state(now), &card.used) {
        (State::Active, _) => Verdict::Redeem,
        (State::Used, Some(used)) if used.sender == sender && used.number == number => {
            Verdict::Duplicate(Earlier { transfer: used.transfer, at: used.at })
        }
        (State::Used, _) => Verdict::Refuse(Reason::VoucherUsed),
        (State::Generated | State::Printed | State::Distributed, _) => Verdict::Refuse(Reason::VoucherNotActive),
        (State::Blocked | State::Void, _) => Verdict::Refuse(Reason::VoucherBlocked),
        (State::Expired, _) => Verdict::Refuse(Reason::VoucherExpired),
        // A batch that is not finished does not exist for customers.
        (State::Generating, _) => Verdict::Wrong,
    }
}

/// Decides one redemption at `now`.
pub(in super::super) fn decide(
    loaded: &LoadedRows,
    command: &RedeemCommand,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Decision {
    if command.order.is_some_and(|order| loaded.earlier.contains_key(&order)) {
        // A repeated message is answered from the inbox, so this key was written by a withdrawal.
        return Decision::Refuse(Rejection::new(Reason::OrderCancelled));
    }
    let lockout = loaded.lockouts.get(&command.sender).copied().unwrap_or_default();
    // The instant that decided if the card was looked up counts; or a lock by this batch.
    if let Some(until) = lockout.locked(command.received_at) {
        return Decision::Refuse(locked(until));
    }
    let found = command.hashes.iter().find_map(|hash| Some((*hash, loaded.cards.get(hash)?)));
    let card = found.map(|(_, card)| card);
    match (judge(card, &command.sender, command.line.msisdn, now), found) {
        (Verdict::Redeem, Some((hash, card))) => match credit(loaded, command, card, rules, now) {
            Ok(main) => {
                let (sender, number) = (command.sender.clone(), command.line.msisdn);
                let used = Use { sender, number, transfer: command.id, at: now };
                let (card, requests) = (Some(Box::new(Redeemed { hash, used })), command.order.into_iter().collect());
                Decision::Post(Posting { requests, card, ..Posting::of(main) })
            }
            Err(rejection) => Decision::Refuse(rejection),
        },
        (Verdict::Duplicate(of), Some((_, card))) => Decision::Duplicate { of, amount: card.amount },
        (Verdict::Refuse(reason), _) => Decision::Refuse(Rejection::new(reason)),
        (Verdict::Wrong | Verdict::Redeem | Verdict::Duplicate(_), _) => wrong(command, lockout, rules, now),
    }
}

/// Counts a wrong code, which may lock the sender.
fn wrong(command: &RedeemCommand, lockout: Lockout, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let lockout = lockout.missed(&rules.ladder, now);
    let rejection = match lockout.locked(now) {
        Some(until) => locked(until).with(|details| details.left = Some(0)),
        None => Rejection::new(Reason::VoucherUnknown).with(|details| details.left = Some(lockout.left(&rules.ladder))),
    };
    Decision::Strike { rejection, sender: command.sender.clone(), lockout }
}

fn locked(until: DateTime<Utc>) -> Rejection {
    Rejection::new(Reason::VoucherLocked).with(|details| details.until = Some(until))
}

/// The liability of the batch pays, so that its debits are the value of its used cards.
fn credit(
    loaded: &LoadedRows,
    command: &RedeemCommand,
    card: &Card,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Movement, Rejection> {
    let key = command.credited_account();
    let account = loaded.accounts.get(&key);
    topped_up(account, rules, now)?;
    let before = account.and_then(|account| account.valid_until);
    let days = card.days.unwrap_or_else(|| rules.validity.days(card.amount));
    let after = Some(rules.validity.extended_by(before, days, now));
    let liability = AccountKey::voucher_liability(card.serial.batch());
    let movement = Movement::new(TransferKind::Voucher, liability, key, card.amount);
    Ok(Movement { validity: Some(ValidityChange { before, after }), ..movement })
}

#[cfg(test)]
#[path = "redeem_tests.rs"]
mod tests;
