//! The rows that decisions read, and the effects of decisions on them.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::limits::{Usage, UsageKey};
use super::voucher::{Card, CodeHash, Lockout, Redeemed, State};
use super::{
    Account, AccountKey, Action, Cause, Courtesies, Earlier, Enrolments, Fingerprint, Hold, HoldProblem, HoldState,
    Kept, Later, Movement, Msisdn, Needs, Offered, PinRecord, Posting, Recorded, Service, Transfer, TransferKind,
};

/// The rows that the store read and locked in the transaction that will write, as changed by the earlier commands of
/// the batch. A row that is missing does not exist yet.
#[derive(Debug, Clone, Default)]
pub struct LoadedRows {
    pub accounts: HashMap<AccountKey, Account>,
    /// For accounts after their end of validity: number and content of the last recorded change.
    pub recorded: HashMap<AccountKey, (i64, Recorded)>,
    /// The last time that each request was carried out.
    pub earlier: HashMap<Fingerprint, Earlier>,
    pub usage: HashMap<UsageKey, Usage>,
    pub enrolments: Enrolments,
    /// The transfers of orders that are to be withdrawn.
    pub orders: Orders,
    pub cards: HashMap<CodeHash, Card>,
    /// Counts of wrong codes, by source address.
    pub lockouts: HashMap<String, Lockout>,
    pub pins: HashMap<AccountKey, PinRecord>,
    /// Reversed transfers, each with its reversal.
    pub reversals: HashMap<Uuid, Uuid>,
    /// Later transfers to the account of a transfer that is to be reversed, if they gave validity.
    pub later: HashMap<Uuid, Vec<Later>>,
    pub holds: HashMap<Uuid, Hold>,
    /// Orders of staff.
    pub actions: HashMap<Uuid, Action>,
    /// Records of phones that sent texts which were not understood.
    pub courtesies: HashMap<Msisdn, Courtesies>,
}

/// The transfers of clients' orders, the main one first; empty for an order that was withdrawn before it arrived.
pub type Orders = HashMap<Fingerprint, Vec<Transfer>>;

/// A balance would overflow. Nothing was posted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{account:?}: the balance would overflow")]
pub struct Unpostable {
    pub account: AccountKey,
}

impl LoadedRows {
    /// Carries out a posting completely or not at all: balances change, and a missing account is opened. The transfers
    /// are in the order of the movements, the main one first.
    ///
    /// # Errors
    /// A balance would overflow.
    pub fn post(
        &mut self,
        command: Uuid,
        cause: &Cause,
        posting: &Posting,
        now: DateTime<Utc>,
    ) -> Result<Vec<Transfer>, Unpostable> {
        self.post_all(&[(command, posting)], cause, now)
    }

    /// As [`Self::post`], for several commands, of which all are carried out or none.
    ///
    /// # Errors
    /// A balance would overflow.
    pub fn post_all(
        &mut self,
        commands: &[(Uuid, &Posting)],
        cause: &Cause,
        now: DateTime<Utc>,
    ) -> Result<Vec<Transfer>, Unpostable> {
        let mut touched: Vec<Account> = Vec::with_capacity(2);
        let mut transfers = Vec::with_capacity(commands.iter().map(|(_, posting)| 1 + posting.further.len()).sum());
        for (command, posting) in commands {
            for (place, movement) in (0..).zip(std::iter::once(&posting.main).chain(&posting.further)) {
                let minor = movement.amount.minor();
                transfers.push(Transfer {
                    id: Transfer::id_at(*command, place),
                    debit_balance_minor: self.moved(&mut touched, &movement.debit, -minor, movement, now)?,
                    credit_balance_minor: self.moved(&mut touched, &movement.credit, minor, movement, now)?,
                    movement: movement.clone(),
                    cause: cause.clone(),
                    at: now,
                });
            }
        }
        self.accounts.extend(touched.into_iter().map(|account| (account.key.clone(), account)));
        let reversal = |transfer: &Transfer| transfer.movement.reverses.map(|reversed| (reversed, transfer.id));
        self.reversals.extend(transfers.iter().filter_map(reversal));
        for (command, posting) in commands {
            self.posted(*command, cause, posting, now);
        }
        Ok(transfers)
    }

    /// The effects of a posting beside its movements.
    fn posted(&mut self, command: Uuid, cause: &Cause, posting: &Posting, now: DateTime<Utc>) {
        let done = Earlier { transfer: command, at: now };
        self.earlier.extend(posting.requests.iter().map(|&print| (print, done)));
        self.count(posting, now);
        if let Some(redeemed) = &posting.card {
            self.use_card(redeemed);
        }
        if let Some(hold) = posting.released.as_deref().copied() {
            // The hold was pending when the posting was decided, and nothing has happened since.
            let _released = self.release_hold(hold, HoldState::Voided, cause, now);
        }
        if let Some(sender) = &posting.forgiven {
            self.forgive(sender);
        }
    }

    /// A copy of the accounts, earlier requests and usage that are needed, and of the user names that are registered to
    /// these phones.
    pub(super) fn only(&self, needs: &Needs, registered: &[(Msisdn, Service)]) -> Self {
        Self {
            accounts: only(&self.accounts, &needs.accounts),
            earlier: only(&self.earlier, &needs.fingerprints),
            usage: only(&self.usage, &needs.usage),
            enrolments: only(&self.enrolments, registered),
            ..Self::default()
        }
    }

    /// Adds a posting to the usage of its limits; a reversal is subtracted.
    fn count(&mut self, posting: &Posting, now: DateTime<Utc>) {
        for counted in &posting.counted {
            let usage = self.usage.entry(counted.key.clone()).or_default();
            match posting.main.kind {
                TransferKind::Reversal => usage.give_back(posting.main.amount),
                _ => usage.add(posting.main.amount, now, counted.recent_max),
            }
        }
    }

