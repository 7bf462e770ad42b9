//! Texts in which everything is there, in another order than the form has it.

use super::fields::kind::Sort;
use super::hint::Hints;
use super::path::{Path, Step};
use super::sense::{Item, Kind};
use crate::domain::Reason;

impl Hints<'_, '_, '_> {
    /// Everything is there, in another order than the form has it.
    pub(super) fn order(&mut self) {
        let rank = |item: &&Item| !matches!(item.kind, Kind::Repeat);
        let parts: Vec<&Item> = self.items.iter().filter(rank).collect();
        let bank = self.diagnosis.addressed.bank;
        let told: Vec<&Item> = parts.iter().copied().filter(|item| item.kind != Kind::Sign).collect();
        if self.keyword().is_none() && self.number_item().is_none() {
            return;
        }
        let diagnosis = self.diagnosis;
        let candidates = bank.paths.iter().filter(|path| {
            let form = bank.forms.get(path.form);
            // A machine mixes nothing up.
            let is_open = form
                .is_some_and(|form| form.applies(diagnosis.addressed, diagnosis.message) && form.senders.is_empty());
            is_open && path.fits(self.kind_meant()) && !path.is_for_machines()
        });
        let keyword = self.keyword().and_then(Path::keyword);
        let is: Vec<Sort> = sorts_of(&told);
        let mut swapped = None;
        for path in candidates.filter(|path| path.keyword() == keyword && path.is_told_by_sorts()) {
            let wanted: Vec<Sort> = one_keyword(path.steps.iter().filter_map(wanted_sort));
            if wanted == is {
                // The order is right: it is a sign between the parts that is not.
                let sign = parts.iter().find(|item| item.kind == Kind::Sign).copied();
                if sign.is_some() {
                    let shown = self.shown(path, &self.values());
                    self.add(Reason::Leftover, sign, shown);
                }
                return;
            }
            if swapped.is_none() && is_reordered(&is, &wanted) {
                swapped = self.shown(path, &self.values());
            }
        }
        if swapped.is_some() {
            self.add(Reason::SwappedOrder, None, swapped);
        }
    }
}

/// Words that stand together are one keyword.
fn one_keyword(sorts: impl Iterator<Item = Sort>) -> Vec<Sort> {
    let mut sorts: Vec<Sort> = sorts.collect();
    sorts.dedup_by(|a, b| a == b && *a == Sort::Keyword);
    sorts
}

/// Tells whether the same values are in another order. A keyword between them may be missing.
fn is_reordered(is: &[Sort], wanted: &[Sort]) -> bool {
    let values = |sorts: &[Sort]| sorts.iter().copied().filter(|sort| *sort != Sort::Keyword).collect::<Vec<_>>();
    let (mut values_there, mut values_wanted) = (values(is), values(wanted));
    let keywords = |sorts: &[Sort], values: &[Sort]| sorts.len() - values.len();
    let (there, needed) = (keywords(is, &values_there), keywords(wanted, &values_wanted));
    let is_same_order = values_there == values_wanted && there < needed;
    values_there.sort_unstable();
    values_wanted.sort_unstable();
    values_there == values_wanted && there <= needed && !is_same_order
}

/// The sort of thing that a step wants, so that orders can be compared.
fn wanted_sort(step: &Step) -> Option<Sort> {
    match step {
        Step::Word(word) => word.is_keyword().then_some(Sort::Keyword),
        Step::Separator { .. } | Step::Own(_) | Step::List(_) => None,
        Step::Value(value) => value.field().facts().sort,
    }
}

/// The sorts of the items. Of digits that are an amount or a PIN, the first are taken for the amount.
fn sorts_of(items: &[&Item]) -> Vec<Sort> {
    let mut has_amount = items.iter().any(|item| matches!(item.kind, Kind::Amount(_) | Kind::BadAmount(_)));
    one_keyword(items.iter().map(|item| match item.kind {
        Kind::Keyword(_) => Sort::Keyword,
        Kind::Number(_) | Kind::BadNumber(_) | Kind::DoubtfulNumber(_) => Sort::Number,
        Kind::AmountOrPin if std::mem::replace(&mut has_amount, true) => Sort::Pin,
        Kind::Amount(_) | Kind::BadAmount(_) | Kind::AmountOrPin => Sort::Amount,
        Kind::Told(field) => field.facts().sort.unwrap_or(Sort::Name),
        Kind::Card => Sort::Card,
        Kind::Repeat | Kind::Word | Kind::Sign => Sort::Name,
    }))
}
