//! PINs, which authorise payments from an account by telephone.
//!
//! A PIN has so few values that a hash alone would not protect it. It is protected by a key that is not in the
//! database, and by a limit on attempts. A PIN is compared with its hash before the batch, because the comparison is
//! slow on purpose. The decision in this file, within the transaction that locks the account and its attempts, checks
//! that the comparison is still valid.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::voucher::Lookup;
use super::{
    AccountKey, Decision, Delivery, Earlier, Fingerprint, Language, LoadedRows, Msisdn, Needs, Reason, Rejection,
    Rules, Topic,
};

/// Fewest digits of a PIN.
pub const PIN_DIGITS_MIN: usize = 4;

/// The PIN of an account. An account without a record has the initial PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinRecord {
    pub account: AccountKey,
    /// A new identifier with every change, so that comparisons with an older PIN are recognised.
    pub id: Uuid,
    /// Keyed hash of the PIN.
    pub hash: String,
    /// True if staff gave the PIN and it must be changed before its first use.
    pub initial: bool,
    pub set_at: DateTime<Utc>,
    /// Member of staff who gave it; `None` if the owner set it.
    pub given_by: Option<String>,
}

/// Result of a comparison before the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinCheck {
    /// The compared record; `None` for the initial PIN.
    pub against: Option<Uuid>,
    /// True if the PIN was right.
    pub right: bool,
}

/// A change of the PIN of the sender's own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePinCommand {
    /// Identifier of the change, created by the node that received the message.
    pub id: Uuid,
    /// Bank or operator of the form.
    pub bank: String,
    pub form: String,
    /// The phone that the message came from.
    pub owner: Msisdn,
    /// Account of the PIN: the phone's own, or that of its dealer.
    pub account: AccountKey,
    /// The comparison of the present PIN.
    pub check: PinCheck,
    /// The PIN that takes its place.
    pub new: NewPin,
    /// Fingerprint of the message, by which a redelivery is recognised. It does not help to find the PIN by trying.
    pub print: Fingerprint,
    /// Language of the form, if its keyword identifies it.
    pub language: Option<Language>,
    pub received_at: DateTime<Utc>,
    /// As [`crate::domain::InboundSms::redelivery_doubt_since`].
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

/// The PIN that a change asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewPin {
    /// Its hash.
    Hash(String),
    /// One of the PINs that are tried first: it is refused, and not hashed.
    Guessable,
}

/// The effects of a command that moves no money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The new PIN; `None` if it was set before.
    pub pin: Option<PinRecord>,
    /// The request that it carries out.
    pub request: Fingerprint,
    /// Subject whose count of wrong PINs is reset.
    pub forgiven: String,
    /// The subject of the command.
    pub topic: Topic,
}

/// Subject under which wrong PINs of an account are counted. No source address has this form.
pub fn tries_of(account: &AccountKey) -> String {
    format!("pin:{account}")
}

/// The rows that a decision about this PIN needs.
pub fn needs(account: &AccountKey, received_at: DateTime<Utc>) -> Needs {
    Needs {
        lookups: vec![Lookup { sender: tries_of(account), at: received_at, hashes: Vec::new() }],
        pins: vec![account.clone()],
        ..Needs::default()
    }
}

/// Returns the refusal of a payment with this PIN; `None` if it is allowed.
pub(super) fn refusal(
    loaded: &LoadedRows,
    account: &AccountKey,
    check: Option<PinCheck>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Option<Decision> {
    let initial = || loaded.pins.get(account).is_none_or(|record| record.initial);
    let changed_first = || initial().then(|| Decision::Refuse(Rejection::new(Reason::PinInitial)));
    unknown(loaded, account, check, rules, now).or_else(changed_first)
}

/// Returns the refusal if the PIN is not the account's. An initial PIN is accepted here.
fn unknown(
    loaded: &LoadedRows,
    account: &AccountKey,
    check: Option<PinCheck>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Option<Decision> {
    let Some(check) = check else { return Some(Decision::Refuse(Rejection::new(Reason::PinMissing))) };
    let sender = tries_of(account);
    let tries = loaded.lockouts.get(&sender).copied().unwrap_or_default();
    let locked = |until| Rejection::new(Reason::PinLocked).with(|details| details.until = Some(until));
    if let Some(until) = tries.locked(now) {
        return Some(Decision::Refuse(locked(until)));
    }
    let record = loaded.pins.get(account).map(|record| record.id);
    if check.right && check.against == record {
        return None;
    }
    // The PIN was changed during the comparison, so the result is unknown and is not counted.
    let lockout = if check.against == record { tries.missed(&rules.ladder, now) } else { tries };
    let rejection = match lockout.locked(now) {
        // No attempts are left after the one that locks; later ones are not counted.
        Some(until) => locked(until).with(|details| details.left = Some(0)),
        None => Rejection::new(Reason::PinWrong).with(|details| details.left = Some(lockout.left(&rules.ladder))),
    };
    Some(Decision::Strike { rejection, sender, lockout })
}

/// Returns true for digits that are easy to guess: all equal, or an ascending or descending sequence.
pub fn is_guessable(digits: &str) -> bool {
    let digits: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(10)).collect();
    let follows = |step: u32| digits.array_windows().all(|[a, b]| (a + step) % 10 == *b);
    digits.len() < PIN_DIGITS_MIN || [0, 1, 9].into_iter().any(follows)
}

impl ChangePinCommand {
    pub(super) fn needs(&self) -> Needs {
        let mut all = needs(&self.account, self.received_at);
        all.accounts.push(self.account.clone());
        all.fingerprints.push(self.print);
        all
    }
}

/// Decides a change at `now`. A redelivery gets the first answer, because its old PIN is wrong by then.
pub(super) fn decide(loaded: &LoadedRows, command: &ChangePinCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let account = command.account.clone();
    let kept = Kept { pin: None, request: command.print, forgiven: tries_of(&account), topic: Topic::PinChanged };
    let again = |of: &Earlier| {
        let delivery =
            Delivery { received_at: command.received_at, redelivery_doubt_since: command.redelivery_doubt_since };
        now - of.at < rules.bank(&command.bank).duplicate_window() || rules.redelivery.is_second(delivery, *of, now)
    };
    if loaded.earlier.get(&command.print).is_some_and(again) {
        return Decision::Keep(Box::new(kept));
    }
    if !loaded.accounts.contains_key(&account) {
        return Decision::Refuse(Rejection::new(Reason::SubscriberUnknown));
    }
    if let Some(refusal) = unknown(loaded, &account, Some(command.check), rules, now) {
        return refusal;
    }
    let NewPin::Hash(hash) = &command.new else { return Decision::Refuse(Rejection::new(Reason::PinWeak)) };
    let record = PinRecord { account, id: command.id, hash: hash.clone(), initial: false, set_at: now, given_by: None };
    Decision::Keep(Box::new(Kept { pin: Some(record), ..kept }))
}

#[cfg(test)]
#[path = "pin_tests.rs"]
mod tests;
