//! Holds: money that is reserved on an account until the hold is captured or released.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::closed_set::closed_set;
use super::{
    AccountKey, Amount, CURRENCY, Cause, LoadedRows, Movement, Posting, ReasonCode, Transfer, TransferKind, Unpostable,
    format_minor,
};

closed_set! {
    pub enum HoldState ("a state of a hold") {
        /// The amount is reserved.
        Pending = "pending",
        /// All or a part of the amount was captured, and the rest released.
        Posted = "posted",
        /// The hold was released.
        Voided = "voided",
        /// The hold was not captured in time and was released.
        Expired = "expired",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Placing a hold a second time under the same identifier has no effect.
    pub id: Uuid,
    pub account: AccountKey,
    pub amount: Amount,
    pub state: HoldState,
    pub reason: ReasonCode,
    /// Cause of the hold.
    pub cause: Cause,
    pub placed_at: DateTime<Utc>,
    /// Instant from which it can no longer be captured, and is released.
    pub expires_at: DateTime<Utc>,
    /// Cause and instant of the end; `None` while it is pending.
    pub ended: Option<(Cause, DateTime<Utc>)>,
    /// The transfer that captured it, and the captured amount.
    pub posted: Option<(Uuid, Amount)>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoldProblem {
    #[error("there is no such account")]
    NoAccount,
    /// The available balance is too low.
    #[error("the account has only {} {CURRENCY} available", format_minor(*.available_minor))]
    Insufficient {
        /// Balance less held amounts, in minor units.
        available_minor: i64,
    },
    /// Another hold has this identifier.
    #[error("another hold has this identifier")]
    OtherContent,
    #[error("there is no such hold")]
    Unknown,
    #[error("the hold is {0} already")]
    Ended(HoldState),
    /// The hold can no longer be captured.
    #[error("the hold expired; nothing was taken")]
    TooLate,
    /// The requested amount exceeds the hold.
    #[error("the hold keeps {0} {CURRENCY}, and no more can be taken")]
    TooMuch(Amount),
    #[error(transparent)]
    Unpostable(#[from] Unpostable),
}

impl LoadedRows {
    /// Places a hold. A repetition has no effect.
    ///
    /// # Errors
    /// The account does not exist or has too little available, or another hold has this identifier.
    pub fn place_hold(&mut self, hold: Hold) -> Result<(), HoldProblem> {
        if let Some(there) = self.holds.get(&hold.id) {
            let same = there.account == hold.account && there.amount == hold.amount;
            return if same { Ok(()) } else { Err(HoldProblem::OtherContent) };
        }
        let account = self.accounts.get_mut(&hold.account).ok_or(HoldProblem::NoAccount)?;
        if account.available_minor() < hold.amount.minor() {
            return Err(HoldProblem::Insufficient { available_minor: account.available_minor() });
        }
        account.held_minor += hold.amount.minor();
        self.holds.insert(hold.id, hold);
        Ok(())
    }

    /// Captures a hold, completely or in part, to another account, and releases the rest. Returns the transfers of
    /// `command`.
    ///
    /// # Errors
    /// The hold does not exist, has ended or expired, or is smaller.
    pub fn post_hold(
        &mut self,
        id: Uuid,
        amount: Option<Amount>,
        to: &AccountKey,
        command: Uuid,
        cause: &Cause,
        now: DateTime<Utc>,
    ) -> Result<Vec<Transfer>, HoldProblem> {
        let hold = self.pending(id)?.clone();
        let amount = amount.unwrap_or(hold.amount);
        if now >= hold.expires_at {
            return Err(HoldProblem::TooLate);
        }
        if amount > hold.amount {
            return Err(HoldProblem::TooMuch(hold.amount));
        }
        let movement = Movement::new(TransferKind::Capture, hold.account.clone(), to.clone(), amount);
        let movement = Movement { hold: Some(id), reason: Some(hold.reason), ..movement };
        let transfers = self.post(command, cause, &Posting::of(movement), now)?;
        self.end(&hold, HoldState::Posted, cause, Some((command, amount)), now);
        Ok(transfers)
    }

    /// Releases a hold by an order (`Voided`) or because it has expired (`Expired`).
    ///
    /// # Errors
    /// The hold does not exist, or has ended.
    pub fn release_hold(
        &mut self,
        id: Uuid,
        state: HoldState,
        cause: &Cause,
        now: DateTime<Utc>,
    ) -> Result<(), HoldProblem> {
        let hold = self.pending(id)?.clone();
        self.end(&hold, state, cause, None, now);
        Ok(())
    }

    fn pending(&self, id: Uuid) -> Result<&Hold, HoldProblem> {
        let hold = self.holds.get(&id).ok_or(HoldProblem::Unknown)?;
        if hold.state == HoldState::Pending { Ok(hold) } else { Err(HoldProblem::Ended(hold.state)) }
    }

    fn end(
        &mut self,
        hold: &Hold,
        state: HoldState,
        cause: &Cause,
        posted: Option<(Uuid, Amount)>,
        now: DateTime<Utc>,
    ) {
        if let Some(account) = self.accounts.get_mut(&hold.account) {
            account.held_minor -= hold.amount.minor();
        }
        self.holds.insert(hold.id, Hold { state, posted, ended: Some((cause.clone(), now)), ..hold.clone() });
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::{Account, AccountKind};
    use super::*;

    const ID: Uuid = Uuid::from_u128(5);

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn number() -> AccountKey {
        AccountKey::subscriber("38349123456".parse().unwrap())
    }

    fn hold(minor: i64) -> Hold {
        Hold {
            id: ID,
            account: number(),
            amount: Amount::from_minor(minor).unwrap(),
            state: HoldState::Pending,
            reason: ReasonCode::Disputed,
            cause: Cause::Operator(Uuid::nil()),
            placed_at: now(),
            expires_at: now() + TimeDelta::days(7),
            ended: None,
            posted: None,
        }
    }

    fn held(minor: i64) -> LoadedRows {
        let account = Account { balance_minor: 1_000, ..Account::open(number(), now()) };
        let mut loaded = LoadedRows { accounts: [(number(), account)].into(), ..LoadedRows::default() };
        loaded.place_hold(hold(minor)).unwrap();
        loaded
    }

    fn sums(loaded: &LoadedRows) -> (i64, i64, i64) {
        let account = &loaded.accounts[&number()];
        (account.balance_minor, account.held_minor, account.available_minor())
    }

    fn post(loaded: &mut LoadedRows, minor: Option<i64>, at: DateTime<Utc>) -> Result<Vec<Transfer>, HoldProblem> {
        let amount = minor.map(|minor| Amount::from_minor(minor).unwrap());
        let to = AccountKey::new(AccountKind::Suspense, "disputed");
        loaded.post_hold(ID, amount, &to, Uuid::from_u128(9), &Cause::Operator(Uuid::nil()), at)
    }

    #[test]
    fn what_is_held_is_there_and_cannot_be_held_again() {
        let mut loaded = held(600);
        assert_eq!(sums(&loaded), (1_000, 600, 400));
        loaded.place_hold(hold(600)).unwrap();
        assert_eq!(sums(&loaded), (1_000, 600, 400), "the same one is placed once");
        assert_eq!(loaded.place_hold(hold(100)), Err(HoldProblem::OtherContent));
        let second = Hold { id: Uuid::from_u128(6), ..hold(401) };
        assert_eq!(loaded.place_hold(second), Err(HoldProblem::Insufficient { available_minor: 400 }));
    }

    #[test]
    fn all_or_less_is_taken_and_the_rest_is_free_again() {
        let mut loaded = held(600);
        let transfers = post(&mut loaded, Some(250), now()).unwrap();
        assert_eq!(sums(&loaded), (750, 0, 750));
        assert_eq!((transfers[0].movement.hold, transfers[0].debit_balance_minor), (Some(ID), Some(750)));
        assert_eq!(loaded.holds[&ID].posted.map(|(_, amount)| amount.minor()), Some(250));
        assert_eq!(post(&mut loaded, None, now()), Err(HoldProblem::Ended(HoldState::Posted)));
        let mut whole = held(600);
        post(&mut whole, None, now()).unwrap();
        assert_eq!(sums(&whole), (400, 0, 400));
    }

    #[test]
    fn too_much_and_too_late_take_nothing() {
        let mut loaded = held(600);
        assert!(matches!(post(&mut loaded, Some(601), now()), Err(HoldProblem::TooMuch(_))));
        assert_eq!(post(&mut loaded, None, now() + TimeDelta::days(7)), Err(HoldProblem::TooLate));
        assert_eq!(sums(&loaded), (1_000, 600, 400));
        loaded.release_hold(ID, HoldState::Expired, &Cause::System("holds".into()), now()).unwrap();
        assert_eq!(sums(&loaded), (1_000, 0, 1_000));
        let again = loaded.release_hold(ID, HoldState::Voided, &Cause::Operator(Uuid::nil()), now());
        assert_eq!(again, Err(HoldProblem::Ended(HoldState::Expired)));
    }
}
