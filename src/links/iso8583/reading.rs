//! Reads the order in a request, or the reason for an immediate answer, in words for the switch's engineers.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::warn;

use super::code;
use super::original::{ACQUIRER, Original, plain};
use crate::domain::Amount;
use crate::domain::locale::Currency;
use crate::iso8583::{Message, Places};
use crate::links::admission::AuthFailures;
use crate::links::clients::{Client, Clients};

const PROCESSING: u8 = 3;
const AMOUNT: u8 = 4;
const CURRENCY: u8 = 49;
const NETWORK: u8 = 70;
const REPLACEMENT: u8 = 95;

/// The reason that a request is not carried out: a response code and words.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) words: String,
}

/// A request that can be carried out.
pub(super) struct Asked {
    pub(super) client: Arc<Client>,
    pub(super) key: String,
    pub(super) transaction: Transaction,
}

/// A recharge, or the reversal of one.
pub(super) enum Transaction {
    TopUp {
        number: String,
        amount: Amount,
    },
    /// The amount and the number that the reversal states must be those of the recharge.
    Reversal {
        amount_minor: Option<i64>,
        number: Option<String>,
    },
}

/// Reads the requests of one connection.
pub(super) struct Reading<'a> {
    pub(super) clients: &'a Clients,
    pub(super) places: &'a Places,
    pub(super) auth_failures: &'a AuthFailures,
    pub(super) remote: IpAddr,
    pub(super) now: DateTime<Utc>,
}

pub(super) fn refused(code: &'static str, words: impl Into<String>) -> Refused {
    Refused { code, words: words.into() }
}

fn malformed(words: String) -> Refused {
    refused(code::FORMAT_ERROR, words)
}

impl Reading<'_> {
    /// Handles sign-on, sign-off and echo. A sign-on sets `signed_on` to the acquirer of the request.
    pub(super) fn network(&self, request: &Message, signed_on: &mut Option<String>) -> Result<(), Refused> {
        let named = request.get(ACQUIRER).map(plain);
        if let Some(acquirer) = &named {
            self.known(acquirer)?;
        }
        let is_other = named.is_some() && signed_on.is_some() && named != *signed_on;
        match request.get(NETWORK) {
            Some("001") => {
                let sole = || self.clients.sole_acquirer(self.remote).map(str::to_owned);
                let unnamed = "field 32 is missing: several acquirers are at this address";
                *signed_on = Some(named.or_else(sole).ok_or_else(|| refused(code::NOT_PERMITTED, unnamed))?);
            }
            Some("002" | "301") if is_other => return Err(another(signed_on.as_deref())),
            Some("002") => *signed_on = None,
            Some("301") => {}
            Some(network) => {
                let words = format!("field 70 is {network}: there are 001, 002 and 301");
                return Err(refused(code::INVALID_TRANSACTION, words));
            }
            None => return Err(malformed("field 70 is missing".to_owned())),
        }
        Ok(())
    }

    pub(super) fn top_up(&self, request: &Message, signed_on: Option<&str>) -> Result<Asked, Refused> {
        let original = Original::of(request, self.now).map_err(malformed)?;
        let (_, _, minor) = (field(request, PROCESSING)?, field(request, CURRENCY)?, field(request, AMOUNT)?);
        let number = field(request, self.places.number)?.trim().to_owned();
        self.known_kind(request)?;
        let amount = minor.parse().ok().and_then(|minor| Amount::from_minor(minor).ok());
        let amount = amount.ok_or_else(|| refused(code::INVALID_AMOUNT, "field 4 is no amount of a recharge"))?;
        let client = self.bound(original.acquirer(), signed_on)?;
        Ok(Asked { client, key: original.key().to_owned(), transaction: Transaction::TopUp { number, amount } })
    }

    /// Reads a reversal. Its acquirer, type, amount and number have to be those of the recharge.
    pub(super) fn reversal(&self, request: &Message, signed_on: Option<&str>) -> Result<Asked, Refused> {
        let original = Original::of_reversal(request, self.now).map_err(malformed)?;
        if !original.is_recharge() {
            let words = "field 90 is of another type than a recharge: only 0200 is reversed";
            return Err(refused(code::INVALID_TRANSACTION, words));
        }
        self.known_kind(request)?;
        let part = request.get(REPLACEMENT).is_some_and(|amounts| amounts.bytes().any(|b| (b'1'..=b'9').contains(&b)));
        if part {
            let words = "field 95 has an amount: a part of a recharge cannot be taken back";
            return Err(refused(code::INVALID_TRANSACTION, words));
        }
        let amount_minor = request.get(AMOUNT).map(|minor| minor.parse().unwrap_or(i64::MAX));
        let number = request.get(self.places.number).map(|number| number.trim().to_owned());
        if let Some(own) = request.get(ACQUIRER) {
            self.bound(&plain(own), signed_on)?;
        }
        let client = self.bound(original.acquirer(), signed_on)?;
        Ok(Asked {
            client,
            key: original.key().to_owned(),
            transaction: Transaction::Reversal { amount_minor, number },
        })
    }

    /// Checks the processing code and the currency, if the request has them.
    fn known_kind(&self, request: &Message) -> Result<(), Refused> {
        let wrong = |words: String| Err(refused(code::INVALID_TRANSACTION, words));
        match (request.get(PROCESSING), request.get(CURRENCY)) {
            (Some(processing), _) if !self.places.processing_codes.iter().any(|known| known == processing) => {
                wrong(format!("field 3 is {processing}: {} is a recharge", self.places.processing_codes.join(" or ")))
            }
            (_, Some(currency)) if currency != Currency::ledger().numeric() => {
                let ledger = Currency::ledger();
                wrong(format!("field 49 is {currency}: {ledger} is {}", ledger.numeric()))
            }
            _ => Ok(()),
        }
    }

    /// Returns the client of this acquirer. The connection has to have signed on as it.
    fn bound(&self, acquirer: &str, signed_on: Option<&str>) -> Result<Arc<Client>, Refused> {
        let client = self.client(acquirer)?;
        if signed_on == Some(acquirer) { Ok(client) } else { Err(another(signed_on)) }
    }

    /// Refuses an acquirer that is not a client's at this address. Each failure makes the next check wait longer.
    fn known(&self, acquirer: &str) -> Result<(), Refused> {
        let name = Some(acquirer.as_bytes());
        if self.auth_failures.wait(self.remote, name).is_some() {
            return Err(refused(code::NOT_PERMITTED, "too many sign-ons of unknown acquirers; wait before the next"));
        }
        match self.client(acquirer) {
            Ok(_) => {
                self.auth_failures.worked(self.remote, name);
                Ok(())
            }
            Err(refused) => {
                if self.auth_failures.failed(self.remote, name) {
                    let remote = self.remote;
                    warn!(%remote, acquirer, "no client of ISO 8583 at this address is this acquirer");
                }
                Err(refused)
            }
        }
    }

    fn client(&self, acquirer: &str) -> Result<Arc<Client>, Refused> {
        let client = self.clients.by_acquirer(acquirer, self.remote);
        let unknown = || refused(code::NOT_PERMITTED, format!("no client has the acquirer {acquirer} at this address"));
        client.ok_or_else(unknown)
    }
}

fn another(signed_on: Option<&str>) -> Refused {
    let words = match signed_on {
        Some(acquirer) => format!("this connection has signed on as the acquirer {acquirer}"),
        None => "sign on first".to_owned(),
    };
    refused(code::NOT_PERMITTED, words)
}

fn field(request: &Message, number: u8) -> Result<&str, Refused> {
    request.get(number).ok_or_else(|| malformed(format!("field {number} is missing")))
}
