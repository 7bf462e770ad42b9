//! PINs: who may spend from an account by a telephone that anybody may hold.
//!
//! A PIN has so few values that a hash of it alone hides nothing: what protects it is a key that is not in the database, and
//! that few tries are had. A PIN is compared with its hash before the batch, because that takes time on purpose; whether the
//! comparison still counts is decided here, within the transaction that holds the account and the tries still.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::voucher::Lookup;
use super::{AccountKey, Decision, Earlier, Fingerprint, Language, Msisdn, Needs, Reason, Rejection, Rules, Snapshot};

/// Fewest digits of a PIN.
pub const PIN_DIGITS_MIN: usize = 4;

/// The PIN of an account. Without one, it has the one that all begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinRecord {
    /// Whose.
    pub account: AccountKey,
    /// Another one with every change, so that a comparison with the one before is known.
    pub id: Uuid,
    /// What it is compared with; it does not show the PIN.
    pub hash: String,
    /// It was given, and has to be changed before its first use.
    pub initial: bool,
    /// When it was set.
    pub set_at: DateTime<Utc>,
    /// Who of the staff gave it; `None` where its owner set it.
    pub given_by: Option<String>,
}

/// What a comparison has shown, before the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinCheck {
    /// The record that it was compared with; `None` for the PIN that all begin with.
    pub against: Option<Uuid>,
    /// It was this PIN.
    pub right: bool,
}

/// Somebody changes the PIN of the own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePinCommand {
    /// Identifier of the change, made by the node that took the message in.
    pub id: Uuid,
    /// The bank or operator whose form it was written in.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// The phone that it was written on.
    pub owner: Msisdn,
    /// Whose PIN it is: the phone's own, or that of a dealer that it belongs to.
    pub account: AccountKey,
    /// What the PIN of now was found to be; `None` where it was not compared.
    pub check: Option<PinCheck>,
    /// The hash of the new one; `None` for one that everybody would try first.
    pub hash: Option<String>,
    /// What the message says, so that the network's second delivery of it is known. It is of no use to who would find the
    /// PIN by trying.
    pub print: Fingerprint,
    /// The language that the form is of, where its keyword tells.
    pub language: Option<Language>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// When the session that it came on was bound, where there was one.
    pub session_since: Option<DateTime<Utc>>,
}

/// What is kept of a command that moves no money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The new PIN; none where it was set before.
    pub pin: Option<PinRecord>,
    /// The request that it carries out.
    pub request: Fingerprint,
    /// Whose wrong tries are forgiven with it.
    pub forgiven: String,
    /// What it was about.
    pub topic: &'static str,
}

/// Under which name wrong PINs of an account are remembered. No address of a sender has this form.
pub fn tries_of(account: &AccountKey) -> String {
    format!("pin:{account}")
}

/// What a decision about this PIN looks at.
pub fn needs(account: &AccountKey, received_at: DateTime<Utc>) -> Needs {
    Needs {
        lookups: vec![Lookup { sender: tries_of(account), at: received_at, hashes: Vec::new() }],
        pins: vec![account.clone()],
        ..Needs::default()
    }
}

/// Why who wrote this PIN may not spend from the account; nothing where that is allowed.
pub(super) fn refusal(
    snapshot: &Snapshot,
    account: &AccountKey,
    check: Option<PinCheck>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Option<Decision> {
    let initial = || snapshot.pins.get(account).is_none_or(|record| record.initial);
    let changed_first = || initial().then(|| Decision::Refuse(Rejection::new(Reason::PinInitial)));
    unknown(snapshot, account, check, rules, now).or_else(changed_first)
}

/// Why it is not known as the account's PIN; that may be one that has to be changed.
fn unknown(
    snapshot: &Snapshot,
    account: &AccountKey,
    check: Option<PinCheck>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Option<Decision> {
    let Some(check) = check else { return Some(Decision::Refuse(Rejection::new(Reason::PinMissing))) };
    let sender = tries_of(account);
    let tries = snapshot.lockouts.get(&sender).copied().unwrap_or_default();
    let locked = |until| Rejection::new(Reason::PinLocked).with(|details| details.until = Some(until));
    if let Some(until) = tries.locked(now) {
        return Some(Decision::Refuse(locked(until)));
    }
    let record = snapshot.pins.get(account).map(|record| record.id);
    if check.right && check.against == record {
        return None;
    }
    // Another PIN was set while this one was compared: it may be right, and nobody knows.
    let lockout = if check.against == record { tries.missed(&rules.ladder, now) } else { tries };
    let rejection = match lockout.locked(now) {
        // Of the try that locks it none are left; a later one is not counted.
        Some(until) => locked(until).with(|details| details.left = Some(0)),
        None => Rejection::new(Reason::PinWrong).with(|details| details.left = Some(lockout.left(&rules.ladder))),
    };
    Some(Decision::Strike { rejection, sender, lockout })
}

/// Whether everybody would try these digits first: all equal, or each following the one before.
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

/// Decides a change at `now`. The same message a second time is answered as the first: its old PIN is wrong by then.
pub(super) fn decide(snapshot: &Snapshot, command: &ChangePinCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let account = command.account.clone();
    let kept = Kept { pin: None, request: command.print, forgiven: tries_of(&account), topic: "pin_changed" };
    let again = |of: &Earlier| {
        let delivery = (command.received_at, command.session_since);
        now - of.at < rules.bank(&command.bank).duplicate_window() || rules.redelivery.is_second(delivery, *of, now)
    };
    if snapshot.earlier.get(&command.print).is_some_and(again) {
        return Decision::Keep(Box::new(kept));
    }
    if !snapshot.accounts.contains_key(&account) {
        return Decision::Refuse(Rejection::new(Reason::SubscriberUnknown));
    }
    if let Some(refusal) = unknown(snapshot, &account, command.check, rules, now) {
        return refusal;
    }
    let Some(hash) = command.hash.clone() else { return Decision::Refuse(Rejection::new(Reason::PinWeak)) };
    let record = PinRecord { account, id: command.id, hash, initial: false, set_at: now, given_by: None };
    Decision::Keep(Box::new(Kept { pin: Some(record), ..kept }))
}

#[cfg(test)]
#[path = "pin_tests.rs"]
mod tests;
