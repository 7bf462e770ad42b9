//! What has to hold of each row, pure.

use super::super::chain::{Hash, NONE_BEFORE};
use super::Offence;
use super::rows::{LedgerAccount, LedgerCards, LedgerEntry, LedgerMessage, LedgerTransfer};
use crate::domain::Transfer;

fn transfer_offence(id: &[u8], problem: impl Into<String>) -> Offence {
    let row = uuid::Uuid::from_slice(id).map_or_else(|_| hex::encode(id), |id| id.to_string());
    Offence { table: "transfers", row, problem: problem.into() }
}

/// A transfer is what was hashed, and the message that it names was applied and names it.
pub(super) fn transfer(row: &LedgerTransfer) -> Option<Offence> {
    let Ok(sealed) = row.sealed() else {
        return Some(transfer_offence(&row.id, "columns of an entry that do not belong together"));
    };
    if row.hash != sealed.hash() {
        return Some(transfer_offence(&row.id, "it is not what was hashed: the row was changed"));
    }
    if row.amount_cents <= 0 {
        return Some(transfer_offence(&row.id, "an amount that is not positive"));
    }
    cause(row).map(|problem| transfer_offence(&row.id, problem))
}

/// What is wrong with the cause: a message was applied and names the transfer, or the main one of its command.
fn cause(row: &LedgerTransfer) -> Option<String> {
    let key = match (&row.message_key, &row.action, &row.system) {
        (Some(key), None, None) => key,
        (None, Some(_), None) | (None, None, Some(_)) => return None,
        _ => return Some("not one cause: a message, an action of staff or a part of the program".to_owned()),
    };
    match (&row.ending, &row.message_transfer) {
        (None, _) => Some(format!("there is no message {key}")),
        (Some(ending), _) if ending != "applied" => Some(format!("its message {key} is {ending}")),
        (Some(_), Some(named)) if is_of(&row.id, named) => None,
        (Some(_), _) => Some(format!("its message {key} names another transfer")),
    }
}

/// Whether this is a transfer of the command whose main transfer is that.
fn is_of(transfer: &[u8], main: &[u8]) -> bool {
    let ids = (uuid::Uuid::from_slice(transfer), uuid::Uuid::from_slice(main));
    matches!(ids, (Ok(transfer), Ok(main)) if Transfer::is_of(transfer, main))
}

/// What a transfer brings to all accounts together that keep a balance, in cents.
pub(super) fn brought_cents(row: &LedgerTransfer) -> i128 {
    let Ok(sealed) = row.sealed() else { return 0 };
    let cents = i128::from(row.amount_cents);
    let credited = if sealed.credit_entry.is_some() { cents } else { 0 };
    let debited = if sealed.debit_entry.is_some() { cents } else { 0 };
    credited - debited
}

/// What the entries of an account have come to so far.
#[derive(Debug)]
pub(super) struct Running {
    entries: i64,
    hash: Hash,
    balance_cents: i64,
}

impl Default for Running {
    fn default() -> Self {
        Self { entries: 0, hash: NONE_BEFORE, balance_cents: 0 }
    }
}

impl Running {
    /// Takes the next entry of the account that has been reached; `account` is another or none where there is no such.
    pub(super) fn take(&mut self, account: Option<&LedgerAccount>, entry: &LedgerEntry) -> Option<Offence> {
        if account.is_none_or(|account| account.name != entry.account) {
            return Some(transfer_offence(&entry.id, format!("there is no account {}", entry.account)));
        }
        let of = format!("as an entry of {}", entry.account);
        if entry.number != self.entries + 1 {
            return Some(transfer_offence(&entry.id, format!("{of}: number {} after {}", entry.number, self.entries)));
        }
        if entry.previous != self.hash {
            return Some(transfer_offence(&entry.id, format!("{of}: the chain is broken before it")));
        }
        if self.balance_cents.checked_add(entry.cents) != Some(entry.balance_cents) {
            let (before, after) = (self.balance_cents, entry.balance_cents);
            return Some(transfer_offence(
                &entry.id,
                format!("{of}: {before} and {} cents are not {after}", entry.cents),
            ));
        }
        let Ok(hash) = entry.hash.as_slice().try_into() else {
            return Some(transfer_offence(&entry.id, "a hash of the wrong length"));
        };
        *self = Self { entries: entry.number, hash, balance_cents: entry.balance_cents };
        None
    }

    /// The account holds what its entries have come to.
    pub(super) fn closed(&self, account: &LedgerAccount) -> Option<Offence> {
        let problem = if account.entries != self.entries {
            format!("{} entries where it has {}", account.entries, self.entries)
        } else if account.balance_cents != self.balance_cents {
            format!("a balance of {} cents where its entries give {}", account.balance_cents, self.balance_cents)
        } else if account.head != self.hash {
            "its head is not the hash of its last transfer".to_owned()
        } else {
            return None;
        };
        Some(Offence { table: "accounts", row: account.name.clone(), problem })
    }
}

/// A message that was applied names a transfer that names it.
pub(super) fn message(row: &LedgerMessage) -> Option<Offence> {
    let problem = match (&row.transfer, &row.transfer_message) {
        (None, _) => "it was applied and names no transfer",
        (Some(_), None) => "the transfer that it names is not there",
        (Some(_), Some(named)) if *named != row.key => "the transfer that it names is another message's",
        (Some(_), Some(_)) => return None,
    };
    Some(Offence { table: "inbox", row: row.key.clone(), problem: problem.to_owned() })
}

/// The sum over all accounts is zero: what those hold that keep a balance is what left the others.
pub(super) fn conserved(balances_cents: i128, moved_cents: i128) -> Option<Offence> {
    (balances_cents != moved_cents).then(|| Offence {
        table: "accounts",
        row: "(all)".to_owned(),
        problem: format!("they hold {balances_cents} cents where transfers brought {moved_cents}"),
    })
}

/// `unpaid` are batch and place of a used card that names no transfer which pays it.
pub(super) fn cards(unpaid: Option<(i64, i64)>, cards: &LedgerCards) -> Option<Offence> {
    let offence = |row, problem| Some(Offence { table: "vouchers", row, problem });
    if let Some((batch, place)) = unpaid {
        let row = format!("{batch:05}-{place:07}");
        return offence(
            row,
            "is used, and no transfer from its batch's liability of its worth to its number is its own".into(),
        );
    }
    let LedgerCards { used, named, transfers } = *cards;
    if used == named && named == transfers {
        return None;
    }
    offence("all".into(), format!("{used} cards are used, they name {named} transfers, and there are {transfers}"))
}
