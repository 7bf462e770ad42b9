//! What a message does to the ledger: grammars, rules, the processor and the store, in this process and on both databases.
//!
//! - `fixtures`, `coverage`: texts that each bank's grammar must read or refuse, and whether they go every way through it
//! - `processor`, `rules`, `long_messages`: a message's ending, its reply and its money
//! - `own_fields`: values that only a bank's form knows; `accounts`: accounts of kinds that a grammar declares
//! - `find`: messages by number, receipt, reference or key, and their story
//! - `lists`: several top-ups in one message
//! - `dealers`, `credit_transfer`: what sellers and subscribers send each other
//! - `verified_pins`: PINs of top-ups and questions, verified by this program or by the bank
//! - `store`: what every database has to do

#[path = "../node/mod.rs"]
mod node;

mod accounts;
mod coverage;
mod credit_transfer;
mod dealers;
mod find;
mod fixtures;
mod lists;
mod long_messages;
mod own_fields;
mod own_replies;
mod processor;
mod rules;
mod store;
mod verified_pins;
