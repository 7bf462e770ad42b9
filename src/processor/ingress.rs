//! The way into the processor, for every interface: SMPP, HTTP and ISO 8583. Another implementation tests an interface
//! without a database.

use std::fmt;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{Answer, InboundPart, NotAccepted, Order, OrderState, Processor};
use crate::domain::{
    Account, AccountKey, AddressType, Dealer, DealerName, InboundSms, Language, Line, Msisdn, Rejection, Report,
    ReportWanted,
};
use crate::store::StoreError;

/// A message, or a part of one, by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It was taken and has had its ending.
    Ended(Report),
    /// A part of it is here, and others are missing.
    Waiting,
    /// There is none.
    Unknown,
}

/// Takes messages and orders in, and answers what an interface has to ask first.
///
/// Every error is a [`NotAccepted`]: nothing was kept, but for [`NotAccepted::Unknown`].
pub trait Ingress: fmt::Debug + Send + Sync {
    /// Takes a message in and returns when it is committed. The report that its sender wants is committed with it.
    fn accept(&self, message: InboundSms, report: ReportWanted) -> BoxFuture<'_, Result<Answer, NotAccepted>>;

    /// The same for a sender that waits for the reply and shows it itself: it is in the answer, and not sent to the phone.
    fn accept_in_dialogue(&self, message: InboundSms) -> BoxFuture<'_, Result<Answer, NotAccepted>>;

    /// Takes in a part of a long message and returns when it is committed: the key that its message is known by.
    fn accept_part(&self, part: InboundPart) -> BoxFuture<'_, Result<String, NotAccepted>>;

    /// Takes an order in and returns when it is committed.
    fn order(&self, order: Order) -> BoxFuture<'_, Result<Answer, NotAccepted>>;

    /// Decides an order as [`Ingress::order`] would, and keeps nothing of it.
    fn try_out(&self, order: Order) -> BoxFuture<'_, Result<Answer, NotAccepted>>;

    /// An order as it stands, by the keys that it may have and by that of its withdrawal.
    fn order_state(&self, keys: [String; 2], withdrawal: String) -> BoxFuture<'_, Result<OrderState, NotAccepted>>;

    /// The message with this key, which came by this link.
    fn find<'a>(&'a self, link: &'a str, key: String) -> BoxFuture<'a, Result<Known, NotAccepted>>;

    /// The dealer with this name, and those above it; `None` if there is none.
    fn dealer<'a>(&'a self, name: &'a DealerName) -> BoxFuture<'a, Result<Option<Dealer>, NotAccepted>>;

    /// The account with this key; `None` if there is none.
    fn account<'a>(&'a self, key: &'a AccountKey) -> BoxFuture<'a, Result<Option<Account>, NotAccepted>>;

    /// The language that a phone is answered in.
    fn language<'a>(&'a self, from: &'a str) -> BoxFuture<'a, Language>;

    /// The languages that there are texts in.
    fn languages(&self) -> Vec<Language>;

    /// The phone with this source address; `None` if the address is no phone's. `labelled` is what its network says of the
    /// address.
    fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn>;

    /// A number that a machine gave, read as it would be in a text.
    ///
    /// # Errors
    /// The number is none of the plan.
    fn line(&self, written: &str) -> Result<Line, Rejection>;

    /// A refusal in words for a customer: in this language, or in the default language. `to` is what was called.
    fn words(&self, rejection: &Rejection, to: &str, language: Option<Language>) -> String;
}

impl Ingress for Processor {
    fn accept(&self, message: InboundSms, report: ReportWanted) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        self.accept_from_machine(message, report).boxed()
    }

    fn accept_in_dialogue(&self, message: InboundSms) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        Self::accept_in_dialogue(self, message).boxed()
    }

    fn accept_part(&self, part: InboundPart) -> BoxFuture<'_, Result<String, NotAccepted>> {
        Self::accept_part(self, part).boxed()
    }

    fn order(&self, order: Order) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        Self::order(self, order).boxed()
    }

    fn try_out(&self, order: Order) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        Self::try_out(self, order).boxed()
    }

    fn order_state(&self, keys: [String; 2], withdrawal: String) -> BoxFuture<'_, Result<OrderState, NotAccepted>> {
        async move {
            let [key, former] = &keys;
            told(Self::order_state(self, &[key, former], &withdrawal).await)
        }
        .boxed()
    }

    fn find<'a>(&'a self, link: &'a str, key: String) -> BoxFuture<'a, Result<Known, NotAccepted>> {
        async move {
            if let Some(report) = told(self.report(&key).await)? {
                return Ok(Known::Ended(report));
            }
            let is_waiting = told(self.is_waiting(link, &key).await)?;
            Ok(if is_waiting { Known::Waiting } else { Known::Unknown })
        }
        .boxed()
    }

    fn dealer<'a>(&'a self, name: &'a DealerName) -> BoxFuture<'a, Result<Option<Dealer>, NotAccepted>> {
        Self::dealer(self, name).map(told).boxed()
    }

    fn account<'a>(&'a self, key: &'a AccountKey) -> BoxFuture<'a, Result<Option<Account>, NotAccepted>> {
        self.store.account(key).map(told).boxed()
    }

    fn language<'a>(&'a self, from: &'a str) -> BoxFuture<'a, Language> {
        Self::language(self, from).boxed()
    }

    fn languages(&self) -> Vec<Language> {
        Self::languages(self)
    }

    fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        Self::phone(self, from, labelled)
    }

    fn line(&self, written: &str) -> Result<Line, Rejection> {
        Self::line(self, written)
    }

    fn words(&self, rejection: &Rejection, to: &str, language: Option<Language>) -> String {
        Self::words(self, rejection, to, language)
    }
}

/// A database's error as a peer may see it; the log has what the database said.
fn told<T>(result: Result<T, StoreError>) -> Result<T, NotAccepted> {
    result.map_err(|error| NotAccepted::failed(&error))
}
