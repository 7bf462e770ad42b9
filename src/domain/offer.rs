//! Transfers of credit that wait for a confirmation. A hold reserves the credit until then.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::inbound::hash_fields;
use super::limits::Whose;
use super::rules::{Delivery, Redelivery};
use super::sending::{affordable, may_send, moved, receiver_validity, subject};
use super::{
    Account, AccountKey, Amount, Cause, ContentHash, Decision, Earlier, Fingerprint, Hold, HoldState, Language,
    LoadedRows, Msisdn, Needs, Posting, Reason, ReasonCode, Rejection, Rules, TransferCommand, pin,
};

/// A transfer that waits for its confirmation. It is immutable; its state is that of its hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The hold for the credit and its fee.
    pub hold: Uuid,
    pub sender: Msisdn,
    pub receiver: Msisdn,
    pub amount: Amount,
    /// Fee of the sender.
    pub fee: Option<Amount>,
}

/// The effects of an unconfirmed transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The hold and its purpose; `None` if it was placed before.
    pub placed: Option<(Hold, Offer)>,
    /// The request that it carries out.
    pub request: Fingerprint,
    /// Subject whose count of wrong PINs is reset.
    pub forgiven: String,
}

/// The sender confirms the last offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmCommand {
    /// Identifier of the transfer, created by the node that received the message.
    pub id: Uuid,
    /// Bank or operator of the form.
    pub bank: String,
    pub form: String,
    pub sender: Msisdn,
    /// The offer that it confirms ([`Offer::confirmed`]); `None` if this sender was asked nothing.
    pub offer: Option<Offer>,
    /// Language of the form, if its keyword identifies it.
    pub language: Option<Language>,
    pub received_at: DateTime<Utc>,
    /// As [`crate::domain::InboundSms::redelivery_doubt_since`].
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

impl Offer {
    /// The offer that a confirmation is about, among those of its sender, the newest first, each with its hold: the last one
    /// before it arrived. If it may be the network's second delivery of an earlier confirmation, it is about the offer of
    /// that one, whatever was asked since: nobody has to find credit sent that was asked about only.
    pub fn confirmed(offers: &[(Self, Hold)], delivery: Delivery, redelivery: &Redelivery) -> Option<Self> {
        let received_at = delivery.received_at;
        let confirmed = offers.iter().find_map(|(offer, hold)| match (hold.state, &hold.ended) {
            (HoldState::Voided, Some((Cause::Message(_), at))) => Some((offer, Earlier { transfer: hold.id, at: *at })),
            _ => None,
        });
        let again = confirmed.filter(|(_, of)| redelivery.is_second(delivery, *of, received_at));
        let before = || offers.iter().find(|(_, hold)| hold.placed_at <= received_at).map(|(offer, _)| offer);
        again.map(|(offer, _)| offer).or_else(before).cloned()
    }
}

impl TransferCommand {
    /// Equal for questions about the same transfer.
    pub(super) fn offered_print(&self) -> Fingerprint {
        let Fingerprint(request) = self.fingerprint();
        let ContentHash(hash) = hash_fields(&[b"offer", &request]);
        Fingerprint(hash)
    }
}

/// Builds the hold for the movements of `posting`, and the question to the sender.
pub(super) fn offer(command: &TransferCommand, posting: &Posting, minutes: u16, now: DateTime<Utc>) -> Offered {
    let fee = posting.further.first().map(|movement| movement.amount);
    let kept = Amount::from_minor(posting.main.amount.minor() + fee.map_or(0, Amount::minor));
    let hold = kept.ok().map(|amount| Hold {
        id: command.id,
        account: command.debited(),
        amount,
        state: HoldState::Pending,
        reason: ReasonCode::Unconfirmed,
        cause: Cause::System("credit_transfer".to_owned()),
        placed_at: now,
        expires_at: now + TimeDelta::minutes(i64::from(minutes)),
        ended: None,
        posted: None,
    });
    let receiver = command.line.msisdn;
    let offer = Offer { hold: command.id, sender: command.sender, receiver, amount: command.amount, fee };
    Offered {
        placed: hold.map(|hold| (hold, offer)),
        request: command.offered_print(),
        forgiven: pin::tries_of(&command.debited()),
    }
}

impl ConfirmCommand {
    pub fn debited(&self) -> AccountKey {
        AccountKey::subscriber(self.sender)
    }

    /// Fingerprint of the request that confirms this hold.
    fn request(hold: Uuid) -> Fingerprint {
        let ContentHash(hash) = hash_fields(&[b"confirmed", hold.as_bytes()]);
        Fingerprint(hash)
    }

    pub(super) fn needs(&self, rules: &Rules, now: DateTime<Utc>) -> Needs {
        let Some(offer) = &self.offer else { return Needs::default() };
        let limits = &rules.credit_transfer.limits;
        Needs {
            accounts: vec![self.debited(), AccountKey::subscriber(offer.receiver)],
            fingerprints: vec![Self::request(offer.hold)],
            usage: limits.counted(&subject(self.sender), now).into_iter().map(|counted| counted.key).collect(),
            holds: vec![offer.hold],
            ..Needs::default()
        }
    }
}

/// Decides a confirmation at `now`. The conditions of the transfer must hold again.
pub(super) fn decide(loaded: &LoadedRows, command: &ConfirmCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let Some(offer) = &command.offer else { return Decision::Refuse(Rejection::new(Reason::NothingToConfirm)) };
    if let Some(of) = loaded.earlier.get(&ConfirmCommand::request(offer.hold)) {
        return Decision::Duplicate { of: *of, amount: offer.amount };
    }
    match posting(loaded, command, offer, rules, now) {
        Ok(posting) => Decision::Post(posting),
        Err(rejection) => Decision::Refuse(rejection),
    }
}

fn posting(
    loaded: &LoadedRows,
    command: &ConfirmCommand,
    offer: &Offer,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Posting, Rejection> {
    let waits = |hold: &&Hold| hold.state == HoldState::Pending && now < hold.expires_at;
    let hold = loaded.holds.get(&offer.hold).filter(waits);
    let hold = hold.ok_or_else(|| Rejection::new(Reason::NothingToConfirm))?;
    let (from, to) = (command.debited(), AccountKey::subscriber(offer.receiver));
    let sender = loaded.accounts.get(&from);
    may_send(sender, rules, now)?;
    let validity = receiver_validity(loaded.accounts.get(&to), rules, now)?;
    // The amount of the hold counts as available for the transfer.
    let available = sender.map_or(0, Account::available_minor).saturating_add(hold.amount.minor());
    affordable(available, offer.amount, &rules.credit_transfer)?;
    let limits = &rules.credit_transfer.limits;
    limits.check(Whose::Sender, &loaded.usage, &subject(command.sender), offer.amount, now)?;
    Ok(Posting {
        requests: vec![ConfirmCommand::request(offer.hold)],
        counted: limits.counted(&subject(command.sender), now),
        released: Some(Box::new(offer.hold)),
        ..moved((from, to), (offer.amount, offer.fee), validity)
    })
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
