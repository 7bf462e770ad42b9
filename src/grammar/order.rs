//! Texts in which everything is there, in another order than the form has it.

use super::fields::Field;
use super::fields::kind::Sort;
use super::form::{Path, Step};
use super::hint::Hints;
use super::sense::{Item, Kind};
use crate::domain::Reason;

impl Hints<'_, '_, '_> {
    /// Everything is there, in another order than the form has it.
    pub(super) fn order(&mut self) {
        let rank = |item: &&Item| !matches!(item.kind, Kind::Repeat);
        let parts: Vec<&Item> = self.items.iter().filter(rank).collect();
        let bank = self.diagnosis.addressed.bank;
        let told: Vec<&Item> = parts.iter().copied().filter(|item| item.kind != Kind::Sign).collect();
        let Some(value) = complete(&told, self.keyword().is_some()) else { return };
        let candidates = bank
            .paths
            .iter()
            .filter(|path| path.has(value) && (value == Field::Username || path.fits(self.kind_meant())));
        let keyword = self.keyword().and_then(Path::keyword);
        let is: Vec<Sort> = one_keyword(told.iter().map(|item| sort_of(item)));
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
            if swapped.is_none() && sorted(&wanted) == sorted(&is) {
                swapped = self.shown(path, &self.values());
            }
        }
        if swapped.is_some() {
            self.add(Reason::SwappedOrder, None, swapped);
        }
    }
}

/// The value beside the keyword or the number, if these parts are all that a form needs: a user name, the code of a
/// card, or an amount for another number or for the sender's own.
fn complete(told: &[&Item], has_keyword: bool) -> Option<Field> {
    let count = |is: fn(&Kind) -> bool| told.iter().filter(|item| is(&item.kind)).count();
    let (numbers, amounts) = (count(Kind::is_number), count(Kind::is_amount));
    let (words, cards) = (count(|kind| *kind == Kind::Word), count(|kind| *kind == Kind::Card));
    match (numbers, amounts, words) {
        (0, 0, 1) if has_keyword => Some(Field::Username),
        (1, 0, 0) if cards == 1 => Some(Field::Voucher),
        (1, 1, 0) => Some(Field::Amount),
        (0, 1, 0) if has_keyword => Some(Field::Amount),
        _ => None,
    }
}

/// Words that stand together are one keyword.
fn one_keyword(sorts: impl Iterator<Item = Sort>) -> Vec<Sort> {
    let mut sorts: Vec<Sort> = sorts.collect();
    sorts.dedup_by(|a, b| a == b && *a == Sort::Keyword);
    sorts
}

fn sorted(sorts: &[Sort]) -> Vec<Sort> {
    let mut sorts = sorts.to_vec();
    sorts.sort_unstable();
    sorts.dedup_by(|a, b| a == b && *a == Sort::Keyword);
    sorts
}

/// The sort of thing that a step wants, so that orders can be compared.
fn wanted_sort(step: &Step) -> Option<Sort> {
    match step {
        Step::Word(_) => Some(Sort::Keyword),
        Step::Separator { .. } | Step::Own(_) => None,
        Step::Value(value) => value.field().facts().sort,
    }
}

fn sort_of(item: &Item) -> Sort {
    match item.kind {
        Kind::Keyword(_) => Sort::Keyword,
        Kind::Number(_) | Kind::BadNumber(_) => Sort::Number,
        Kind::Amount(_) | Kind::BadAmount(_) => Sort::Amount,
        Kind::Card => Sort::Card,
        Kind::Repeat | Kind::Word | Kind::Sign => Sort::Name,
    }
}
