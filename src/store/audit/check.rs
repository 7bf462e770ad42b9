//! Rules that each row has to keep, pure.

use super::raw::shown;
use super::rows::{LedgerCards, LedgerEvent, LedgerHold, LedgerMessage, LedgerTransfer, LooseEntry, Misshapen, Reach};
use super::{Offence, lists, shape};
use crate::domain::Transfer;
use crate::store::chain::Sealed;

pub(super) fn transfer_offence(id: &[u8], problem: impl Into<String>) -> Offence {
    Offence { table: "transfers", row: shown(id), problem: problem.into() }
}

/// A transfer is what was hashed, and the message that it names was applied and names it. Returns what its hash proves.
pub(super) fn transfer(row: &LedgerTransfer) -> Result<Reach, Offence> {
    proven(row).map_err(|problem| transfer_offence(&row.id, problem))
}

fn proven(row: &LedgerTransfer) -> Result<Reach, String> {
    let sealed = row.sealed().map_err(|Misshapen| "columns of an entry that do not belong together")?;
    cause(row)?;
    let reach = row.reach().ok().flatten();
    let reach =
        reach.ok_or("it is not what was hashed: its row was changed, or that of its message or action of staff")?;
    if row.amount_minor <= 0 {
        return Err("an amount that is not positive".to_owned());
    }
    shape::sides(row, &sealed)?;
    shape::debt(row)?;
    reversal(row)?;
    capture(row)?;
    Ok(reach)
}

/// The message was applied, or the action carried out, and names the transfer, or the main one of its command, or of its
/// item of a list.
fn cause(row: &LedgerTransfer) -> Result<(), String> {
    let (what, ending, good, named) = match (&row.message_key, &row.action, &row.system) {
        (Some(key), None, None) => (format!("message {key}"), &row.ending, "applied", &row.message_transfer),
        (None, Some(id), None) => {
            let id = uuid::Uuid::from_slice(id).unwrap_or_default();
            (format!("action {id}"), &row.action_state, "done", &row.action_transfer)
        }
        _ => return Err("not one cause: a message or an action of staff; nothing else moves money".to_owned()),
    };
    match (ending, named) {
        (None, _) => Err(format!("there is no {what}")),
        (Some(ending), _) if ending != good => Err(format!("its {what} is {ending}")),
        (Some(_), Some(named)) if is_of(&row.id, named) => shape::place(row, named, &what),
        (Some(_), named) => {
            let item = named.as_ref().and_then(|first| lists::item(row, first));
            let item = item.ok_or_else(|| format!("its {what} names another transfer"))?;
            shape::place(row, &item, &what)
        }
    }
}

/// A reversal takes back another transfer, whole, the other way, and not a reversal.
fn reversal(row: &LedgerTransfer) -> Result<(), &'static str> {
    let named = row.reverses.is_some();
    match &row.original_kind {
        None if named => Err("the transfer that it takes back is not there"),
        _ if named != (row.kind == "reversal") => Err("only a reversal takes another transfer back, and each does"),
        Some(kind) if kind == "reversal" => Err("it takes back a reversal"),
        Some(_)
            if row.original_debit.as_ref() != Some(&row.credit)
                || row.original_credit.as_ref() != Some(&row.debit)
                || row.original_minor != Some(row.amount_minor) =>
        {
            Err("it is not the transfer that it takes back, the other way round")
        }
        _ => Ok(()),
    }
}

/// The hold that a capture names was taken by it, of this account and by so much.
fn capture(row: &LedgerTransfer) -> Result<(), &'static str> {
    if row.hold.is_none() {
        return if row.kind == "capture" { Err("it captures no hold") } else { Ok(()) };
    }
    match &row.hold_transfer {
        None => Err("the hold that it captures is not there, or was not captured"),
        Some(named) if *named != row.id => Err("the hold that it captures names another transfer"),
        Some(_) if row.hold_account.as_ref() != Some(&row.debit) => {
            Err("the hold that it captures is another account's")
        }
        Some(_) if row.hold_minor != Some(row.amount_minor) => Err("the hold that it captures says another amount"),
        Some(_) => Ok(()),
    }
}

/// Tells whether this is a transfer of the command whose main transfer is `main`.
fn is_of(transfer: &[u8], main: &[u8]) -> bool {
    let ids = (uuid::Uuid::from_slice(transfer), uuid::Uuid::from_slice(main));
    matches!(ids, (Ok(transfer), Ok(main)) if Transfer::is_of(transfer, main))
}

