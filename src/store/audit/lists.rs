//! Lists of top-ups: the message names the main transfer of every item, and each of them is there.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Offence;
use super::raw::{RawId, shown};
use super::rows::LedgerTransfer;
use crate::domain::Transfer;

/// The main transfer of the item that this transfer belongs to, if its message is a list that begins with the transfer
/// `first` and names the item.
pub(super) fn item(row: &LedgerTransfer, first: &RawId) -> Option<RawId> {
    let (id, first) = (Uuid::from_slice(&row.id).ok()?, Uuid::from_slice(first).ok()?);
    let main = Transfer::item_at(first, Transfer::item_of(id, first)?);
    let is_named = row.message.further().contains(&main);
    is_named.then(|| RawId::of(main.as_u128()))
}

/// The further transfers that messages name and that were not seen yet, each with the key of its message.
#[derive(Debug, Default)]
pub(super) struct Awaited(BTreeMap<Vec<u8>, String>);

impl Awaited {
    /// Looks at the next transfer in the order of identifiers.
    pub(super) fn next(&mut self, row: &LedgerTransfer) -> Result<(), Offence> {
        if let Some(by) = self.0.remove(&row.id[..])
            && row.message_key.as_ref() != Some(&by)
        {
            return Err(missing(&by, &row.id));
        }
        match self.0.first_key_value() {
            Some((id, key)) if id[..] < row.id[..] => return Err(missing(key, id)),
            _ => {}
        }
        if row.message_transfer.as_ref() == Some(&row.id)
            && let Some(key) = &row.message_key
        {
            let further = row.message.further().into_iter().map(|id| (id.as_bytes().to_vec(), key.clone()));
            self.0.extend(further);
        }
        Ok(())
    }

    /// Looks at what is left after the last transfer.
    pub(super) fn end(&self) -> Result<(), Offence> {
        self.0.first_key_value().map_or(Ok(()), |(id, key)| Err(missing(key, id)))
    }
}

fn missing(message: &str, id: &[u8]) -> Offence {
    let problem = format!("the transfer {} that it names is not there, or is another message's", shown(id));
    Offence { table: "inbox", row: message.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::shape::tests::top_up;
    use super::*;

    /// The transfer of an item of a list of three, with this place in the item.
    fn row(item: u8, place: u8) -> LedgerTransfer {
        let mut row = top_up();
        let first = Uuid::from_slice(&row.id).unwrap();
        let others: Vec<String> =
            [1, 2].map(|item| format!(r#"{{"transfer":"{}"}}"#, Transfer::item_at(first, item))).into();
        row.message = row.message.of_outcome(&format!(r#"{{"outcome":"applied","others":[{}]}}"#, others.join(",")));
        row.id = RawId::of(Transfer::id_at(Transfer::item_at(first, item), place).as_u128());
        row
    }

    fn problem(row: &LedgerTransfer, change: impl FnOnce(&mut LedgerTransfer)) -> Option<String> {
        let mut row = row.clone();
        change(&mut row);
        row.hash = row.sealed().unwrap().hash().to_vec();
        check::transfer(&row).err().map(|offence| offence.problem)
    }

    #[test]
    fn every_item_has_one_main_transfer_that_its_message_names() {
        let bonus = |row: &mut LedgerTransfer| (row.kind, row.debit) = ("bonus".into(), "bonus:autumn".into());
        for item in 0..3 {
            assert_eq!(problem(&row(item, 0), |_| {}), None);
            assert_eq!(problem(&row(item, 1), bonus), None);
            assert!(problem(&row(item, 0), bonus).unwrap().contains("which moved nothing else"));
            assert!(problem(&row(item, 1), |_| {}).unwrap().contains("a second movement of message ipko:1"));
        }
        assert!(problem(&row(3, 0), |_| {}).unwrap().contains("names another transfer"));
        assert!(problem(&row(3, 1), bonus).unwrap().contains("names another transfer"));
    }

    #[test]
    fn a_transfer_that_a_message_names_is_missed() {
        let walk = |rows: &[LedgerTransfer]| {
            let mut awaited = Awaited::default();
            let found = rows.iter().try_for_each(|row| awaited.next(row)).and_then(|()| awaited.end());
            found.err().map(|offence| offence.to_string())
        };
        let all = [row(0, 0), row(0, 1), row(1, 0), row(2, 0)];
        assert_eq!(walk(&all), None);
        let without = |missing: usize| {
            let mut rows = all.to_vec();
            rows.remove(missing);
            walk(&rows).unwrap()
        };
        for missing in [2, 3] {
            let told = format!("inbox ipko:1: the transfer {} that it names is not there", shown(&all[missing].id));
            assert!(without(missing).starts_with(&told), "{}", without(missing));
        }
        let mut others = all.clone();
        others[2].message_key = Some("ipko:2".into());
        assert!(walk(&others).unwrap().contains("or is another message's"));
    }
}
