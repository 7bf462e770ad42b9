//! mbush turns an SMS to a bank's short code into a top-up of a phone, exactly once, and confirms it by SMS.
//!
//! The path of a message through the rooms:
//!
//! ```text
//!  1 links, api   a socket -> smpp -> deliver_sm, or an HTTP request
//!  2 text         octets and data_coding -> an InboundSms
//!  3 grammar      short code and text -> a Request, or a failure with its trace
//!  4 processor    joins a batch, which is one transaction
//!  5 store        earlier answers, accounts and requests
//!  6 domain       decide -> Post | Duplicate | Refuse
//!  7 store        transfers, accounts, outbox; COMMIT; only then the acknowledgement
//!  8 dispatch     leases replies -> links -> sent
//! ```
//!
//! - pure rooms, without clock, socket, file or database: [`domain`], [`text`], [`grammar`], [`gateway`], [`iso8583`], [`menus`], [`smpp`]
//! - settings: [`config`]
//! - the ledger: [`store`], and the use case that writes it: [`processor`]
//! - by the clock: [`jobs`]
//! - the outside: [`links`], [`dispatch`], [`api`]
//! - scratch cards, drawn and printed: [`vouchers`]; what staff look up: [`find`]
//! - the program: [`cli`], with [`simulator`] to try it without an operator, and [`load`] to measure it
//!
//! `ARCHITECTURE.md` says which room may know which, and what is deliberately absent.

pub mod api;
pub mod cli;
pub mod config;
pub mod dispatch;
pub mod domain;
pub mod find;
pub mod gateway;
pub mod grammar;
pub mod iso8583;
pub mod jobs;
pub mod links;
pub mod load;
pub mod menus;
pub mod processor;
pub mod simulator;
pub mod smpp;
pub mod store;
pub mod text;
pub mod vouchers;
