//! Banks' formats as data: a file says what customers may write, and this room reads it.
//!
//! ```text
//!  grammars/<bank>.toml ── file (form_file, walk, pattern) ──> compile (lower) ──> form: Bank, Form, Path, Step
//!                                   │ diagnostic                              │
//!                                   v                                         v
//!                            what is wrong, and where        message ── interpret ── reader (fields) ── assemble ──> Reading
//!                                                                              │ no form, or against a rule
//!                                                                              v
//!                                                  diagnose (sense, told, hint, mend, slip, suggest)  ──> ParseFailure
//! ```
//!
//! - [`GrammarSet`]: all banks together; it loads files and reads messages.
//! - [`Reading`]: what a message asks for; [`ParseFailure`]: why it was not read, how far reading came, what was expected.
//! - [`Guarded`]: a reading with the PIN that protects it; [`Verifier`]: the party that verifies the PIN.
//! - `pattern`: the language that forms are written in.
//! - `fields/`: the closed set of [`Field`]s, the kinds of values: one file each, and a table that names them.
//! - `disjoint`: the proof, at load, that no text is of two forms of one short code (`language` has the texts of a form
//!   as an `automaton`); [`Overlap`] is one that a `priority` settles.
//! - [`Diagnostic`]: an error in a grammar file, drawn as rustc draws its own.
//!
//! - `identifiers`: the kinds of accounts that files declare, and the identifiers that they read.
//! - [`number()`]: a number that stands alone, in a field of a machine's request.
//! - `replies`: confirmations and answers that forms have of their own.
//! - `spoken`: the languages that files name, compared with those that there are texts in.
//! - `explain`, [`skeleton()`], [`Fixture`]: a bank's forms in words, a first file for a new bank, the texts that prove one.
//!
//! Nothing is guessed: a text is read when exactly one form accounts for every character of it.

mod action;
mod allowed;
mod amount_file;
mod assemble;
mod automaton;
mod behind;
mod captured;
mod cards;
mod compile;
mod diagnose;
mod diagnosis;
mod diagnostic;
mod disjoint;
mod dispatch;
mod examples;
mod explain;
mod failure;
mod faults;
mod fields;
mod file;
mod fixture;
mod fixture_items;
mod fixture_words;
mod form;
mod form_file;
mod forward;
mod forward_file;
mod guarded;
mod guess;
mod hint;
mod identifiers;
mod info;
mod interpret;
mod known;
mod language;
mod list;
mod list_file;
mod lone;
mod lower;
mod mend;
mod message;
mod missing;
mod multiplied;
mod order;
mod path;
mod pattern;
mod pin_rules;
mod placeholder;
mod print;
mod reader;
mod replies;
mod reply_file;
mod sample_currency;
mod satisfiable;
mod sense;
mod separators;
mod set;
mod shown;
mod skeleton;
mod slip;
mod slip_in_list;
mod spoken;
mod suggest;
mod told;
mod trees;
mod verifier;
mod vocabulary;
mod walk;
mod width;

pub use action::{Action, Evidence};
pub use diagnostic::{Diagnostic, OtherPlace};
pub use disjoint::Overlap;
pub use explain::{Tried, Untried};
pub use failure::{FormTrace, ParseFailure};
pub use fields::Field;
pub use fixture::{Fixture, MustRead, MustRefuse};
pub use fixture_items::MustItem;
pub use fixture_words::fixture_actions;
pub use guarded::{Guarded, WrittenPin};
pub use info::{BankInfo, FormInfo};
pub use lone::number;
pub use message::{
    ForwardRequest, Giving, Incoming, ListRequest, PinRequest, Reading, TransferRequest, VoucherRequest,
};
pub use set::GrammarSet;
pub use skeleton::{NewBank, NoSkeleton, Skeleton, skeleton};
pub use verifier::Verifier;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
