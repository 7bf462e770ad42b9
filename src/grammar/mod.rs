//! Banks' formats as data: a file says what customers may write, and this room reads it.
//!
//! ```text
//!  grammars/<bank>.toml ── file (form_file, walk, pattern) ──> compile (lower) ──> form: Bank, Form, Path, Step
//!                                   │ diagnostic                              │
//!                                   v                                         v
//!                            what is wrong, and where         message ── set ── reader (fields) ── assemble ──> Reading
//!                                                                         │ no form, or against a rule
//!                                                                         v
//!                                                  diagnose (sense, hint, slip, suggest)  ──> ParseFailure
//! ```
//!
//! - [`GrammarSet`]: all banks together; it loads files and reads messages.
//! - [`Reading`]: what a message asks for; [`ParseFailure`]: why it was not read, how far reading came, what was expected.
//! - [`pattern`]: the language that forms are written in, and the closed set of [`Field`]s.
//! - `fields/`: one reader for each kind of value.
//! - `disjoint`: the proof, at load, that no text is of two forms of one short code (`language` has the texts of a form
//!   as an `automaton`); [`Overlap`] is one that a `priority` settles.
//! - [`Diagnostic`]: an error in a grammar file, drawn as rustc draws its own.
//!
//! - [`number()`]: a number that stands alone, in a field of a machine's request.
//! - `explain`, [`skeleton()`], [`Fixture`]: a bank's forms in words, a first file for a new bank, the texts that prove one.
//!
//! Nothing is guessed: a text is read when exactly one form accounts for every character of it.

mod assemble;
mod automaton;
mod behind;
mod compile;
mod diagnose;
mod diagnostic;
mod disjoint;
mod explain;
mod failure;
mod fields;
mod file;
mod fixture;
mod form;
mod form_file;
mod hint;
mod known;
mod language;
mod lone;
mod lower;
mod order;
pub mod pattern;
mod print;
mod reader;
mod sense;
mod set;
mod skeleton;
mod slip;
mod suggest;
mod trees;
mod walk;

pub use diagnostic::{Diagnostic, OtherPlace};
pub use disjoint::Overlap;
pub use explain::{Tried, Untried};
pub use failure::{FormTrace, ParseFailure};
pub use file::{Action, Evidence};
pub use fixture::{Fixture, MustRead, MustRefuse};
pub use lone::number;
pub use pattern::Field;
pub use set::GrammarSet;
pub use skeleton::{NewBank, Skeleton, skeleton};

use zeroize::Zeroizing;

use crate::domain::{Amount, Language, Line, Request, Service, ShortCode, Target};

/// A message as the grammar sees it.
#[derive(Clone, Copy)]
pub struct Incoming<'m> {
    /// Source address: the phone that texted, or a bank's own address.
    pub from: &'m str,
    /// Destination address: the short code, with a number behind it where the bank's form has one there.
    pub to: &'m str,
    /// The text.
    pub text: &'m str,
    /// Name of the link it came by, where that is known; forms for machines may be bound to one.
    pub link: Option<&'m str>,
}

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A top-up.
    Recharge(Request),
    /// A top-up by the code of a voucher.
    Voucher(VoucherRequest),
    /// Credit of the sender's for another number.
    Transfer(TransferRequest),
    /// Another PIN for the sender.
    Pin(PinRequest),
    /// Yes to what the sender was asked.
    Confirm {
        /// The bank or operator whose form it is.
        bank: String,
        /// Name of the form.
        form: String,
        /// The language that the form is of, where its keyword tells.
        language: Option<Language>,
    },
    /// How to write to this short code.
    Help {
        /// The bank whose short code it is.
        bank: String,
        /// Name of the form.
        form: String,
    },
    /// The sender's balance.
    Balance {
        /// The bank whose short code it is.
        bank: String,
        /// Name of the form.
        form: String,
    },
    /// Replies in this language from now on.
    Language {
        /// The bank whose short code it is.
        bank: String,
        /// Name of the form.
        form: String,
        /// The language.
        language: Language,
    },
    /// No more messages.
    Stop {
        /// The bank whose short code it is.
        bank: String,
        /// Name of the form.
        form: String,
    },
}

