//! Credit that somebody wants to send and has yet to confirm: a hold keeps it until then.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::inbound::hash_fields;
use super::limits::Whose;
use super::rules::Redelivery;
use super::sending::{affordable, may_send, moved, receiver_validity, subject};
use super::{
    Account, AccountKey, Amount, Cause, ContentHash, Decision, Earlier, Fingerprint, Hold, HoldState, Language, Msisdn,
    Needs, Posting, Reason, ReasonCode, Rejection, Rules, Snapshot, TransferCommand, pin,
};

/// What waits for its confirmation. It never changes: whether it still waits is the state of its hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The hold that keeps the credit and its fee.
    pub hold: Uuid,
    /// Who sends.
    pub sender: Msisdn,
    /// Who gets it.
    pub receiver: Msisdn,
    /// How much.
    pub amount: Amount,
    /// What the sender pays beside it.
    pub fee: Option<Amount>,
}

/// What an unconfirmed transfer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The hold and what it is for; none where it was placed before.
    pub placed: Option<(Hold, Offer)>,
    /// The request that it carries out.
    pub request: Fingerprint,
    /// Whose wrong PINs are forgiven with it.
    pub forgiven: String,
}

/// Somebody confirms what was asked last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmCommand {
    /// Identifier of the transfer, made by the node that took the message in.
    pub id: Uuid,
    /// The bank or operator whose form it was written in.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// Who confirms.
    pub sender: Msisdn,
    /// What it confirms, of what was asked of this sender ([`ConfirmCommand::among`]); `None` where nothing was.
    pub offer: Option<Offer>,
    /// The language that the form is of, where its keyword tells.
    pub language: Option<Language>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// When the session that it came on was bound, where there was one.
    pub session_since: Option<DateTime<Utc>>,
}

impl TransferCommand {
    /// What makes two questions about it the same.
    pub(super) fn offered_print(&self) -> Fingerprint {
        let Fingerprint(request) = self.fingerprint();
        let ContentHash(hash) = hash_fields(&[b"offer", &request]);
        Fingerprint(hash)
    }
}

/// Asks before it moves: what `posting` would move is held.
pub(super) fn offer(command: &TransferCommand, posting: &Posting, minutes: u16, now: DateTime<Utc>) -> Offered {
    let fee = posting.further.first().map(|movement| movement.amount);
    let kept = Amount::from_cents(posting.main.amount.cents() + fee.map_or(0, Amount::cents));
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
    /// The account that gives.
    pub fn debited(&self) -> AccountKey {
        AccountKey::subscriber(self.sender)
    }

    /// What it is about, of what was asked of this sender, the newest first, each with its hold: the last that was asked
    /// before it arrived. Where it may be the network's second delivery of an earlier confirmation, it is about what that
    /// one confirmed, whatever was asked since: nobody has to find credit sent that was asked about only.
    pub fn among(&self, asked: &[(Offer, Hold)], redelivery: &Redelivery) -> Option<Offer> {
        let confirmed = asked.iter().find_map(|(offer, hold)| match (hold.state, &hold.ended) {
            (HoldState::Voided, Some((Cause::Message(_), at))) => Some((offer, Earlier { transfer: hold.id, at: *at })),
            _ => None,
        });
        let delivery = (self.received_at, self.session_since);
        let again = confirmed.filter(|(_, of)| redelivery.is_second(delivery, *of, self.received_at));
        let before = || asked.iter().find(|(_, hold)| hold.placed_at <= self.received_at).map(|(offer, _)| offer);
        again.map(|(offer, _)| offer).or_else(before).cloned()
    }

    /// That this hold was confirmed.
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

/// Decides a confirmation at `now`. What was allowed when it was asked has to be so still.
pub(super) fn decide(snapshot: &Snapshot, command: &ConfirmCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let Some(offer) = &command.offer else { return Decision::Refuse(Rejection::new(Reason::NothingToConfirm)) };
    if let Some(of) = snapshot.earlier.get(&ConfirmCommand::request(offer.hold)) {
        return Decision::Duplicate { of: *of, amount: offer.amount };
    }
    match posting(snapshot, command, offer, rules, now) {
        Ok(posting) => Decision::Post(posting),
        Err(rejection) => Decision::Refuse(rejection),
    }
}

fn posting(
    snapshot: &Snapshot,
    command: &ConfirmCommand,
    offer: &Offer,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Posting, Rejection> {
    let waits = |hold: &&Hold| hold.state == HoldState::Pending && now < hold.expires_at;
    let hold = snapshot.holds.get(&offer.hold).filter(waits);
    let hold = hold.ok_or_else(|| Rejection::new(Reason::NothingToConfirm))?;
    let (from, to) = (command.debited(), AccountKey::subscriber(offer.receiver));
    let sender = snapshot.accounts.get(&from);
    may_send(sender, rules, now)?;
    let validity = receiver_validity(snapshot.accounts.get(&to), rules, now)?;
    // What it keeps of the account is there for it.
    let available = sender.map_or(0, Account::available_cents).saturating_add(hold.amount.cents());
    affordable(available, offer.amount, &rules.credit_transfer)?;
    let limits = &rules.credit_transfer.limits;
    limits.check(Whose::Sender, &snapshot.usage, &subject(command.sender), offer.amount, now)?;
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
