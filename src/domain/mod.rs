//! The business rules, pure: no clock, socket, file or database; instants and identifiers are passed in.
//!
//! - numbers and money: [`Msisdn`], [`ShortCode`], [`Amount`], [`NumberingPlan`] (which numbers exist, and whose they are)
//! - a message's way: [`InboundSms`] as it came, [`Request`] as it was read, [`RechargeCommand`] as it is decided,
//!   [`Outcome`] as it ended, [`OutboundSms`] as the customer is told
//! - the ledger: [`Account`], [`Transfer`]
//! - the rules: [`validity`] (how long credit lives), [`Rules`] (limits, windows, unknown subscribers), [`decide`]
//! - every way to say no: [`Rejection`] and its ordered [`Reason`]

mod account;
mod amount;
mod clock;
mod decide;
mod inbound;
mod language;
mod msisdn;
mod numbering;
mod outbound;
mod outcome;
mod rejection;
mod request;
mod rules;
mod transfer;
pub mod validity;

pub use account::{Account, AccountKey, AccountKind, AccountState};
pub use amount::{Amount, InvalidAmount, format_cents};
pub use clock::Clock;
pub use decide::{Decision, Posting, Snapshot, decide};
pub use inbound::{Body, ContentHash, InboundSms};
pub use language::{Language, UnknownLanguage};
pub use msisdn::{InvalidMsisdn, InvalidShortCode, Msisdn, ShortCode, mask_number};
pub use numbering::{InvalidPlan, Line, LineKind, NumberProblem, NumberingPlan, WrittenNumbers};
pub use outbound::OutboundSms;
pub use outcome::{Applied, Earlier, Outcome};
pub use rejection::{Details, Reason, Rejection};
pub use request::{Fingerprint, Payer, RechargeCommand, Request, Service, Target};
pub use rules::{BankRules, Redelivery, Rules, UnknownSubscriber};
pub use transfer::{Receipt, Transfer, TransferKind};
