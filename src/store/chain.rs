//! The chains of the ledger: every transfer is hashed together with the hash of each of its accounts' transfer
//! before it, and the account keeps the last one. A row that is changed, removed or slipped in breaks the chain.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::causes::Causes;
use super::{StoreError, Writes};
use crate::domain::{Account, AccountKey, ReasonCode, Transfer};

/// SHA-256 of a transfer.
pub(super) type Hash = [u8; 32];

/// Stands before an account's first transfer.
pub(super) const NONE_BEFORE: Hash = [0; 32];

/// The end of an account's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of batches that have written the account.
    pub(super) version: i64,
    /// Number of its entries.
    pub(super) entries: i64,
    /// Hash of its last transfer.
    pub(super) hash: Hash,
    /// Balance after it, in cents.
    pub(super) balance_cents: i64,
    /// Its last transfer, where every walk through its entries begins.
    pub(super) last: Option<Uuid>,
}

impl Head {
    /// That of an account that does not exist yet.
    pub(super) const NEW: Self = Self { version: 0, entries: 0, hash: NONE_BEFORE, balance_cents: 0, last: None };
}

/// One side of a transfer as an entry of an account that keeps a balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its number in the account, from 1.
    pub(super) number: i64,
    /// Hash of the account's transfer before it.
    pub(super) previous: Hash,
    /// The account's balance after it, in cents.
    pub(super) balance_cents: i64,
    /// The account's transfer before it. It is not hashed: `previous` proves it.
    pub(super) prior: Option<Uuid>,
}

/// The octets that are hashed: a transfer as its row has it, whether or not its texts can be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sealed<'a> {
    pub(super) id: &'a [u8; 16],
    pub(super) kind: &'a str,
    pub(super) debit: &'a str,
    pub(super) credit: &'a str,
    pub(super) amount_cents: i64,
    pub(super) message_key: Option<&'a str>,
    pub(super) at_us: i64,
    pub(super) debit_entry: Option<Entry>,
    pub(super) credit_entry: Option<Entry>,
    pub(super) further: Further<'a>,
    /// Hash of the cause; `None` in rows from before causes were hashed.
    pub(super) cause: Option<&'a Hash>,
    /// The fingerprints of the requests that it carried out.
    pub(super) requests: Option<&'a [u8]>,
}

/// The columns that came to transfers later. A row that has none of them hashes as it did before there were any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Further<'a> {
    pub(super) action: Option<&'a [u8]>,
    pub(super) system: Option<&'a str>,
    pub(super) valid_before_us: Option<i64>,
    pub(super) valid_after_us: Option<i64>,
    pub(super) reverses: Option<&'a [u8]>,
    pub(super) hold: Option<&'a [u8]>,
    pub(super) reason: Option<&'a str>,
}

impl Sealed<'_> {
    /// The hash. Texts are preceded by their length, so that no two rows are hashed from the same octets.
    pub(super) fn hash(&self) -> Hash {
        let plain = self.further == Further::default();
        let mut hasher = Sha256::new();
        hasher.update(match (self.cause, plain) {
            (Some(_), _) => b"mbush transfer 3",
            (None, false) => b"mbush transfer 2",
            (None, true) => b"mbush transfer 1",
        });
        hasher.update(self.id);
        for text in [self.kind, self.debit, self.credit, self.message_key.unwrap_or_default()] {
            length_and(&mut hasher, text.as_bytes());
        }
        hasher.update(self.amount_cents.to_be_bytes());
        hasher.update(self.at_us.to_be_bytes());
        for entry in [self.debit_entry, self.credit_entry] {
            let Some(entry) = entry else {
                hasher.update([0]);
                continue;
            };
            hasher.update([1]);
            hasher.update(entry.number.to_be_bytes());
            hasher.update(entry.previous);
            hasher.update(entry.balance_cents.to_be_bytes());
        }
        if !plain || self.cause.is_some() {
            self.further.update(&mut hasher, self.message_key.is_some());
        }
        if let Some(cause) = self.cause {
            hasher.update(cause);
            length_and(&mut hasher, self.requests.unwrap_or_default());
        }
        hasher.finalize().into()
    }
}

impl Further<'_> {
    /// One octet that says which of them are there, then those.
    fn update(&self, hasher: &mut Sha256, by_message: bool) {
        let instants = [self.valid_before_us, self.valid_after_us];
        let texts =
            [self.action, self.system.map(str::as_bytes), self.reverses, self.hold, self.reason.map(str::as_bytes)];
        let there = instants.iter().map(Option::is_some).chain(texts.iter().map(Option::is_some));
        hasher.update([there.fold(u8::from(by_message), |bits, is| bits << 1 | u8::from(is))]);
        for instant in instants.into_iter().flatten() {
            hasher.update(instant.to_be_bytes());
        }
        for text in texts.into_iter().flatten() {
            length_and(hasher, text);
        }
    }
}

