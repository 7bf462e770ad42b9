//! Orders of staff. An adjustment is proposed by one person and approved by another.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::closed_set::closed_set;
use super::reversal::insufficient;
use super::voucher::Serial;
use super::{
    AccountKey, AccountKind, Amount, LoadedRows, Movement, Posting, Reason, ReasonCode, Rejection, TransferKind, debts,
    format_minor, is_same_person,
};

closed_set! {
    pub enum ActionKind ("an action of staff") {
        /// Reverses a transfer.
        Reversal = "reversal",
        /// Credits or debits an account.
        Adjustment = "adjustment",
        /// Reserves money on an account.
        PlaceHold = "place_hold",
        /// Captures the amount of a hold.
        PostHold = "post_hold",
        /// Releases a hold.
        VoidHold = "void_hold",
    }
}

closed_set! {
    pub enum ActionState ("a state of an action") {
        /// Waits for a check by another person.
        Proposed = "proposed",
        Done = "done",
        Rejected = "rejected",
    }
}

/// An order of staff, stored for ever with its authors and reasons. Lists read account and reason as they are stored, and
/// decisions read known ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action<A = AccountKey, R = ReasonCode> {
    /// Also the cause of the transfers that it makes.
    pub id: Uuid,
    pub kind: ActionKind,
    pub state: ActionState,
    pub account: A,
    /// Amount in minor units, negative for a debit of the account. Never zero.
    pub amount_minor: i64,
    pub reason: R,
    /// Explanation of the reason, in free text.
    pub note: String,
    /// Person who ordered or proposed it.
    pub made: Signed,
    /// Person who checked it, if a check was required.
    pub checked: Option<Signed>,
    /// The transfer that it reverses, or the hold that it ends.
    pub subject: Option<Uuid>,
    /// The scratch card that it compensates for.
    pub card: Option<Serial>,
    /// The transfer that it made.
    pub transfer: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub by: String,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotChecked {
    /// The action is settled already.
    #[error("it is {state} already, by {by}")]
    Settled {
        state: ActionState,
        /// Person who settled it.
        by: String,
    },
    /// The proposer must not check the proposal.
    #[error("{0} proposed it: another person must check it")]
    OwnProposal(String),
}

impl Action {
    /// Approves or rejects the proposal. `checked.by` must not look like the name of the proposer ([`is_same_person`]).
    ///
    /// # Errors
    /// The action is settled, or the proposer checks it.
    pub fn check(self, state: ActionState, checked: Signed) -> Result<Self, NotChecked> {
        if self.state != ActionState::Proposed {
            let by = self.checked.unwrap_or(self.made).by;
            return Err(NotChecked::Settled { state: self.state, by });
        }
        if is_same_person(&self.made.by, &checked.by) {
            return Err(NotChecked::OwnProposal(self.made.by));
        }
        Ok(Self { state, checked: Some(checked), ..self })
    }
}

/// Decides an adjustment. A credit comes from suspense; a debit goes there and must be covered. A credit to a dealer
/// settles the dealer's debt first.
///
/// # Errors
/// The account does not exist, has less than the debit, owes less than the payment, or the sum is not an [`Amount`].
pub fn adjust(
    loaded: &LoadedRows,
    account: &AccountKey,
    amount_minor: i64,
    reason: ReasonCode,
) -> Result<Posting, Rejection> {
    let known = loaded.accounts.get(account).ok_or_else(|| Rejection::new(Reason::SubscriberUnknown))?;
    let amount = i64::try_from(amount_minor.unsigned_abs()).ok().and_then(|minor| Amount::from_minor(minor).ok());
    let amount = amount.ok_or_else(|| Rejection::new(Reason::AmountOutOfLimits))?;
    let suspense = AccountKey::new(AccountKind::Suspense, reason.as_str());
    let (debit, credit) = if amount_minor < 0 { (account.clone(), suspense) } else { (suspense, account.clone()) };
    if amount_minor < 0 && known.available_minor() < amount.minor() {
        return Err(insufficient(known.available_minor()));
    }
    let owed_minor = known.balance_minor.saturating_neg();
    if account.kind == AccountKind::Receivable && amount.minor() > owed_minor {
        let most = format_minor(owed_minor.max(0));
        return Err(Rejection::new(Reason::AmountOutOfLimits).with(|details| details.max = Some(most)));
    }
    let movement = Movement::new(TransferKind::Adjustment, debit, credit, amount);
    Ok(debts::settled(loaded, Posting::of(Movement { reason: Some(reason), ..movement })))
}

#[cfg(test)]
mod tests {
    use super::super::Account;
    use super::*;

    fn signed(by: &str) -> Signed {
        Signed { by: by.to_owned(), at: DateTime::UNIX_EPOCH }
    }

    fn number() -> AccountKey {
        AccountKey::subscriber("38349123456".parse().unwrap())
    }

    fn proposed() -> Action {
        Action {
            id: Uuid::from_u128(1),
            kind: ActionKind::Adjustment,
            state: ActionState::Proposed,
            account: number(),
            amount_minor: 250,
            reason: ReasonCode::Goodwill,
            note: "no signal for a day".into(),
            made: signed("Arta"),
            checked: None,
            subject: None,
            card: None,
            transfer: None,
        }
    }

    #[test]
    fn it_takes_another_to_check_and_once_is_enough() {
        for own in ["Arta", "arta", " ARTA ", "\u{0410}rt\u{0430}", "ar\u{200b}ta"] {
            let refused = proposed().check(ActionState::Done, signed(own));
            assert_eq!(refused, Err(NotChecked::OwnProposal("Arta".into())));
        }
        let done = proposed().check(ActionState::Done, signed("Blerim")).unwrap();
        assert_eq!(done.checked, Some(signed("Blerim")));
        let again = done.check(ActionState::Rejected, signed("Drita"));
        assert_eq!(again, Err(NotChecked::Settled { state: ActionState::Done, by: "Blerim".into() }));
    }

    #[test]
    fn an_adjustment_takes_no_more_than_there_is() {
        let account = Account { balance_minor: 500, held_minor: 200, ..Account::open(number(), DateTime::UNIX_EPOCH) };
        let loaded = LoadedRows { accounts: [(number(), account)].into(), ..LoadedRows::default() };
        let adjust = |minor| adjust(&loaded, &number(), minor, ReasonCode::Correction);
        let given = adjust(250).unwrap().main;
        assert_eq!((given.debit.to_string().as_str(), given.credit), ("suspense:correction", number()));
        assert_eq!(adjust(-300).unwrap().main.debit, number());
        assert_eq!(adjust(-301).unwrap_err().reason, Reason::InsufficientCredit);
        for none in [0, i64::MIN, i64::MAX] {
            assert_eq!(adjust(none).unwrap_err().reason, Reason::AmountOutOfLimits, "{none}");
        }
        let nobody = super::adjust(&LoadedRows::default(), &number(), 1, ReasonCode::Goodwill);
        assert_eq!(nobody.unwrap_err().reason, Reason::SubscriberUnknown);
    }
}
