//! The decision on credit that one subscriber sends to another.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::inbound::hash_fields;
use super::limits::{Counted, UsageLimits, Whose};
use super::validity::Life;
use super::{
    Account, AccountKey, AccountKind, AccountState, Amount, ContentHash, Decision, Delivery, Earlier, Fingerprint,
    Language, Line, Movement, Msisdn, Needs, Offered, PinCheck, Posting, Reason, Rejection, Rules, Snapshot,
    TransferKind, ValidityChange, format_cents, offer, pin,
};

/// Key of the account that fees go to.
const FEES: &str = "credit_transfer";

/// The rules of credit transfer. No operator has published its own: the defaults are what neighbours publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditTransferRules {
    /// Whether credit may be sent at all.
    pub enabled: bool,
    /// Lowest amount.
    pub amount_min: Amount,
    /// Highest amount.
    pub amount_max: Amount,
    /// What the sender pays beside it; `None` for nothing.
    pub fee: Option<Amount>,
    /// What has to be free on the sender's account before it, in cents.
    pub balance_min_cents: i64,
    /// What has to stay free there after it and its fee, in cents.
    pub remaining_min_cents: i64,
    /// Days of validity that the receiver gets with it.
    pub days: u16,
    /// Within so many minutes a transfer by SMS has to be confirmed; `None`: it is done at once. A menu asks by itself.
    pub confirm_minutes: Option<u16>,
    /// What one sender may send in a day and in a month, fees not counted.
    pub limits: UsageLimits,
}

/// What a sender is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// Minutes in which it has to be confirmed.
    pub minutes: u16,
    /// What it will cost.
    pub fee: Option<Amount>,
}

/// A subscriber sends credit to another number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferCommand {
    /// Identifier of the transfer, created by the node that received the message.
    pub id: Uuid,
    /// Bank or operator of the form.
    pub bank: String,
    pub form: String,
    pub sender: Msisdn,
    /// The receiver.
    pub line: Line,
    pub amount: Amount,
    /// The comparison of the sender's PIN; `None` if none was written.
    pub check: Option<PinCheck>,
    /// The question to the sender before anything moves; `None` to carry out the transfer at once.
    pub asking: Option<Asking>,
    /// True if the sender marks the message as a repetition.
    pub repeat: bool,
    /// Language of the form, if its keyword identifies it.
    pub language: Option<Language>,
    pub received_at: DateTime<Utc>,
    /// As [`crate::domain::InboundSms::redelivery_doubt_since`].
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

impl TransferCommand {
    /// Equal for requests that are repetitions of each other.
    pub fn fingerprint(&self) -> Fingerprint {
        let ContentHash(hash) = hash_fields(&[
            b"credit transfer",
            self.sender.digits().as_bytes(),
            self.line.msisdn.digits().as_bytes(),
            &self.amount.cents().to_be_bytes(),
            &[u8::from(self.repeat)],
        ]);
        Fingerprint(hash)
    }

    pub fn debited(&self) -> AccountKey {
        AccountKey::subscriber(self.sender)
    }

    pub fn credited(&self) -> AccountKey {
        AccountKey::subscriber(self.line.msisdn)
    }

    pub(super) fn needs(&self, rules: &Rules, now: DateTime<Utc>) -> Needs {
        Needs {
            accounts: vec![self.debited(), self.credited()],
            fingerprints: vec![self.fingerprint(), self.offered_print()],
            holds: self.asking.map(|_| self.id).into_iter().collect(),
            usage: self.counted(rules, now).into_iter().map(|counted| counted.key).collect(),
            ..pin::needs(&self.debited(), self.received_at)
        }
    }

    fn counted(&self, rules: &Rules, now: DateTime<Utc>) -> Vec<Counted> {
        rules.credit_transfer.limits.counted(&offer::subject(self.sender), now)
    }
}

/// Decides a transfer of credit at `now`. Without the right PIN, the reply says nothing about the account.
pub(super) fn decide(snapshot: &Snapshot, command: &TransferCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    if let Err(rejection) = allowed(command.sender, &command.line, command.amount, &rules.credit_transfer) {
        return Decision::Refuse(rejection);
    }
    if let Some(refusal) = pin::refusal(snapshot, &command.debited(), command.check, rules, now) {
        return refusal;
    }
    let earlier = snapshot.earlier.get(&command.fingerprint()).copied();
    let window = rules.bank(&command.bank).duplicate_window;
    let delivery =
        Delivery { received_at: command.received_at, redelivery_doubt_since: command.redelivery_doubt_since };
    if let Some(of) = earlier.filter(|of| now - of.at < window || rules.redelivery.is_second(delivery, *of, now)) {
        return Decision::Duplicate { of, amount: command.amount };
    }
    let asked = |of: &Earlier| now - of.at < window || rules.redelivery.is_second(delivery, *of, now);
    if command.asking.is_some() && snapshot.earlier.get(&command.offered_print()).is_some_and(asked) {
        let (request, forgiven) = (command.offered_print(), pin::tries_of(&command.debited()));
        return Decision::Offer(Box::new(Offered { placed: None, request, forgiven }));
    }
    match (posting(snapshot, command, rules, now), command.asking) {
        (Ok(posting), Some(Asking { minutes, .. })) => {
            Decision::Offer(Box::new(offer::offer(command, &posting, minutes, now)))
        }
        (Ok(posting), None) => Decision::Post(posting),
        (Err(rejection), _) => Decision::Refuse(rejection),
    }
}

