//! Values that are neither number nor amount, in a text that no form reads: those that the form that was read furthest
//! has at their places, and digits that are a PIN.

use super::allowed::check;
use super::diagnosis::Diagnosis;
use super::fields::Field;
use super::fields::miss::Problem;
use super::hint::Hints;
use super::path::{Path, Step};
use super::reader::{Reader, Stop};
use super::sense::{Item, Kind};
use crate::domain::{NumberProblem, Target};

impl Diagnosis<'_, '_> {
    /// The items, with the values that the form that was read furthest has before the place where it stopped.
    pub(super) fn explained(&self, mut items: Vec<Item>, stops: &[(&Path, Stop)]) -> Vec<Item> {
        let furthest = stops.iter().rev().filter(|(path, _)| !path.is_for_machines());
        let is_complete = |stop: &Stop| stop.miss.problem == Problem::Leftover;
        let Some((path, stop)) = furthest.max_by_key(|(_, stop)| (stop.miss.at, is_complete(stop))) else {
            return items;
        };
        let values = Reader::new(self.text, self.addressed.bank, &self.set.plan).values(path);
        for (field, range) in values.into_iter().filter(|(field, _)| is_told(*field)) {
            items.retain(|item| item.range.end <= range.start || item.range.start >= range.end);
            let place = items.partition_point(|item| item.range.start < range.start);
            items.insert(place, Item { kind: Kind::Told(field), range });
        }
        self.pin_of_other_width(&mut items, path, stop);
        items
    }

    /// Digits at the place of a PIN are meant as one if no other digits of the text can be it.
    fn pin_of_other_width(&self, items: &mut [Item], path: &Path, stop: &Stop) {
        let Some(field) = path.steps.get(stop.step).and_then(Step::pin) else { return };
        let is_pin = |item: &Item| item.kind.is_amount() && self.may_be_pin(item, path);
        if items.iter().any(is_pin) {
            return;
        }
        let there = items.iter_mut().find(|item| item.range.start == stop.miss.at);
        let meant = there.filter(|item| {
            let is_value = matches!(item.kind, Kind::Amount(_) | Kind::BadNumber(NumberProblem::NotInPlan));
            is_value && self.digits(item).is_some()
        });
        if let Some(item) = meant {
            item.kind = Kind::Told(field);
        }
    }

    /// The digits of an item that has nothing else.
    fn digits(&self, item: &Item) -> Option<&str> {
        let text = self.text.folded().get(item.range.clone())?;
        text.bytes().all(|b| b.is_ascii_digit()).then_some(text)
    }

    /// Tells whether a PIN of this path may have these digits.
    fn may_be_pin(&self, item: &Item, path: &Path) -> bool {
        let Some(digits) = self.digits(item) else { return false };
        let mut widths = path.steps.iter().filter_map(Step::pin_width);
        widths.any(|(low, high)| (low as usize..=high as usize).contains(&digits.len()))
    }
}

/// Values that cannot be recognised without their form.
fn is_told(field: Field) -> bool {
    let is_recognised = matches!(
        field,
        Field::Amount
            | Field::Msisdn
            | Field::Landline
            | Field::Username
            | Field::Voucher
            | Field::Currency
            | Field::Text
    );
    !is_recognised
}

impl Hints<'_, '_, '_> {
    /// The items, with the PINs among them told from the amounts. Digits that can be a PIN, and no amount that the form
    /// takes, are a PIN; so are all that can be one beside another amount. Where it cannot be told which of them is
    /// which, none is taken for an amount.
    pub(super) fn with_pins(&self) -> Option<Vec<Item>> {
        // Digits alone are no request.
        if self.items.len() < 2 {
            return None;
        }
        let meant = self.path_for(self.kind_meant(), self.keyword());
        let (_, path, form) = meant.or_else(|| self.path_for(None, self.keyword()))?;
        let wanted = path.steps.iter().filter_map(Step::pin).count();
        let told = self.of(|kind| matches!(kind, Kind::Told(Field::Pin | Field::NewPin))).count();
        let left = wanted.saturating_sub(told);
        let amounts: Vec<usize> = self.places(|item| item.kind.is_amount());
        let may_be = self.places(|item| item.kind.is_amount() && self.diagnosis.may_be_pin(item, path));
        if left == 0 || may_be.is_empty() {
            return None;
        }
        // Also of a number whose operator the bank does not serve, an amount is one.
        let nobody = Target::Username(String::new());
        let target = self.line().map_or(nobody.clone(), |line| Target::Line(line.clone()));
        let is_amount =
            |minor| [&target, &nobody].iter().any(|to| check(&form.limits, to, Some(minor), (0, 0)).is_ok());
        let is_taken = |place: &&usize| match self.items.get(**place).map(|item| &item.kind) {
            Some(Kind::Amount(minor)) => is_amount(*minor),
            _ => false,
        };
        let taken: Vec<usize> = may_be.iter().filter(is_taken).copied().collect();
        let (mut pins, mut doubtful) = (may_be.clone(), Vec::new());
        if path.has(Field::Amount) && may_be.len() == amounts.len() {
            pins.retain(|place| !taken.contains(place));
            if taken.len() > 1 || may_be.len() <= left {
                doubtful = taken;
            }
        }
        let mut items = self.items.to_vec();
        let pins = pins.into_iter().rev().take(left).map(|place| (place, Kind::Told(Field::Pin)));
        for (place, kind) in pins.chain(doubtful.into_iter().map(|place| (place, Kind::AmountOrPin))) {
            if let Some(item) = items.get_mut(place) {
                item.kind = kind;
            }
        }
        Some(items)
    }

    fn places(&self, is: impl Fn(&Item) -> bool) -> Vec<usize> {
        self.items.iter().enumerate().filter(|(_, item)| is(item)).map(|(place, _)| place).collect()
    }
}
