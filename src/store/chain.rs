//! The chains of the ledger: every transfer is hashed together with the hash of each of its accounts' transfer
//! before it, and the account keeps the last one. A row that is changed, removed or slipped in breaks the chain.

mod sealed;

use std::collections::HashMap;

use uuid::Uuid;

use super::causes::Causes;
use super::{StoreError, Writes};
use crate::domain::{Account, AccountKey, ReasonCode, Transfer};
pub(super) use sealed::{Entry, Further, Hash, NONE_BEFORE, Sealed, hash_of};

/// The end of an account's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of batches that have written the account.
    pub(super) version: i64,
    /// Number of its entries.
    pub(super) entries: i64,
    /// Hash of its last transfer.
    pub(super) hash: Hash,
    /// Balance after it, in minor units.
    pub(super) balance_minor: i64,
    /// Its last transfer, where every walk through its entries begins.
    pub(super) last: Option<Uuid>,
}

impl Head {
    /// That of an account that does not exist yet.
    pub(super) const NEW: Self = Self { version: 0, entries: 0, hash: NONE_BEFORE, balance_minor: 0, last: None };
}

/// A transfer with its place in the chains of its accounts.
#[derive(Debug)]
pub(super) struct Linked<'a> {
    pub(super) transfer: &'a Transfer,
    pub(super) debit: String,
    pub(super) credit: String,
    pub(super) debit_entry: Option<Entry>,
    pub(super) credit_entry: Option<Entry>,
    /// The fingerprints of the requests that it carried out.
    pub(super) requests: Option<Vec<u8>>,
    pub(super) hash: Hash,
}

/// The rows that a batch writes, linked to those that are there.
#[derive(Debug)]
pub(super) struct Chained<'a> {
    pub(super) transfers: Vec<Linked<'a>>,
    /// In the order of their names, which is the order of locks.
    pub(super) accounts: Vec<(&'a Account, String, Head)>,
}

/// Links the transfers of a batch, in their order, to the heads that it loaded, and to what caused them.
///
/// # Errors
/// A balance to be written is not the loaded one and the transfers of the batch added up; or money moves and what made it
/// move is not written with it.
pub(super) fn link<'a>(
    heads: &HashMap<AccountKey, Head>,
    writes: &'a Writes,
    mut causes: Causes<'a>,
) -> Result<Chained<'a>, StoreError> {
    let mut moved: HashMap<&AccountKey, Head> = HashMap::with_capacity(writes.accounts.len());
    for account in &writes.accounts {
        moved.insert(&account.key, heads.get(&account.key).copied().unwrap_or(Head::NEW));
    }
    let transfers =
        writes.transfers.iter().map(|transfer| one(&mut moved, &mut causes, transfer)).collect::<Result<_, _>>()?;
    let mut accounts = Vec::with_capacity(writes.accounts.len());
    for account in &writes.accounts {
        let mut head = moved.get(&account.key).copied().unwrap_or(Head::NEW);
        if head.balance_minor != account.balance_minor {
            let problem =
                format!("a balance of {} where its transfers give {}", account.balance_minor, head.balance_minor);
            return Err(unbalanced(&account.key, problem));
        }
        head.version += 1;
        accounts.push((account, account.key.to_string(), head));
    }
    accounts.sort_unstable_by(|one, other| one.1.cmp(&other.1));
    Ok(Chained { transfers, accounts })
}

fn one<'a>(
    moved: &mut HashMap<&AccountKey, Head>,
    causes: &mut Causes<'_>,
    transfer: &'a Transfer,
) -> Result<Linked<'a>, StoreError> {
    let movement = &transfer.movement;
    let requests = causes.requests(transfer);
    let uncaused = || unbalanced(&movement.credit, "money moves, and its cause is not written with it".to_owned());
    let cause = causes.hash(&transfer.cause).ok_or_else(uncaused)?;
    let amount = movement.amount.minor();
    let debit_entry = entry(moved, &movement.debit, -amount, transfer.debit_balance_minor)?;
    let credit_entry = entry(moved, &movement.credit, amount, transfer.credit_balance_minor)?;
    let (debit, credit) = (movement.debit.to_string(), movement.credit.to_string());
    let action = transfer.cause.action();
    let sealed = Sealed {
        id: transfer.id.as_bytes(),
        kind: movement.kind.as_str(),
        debit: &debit,
        credit: &credit,
        amount_minor: amount,
        message_key: transfer.cause.message(),
        at_us: transfer.at.timestamp_micros(),
        debit_entry,
        credit_entry,
        further: further(transfer, action.as_ref()),
        cause: Some(cause),
        requests: requests.as_deref(),
    };
    let hash = sealed.hash();
    for (key, entry) in [(&movement.debit, debit_entry), (&movement.credit, credit_entry)] {
        if let (Some(head), Some(entry)) = (moved.get_mut(key), entry) {
            let (version, last) = (head.version, Some(transfer.id));
            *head = Head { version, entries: entry.number, hash, balance_minor: entry.balance_minor, last };
        }
    }
    Ok(Linked { transfer, debit, credit, debit_entry, credit_entry, requests, hash })
}

/// The columns that not every transfer has.
fn further<'t>(transfer: &'t Transfer, action: Option<&'t Uuid>) -> Further<'t> {
    let movement = &transfer.movement;
    Further {
        action: action.map(|id| &id.as_bytes()[..]),
        system: transfer.cause.system(),
        valid_before_us: movement.validity.and_then(|change| change.before).map(|at| at.timestamp_micros()),
        valid_after_us: movement.validity.and_then(|change| change.after).map(|at| at.timestamp_micros()),
        reverses: movement.reverses.as_ref().map(|id| &id.as_bytes()[..]),
        hold: movement.hold.as_ref().map(|id| &id.as_bytes()[..]),
        reason: movement.reason.map(ReasonCode::as_str),
    }
}

/// The next entry of this account, where it keeps a balance, which has to be the `told` one.
fn entry(
    moved: &HashMap<&AccountKey, Head>,
    key: &AccountKey,
    minor: i64,
    told: Option<i64>,
) -> Result<Option<Entry>, StoreError> {
    if !key.kind.keeps_balance() {
        return Ok(None);
    }
    let Some(head) = moved.get(key) else {
        return Err(unbalanced(key, "money moves and the account is not written".to_owned()));
    };
    let balance_minor = head.balance_minor.checked_add(minor);
    let balance_minor = balance_minor.ok_or_else(|| unbalanced(key, "a balance without bounds".to_owned()))?;
    if told != Some(balance_minor) {
        return Err(unbalanced(key, format!("{told:?} after a transfer that gives {balance_minor}")));
    }
    Ok(Some(Entry { number: head.entries + 1, previous: head.hash, balance_minor, prior: head.last }))
}

fn unbalanced(key: &AccountKey, problem: String) -> StoreError {
    StoreError::Unbalanced { account: format!("{key:?}"), problem }
}
