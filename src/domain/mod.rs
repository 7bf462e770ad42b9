//! The business rules, without clock, socket, file or database: instants and identifiers are passed in.
//!
//! - numbers and money: [`Msisdn`], [`ShortCode`], [`Amount`], [`NumberingPlan`] (valid numbers and their operators)
//! - the stages of a message: [`InboundSms`] as received, [`Request`] as parsed, [`Command`] to decide, [`Outcome`] as
//!   its ending, [`OutboundSms`] as the reply to a customer, [`Report`] as the reply to an ESME
//! - the ledger: [`Account`], [`Movement`] before it is written, [`Transfer`] as stored, [`Cause`] of each
//! - the calendar of the operator: [`calendar`]; the recorded states of a number: [`changes`]
//! - the rules: [`validity`] (lifetime of credit), [`Rules`] (limits, windows, unknown subscribers)
//! - rules as data: [`limits`] and the usage that they count, [`products`], [`bonus`]; their days: [`calendar`]
//! - dealers, their stock and their debts: [`Dealer`], [`StockCommand`], [`receivable`]
//! - staff: [`Action`] (a reversal, an adjustment by two persons, a hold), [`Hold`]
//! - the decision: [`decide`] reads a [`LoadedRows`] and returns the action: post, or refuse
//! - scratch cards: [`voucher`]
//! - values that only their form knows: [`Fields`]; accounts of kinds that grammars declare: [`OtherAccount`]
//! - several top-ups in one message: [`ListCommand`]
//! - requests that are handed on: [`ForwardCommand`]
//! - limits on replies: [`Courtesies`]; identities: [`NumberingPlan::phone`], [`is_same_person`]
//! - all refusals: [`Rejection`] and its ordered [`Reason`]
//!
//! Circle: all, because these types are one vocabulary: loaded rows hold what a decision posts, and a decision reads them.

mod account;
mod action;
mod amount;
pub mod bonus;
pub mod calendar;
mod channel;
mod clock;
mod closed_set;
mod command;
mod courtesy;
mod credit_transfer;
mod dealer;
mod debts;
mod decide;
mod details;
mod fields;
mod forward;
mod guard;
mod hold;
mod inbound;
mod language;
mod life;
pub mod limits;
mod list;
mod loaded_rows;
pub mod locale;
mod msisdn;
mod numbering;
mod offer;
mod other_account;
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
mod service;
mod source;
mod staff_name;
mod stock;
mod stored;
mod topic;
mod transfer;
pub mod validity;
pub mod voucher;
mod withdrawal;

pub use account::{Account, AccountKey, AccountKind, AccountState};
pub use action::{Action, ActionKind, ActionState, NotChecked, Signed, adjust};
pub use amount::{Amount, InvalidAmount, format_minor, parse_minor};
pub use channel::Channel;
pub use clock::{Clock, Floor};
pub use command::Command;
pub use courtesy::{Courtesies, Courtesy, CourtesyRules, Repeated, Withheld};
pub use credit_transfer::TransferCommand;
pub use dealer::{CommissionRule, Dealer, DealerName, DealerRules, LEVELS_MAX, Seller, Undo, wallet};
pub use debts::receivable;
pub use decide::{Decision, Needs, Posting, decide};
pub use details::Details;
pub use fields::{Field, FieldValue, Fields, Secret};
pub use forward::{FORWARD_NAME_MAX, ForwardCommand, ForwardState, is_forward_name};
pub use guard::{BankVerdict, Guard};
pub use hold::{Hold, HoldProblem, HoldState};
pub use inbound::{Body, ContentHash, InboundSms};
pub use language::{Language, NotALanguage};
pub use life::{Change, Recorded, Standing, Why, changes, revival, warning_step};
pub use list::ListCommand;
pub use loaded_rows::{LoadedRows, Orders, Unpostable};
pub use locale::CURRENCY;
pub use msisdn::{InvalidMsisdn, InvalidShortCode, Msisdn, ShortCode, mask_number};
pub use numbering::{InvalidPlan, Line, LineKind, NumberProblem, NumberingPlan, WrittenNumbers};
pub use offer::{ConfirmCommand, Offer, Offered};
pub use other_account::{IDENTIFIER_CHARS_MAX, KIND_CHARS_MAX, OtherAccount, is_account_kind};
pub use outbound::{Draft, OutboundSms, Way};
pub use outcome::{Applied, Beneficiary, Bonus, Earlier, Item, NewerOutcome, Outcome};
pub use pin::{ChangePinCommand, Kept, NewPin, PinCheck, PinRecord};
pub use reason::Reason;
pub use receipt::Receipt;
pub use rejection::Rejection;
pub use report::{Ending, Numbering, Report, ReportWanted};
pub use request::{Enrolments, Fingerprint, Payer, RechargeCommand, Request, Target};
pub use reversal::{Later, ReverseCommand};
pub use routes::{LinkRules, Route, Routes};
pub use rules::{AccountRules, BankRules, Delivery, Redelivery, Rules, UnknownSubscriber};
pub use sending::{Asking, CreditTransferRules};
pub use service::Service;
pub use source::{AddressType, Source};
pub use staff_name::{NotAName, is_same_person, staff_name};
pub use stock::{StockCommand, StockReceiver};
pub use stored::Stored;
pub use topic::Topic;
pub use transfer::{Cause, Movement, ReasonCode, Transfer, TransferKind, ValidityChange};
pub use withdrawal::{Contradiction, Said, WithdrawCommand};