fn posting(
    snapshot: &Snapshot,
    command: &TransferCommand,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Posting, Rejection> {
    let (from, to) = (command.debited(), command.credited());
    let sender = snapshot.accounts.get(&from);
    may_send(sender, rules, now)?;
    let validity = receiver_validity(snapshot.accounts.get(&to), rules, now)?;
    affordable(sender.map_or(0, Account::available_cents), command.amount, &rules.credit_transfer)?;
    rules.credit_transfer.limits.check(
        Whose::Sender,
        &snapshot.usage,
        &offer::subject(command.sender),
        command.amount,
        now,
    )?;
    Ok(Posting {
        requests: vec![command.fingerprint()],
        counted: command.counted(rules, now),
        forgiven: Some(pin::tries_of(&command.debited())),
        ..moved((from, to), (command.amount, rules.credit_transfer.fee), validity)
    })
}

/// What moves: the credit, and its fee beside it.
pub(super) fn moved(
    (from, to): (AccountKey, AccountKey),
    (amount, fee): (Amount, Option<Amount>),
    validity: ValidityChange,
) -> Posting {
    let fees = || AccountKey::new(AccountKind::Fees, FEES);
    let fee = fee.map(|fee| Movement::new(TransferKind::Fee, from.clone(), fees(), fee));
    let main = Movement::new(TransferKind::CreditTransfer, from, to, amount);
    Posting { further: fee.into_iter().collect(), ..Posting::of(Movement { validity: Some(validity), ..main }) }
}

/// Checks that need no accounts.
pub(super) fn allowed(
    sender: Msisdn,
    receiver: &Line,
    amount: Amount,
    rules: &CreditTransferRules,
) -> Result<(), Rejection> {
    if !rules.enabled {
        return Err(Rejection::new(Reason::TransferOff));
    }
    if sender == receiver.msisdn {
        return Err(Rejection::new(Reason::TransferToOneself));
    }
    if !(rules.amount_min..=rules.amount_max).contains(&amount) {
        return Err(Rejection::new(Reason::TransferAmount).with(|details| {
            details.min = Some(rules.amount_min.to_string());
            details.max = Some(rules.amount_max.to_string());
        }));
    }
    Ok(())
}

/// Credit is sent by who can spend it: not after the end of its validity, and not by who is suspended. Who has no account
/// has no credit.
pub(super) fn may_send(sender: Option<&Account>, rules: &Rules, now: DateTime<Utc>) -> Result<(), Rejection> {
    let Some(sender) = sender else { return Ok(()) };
    let life = rules.validity.life(sender.valid_until, now);
    if sender.state == AccountState::Suspended || matches!(life, Life::ReceiveOnly | Life::Suspended) {
        return Err(Rejection::new(Reason::TransferSenderInactive));
    }
    Ok(())
}

/// What it does to the end of the receiver's validity. No account is opened by it: a number that is written wrongly is
/// mostly nobody's.
pub(super) fn receiver_validity(
    receiver: Option<&Account>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<ValidityChange, Rejection> {
    let receiver = receiver.ok_or_else(|| Rejection::new(Reason::TransferTargetUnknown))?;
    let before = receiver.valid_until;
    if receiver.state == AccountState::Suspended || rules.validity.life(before, now) == Life::Suspended {
        return Err(Rejection::new(Reason::TransferTargetSuspended));
    }
    let after = rules.validity.extended_by(before, rules.credit_transfer.days, now);
    Ok(ValidityChange { before, after: Some(after) })
}

/// Whether enough is free for it, its fee and what has to stay.
pub(super) fn affordable(available_cents: i64, amount: Amount, rules: &CreditTransferRules) -> Result<(), Rejection> {
    let needed = rules.needed_cents(amount);
    if available_cents >= needed {
        return Ok(());
    }
    Err(Rejection::new(Reason::TransferTooLittle).with(|details| {
        details.limit = Some(format_cents(needed));
        details.available = Some(format_cents(available_cents));
    }))
}

impl CreditTransferRules {
    /// What who sends by SMS is asked before anything moves.
    pub fn asking(&self) -> Option<Asking> {
        self.confirm_minutes.map(|minutes| Asking { minutes, fee: self.fee })
    }

    /// What has to be free on the account of who sends so much, in cents.
    pub fn needed_cents(&self, amount: Amount) -> i64 {
        let spent = amount.cents() + self.fee.map_or(0, Amount::cents);
        self.balance_min_cents.max(spent.saturating_add(self.remaining_min_cents))
    }
}

#[cfg(test)]
#[path = "credit_transfer_tests.rs"]
pub(super) mod tests;
