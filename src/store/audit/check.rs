//! What has to hold of each row, pure.

use super::super::chain::{NONE_BEFORE, Sealed};
use super::rows::{
    LedgerAccount, LedgerCards, LedgerEntry, LedgerEvent, LedgerHold, LedgerMessage, LedgerTransfer, LooseEntry, Reach,
};
use super::{Offence, shape};
use crate::domain::Transfer;

fn transfer_offence(id: &[u8], problem: impl Into<String>) -> Offence {
    Offence { table: "transfers", row: shown(id), problem: problem.into() }
}

/// A transfer is what was hashed, and the message that it names was applied and names it. What its hash proves.
pub(super) fn transfer(row: &LedgerTransfer) -> Result<Reach, Offence> {
    let wrong = |problem: &str| Err(transfer_offence(&row.id, problem));
    let Ok(sealed) = row.sealed() else { return wrong("columns of an entry that do not belong together") };
    if let Some(problem) = cause(row) {
        return wrong(&problem);
    }
    let Ok(Some(reach)) = row.reach() else {
        return wrong("it is not what was hashed: its row was changed, or that of its message or action of staff");
    };
    if row.amount_cents <= 0 {
        return wrong("an amount that is not positive");
    }
    let problem = shape::sides(row, &sealed)
        .or_else(|| shape::debt(row).map(str::to_owned))
        .or_else(|| reversal(row).map(str::to_owned))
        .or_else(|| capture(row).map(str::to_owned));
    problem.map_or(Ok(reach), |problem| wrong(&problem))
}

/// What is wrong with the cause: the message was applied, or the action carried out, and names the transfer, or the main
/// one of its command.
fn cause(row: &LedgerTransfer) -> Option<String> {
    let (what, ending, good, named) = match (&row.message_key, &row.action, &row.system) {
        (Some(key), None, None) => (format!("message {key}"), &row.ending, "applied", &row.message_transfer),
        (None, Some(id), None) => {
            let id = uuid::Uuid::from_slice(id).unwrap_or_default();
            (format!("action {id}"), &row.action_state, "done", &row.action_transfer)
        }
        _ => return Some("not one cause: a message or an action of staff; nothing else moves money".to_owned()),
    };
    match (ending, named) {
        (None, _) => Some(format!("there is no {what}")),
        (Some(ending), _) if ending != good => Some(format!("its {what} is {ending}")),
        (Some(_), Some(named)) if is_of(&row.id, named) => shape::place(row, named, &what),
        (Some(_), _) => Some(format!("its {what} names another transfer")),
    }
}

/// What is wrong with a reversal: it takes back another transfer, whole, the other way, and not a reversal.
fn reversal(row: &LedgerTransfer) -> Option<&'static str> {
    let named = row.reverses.is_some();
    match &row.original_kind {
        None if named => Some("the transfer that it takes back is not there"),
        _ if named != (row.kind == "reversal") => Some("only a reversal takes another transfer back, and each does"),
        Some(kind) if kind == "reversal" => Some("it takes back a reversal"),
        Some(_)
            if row.original_debit.as_ref() != Some(&row.credit)
                || row.original_credit.as_ref() != Some(&row.debit)
                || row.original_cents != Some(row.amount_cents) =>
        {
            Some("it is not the transfer that it takes back, the other way round")
        }
        _ => None,
    }
}

