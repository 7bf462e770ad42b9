//! Banks' formats as data: a file says what customers may write, and this room reads it.
//!
//! ```text
//!  grammars/<bank>.toml ── file (form_file, walk, pattern) ──> compile (lower) ──> form: Bank, Form, Path, Step
//!                                   │ diagnostic                              │
//!                                   v                                         v
//!                            what is wrong, and where        message ── interpret ── reader (fields) ── assemble ──> Reading
//!                                                                              │ no form, or against a rule
//!                                                                              v
//!                                                  diagnose (sense, hint, slip, suggest)  ──> ParseFailure
//! ```
//!
//! - [`GrammarSet`]: all banks together; it loads files and reads messages.
//! - [`Reading`]: what a message asks for; [`ParseFailure`]: why it was not read, how far reading came, what was expected.
//! - `pattern`: the language that forms are written in.
//! - `fields/`: the closed set of [`Field`]s, the kinds of values: one file each, and a table that names them.
//! - `disjoint`: the proof, at load, that no text is of two forms of one short code (`language` has the texts of a form
//!   as an `automaton`); [`Overlap`] is one that a `priority` settles.
//! - [`Diagnostic`]: an error in a grammar file, drawn as rustc draws its own.
//!
//! - `identifiers`: the kinds of accounts that files declare, and the identifiers that they read.
//! - [`number()`]: a number that stands alone, in a field of a machine's request.
//! - `explain`, [`skeleton()`], [`Fixture`]: a bank's forms in words, a first file for a new bank, the texts that prove one.
//!
//! Nothing is guessed: a text is read when exactly one form accounts for every character of it.

mod action;
mod amount_file;
mod assemble;
mod automaton;
mod behind;
mod compile;
mod diagnose;
mod diagnosis;
mod diagnostic;
mod disjoint;
mod explain;
mod failure;
mod faults;
mod fields;
mod file;
mod fixture;
mod form;
mod form_file;
mod hint;
mod identifiers;
mod info;
mod interpret;
mod kept;
mod known;
mod language;
mod lone;
mod lower;
mod message;
mod order;
mod pattern;
mod print;
mod reader;
mod sense;
mod separators;
mod set;
mod skeleton;
mod slip;
mod suggest;
mod trees;
mod walk;

pub use action::{Action, Evidence};
pub use diagnostic::{Diagnostic, OtherPlace};
pub use disjoint::Overlap;
pub use explain::{Tried, Untried};
pub use failure::{FormTrace, ParseFailure};
pub use fields::Field;
pub use fixture::{Fixture, MustRead, MustRefuse};
pub use info::{BankInfo, FormInfo};
pub use lone::number;
pub use message::{Giving, Incoming, PinRequest, Reading, TransferRequest, VoucherRequest};
pub use set::GrammarSet;
pub use skeleton::{NewBank, Skeleton, skeleton};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
