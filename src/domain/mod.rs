//! The business rules, pure: no clock, socket, file or database; instants and identifiers are passed in.
//!
//! - numbers and money: [`Msisdn`], [`ShortCode`], [`Amount`], [`NumberingPlan`] (which numbers exist, and whose they are)
//! - a message's way: [`InboundSms`] as it came, [`Request`] as it was read, [`Command`] as it is decided,
//!   [`Outcome`] as it ended, [`OutboundSms`] as the customer is told, [`Report`] as a machine is
//! - the ledger: [`Account`], [`Movement`] as it is decided, [`Transfer`] as it is kept, [`Cause`] of each
//! - the calendar of the operator: [`calendar`]; the life of a number, as it is recorded: [`changes`]
//! - the rules: [`validity`] (how long credit lives), [`Rules`] (limits, windows, unknown subscribers)
//! - rules as data: [`limits`], [`products`], [`bonus`]; the days that they speak of: [`calendar`]
//! - dealers, and what they owe: [`Dealer`], [`receivable`]
//! - staff: [`Action`] (a reversal, an adjustment by two, a hold), [`Hold`]
//! - the decision: [`decide`] looks at a [`Snapshot`] and says what to do: post, or refuse
//! - scratch cards: [`voucher`]
//! - which replies are withheld: [`Courtesies`]; who is who: [`NumberingPlan::phone`], [`is_same_person`]
//! - every way to say no: [`Rejection`] and its ordered [`Reason`]

mod account;
mod action;
mod amount;
pub mod bonus;
pub mod calendar;
mod channel;
mod clock;
mod closed_set;
mod courtesy;
mod credit_transfer;
mod dealer;
mod debts;
mod decide;
mod details;
mod hold;
mod inbound;
mod language;
mod life;
pub mod limits;
mod msisdn;
mod numbering;
mod offer;
mod outbound;
mod outcome;
pub mod pin;
pub mod products;
mod reason;
mod receipt;
mod recharge;
mod rejection;
mod report;
mod request;
mod reversal;
mod routes;
mod rules;
mod sending;
mod snapshot;
mod source;
mod staff_name;
mod transfer;
pub mod validity;
pub mod voucher;
mod withdrawal;

pub use account::{Account, AccountKey, AccountKind, AccountState};
pub use action::{Action, ActionKind, ActionState, NotChecked, Signed, adjust};
pub use amount::{Amount, InvalidAmount, format_cents, parse_cents};
pub use channel::Channel;
pub use clock::{Clock, Floor};
pub use courtesy::{Courtesies, Courtesy, CourtesyRules, Repeated, Withheld};
pub use credit_transfer::TransferCommand;
pub use dealer::{CommissionRule, Dealer, DealerName, DealerRules, LEVELS_MAX, Seller, StockCommand, Undo, wallet};
pub use debts::receivable;
pub use decide::{Command, Decision, Needs, Posting, decide};
pub use details::Details;
pub use hold::{Hold, HoldProblem, HoldState};
pub use inbound::{Body, ContentHash, InboundSms};
pub use language::{Language, UnknownLanguage};
pub use life::{Change, Recorded, Standing, Why, changes, revival, warning_step};
pub use msisdn::{InvalidMsisdn, InvalidShortCode, Msisdn, ShortCode, mask_number};
pub use numbering::{InvalidPlan, Line, LineKind, NumberProblem, NumberingPlan, WrittenNumbers};
pub use offer::{ConfirmCommand, Offer, Offered};
pub use outbound::OutboundSms;
pub use outcome::{Applied, Beneficiary, Bonus, Earlier, Outcome};
pub use pin::{ChangePinCommand, Kept, PinCheck, PinRecord};
pub use reason::Reason;
pub use receipt::Receipt;
pub use rejection::Rejection;
pub use report::{Ending, Numbering, Report, ReportWanted};
pub use request::{Enrolments, Fingerprint, Payer, RechargeCommand, Request, Service, Target};
pub use reversal::{Later, ReverseCommand};
pub use routes::{LinkRules, Route, Routes};
pub use rules::{BankRules, Redelivery, Rules, UnknownSubscriber};
pub use sending::{Asking, CreditTransferRules};
pub use snapshot::{Orders, Snapshot, Unpostable};
pub use source::{AddressType, Source};
pub use staff_name::{NotAName, is_same_person, staff_name};
pub use transfer::{Cause, Movement, ReasonCode, Transfer, TransferKind, ValidityChange};
pub use withdrawal::{Contradiction, Said, WithdrawCommand};