    fn use_card(&mut self, redeemed: &Redeemed) {
        if let Some(card) = self.cards.get_mut(&redeemed.hash) {
            (card.own, card.used) = (Some(State::Used), Some(redeemed.used.clone()));
        }
        self.forgive(&redeemed.used.sender);
    }

    fn forgive(&mut self, sender: &str) {
        if let Some(lockout) = self.lockouts.get_mut(sender) {
            *lockout = Lockout::default();
        }
    }

    /// Places the hold of an offer.
    ///
    /// # Errors
    /// The account does not exist or has too little available.
    pub fn offer(&mut self, command: Uuid, offered: &Offered, now: DateTime<Utc>) -> Result<(), HoldProblem> {
        if let Some((hold, _)) = &offered.placed {
            self.place_hold(hold.clone())?;
            self.earlier.insert(offered.request, Earlier { transfer: command, at: now });
            self.forgive(&offered.forgiven);
        }
        Ok(())
    }

    /// Carries out a command that moves no money.
    pub fn keep(&mut self, command: Uuid, kept: &Kept, now: DateTime<Utc>) {
        if let Some(pin) = &kept.pin {
            self.pins.insert(pin.account.clone(), pin.clone());
            self.earlier.insert(kept.request, Earlier { transfer: command, at: now });
            self.forgive(&kept.forgiven);
        }
    }

    /// Names of the numbers whose validity ended before this instant.
    pub fn ended(&self, before: Option<DateTime<Utc>>) -> Vec<String> {
        let Some(before) = before else { return Vec::new() };
        let is_over = |account: &&Account| account.valid_until.is_some_and(|end| end <= before);
        self.accounts.values().filter(is_over).map(|account| account.key.to_string()).collect()
    }

    /// Balance of one side after a movement, if the account stores one.
    fn moved(
        &self,
        touched: &mut Vec<Account>,
        key: &AccountKey,
        minor: i64,
        movement: &Movement,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>, Unpostable> {
        if !key.kind.keeps_balance() {
            return Ok(None);
        }
        let place = touched.iter().position(|account| account.key == *key).unwrap_or_else(|| {
            touched.push(self.accounts.get(key).cloned().unwrap_or_else(|| Account::open(key.clone(), now)));
            touched.len() - 1
        });
        let Some(account) = touched.get_mut(place) else { return Ok(None) };
        let balance = account.balance_minor.checked_add(minor);
        account.balance_minor = balance.ok_or_else(|| Unpostable { account: key.clone() })?;
        if let Some(change) = movement.validity
            && movement.dated() == key
        {
            account.valid_until = change.after;
        }
        Ok(Some(account.balance_minor))
    }
}

/// The rows of a map that have one of these keys.
fn only<K: Clone + Eq + Hash, V: Clone>(rows: &HashMap<K, V>, keys: &[K]) -> HashMap<K, V> {
    keys.iter().filter_map(|key| Some((key.clone(), rows.get(key)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Amount;
    use super::*;

    fn number(last: u64) -> AccountKey {
        AccountKey::new(super::super::AccountKind::Subscriber, format!("3834900000{last}"))
    }

    fn movement(debit: AccountKey, credit: AccountKey, minor: i64) -> Movement {
        Movement::new(TransferKind::TopUp, debit, credit, Amount::from_minor(minor).unwrap())
    }

    fn with(account: AccountKey, balance_minor: i64) -> LoadedRows {
        let account = Account { balance_minor, ..Account::open(account, DateTime::UNIX_EPOCH) };
        LoadedRows { accounts: [(account.key.clone(), account)].into(), ..LoadedRows::default() }
    }

    #[test]
    fn all_movements_of_a_command_are_posted_one_after_the_other() {
        let mut loaded = with(number(1), 1_000);
        let bank = AccountKey::bank_clearing("nlb");
        let further = vec![movement(number(1), number(2), 300), movement(number(2), bank.clone(), 100)];
        let posting = Posting { further, ..Posting::of(movement(bank, number(1), 500)) };
        let cause = Cause::Message("ipko:1".into());
        let transfers = loaded.post(Uuid::from_u128(7), &cause, &posting, DateTime::UNIX_EPOCH).unwrap();
        let balances: Vec<_> =
            transfers.iter().map(|transfer| (transfer.debit_balance_minor, transfer.credit_balance_minor)).collect();
        assert_eq!(balances, [(None, Some(1_500)), (Some(1_200), Some(300)), (Some(200), None)]);
        assert_eq!(transfers.iter().map(|transfer| transfer.id.as_u128()).collect::<Vec<_>>(), [7, 8, 9]);
        assert_eq!(loaded.accounts[&number(1)].balance_minor, 1_200);
        assert_eq!(loaded.accounts[&number(2)].balance_minor, 200);
    }

    #[test]
    fn what_cannot_be_posted_whole_is_not_posted_at_all() {
        let mut loaded = with(number(2), i64::MAX);
        let bank = AccountKey::bank_clearing("nlb");
        let further = vec![movement(bank.clone(), number(2), 1)];
        let posting = Posting { further, ..Posting::of(movement(bank, number(1), 500)) };
        let cause = Cause::Message("ipko:1".into());
        let refused = loaded.post(Uuid::from_u128(7), &cause, &posting, DateTime::UNIX_EPOCH);
        assert_eq!(refused, Err(Unpostable { account: number(2) }));
        assert!(!loaded.accounts.contains_key(&number(1)));
    }
}