fn length_and(hasher: &mut Sha256, text: &[u8]) {
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text);
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
        if head.balance_cents != account.balance_cents {
            let problem =
                format!("a balance of {} where its transfers give {}", account.balance_cents, head.balance_cents);
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
    let amount = movement.amount.cents();
    let debit_entry = entry(moved, &movement.debit, -amount, transfer.debit_balance_cents)?;
    let credit_entry = entry(moved, &movement.credit, amount, transfer.credit_balance_cents)?;
    let (debit, credit) = (movement.debit.to_string(), movement.credit.to_string());
    let action = transfer.cause.action();
    let sealed = Sealed {
        id: transfer.id.as_bytes(),
        kind: movement.kind.as_str(),
        debit: &debit,
        credit: &credit,
        amount_cents: amount,
        message_key: transfer.cause.message(),
        at_us: transfer.at.timestamp_micros(),
        debit_entry,
        credit_entry,
        further: Further {
            action: action.as_ref().map(|id| &id.as_bytes()[..]),
            system: transfer.cause.system(),
            valid_before_us: movement.validity.and_then(|change| change.before).map(|at| at.timestamp_micros()),
            valid_after_us: movement.validity.and_then(|change| change.after).map(|at| at.timestamp_micros()),
            reverses: movement.reverses.as_ref().map(|id| &id.as_bytes()[..]),
            hold: movement.hold.as_ref().map(|id| &id.as_bytes()[..]),
            reason: movement.reason.map(ReasonCode::as_str),
        },
        cause: Some(cause),
        requests: requests.as_deref(),
    };
    let hash = sealed.hash();
    for (key, entry) in [(&movement.debit, debit_entry), (&movement.credit, credit_entry)] {
        if let (Some(head), Some(entry)) = (moved.get_mut(key), entry) {
            let (version, last) = (head.version, Some(transfer.id));
            *head = Head { version, entries: entry.number, hash, balance_cents: entry.balance_cents, last };
        }
    }
    Ok(Linked { transfer, debit, credit, debit_entry, credit_entry, requests, hash })
}

/// The next entry of this account, where it keeps a balance, which has to be the `told` one.
fn entry(
    moved: &HashMap<&AccountKey, Head>,
    key: &AccountKey,
    cents: i64,
    told: Option<i64>,
) -> Result<Option<Entry>, StoreError> {
    if !key.kind.keeps_balance() {
        return Ok(None);
    }
    let Some(head) = moved.get(key) else {
        return Err(unbalanced(key, "money moves and the account is not written".to_owned()));
    };
    let balance_cents = head.balance_cents.checked_add(cents);
    let balance_cents = balance_cents.ok_or_else(|| unbalanced(key, "a balance without bounds".to_owned()))?;
    if told != Some(balance_cents) {
        return Err(unbalanced(key, format!("{told:?} after a transfer that gives {balance_cents}")));
    }
    Ok(Some(Entry { number: head.entries + 1, previous: head.hash, balance_cents, prior: head.last }))
}

fn unbalanced(key: &AccountKey, problem: String) -> StoreError {
    StoreError::Unbalanced { account: format!("{key:?}"), problem }
}

/// Octets of a hash's column.
pub(super) fn hash_of(table: &'static str, octets: &[u8]) -> Result<Hash, StoreError> {
    octets.try_into().map_err(|_| StoreError::corrupt(table, format!("a hash of {} octets", octets.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(id: &[u8; 16]) -> Sealed<'_> {
        Sealed {
            id,
            kind: "top_up",
            debit: "bank_clearing:nlb",
            credit: "subscriber:38349123456",
            amount_cents: 500,
            message_key: Some("ipko:1"),
            at_us: 1_000_000,
            debit_entry: None,
            credit_entry: Some(Entry { number: 1, previous: NONE_BEFORE, balance_cents: 500, prior: None }),
            further: Further::default(),
            cause: None,
            requests: None,
        }
    }

    #[test]
    fn a_row_of_before_further_columns_hashes_as_it_did() {
        let known = "d76889c2c93d61645b4c000acf13baaba71eff5e6899a5ffc91fa6bf26242682";
        assert_eq!(hex::encode(plain(&[7; 16]).hash()), known);
    }

    /// Rows that were hashed with their cause have to be found sound for ever, too.
    #[test]
    fn a_row_hashes_with_its_cause_and_its_requests() {
        let (cause, other) = ([1; 32], [2; 32]);
        let (first, second) = ([3; 16], [4; 16]);
        let sealed = |cause, requests| Sealed { cause: Some(cause), requests, ..plain(&[7; 16]) }.hash();
        let known = "207f682fe486255361688635208cd43c1a9b7f8e94e766f0f4287ae8548b8550";
        assert_eq!(hex::encode(sealed(&cause, Some(&first[..]))), known);
        let hashes = [
            sealed(&cause, None),
            sealed(&other, None),
            sealed(&cause, Some(&first[..])),
            sealed(&cause, Some(&second[..])),
            plain(&[7; 16]).hash(),
        ];
        let different: std::collections::HashSet<Hash> = hashes.into_iter().collect();
        assert_eq!(different.len(), hashes.len());
    }

    #[test]
    fn each_column_that_came_later_is_hashed_by_its_place() {
        let sealed = |further| Sealed { further, ..plain(&[7; 16]) }.hash();
        let none = Further::default();
        let hashes = [
            none,
            Further { action: Some(b"a"), ..none },
            Further { system: Some("a"), ..none },
            Further { valid_before_us: Some(1), ..none },
            Further { valid_after_us: Some(1), ..none },
            Further { reverses: Some(b"a"), ..none },
            Further { hold: Some(b"a"), ..none },
            Further { reason: Some("a"), ..none },
        ]
        .map(sealed);
        let different: std::collections::HashSet<Hash> = hashes.into_iter().collect();
        assert_eq!(different.len(), hashes.len());
    }
}
