//! Compiled forms: a bank's file as it is read from.

use std::ops::Range;
use std::sync::Arc;

use super::action::{Action, Evidence, FormTarget};
use super::dispatch::Dispatch;
use super::fields::kind::Words;
use super::path::Path;
use super::verifier::Verifier;
use crate::domain::{Amount, Language, Service, ShortCode};
use crate::text::own_reply::OwnReply;

/// The amounts that a form takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) whole: bool,
    pub(super) min: Amount,
    pub(super) max: Amount,
    /// Exactly these, where there is a list.
    pub(super) only: Option<Vec<Amount>>,
    /// Differences for one operator's numbers, by its identifier.
    pub(super) operators: Vec<(String, OperatorLimits)>,
    /// Operators whose numbers are topped up; all where there is no list.
    pub(super) offered: Option<Vec<String>>,
}

/// Differences for one operator's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OperatorLimits {
    pub(super) only: Option<Vec<Amount>>,
    pub(super) min: Option<Amount>,
    pub(super) max: Option<Amount>,
}

/// A form with all that its text does not say.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) name: String,
    /// As the file writes it.
    pub(super) text: String,
    /// Its place in the file; of a form that every short code has, an empty one.
    pub(super) span: Range<usize>,
    pub(super) action: Action,
    /// The service, if the text itself does not name one by `{service}`.
    pub(super) service: Service,
    /// The account, if the text does not name one.
    pub(super) target: FormTarget,
    pub(super) price: Option<Amount>,
    /// The party that verifies its PIN; `None` if it has none.
    pub(super) pin: Option<Verifier>,
    pub(super) limits: Limits,
    pub(super) language: Option<Language>,
    /// Name of the request that is handed on, for a form of that action.
    pub(super) forward: Option<String>,
    /// The form's own reply in each language, the first of the bank first; empty without one.
    pub(super) replies: Arc<[(Language, OwnReply)]>,
    pub(super) priority: i64,
    pub(super) senders: Vec<String>,
    pub(super) links: Vec<String>,
    /// Names of fields that are matched and not kept.
    pub(super) discard: Vec<String>,
    /// A text of this form, for people.
    pub(super) example: String,
    /// Its paths, by index.
    pub(super) paths: Range<usize>,
}

impl Form {
    /// One that every short code has without its file saying so.
    pub(super) fn is_built_in(&self) -> bool {
        self.span.is_empty()
    }
}

/// One bank's grammar.
#[derive(Debug, Clone)]
pub(super) struct Bank {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) short_codes: Vec<ShortCode>,
    pub(super) evidence: Evidence,
    pub(super) source: String,
    pub(super) languages: Vec<Language>,
    pub(super) forms: Vec<Form>,
    pub(super) paths: Vec<Path>,
    pub(super) words: Words,
    pub(super) dispatch: Dispatch,
    /// Place of the file in the set.
    pub(super) file: usize,
}

impl Bank {
    /// The path is of a form that every short code has.
    pub(super) fn is_built_in(&self, path: usize) -> bool {
        self.paths.get(path).and_then(|path| self.forms.get(path.form)).is_some_and(Form::is_built_in)
    }

    /// The message that is shown to who asks how to write: the first of the file, before all of a request that anybody
    /// may send.
    pub(super) fn example(&self) -> Option<&str> {
        let shown = self.forms.iter().filter(|form| !form.example.is_empty() && !form.is_built_in());
        let is_open = |form: &Form| form.senders.is_empty() && form.links.is_empty();
        shown.min_by_key(|form| (!form.action.is_request(), !is_open(form))).map(|form| form.example.as_str())
    }

    /// The paths of one form.
    pub(super) fn paths_of(&self, form: &Form) -> &[Path] {
        self.paths.get(form.paths.clone()).unwrap_or_default()
    }
}
