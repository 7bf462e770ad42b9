//! The codes of scratch cards in a text that no form reads.

use super::fields::miss::ends;
use super::fields::{Value, voucher};
use super::form::Bank;
use super::path::{Path, Step};

/// The paths that the sender of a text may mean.
pub(super) type Usable<'u> = &'u dyn Fn(&Path) -> bool;

/// Digits of a group of a card's code.
const GROUP_DIGITS: usize = 4;

/// The end of digits that are as many as a card's code has, and stand alone or in its groups. A code may begin as a number
/// does.
pub(super) fn card(text: &str, at: usize, bank: &Bank, usable: Usable<'_>) -> Option<usize> {
    let steps = bank.paths.iter().filter(|path| usable(path)).flat_map(|path| &path.steps);
    let codes = steps.filter_map(|step| match step {
        Step::Value(Value::Voucher(shape)) => voucher::read(text, at, shape.alone()).ok(),
        _ => None,
    });
    codes.max()
}

/// The end of a card's code in groups, of which a group has a digit less or more; only where the bank takes groups.
pub(super) fn mistyped_card(text: &str, at: usize, bank: &Bank, usable: Usable<'_>) -> Option<usize> {
    let steps = bank.paths.iter().filter(|path| usable(path)).flat_map(|path| &path.steps);
    let grouped = steps.filter_map(|step| match step {
        Step::Value(Value::Voucher(shape)) => shape.groups(),
        _ => None,
    });
    let (mut end, mut digits, groups) = (at, 0, grouped.max()?);
    for group in 0..groups {
        let rest = text.get(end..)?;
        let behind = if group == 0 { rest } else { rest.strip_prefix([' ', '-'])? };
        let count = behind.bytes().take_while(u8::is_ascii_digit).count();
        end += rest.len() - behind.len() + count;
        digits += count;
        if !(GROUP_DIGITS - 1..=GROUP_DIGITS + 1).contains(&count) {
            return None;
        }
    }
    let whole = groups * GROUP_DIGITS;
    ((whole - 1..=whole + 1).contains(&digits) && text.get(end..).is_some_and(ends)).then_some(end)
}