/// What is wrong with a capture: the hold was taken by it, of this account and by so much.
fn capture(row: &LedgerTransfer) -> Option<&'static str> {
    if row.hold.is_none() {
        return (row.kind == "capture").then_some("it captures no hold");
    }
    match &row.hold_transfer {
        None => Some("the hold that it captures is not there, or nothing took it"),
        Some(named) if *named != row.id => Some("the hold that it captures names another transfer"),
        Some(_) if row.hold_account.as_ref() != Some(&row.debit) => {
            Some("the hold that it captures is another account's")
        }
        Some(_) if row.hold_cents != Some(row.amount_cents) => Some("the hold that it captures says another amount"),
        Some(_) => None,
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

/// How many sides of a transfer are an account's entry.
pub(super) fn sides(row: &LedgerTransfer) -> i128 {
    let sides =
        |sealed: Sealed<'_>| i128::from(sealed.debit_entry.is_some()) + i128::from(sealed.credit_entry.is_some());
    row.sealed().map_or(0, sides)
}

/// Entries that are neither in a chain nor out of all of them: the database's own index is broken.
pub(super) fn miscounted(entries: i128, sides: i128) -> Offence {
    let problem = format!("{sides} entries of accounts, whose chains have {entries}");
    Offence { table: "transfers", row: "all".to_owned(), problem }
}

/// An account's chain, walked from its end to its beginning: what the next transfer back has to be.
#[derive(Debug)]
pub(super) struct Chain {
    account: LedgerAccount,
    /// The transfer whose entry comes next; `None`: there is none before.
    this: Option<Vec<u8>>,
    number: i64,
    hash: Vec<u8>,
    balance_cents: i64,
    /// The entry that came last: one later in the account's life, and its transfer.
    later: Option<LedgerEntry>,
    /// Whether a transfer set the end of its validity, and to what the last one did.
    is_dated: bool,
    valid_until_us: Option<i64>,
}

impl Chain {
    pub(super) fn of(account: LedgerAccount) -> Self {
        let (this, hash) = (account.last_transfer.clone(), account.head.clone());
        Self {
            this,
            number: account.entries,
            hash,
            balance_cents: account.balance_cents,
            later: None,
            is_dated: false,
            valid_until_us: None,
            account,
        }
    }

    /// Its account and the transfer that comes next; `None` at its end.
    pub(super) fn next(&self) -> Option<(&str, &[u8])> {
        self.this.as_deref().map(|this| (self.account.name.as_str(), this))
    }

    /// Takes the entry that came next; `None`: it is not there.
    pub(super) fn take(&mut self, entry: Option<LedgerEntry>) -> Option<Offence> {
        let Some(entry) = entry else {
            let missing = if self.later.is_some() { "the transfer before it" } else { "its last transfer" };
            return Some(self.offence(&format!("{missing} is not there")));
        };
        if let Some(offence) = self.fits(entry.number, &entry.hash, entry.balance_cents) {
            return Some(offence);
        }
        self.number = entry.number - 1;
        self.hash.clone_from(&entry.previous);
        self.balance_cents = entry.balance_cents.wrapping_sub(entry.cents);
        self.this.clone_from(&entry.prior);
        if entry.is_dated && !self.is_dated {
            (self.is_dated, self.valid_until_us) = (true, entry.valid_after_us);
        }
        self.later = Some(entry);
        None
    }

    /// No entry is left: it began with nothing, holds what its holds keep, and is valid as long as was said last.
    pub(super) fn closed(&self) -> Option<Offence> {
        let account = &self.account;
        self.fits(0, &NONE_BEFORE, 0).or_else(|| {
            let (held, pending) = (account.held_cents, account.pending_cents);
            let problem = if held != pending {
                format!("{held} cents held where its pending holds keep {pending}")
            } else if account.balance_cents > 0 && shape::is_receivable(&account.name) {
                format!("{} cents were paid of what was not owed", account.balance_cents)
            } else if !self.is_valid_as_said() {
                "its end of validity is neither what its transfers nor what the changes of its life say".to_owned()
            } else {
                return None;
            };
            Some(Offence { table: "accounts", row: account.name.clone(), problem })
        })
    }

    /// Transfers set the end of validity, and so do staff and the sweep, who record it.
    fn is_valid_as_said(&self) -> bool {
        let LedgerAccount { valid_until_us, recorded_until_us, .. } = &self.account;
        let is_recorded = recorded_until_us.is_some() && recorded_until_us == valid_until_us;
        if self.is_dated {
            return is_recorded || self.valid_until_us == *valid_until_us;
        }
        // No transfer said anything of it: before any, or by a program that did not write it down yet.
        is_recorded || recorded_until_us.is_none()
    }

    /// What is wrong where what the account, or its later entry, follows on from is this.
    fn fits(&self, number: i64, hash: &[u8], balance_cents: i64) -> Option<Offence> {
        let problem = match &self.later {
            None if number != self.number => format!("{} entries where it has {number}", self.number),
            None if balance_cents != self.balance_cents => {
                format!("a balance of {} cents where its entries give {balance_cents}", self.balance_cents)
            }
            None if hash != self.hash => "its head is not the hash of its last transfer".to_owned(),
            Some(later) if number != self.number => format!("number {} after {number}", later.number),
            Some(_) if hash != self.hash => "the chain is broken before it".to_owned(),
            Some(later) if balance_cents != self.balance_cents => {
                format!("{balance_cents} and {} cents are not {}", later.cents, later.balance_cents)
            }
            _ => return None,
        };
        Some(self.offence(&problem))
    }

    fn offence(&self, problem: &str) -> Offence {
        match &self.later {
            Some(later) => transfer_offence(&later.id, format!("as an entry of {}: {problem}", self.account.name)),
            None => Offence { table: "accounts", row: self.account.name.clone(), problem: problem.to_owned() },
        }
    }
}

/// A side of a transfer that belongs to no chain.
pub(super) fn loose(entry: &LooseEntry) -> Offence {
    let problem = if entry.has_account {
        format!("as an entry of {}: it is not in the account's chain", entry.account)
    } else {
        format!("there is no account {}", entry.account)
    };
    transfer_offence(&entry.id, problem)
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

/// A pending hold is some account's, and one that was taken names a transfer that names it.
pub(super) fn hold(row: &LedgerHold) -> Option<Offence> {
    let problem = match (row.state.as_str(), &row.transfer_hold) {
        ("posted", None) => "the transfer that it names is not there, or captures no hold".to_owned(),
        ("posted", Some(named)) if *named != row.id => "the transfer that it names is another's".to_owned(),
        _ if !row.has_account => format!("there is no account {}", row.account),
        _ => return None,
    };
    Some(Offence { table: "holds", row: shown(&row.id), problem })
}

/// The changes of an account are numbered without a gap, and each begins where the one before it ended. Before the first,
/// a number was in use, or new.
pub(super) fn event(row: &LedgerEvent) -> Option<Offence> {
    let LedgerEvent { account, number, from_state, state_before, has_account } = row;
    let problem = match state_before {
        _ if !has_account => "there is no such account".to_owned(),
        None if *number > 1 => format!("there is no change {} before it", number - 1),
        None if matches!(from_state.as_str(), "active" | "new") => return None,
        Some(before) if before == from_state => return None,
        before => {
            let before = before.as_deref().unwrap_or("active");
            format!("it begins as {from_state} where the account was {before}")
        }
    };
    Some(Offence { table: "account_events", row: format!("{account} {number}"), problem })
}

/// An account is in the state that its last change says, as far as staff set that.
pub(super) fn unexplained(found: Option<(String, String)>) -> Option<Offence> {
    let (row, state) = found?;
    Some(Offence {
        table: "accounts",
        row,
        problem: format!("it is {state}, and its last recorded change is not that"),
    })
}

pub(super) fn shown(id: &[u8]) -> String {
    uuid::Uuid::from_slice(id).map_or_else(|_| hex::encode(id), |id| id.to_string())
}

/// The sum over all accounts is zero: what those hold that keep a balance is what left the others.
///
/// Where each transfer is what was hashed, each entry in one chain and each chain the sum of its entries, this follows, but
/// for one thing that it alone finds: balances are walked with the 64 bits that they are kept in, and this is added up in
/// more. A balance that ran over their end is in order there, and money that was made or lost here.
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
