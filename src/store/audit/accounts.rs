//! Accounts with the chain of their entries, pure.

use super::check::transfer_offence;
use super::raw::{Micros, RawId};
use super::rows::{LedgerAccount, LedgerEntry};
use super::{Offence, shape};
use crate::store::chain::NONE_BEFORE;

/// An account's chain, walked from its end to its beginning: what the next transfer back has to be.
#[derive(Debug)]
pub(super) struct Chain {
    account: LedgerAccount,
    /// The transfer whose entry comes next; `None`: there is none before.
    this: Option<RawId>,
    number: i64,
    hash: Vec<u8>,
    balance_minor: i64,
    /// The entry that came last: one later in the account's life, and its transfer.
    later: Option<LedgerEntry>,
    /// A transfer set the end of its validity; the last one set it to `valid_until_us`.
    is_dated: bool,
    valid_until_us: Option<Micros>,
}

impl Chain {
    pub(super) fn of(account: LedgerAccount) -> Self {
        let (this, hash) = (account.last_transfer.clone(), account.head.clone());
        Self {
            this,
            number: account.entries,
            hash,
            balance_minor: account.balance_minor,
            later: None,
            is_dated: false,
            valid_until_us: None,
            account,
        }
    }

    /// Its account and the transfer that comes next; `None` at its end.
    pub(super) fn next(&self) -> Option<(&str, &RawId)> {
        self.this.as_ref().map(|this| (self.account.name.as_str(), this))
    }

    /// Takes the entry that comes next; `None`: it is not there.
    pub(super) fn take(&mut self, entry: Option<LedgerEntry>) -> Result<(), Offence> {
        let Some(entry) = entry else {
            let missing = if self.later.is_some() { "the transfer before it" } else { "its last transfer" };
            return Err(self.offence(&format!("{missing} is not there")));
        };
        self.fits(entry.number, &entry.hash, entry.balance_minor)?;
        self.number = entry.number - 1;
        self.hash.clone_from(&entry.previous);
        self.balance_minor = entry.balance_minor.wrapping_sub(entry.minor);
        self.this.clone_from(&entry.prior);
        if entry.is_dated && !self.is_dated {
            (self.is_dated, self.valid_until_us) = (true, entry.valid_after_us);
        }
        self.later = Some(entry);
        Ok(())
    }

    /// No entry is left: it began with nothing, holds what its holds keep, and is valid as long as was said last.
    pub(super) fn closed(&self) -> Result<(), Offence> {
        self.fits(0, &NONE_BEFORE, 0)?;
        let account = &self.account;
        let (held, pending) = (account.held_minor, account.pending_minor);
        let problem = if held != pending {
            format!("{held} minor units held where its pending holds keep {pending}")
        } else if account.balance_minor > 0 && shape::is_receivable(&account.name) {
            format!("{} minor units were paid of what was not owed", account.balance_minor)
        } else if !self.is_valid_as_said() {
            "its end of validity is neither what its transfers nor what the changes of its life say".to_owned()
        } else {
            return Ok(());
        };
        Err(Offence { table: "accounts", row: account.name.clone(), problem })
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

    /// The account, or its later entry, follows on from this.
    fn fits(&self, number: i64, hash: &[u8], balance_minor: i64) -> Result<(), Offence> {
        let problem = match &self.later {
            None if number != self.number => format!("{} entries where it has {number}", self.number),
            None if balance_minor != self.balance_minor => {
                format!("a balance of {} minor units where its entries give {balance_minor}", self.balance_minor)
            }
            None if hash != self.hash => "its head is not the hash of its last transfer".to_owned(),
            Some(later) if number != self.number => format!("number {} after {number}", later.number),
            Some(_) if hash != self.hash => "the chain is broken before it".to_owned(),
            Some(later) if balance_minor != self.balance_minor => {
                format!("{balance_minor} and {} minor units are not {}", later.minor, later.balance_minor)
            }
            _ => return Ok(()),
        };
        Err(self.offence(&problem))
    }

    fn offence(&self, problem: &str) -> Offence {
        match &self.later {
            Some(later) => transfer_offence(&later.id, format!("as an entry of {}: {problem}", self.account.name)),
            None => Offence { table: "accounts", row: self.account.name.clone(), problem: problem.to_owned() },
        }
    }
}
