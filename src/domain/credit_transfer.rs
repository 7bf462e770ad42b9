//! The decision on credit that one subscriber sends to another.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::inbound::hash_fields;
use super::limits::{Counted, Whose};
use super::sending::{CreditTransferRules, affordable, may_send, moved, receiver_validity, subject};
use super::{
    Account, AccountKey, Amount, Asking, ContentHash, Decision, Delivery, Earlier, Fingerprint, Language, Line,
    LoadedRows, Msisdn, Needs, Offered, PinCheck, Posting, Reason, Rejection, Rules, offer, pin,
};

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
            &self.amount.minor().to_be_bytes(),
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
        rules.credit_transfer.limits.counted(&subject(self.sender), now)
    }
}

impl Rules {
    /// Returns the refusal of a credit transfer if it needs no accounts.
    pub fn refuses_transfer(&self, sender: Msisdn, receiver: &Line, amount: Amount) -> Option<Rejection> {
        allowed(sender, receiver, amount, &self.credit_transfer).err()
    }
}

/// Decides a transfer of credit at `now`. Without the right PIN, the reply says nothing about the account.
pub(super) fn decide(loaded: &LoadedRows, command: &TransferCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    if let Err(rejection) = allowed(command.sender, &command.line, command.amount, &rules.credit_transfer) {
        return Decision::Refuse(rejection);
    }
    if let Some(refusal) = pin::refusal(loaded, &command.debited(), command.check, rules, now) {
        return refusal;
    }
    let earlier = loaded.earlier.get(&command.fingerprint()).copied();
    let window = rules.bank(&command.bank).duplicate_window();
    let delivery =
        Delivery { received_at: command.received_at, redelivery_doubt_since: command.redelivery_doubt_since };
    if let Some(of) = earlier.filter(|of| now - of.at < window || rules.redelivery.is_second(delivery, *of, now)) {
        return Decision::Duplicate { of, amount: command.amount };
    }
    let asked = |of: &Earlier| now - of.at < window || rules.redelivery.is_second(delivery, *of, now);
    if command.asking.is_some() && loaded.earlier.get(&command.offered_print()).is_some_and(asked) {
        let (request, forgiven) = (command.offered_print(), pin::tries_of(&command.debited()));
        return Decision::Offer(Box::new(Offered { placed: None, request, forgiven }));
    }
    match (posting(loaded, command, rules, now), command.asking) {
        (Ok(posting), Some(Asking { minutes, .. })) => {
            Decision::Offer(Box::new(offer::offer(command, &posting, minutes, now)))
        }
        (Ok(posting), None) => Decision::Post(posting),
        (Err(rejection), _) => Decision::Refuse(rejection),
    }
}

fn posting(
    loaded: &LoadedRows,
    command: &TransferCommand,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Posting, Rejection> {
    let (from, to) = (command.debited(), command.credited());
    let sender = loaded.accounts.get(&from);
    may_send(sender, rules, now)?;
    let validity = receiver_validity(loaded.accounts.get(&to), rules, now)?;
    affordable(sender.map_or(0, Account::available_minor), command.amount, &rules.credit_transfer)?;
    rules.credit_transfer.limits.check(Whose::Sender, &loaded.usage, &subject(command.sender), command.amount, now)?;
    Ok(Posting {
        requests: vec![command.fingerprint()],
        counted: command.counted(rules, now),
        forgiven: Some(pin::tries_of(&command.debited())),
        ..moved((from, to), (command.amount, rules.credit_transfer.fee), validity)
    })
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

#[cfg(test)]
#[path = "credit_transfer_tests.rs"]
pub(super) mod tests;
