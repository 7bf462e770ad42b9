//! The second step: looks up everything that a message refers to, and makes a complete command of its request.
//!
//! - PINs are compared, or the bank is asked about them ([`super::pins`]). The batch decides on the result, because it holds
//!   the number of tries.
//! - Dealers are found, and the sale to be reversed (`dealers`).
//! - A confirmation gets its offer.
//!
//! Most messages need no look-up. Two look-ups are made in the batch ([`super::batch`]), where they cost one statement
//! for all messages and see the rows of the transaction: registered user names, and withdrawn orders.

mod dealers;

use std::hash::{DefaultHasher, Hash, Hasher};

use uuid::Uuid;
use zeroize::Zeroizing;

use super::answer::NotAccepted;
use super::parse::{Asked, Confirmation, Envelope, Parsed, Read, Unverified};
use super::pins::{BankPins, BankQuestion, PinChecker};
use super::services::ProcessorServices;
use crate::domain::{
    AccountKey, Asking, ChangePinCommand, Channel, Command, ConfirmCommand, Delivery, Fingerprint, Guard, InboundSms,
    Msisdn, Offer, PinCheck, Reason, Redelivery, TransferCommand,
};
use crate::grammar::{PinRequest, TransferRequest, Verifier};
use crate::store::{Store, StoreError};

/// A message that is ready to be decided.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) envelope: Envelope,
    pub(super) read: Read,
    /// The verified PIN that protects the request, if the request itself has none.
    pub(super) guard: Option<Guard>,
}

impl Resolved {
    /// Numbers of which all messages about one account have one: several for a list.
    pub(super) fn keys(&self) -> Vec<u64> {
        match (&self.read, self.envelope.sender) {
            (Read::Command(command), _) => match command.accounts() {
                accounts if accounts.is_empty() => vec![hashed(&())],
                accounts => accounts.iter().map(hashed).collect(),
            },
            (_, Some(sender)) => vec![hashed(&AccountKey::subscriber(sender))],
            (_, None) => vec![hashed(&self.envelope.message.key)],
        }
    }
}

fn hashed(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[derive(Debug, Clone)]
pub(super) struct Resolver {
    store: Store,
    pins: PinChecker,
    bank_pins: BankPins,
    redelivery: Redelivery,
    /// Settings of the question before a transfer by SMS; `None` if transfers are carried out at once.
    asking: Option<Asking>,
}

impl Resolver {
    pub(super) fn new(services: &ProcessorServices) -> Self {
        Self {
            store: services.store.clone(),
            pins: PinChecker::new(services.store.clone(), services.pin_key.clone()),
            bank_pins: services.bank_pins.clone(),
            redelivery: services.rules.redelivery,
            asking: services.rules.credit_transfer.asking(),
        }
    }

    /// Looks up everything that the message refers to.
    ///
    /// # Errors
    /// The database failed; the sender may send the message again.
    pub(super) async fn resolve(&self, parsed: Parsed) -> Result<Resolved, NotAccepted> {
        let Parsed { envelope, asked, unverified } = parsed;
        let message = &envelope.message;
        let guard = match unverified {
            Some(unverified) => Some(self.verified(unverified, message).await?),
            None => None,
        };
        let read = match asked {
            Asked::Read(read) => read,
            Asked::Transfer { sender, request } => self.transfer(sender, *request, message).await?,
            Asked::Dealing { seller, dealing, request } => self.deal(seller, dealing, *request, message).await?,
            Asked::ChangePin { owner, request, print } => self.pin_change(owner, *request, print, message).await?,
            Asked::Confirm { sender, confirmation } => self.confirm(sender, *confirmation, message).await?,
        };
        Ok(Resolved { envelope, read, guard })
    }

    /// Compares the PIN, or asks the bank about it.
    async fn verified(
        &self,
        Unverified { phone, pin }: Unverified,
        message: &InboundSms,
    ) -> Result<Guard, NotAccepted> {
        if pin.verifier == Verifier::Bank {
            let question = BankQuestion { bank: &pin.bank, phone, pin: &pin.digits, key: &message.key };
            return Ok(Guard::Bank(self.bank_pins.ask(question).await));
        }
        let account = AccountKey::subscriber(phone);
        let check = self.pins.check(&account, pin.digits).await?;
        Ok(Guard::Own(account, check))
    }

    async fn transfer(
        &self,
        sender: Msisdn,
        request: TransferRequest,
        message: &InboundSms,
    ) -> Result<Read, NotAccepted> {
        let check = self.check(&AccountKey::subscriber(sender), request.pin).await?;
        Ok(Read::command(Command::Transfer(Box::new(TransferCommand {
            id: Uuid::now_v7(),
            bank: request.bank,
            form: request.form,
            sender,
            line: request.line,
            amount: request.amount,
            check,
            asking: self.asking.filter(|_| message.channel == Channel::Sms),
            repeat: request.repeat,
            language: request.language,
            received_at: message.received_at,
            redelivery_doubt_since: message.redelivery_doubt_since,
        }))))
    }

    /// The PIN is that of the phone's account or, if the phone belongs to a dealer, that of the dealer.
    async fn pin_change(
        &self,
        owner: Msisdn,
        request: PinRequest,
        print: Fingerprint,
        message: &InboundSms,
    ) -> Result<Read, NotAccepted> {
        let account = if request.of_dealer {
            match looked_up(self.store.dealer_of(owner).await)? {
                Some(dealer) => dealer.wallet(),
                None => return Ok(Read::refused(Reason::DealerUnknown, request.bank)),
            }
        } else {
            AccountKey::subscriber(owner)
        };
        let check = self.pins.check(&account, request.old.clone()).await?;
        let new = self.pins.hash(request.new, &request.old).await?;
        Ok(Read::command(Command::ChangePin(Box::new(ChangePinCommand {
            id: Uuid::now_v7(),
            bank: request.bank,
            form: request.form,
            owner,
            account,
            check,
            new,
            print,
            language: request.language,
            received_at: message.received_at,
            redelivery_doubt_since: message.redelivery_doubt_since,
        }))))
    }

    /// Finds the offer, also one that is confirmed already. The batch decides whether it is still pending.
    async fn confirm(
        &self,
        sender: Msisdn,
        confirmation: Confirmation,
        message: &InboundSms,
    ) -> Result<Read, NotAccepted> {
        let offers = looked_up(self.store.last_offers(sender).await)?;
        let delivery =
            Delivery { received_at: message.received_at, redelivery_doubt_since: message.redelivery_doubt_since };
        Ok(Read::command(Command::Confirm(Box::new(ConfirmCommand {
            id: Uuid::now_v7(),
            bank: confirmation.bank,
            form: confirmation.form,
            sender,
            offer: Offer::confirmed(&offers, delivery, &self.redelivery),
            language: confirmation.language,
            received_at: message.received_at,
            redelivery_doubt_since: message.redelivery_doubt_since,
        }))))
    }

    /// Compares the PIN, if the message has one.
    async fn check(
        &self,
        account: &AccountKey,
        pin: Option<Zeroizing<String>>,
    ) -> Result<Option<PinCheck>, NotAccepted> {
        match pin {
            Some(pin) => self.pins.check(account, pin).await.map(Some),
            None => Ok(None),
        }
    }
}

/// A message whose look-up failed is not accepted.
fn looked_up<T>(found: Result<T, StoreError>) -> Result<T, NotAccepted> {
    found.map_err(|error| NotAccepted::failed(&error))
}
