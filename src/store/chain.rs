//! What holds the ledger together: every transfer is hashed together with the hash of each of its accounts' transfer
//! before it, and the account keeps the last one. A row that is changed, removed or slipped in breaks the chain.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::{StoreError, Writes};
use crate::domain::{Account, AccountKey, Transfer};

/// SHA-256 of a transfer.
pub(super) type Hash = [u8; 32];

/// What stands before an account's first transfer.
pub(super) const NONE_BEFORE: Hash = [0; 32];

/// Where an account's chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// How many batches have written the account.
    pub(super) version: i64,
    /// How many entries it has.
    pub(super) entries: i64,
    /// Hash of its last transfer.
    pub(super) hash: Hash,
    /// Balance after it, in cents.
    pub(super) balance_cents: i64,
}

impl Head {
    /// That of an account that does not exist yet.
    pub(super) const NEW: Self = Self { version: 0, entries: 0, hash: NONE_BEFORE, balance_cents: 0 };
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
}

/// What is hashed: a transfer as its row has it, whether or not its texts can be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sealed<'a> {
    pub(super) id: &'a [u8; 16],
    pub(super) kind: &'a str,
    pub(super) debit: &'a str,
    pub(super) credit: &'a str,
    pub(super) amount_cents: i64,
    pub(super) message_key: &'a str,
    pub(super) at_us: i64,
    pub(super) debit_entry: Option<Entry>,
    pub(super) credit_entry: Option<Entry>,
}

impl Sealed<'_> {
    /// The hash. Texts are preceded by their length, so that no two rows are hashed from the same octets.
    pub(super) fn hash(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(b"mbush transfer 1");
        hasher.update(self.id);
        for text in [self.kind, self.debit, self.credit, self.message_key] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
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
        hasher.finalize().into()
    }
}

/// A transfer with its place in the chains of its accounts.
#[derive(Debug)]
pub(super) struct Linked<'a> {
    pub(super) transfer: &'a Transfer,
    pub(super) debit: String,
    pub(super) credit: String,
    pub(super) debit_entry: Option<Entry>,
    pub(super) credit_entry: Option<Entry>,
    pub(super) hash: Hash,
}

/// What a batch writes, linked to what is there.
#[derive(Debug)]
pub(super) struct Chained<'a> {
    pub(super) transfers: Vec<Linked<'a>>,
    /// In the order of their names, which is the order of locks.
    pub(super) accounts: Vec<(&'a Account, String, Head)>,
}

/// Links the transfers of a batch, in their order, to the heads that it loaded.
///
/// # Errors
/// A balance to be written is not the loaded one and the transfers of the batch added up.
pub(super) fn link<'a>(heads: &HashMap<AccountKey, Head>, writes: &'a Writes) -> Result<Chained<'a>, StoreError> {
    let mut moved: HashMap<&AccountKey, Head> = HashMap::with_capacity(writes.accounts.len());
    for account in &writes.accounts {
        moved.insert(&account.key, heads.get(&account.key).copied().unwrap_or(Head::NEW));
    }
    let transfers = writes.transfers.iter().map(|transfer| one(&mut moved, transfer)).collect::<Result<_, _>>()?;
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

fn one<'a>(moved: &mut HashMap<&AccountKey, Head>, transfer: &'a Transfer) -> Result<Linked<'a>, StoreError> {
    let amount = transfer.amount.cents();
    let debit_entry = entry(moved, &transfer.debit, -amount)?;
    let credit_entry = entry(moved, &transfer.credit, amount)?;
    if let Some(entry) = credit_entry
        && entry.balance_cents != transfer.credit_balance_cents
    {
        let told = transfer.credit_balance_cents;
        return Err(unbalanced(
            &transfer.credit,
            format!("{told} after a transfer that gives {}", entry.balance_cents),
        ));
    }
    let (debit, credit) = (transfer.debit.to_string(), transfer.credit.to_string());
    let sealed = Sealed {
        id: transfer.id.as_bytes(),
        kind: transfer.kind.as_str(),
        debit: &debit,
        credit: &credit,
        amount_cents: amount,
        message_key: &transfer.message_key,
        at_us: transfer.at.timestamp_micros(),
        debit_entry,
        credit_entry,
    };
    let hash = sealed.hash();
    for (key, entry) in [(&transfer.debit, debit_entry), (&transfer.credit, credit_entry)] {
        if let (Some(head), Some(entry)) = (moved.get_mut(key), entry) {
            *head = Head { version: head.version, entries: entry.number, hash, balance_cents: entry.balance_cents };
        }
    }
    Ok(Linked { transfer, debit, credit, debit_entry, credit_entry, hash })
}

/// The next entry of this account, where it keeps a balance.
fn entry(moved: &HashMap<&AccountKey, Head>, key: &AccountKey, cents: i64) -> Result<Option<Entry>, StoreError> {
    if !key.kind.keeps_balance() {
        return Ok(None);
    }
    let Some(head) = moved.get(key) else {
        return Err(unbalanced(key, "money moves and the account is not written".to_owned()));
    };
    let balance_cents = head.balance_cents.checked_add(cents);
    let balance_cents = balance_cents.ok_or_else(|| unbalanced(key, "a balance without bounds".to_owned()))?;
    Ok(Some(Entry { number: head.entries + 1, previous: head.hash, balance_cents }))
}

fn unbalanced(key: &AccountKey, problem: String) -> StoreError {
    StoreError::Unbalanced { account: format!("{key:?}"), problem }
}

/// Octets of a hash's column.
pub(super) fn hash_of(table: &'static str, octets: &[u8]) -> Result<Hash, StoreError> {
    octets.try_into().map_err(|_| StoreError::corrupt(table, format!("a hash of {} octets", octets.len())))
}