/// A top-up by the code of a voucher.
#[derive(Clone, PartialEq, Eq)]
pub struct VoucherRequest {
    /// The bank whose form it is.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// The code, in digits.
    pub code: String,
    /// Whom it is for.
    pub target: Target,
}

/// A code is worth money: it is never printed.
impl std::fmt::Debug for VoucherRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoucherRequest").field("bank", &self.bank).field("form", &self.form).finish_non_exhaustive()
    }
}

/// What of the credit that the sender has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giving {
    /// The own credit is sent to another number.
    Credit,
    /// A dealer sells it from its wallet.
    Sale,
    /// A dealer hands it on as stock to the dealer of a number.
    Stock,
    /// A dealer takes its last sale to a number back.
    Undo,
}

impl Giving {
    /// As fixtures and the command line name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credit => "transfer",
            Self::Sale => "sale",
            Self::Stock => "stock",
            Self::Undo => "undo",
        }
    }
}

/// Credit that the sender gives to another number.
#[derive(Clone, PartialEq, Eq)]
pub struct TransferRequest {
    /// What is given, or taken back.
    pub giving: Giving,
    /// The bank or operator whose form it is.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// Who gets it.
    pub line: Line,
    /// How much.
    pub amount: Amount,
    /// The sender's PIN, where the form has one.
    pub pin: Option<Zeroizing<String>>,
    /// The sender says that this really is a second time.
    pub repeat: bool,
    /// The language that the form is of, where its keyword tells.
    pub language: Option<Language>,
}

/// A PIN is never printed.
impl std::fmt::Debug for TransferRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransferRequest").field("bank", &self.bank).field("form", &self.form).finish_non_exhaustive()
    }
}

/// Another PIN for the sender.
#[derive(Clone, PartialEq, Eq)]
pub struct PinRequest {
    /// It is that of the dealer whose phone writes.
    pub of_dealer: bool,
    /// The bank or operator whose form it is.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// The PIN of now.
    pub old: Zeroizing<String>,
    /// The one that takes its place.
    pub new: Zeroizing<String>,
    /// The language that the form is of, where its keyword tells.
    pub language: Option<Language>,
}

/// A PIN is never printed.
impl std::fmt::Debug for PinRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PinRequest").field("bank", &self.bank).field("form", &self.form).finish_non_exhaustive()
    }
}

/// A bank's grammar, described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankInfo<'s> {
    /// Its identifier.
    pub id: &'s str,
    /// Its name for people.
    pub name: &'s str,
    /// Where its customers text to.
    pub short_codes: &'s [ShortCode],
    /// How its format is known.
    pub evidence: Evidence,
    /// Where it was published.
    pub source: &'s str,
    /// The languages it answers in.
    pub languages: &'s [Language],
    /// Its forms.
    pub forms: Vec<FormInfo<'s>>,
}

/// A form, described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormInfo<'s> {
    /// Its name.
    pub name: &'s str,
    /// Its text, in the language of forms.
    pub text: &'s str,
    /// A message of this form.
    pub example: &'s str,
    /// What it asks for.
    pub action: Action,
    /// What it tops up, where it is a top-up.
    pub service: Service,
    /// Settles an overlap with another form; 0 where none was declared.
    pub priority: i64,
    /// The only addresses that it is read from; empty for all.
    pub senders: &'s [String],
    /// The only links that it is read by; empty for all.
    pub links: &'s [String],
}

impl<'s> FormInfo<'s> {
    fn of(form: &'s form::Form) -> Self {
        Self {
            name: &form.name,
            text: &form.text,
            example: &form.example,
            action: form.action,
            service: form.service,
            priority: form.priority,
            senders: &form.senders,
            links: &form.links,
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
