//! Texts in which everything is there, in another order than the form has it.

use super::form::{Path, Step};
use super::hint::Hints;
use super::pattern::Field;
use super::sense::{Item, Kind};
use super::suggest::fits;
use crate::domain::Reason;

impl Hints<'_, '_, '_> {
    /// Everything is there, in another order than the form has it.
    pub(super) fn order(&mut self) {
        let rank = |item: &&Item| !matches!(item.kind, Kind::Repeat);
        let parts: Vec<&Item> = self.items.iter().filter(rank).collect();
        let bank = self.diagnosis.addressed.bank;
        let told: Vec<&Item> = parts.iter().copied().filter(|item| item.kind != Kind::Sign).collect();
        let numbers = told.iter().filter(|item| item.kind.is_number()).count();
        let amounts = told.iter().filter(|item| item.kind.is_amount()).count();
        let words = told.iter().filter(|item| item.kind == Kind::Word).count();
        let username = numbers == 0 && amounts == 0 && words == 1 && self.keyword().is_some();
        let own = numbers == 0 && amounts == 1 && words == 0 && self.keyword().is_some();
        let cards = told.iter().filter(|item| item.kind == Kind::Card).count();
        let card = numbers == 1 && cards == 1 && amounts == 0 && words == 0;
        let complete = card || (numbers == 1 && amounts == 1 && words == 0);
        if !(username || own || complete) {
            return;
        }
        let candidates = bank.paths.iter().filter(|path| {
            let value = if card { Field::Voucher } else { Field::Amount };
            if username { path.has(Field::Username) } else { path.has(value) && fits(path, self.kind_meant()) }
        });
        let keyword = self.keyword().and_then(Path::keyword);
        let is: Vec<u8> = one_keyword(told.iter().map(|item| item_rank(item)));
        let mut swapped = None;
        for path in candidates.filter(|path| path.keyword() == keyword && path.is_told_by_ranks()) {
            let wanted: Vec<u8> = one_keyword(path.steps.iter().filter_map(step_rank));
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

/// Words that stand together are one keyword.
fn one_keyword(ranks: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut ranks: Vec<u8> = ranks.collect();
    ranks.dedup_by(|a, b| a == b && *a == 0);
    ranks
}

fn sorted(ranks: &[u8]) -> Vec<u8> {
    let mut ranks = ranks.to_vec();
    ranks.sort_unstable();
    ranks.dedup_by(|a, b| a == b && *a == 0);
    ranks
}

/// What sort of thing a step wants, so that orders can be compared.
fn step_rank(step: &Step) -> Option<u8> {
    match step {
        Step::Word(_) => Some(0),
        Step::Number(_) => Some(1),
        Step::Amount(_) => Some(2),
        Step::Username => Some(3),
        Step::Digits { field: Field::Voucher, .. } => Some(4),
        _ => None,
    }
}

fn item_rank(item: &Item) -> u8 {
    match item.kind {
        Kind::Keyword(_) => 0,
        Kind::Number(_) | Kind::BadNumber(_) => 1,
        Kind::Amount(_) | Kind::BadAmount(_) => 2,
        Kind::Card => 4,
        _ => 3,
    }
}
