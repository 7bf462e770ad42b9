//! Redeeming a card: a command of the processor's batch like every other top-up.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::recharge::topped_up;
use super::super::{
    AccountKey, Amount, Decision, Earlier, Fingerprint, Line, Movement, Msisdn, Needs, Posting, Reason, Rejection,
    Rules, Snapshot, TransferKind, ValidityChange,
};
use super::{CodeHash, Lockout, Serial, State};

/// Somebody has written a code. The code itself is gone: what is left of it are its hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedeemCommand {
    /// Identifier of the top-up, made by the node that took the message in.
    pub id: Uuid,
    /// The bank or operator whose form it was written in.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// What a card of this code is stored as, under each key; none for a code that is mistyped.
    pub hashes: Vec<CodeHash>,
    /// Address that it was written from: who waits after wrong codes.
    pub sender: String,
    /// Number that is to be credited.
    pub line: Line,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// What a client ordered it under, where one did: it may be withdrawn before it comes.
    pub order: Option<Fingerprint>,
}

/// A card as it is looked up: who asks, and the hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Address that the code was written from.
    pub sender: String,
    /// When; of a sender who is locked then nothing is looked up.
    pub at: DateTime<Utc>,
    /// The hashes.
    pub hashes: Vec<CodeHash>,
}

impl RedeemCommand {
    /// The account that is credited.
    pub fn credited_account(&self) -> AccountKey {
        AccountKey::subscriber(self.line.msisdn)
    }

    /// What its decision looks at.
    pub(in super::super) fn needs(&self) -> Needs {
        Needs {
            accounts: vec![self.credited_account()],
            lookups: vec![self.lookup()],
            fingerprints: self.order.into_iter().collect(),
            ..Needs::default()
        }
    }

    /// What it wants looked up.
    pub fn lookup(&self) -> Lookup {
        Lookup { sender: self.sender.clone(), at: self.received_at, hashes: self.hashes.clone() }
    }
}

/// A card as a decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its serial.
    pub serial: Serial,
    /// What it is worth.
    pub amount: Amount,
    /// Days of validity that it gives; without them those of the tier of its amount.
    pub days: Option<u16>,
    /// Its own state, where it has one.
    pub own: Option<State>,
    /// That of its batch.
    pub batch: State,
    /// From when on it is worth nothing.
    pub expires_at: DateTime<Utc>,
    /// How it was used, where it was.
    pub used: Option<Use>,
}

impl Card {
    /// Where it stands.
    pub fn state(&self, now: DateTime<Utc>) -> State {
        State::of_card(self.own, self.batch, self.expires_at, now)
    }
}

/// How a card was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Address that its code was written from.
    pub sender: String,
    /// Number that was credited.
    pub number: Msisdn,
    /// The transfer.
    pub transfer: Uuid,
    /// When.
    pub at: DateTime<Utc>,
}

/// A card that a command uses up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// What it is stored as.
    pub hash: CodeHash,
    /// How it is used.
    pub used: Use,
}

/// What to do about a code, named by what the caller does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Use the card up, and credit its worth.
    Redeem,
    /// The same sender has used it for the same number: the network's second delivery, or impatience.
    Duplicate(Earlier),
    /// Do nothing but tell why.
    Refuse(Reason),
    /// There is no such card: it counts against the sender.
    Wrong,
}

/// Judges a code that leads to this card, or to none.
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
        // What is not finished is not there.
        (State::Generating, _) => Verdict::Wrong,
    }
}

/// Decides one redemption at `now`.
pub(in super::super) fn decide(
    snapshot: &Snapshot,
    command: &RedeemCommand,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Decision {
    if command.order.is_some_and(|order| snapshot.earlier.contains_key(&order)) {
        // The same message was answered from the inbox: under this key there is nothing but a withdrawal.
        return Decision::Refuse(Rejection::new(Reason::OrderCancelled));
    }
    let lockout = snapshot.lockouts.get(&command.sender).copied().unwrap_or_default();
    // As of the instant that decided whether the card was looked up at all; or a lock of this very batch.
    if let Some(until) = lockout.locked(command.received_at) {
        return Decision::Refuse(locked(until));
    }
    let found = command.hashes.iter().find_map(|hash| Some((*hash, snapshot.cards.get(hash)?)));
    let card = found.map(|(_, card)| card);
    match (judge(card, &command.sender, command.line.msisdn, now), found) {
        (Verdict::Redeem, Some((hash, card))) => match credit(snapshot, command, card, rules, now) {
            Ok(main) => {
                let (sender, number) = (command.sender.clone(), command.line.msisdn);
                let used = Use { sender, number, transfer: command.id, at: now };
                let (card, requests) = (Some(Box::new(Redeemed { hash, used })), command.order.into_iter().collect());
                Decision::Post(Posting { card, requests, ..Posting::of(main) })
            }
            Err(rejection) => Decision::Refuse(rejection),
        },
        (Verdict::Duplicate(of), Some((_, card))) => Decision::Duplicate { of, amount: card.amount },
        (Verdict::Refuse(reason), _) => Decision::Refuse(Rejection::new(reason)),
        (Verdict::Wrong | Verdict::Redeem | Verdict::Duplicate(_), _) => wrong(command, lockout, rules, now),
    }
}

/// A wrong code counts, and may be the last for a while.
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

/// The batch's liability pays: what it has paid is what its used cards were worth.
fn credit(
    snapshot: &Snapshot,
    command: &RedeemCommand,
    card: &Card,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Movement, Rejection> {
    let key = command.credited_account();
    let account = snapshot.accounts.get(&key);
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
