//! The PIN of a message whose request carries none itself: a top-up, a question for the balance. It is verified before
//! the batch; the result is judged in the transaction, before the request is decided.

use chrono::{DateTime, Utc};

use super::{AccountKey, Decision, LoadedRows, Needs, PinCheck, Reason, Rejection, Rules, pin};

/// The verification of a PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// The PIN of this account of ours was compared.
    Own(AccountKey, PinCheck),
    /// The bank was asked.
    Bank(BankVerdict),
}

/// The answer of a bank that was asked about a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BankVerdict {
    Right,
    Wrong {
        /// Attempts before the bank locks the PIN, if the bank tells.
        left: Option<u32>,
    },
    /// There was no answer, or none that could be understood. The PIN is never assumed to be right.
    Unknown,
}

impl Guard {
    /// The rows that the judgement needs.
    pub fn needs(&self, received_at: DateTime<Utc>) -> Needs {
        match self {
            Self::Own(account, _) => pin::needs(account, received_at),
            Self::Bank(_) => Needs::default(),
        }
    }

    /// The refusal of the message; `None` if its request may be decided. Without the right PIN, the sender learns
    /// nothing about any account.
    pub fn refusal(&self, loaded: &LoadedRows, rules: &Rules, now: DateTime<Utc>) -> Option<Decision> {
        let reason = match self {
            Self::Own(account, check) => return pin::refusal(loaded, account, Some(*check), rules, now),
            Self::Bank(BankVerdict::Right) => return None,
            Self::Bank(BankVerdict::Unknown) => Rejection::new(Reason::PinNotVerified),
            Self::Bank(BankVerdict::Wrong { left }) => {
                Rejection::new(Reason::BankPinWrong).with(|details| details.left = *left)
            }
        };
        Some(Decision::Refuse(reason))
    }

    /// The subject whose count of wrong PINs begins anew after the right one.
    pub fn forgiven(&self) -> Option<String> {
        match self {
            Self::Own(account, _) => Some(pin::tries_of(account)),
            Self::Bank(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::recharge::tests::rules;
    use super::*;

    #[test]
    fn only_a_clear_yes_of_the_bank_lets_a_message_pass() {
        let refused = |verdict| Guard::Bank(verdict).refusal(&LoadedRows::default(), &rules(), DateTime::UNIX_EPOCH);
        assert_eq!(refused(BankVerdict::Right), None);
        let of = |decision| match decision {
            Some(Decision::Refuse(rejection)) => (rejection.reason, rejection.details.left),
            other => panic!("{other:?}"),
        };
        assert_eq!(of(refused(BankVerdict::Wrong { left: Some(2) })), (Reason::BankPinWrong, Some(2)));
        assert_eq!(of(refused(BankVerdict::Wrong { left: None })), (Reason::BankPinWrong, None));
        assert_eq!(of(refused(BankVerdict::Unknown)), (Reason::PinNotVerified, None));
        assert!(Reason::PinNotVerified.is_transient());
    }
}