/// The minor units that a transfer brings to all accounts together that keep a balance.
pub(super) fn brought_minor(row: &LedgerTransfer) -> i128 {
    let Ok(sealed) = row.sealed() else { return 0 };
    let minor = i128::from(row.amount_minor);
    let credited = if sealed.credit_entry.is_some() { minor } else { 0 };
    let debited = if sealed.debit_entry.is_some() { minor } else { 0 };
    credited - debited
}

/// The number of sides of a transfer that are an account's entry: 0 to 2.
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
pub(super) fn message(row: &LedgerMessage) -> Result<(), Offence> {
    let problem = match (&row.transfer, &row.transfer_message) {
        (None, _) => "it was applied and names no transfer",
        (Some(_), None) => "the transfer that it names is not there",
        (Some(_), Some(named)) if *named != row.key => "the transfer that it names is another message's",
        (Some(_), Some(_)) => return Ok(()),
    };
    Err(Offence { table: "inbox", row: row.key.clone(), problem: problem.to_owned() })
}

/// A pending hold is some account's, and one that was taken names a transfer that names it.
pub(super) fn hold(row: &LedgerHold) -> Result<(), Offence> {
    let problem = match (row.state.as_str(), &row.transfer_hold) {
        ("posted", None) => "the transfer that it names is not there, or captures no hold".to_owned(),
        ("posted", Some(named)) if *named != row.id => "the transfer that it names is another's".to_owned(),
        _ if !row.has_account => format!("there is no account {}", row.account),
        _ => return Ok(()),
    };
    Err(Offence { table: "holds", row: shown(&row.id), problem })
}

/// The changes of an account are numbered without a gap, and each begins where the one before it ended. Before the first,
/// a number was in use, or new.
pub(super) fn event(row: &LedgerEvent) -> Result<(), Offence> {
    let LedgerEvent { account, number, from_state, state_before, has_account } = row;
    let problem = match state_before {
        _ if !has_account => "there is no such account".to_owned(),
        None if *number > 1 => format!("there is no change {} before it", number - 1),
        None if matches!(from_state.as_str(), "active" | "new") => return Ok(()),
        Some(before) if before == from_state => return Ok(()),
        before => {
            let before = before.as_deref().unwrap_or("active");
            format!("it begins as {from_state} where the account was {before}")
        }
    };
    Err(Offence { table: "account_events", row: format!("{account} {number}"), problem })
}

/// An account is in the state that its last change says, as far as staff set that; `unexplained` is one that is not, and
/// its state.
pub(super) fn explained(unexplained: Option<(String, String)>) -> Result<(), Offence> {
    let Some((row, state)) = unexplained else { return Ok(()) };
    let problem = format!("it is {state}, and its last recorded change is not that");
    Err(Offence { table: "accounts", row, problem })
}

/// The sum over all accounts is zero: what those hold that keep a balance is what left the others.
///
/// If each transfer is what was hashed, each entry is in one chain and each chain is the sum of its entries, this follows, but
/// for one thing that it alone finds: balances are walked with the 64 bits that they are kept in, and this is added up in
/// more. A balance that ran over their end is in order there, and money that was made or lost here.
pub(super) fn conserved(balances_minor: i128, moved_minor: i128) -> Result<(), Offence> {
    if balances_minor == moved_minor {
        return Ok(());
    }
    let problem = format!("they hold {balances_minor} minor units where transfers brought {moved_minor}");
    Err(Offence { table: "accounts", row: "(all)".to_owned(), problem })
}

/// `unpaid` are batch and place of a used card that names no transfer which pays it.
pub(super) fn cards(unpaid: Option<(i64, i64)>, cards: &LedgerCards) -> Result<(), Offence> {
    let (row, problem) = match (unpaid, cards) {
        (Some((batch, place)), _) => (
            format!("{batch:05}-{place:07}"),
            "is used, and no transfer from its batch's liability of its worth to its number is its own".to_owned(),
        ),
        (None, LedgerCards { used, named, transfers }) if used == named && named == transfers => return Ok(()),
        (None, LedgerCards { used, named, transfers }) => {
            ("all".to_owned(), format!("{used} cards are used, they name {named} transfers, and there are {transfers}"))
        }
    };
    Err(Offence { table: "vouchers", row, problem })
}
