//! The kinds of accounts that the files declare, and the identifiers that they read.

use super::fields::kind::Input;
use super::fields::own::OwnField;
use super::form::Bank;
use super::path::{Path, Step};
use super::set::GrammarSet;
use crate::domain::OtherAccount;
use crate::text::normalise::normalise;

impl GrammarSet {
    /// The kinds of accounts that forms name, in order.
    pub fn account_kinds(&self) -> Vec<&str> {
        let own = self.banks.iter().flat_map(|bank| &bank.paths).flat_map(Path::own);
        let mut kinds: Vec<&str> = own.filter_map(OwnField::account).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Tells whether a field of some form reads this identifier: its length, its prefix and its check digit are right.
    pub fn has_identifier(&self, account: &OtherAccount) -> bool {
        self.banks.iter().any(|bank| reads(self, bank, account))
    }
}

fn reads(set: &GrammarSet, bank: &Bank, account: &OtherAccount) -> bool {
    let Ok(text) = normalise(account.identifier()) else { return false };
    let input = Input { text: &text, words: &bank.words, plan: &set.plan, last_number: None, last_amount: None };
    let steps = bank.paths.iter().flat_map(|path| &path.steps);
    let fields = steps.filter_map(|step| match step {
        Step::Own(own) if own.field.account() == Some(account.kind()) => Some(&own.field),
        _ => None,
    });
    let mut read = fields.filter_map(|field| field.read(0, false, &input).ok());
    read.any(|capture| capture.account(text.folded()).as_ref() == Some(account))
}
