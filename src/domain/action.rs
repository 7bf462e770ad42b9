//! What staff order, and who may: one proposes an adjustment, another approves it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::closed_set::closed_set;
use super::reversal::insufficient;
use super::voucher::Serial;
use super::{
    AccountKey, AccountKind, Amount, Movement, Posting, Reason, ReasonCode, Rejection, Snapshot, TransferKind,
    is_same_person,
};

closed_set! {
    /// What staff order.
    pub enum ActionKind ("an action of staff") {
        /// Takes a transfer back.
        Reversal = "reversal",
        /// Gives to an account, or takes from it.
        Adjustment = "adjustment",
        /// Keeps money from being spent.
        PlaceHold = "place_hold",
        /// Takes what a hold keeps.
        PostHold = "post_hold",
        /// Lets go what a hold keeps.
        VoidHold = "void_hold",
    }
}

closed_set! {
    /// How far it has come.
    pub enum ActionState ("a state of an action") {
        /// It waits for another to check it.
        Proposed = "proposed",
        /// It was carried out.
        Done = "done",
        /// It was turned down.
        Rejected = "rejected",
    }
}

/// Something that staff ordered, kept for ever with who and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its identifier, which is the cause of the transfers that it makes.
    pub id: Uuid,
    /// What.
    pub kind: ActionKind,
    /// How far it has come.
    pub state: ActionState,
    /// The account that it is about.
    pub account: AccountKey,
    /// How much, in cents; negative where it takes from the account. Never zero.
    pub amount_cents: i64,
    /// Why, in a word.
    pub reason: ReasonCode,
    /// Why, in their own words.
    pub note: String,
    /// Who ordered or proposed it, and when.
    pub made: Signed,
    /// Who checked it, and when, where that was needed.
    pub checked: Option<Signed>,
    /// The transfer that it takes back, or the hold that it is about.
    pub subject: Option<Uuid>,
    /// The scratch card that it makes good.
    pub card: Option<Serial>,
    /// The transfer that it made.
    pub transfer: Option<Uuid>,
}

/// Who and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The name that staff gave.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why an action is not checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotChecked {
    /// Somebody did already.
    #[error("it is {state}, by {by}")]
    Settled {
        /// How far it has come.
        state: ActionState,
        /// Who did it.
        by: String,
    },
    /// The one who proposed it may not.
    #[error("{0} proposed it: it takes another to check it")]
    OwnProposal(String),
}

impl Action {
    /// Approved or turned down by another than who proposed it, whose name does not look like that one's
    /// ([`is_same_person`]).
    ///
    /// # Errors
    /// It is settled, or it is one's own.
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

/// Decides an adjustment: what is given comes from suspense, and what is taken, which has to be there, goes there.
///
/// # Errors
/// There is no such account, it has less than is taken, or the sum is no [`Amount`].
pub fn adjust(
    snapshot: &Snapshot,
    account: &AccountKey,
    amount_cents: i64,
    reason: ReasonCode,
) -> Result<Posting, Rejection> {
    let known = snapshot.accounts.get(account).ok_or_else(|| Rejection::new(Reason::SubscriberUnknown))?;
    let amount = i64::try_from(amount_cents.unsigned_abs()).ok().and_then(|cents| Amount::from_cents(cents).ok());
    let amount = amount.ok_or_else(|| Rejection::new(Reason::AmountOutOfLimits))?;
    let suspense = AccountKey::new(AccountKind::Suspense, reason.as_str());
    let (debit, credit) = if amount_cents < 0 { (account.clone(), suspense) } else { (suspense, account.clone()) };
    if amount_cents < 0 && known.available_cents() < amount.cents() {
        return Err(insufficient(known.available_cents()));
    }
    let movement = Movement::new(TransferKind::Adjustment, debit, credit, amount);
    Ok(Posting::of(Movement { reason: Some(reason), ..movement }))
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
            amount_cents: 250,
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
        let account = Account { balance_cents: 500, held_cents: 200, ..Account::open(number(), DateTime::UNIX_EPOCH) };
        let snapshot = Snapshot { accounts: [(number(), account)].into(), ..Snapshot::default() };
        let adjust = |cents| adjust(&snapshot, &number(), cents, ReasonCode::Correction);
        let given = adjust(250).unwrap().main;
        assert_eq!((given.debit.to_string().as_str(), given.credit), ("suspense:correction", number()));
        assert_eq!(adjust(-300).unwrap().main.debit, number());
        assert_eq!(adjust(-301).unwrap_err().reason, Reason::InsufficientCredit);
        for none in [0, i64::MIN, i64::MAX] {
            assert_eq!(adjust(none).unwrap_err().reason, Reason::AmountOutOfLimits, "{none}");
        }
        let nobody = super::adjust(&Snapshot::default(), &number(), 1, ReasonCode::Goodwill);
        assert_eq!(nobody.unwrap_err().reason, Reason::SubscriberUnknown);
    }
}
