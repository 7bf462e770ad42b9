//! The rules of credit transfer, and the conditions that both accounts must meet. They apply when the sender writes and
//! when the sender confirms.

use chrono::{DateTime, Utc};

use super::limits::UsageLimits;
use super::validity::Life;
use super::{
    Account, AccountKey, AccountKind, AccountState, Amount, Movement, Msisdn, Posting, Reason, Rejection, Rules,
    TransferKind, ValidityChange, format_minor,
};

/// Key of the account that fees go to.
const FEES: &str = "credit_transfer";

/// The rules of credit transfer. No operator of the country publishes any; the defaults are those of neighbouring countries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditTransferRules {
    pub enabled: bool,
    /// Lowest amount.
    pub amount_min: Amount,
    /// Highest amount.
    pub amount_max: Amount,
    /// The fee that the sender pays in addition; `None` for no fee.
    pub fee: Option<Amount>,
    /// Lowest available balance of the sender before the transfer, in minor units.
    pub balance_min_minor: i64,
    /// Lowest available balance of the sender after the transfer and its fee, in minor units.
    pub remaining_min_minor: i64,
    /// Days of validity that the receiver gets.
    pub days: u16,
    /// Minutes in which a transfer by SMS must be confirmed; `None` to carry it out at once. A menu asks by itself.
    pub confirm_minutes: Option<u16>,
    /// Limits of one sender in a day and in a month. Fees do not count.
    pub limits: UsageLimits,
}

/// A question that the sender has to confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// Minutes in which it must be confirmed.
    pub minutes: u16,
    pub fee: Option<Amount>,
}

impl CreditTransferRules {
    /// The question to a sender by SMS before anything moves; `None` to carry out the transfer at once.
    pub fn asking(&self) -> Option<Asking> {
        self.confirm_minutes.map(|minutes| Asking { minutes, fee: self.fee })
    }

    /// Available balance that the sender needs for this amount, in minor units.
    pub fn needed_minor(&self, amount: Amount) -> i64 {
        let spent = amount.minor() + self.fee.map_or(0, Amount::minor);
        self.balance_min_minor.max(spent.saturating_add(self.remaining_min_minor))
    }
}

/// The subject of the counters of limits.
pub(super) fn subject(sender: Msisdn) -> String {
    format!("sender:{}", sender.digits())
}

/// The movements of a transfer: the credit and its fee.
pub(super) fn moved(
    (from, to): (AccountKey, AccountKey),
    (amount, fee): (Amount, Option<Amount>),
    validity: ValidityChange,
) -> Posting {
    let fees = || AccountKey::new(AccountKind::Fees, FEES);
    let fee = fee.map(|fee| Movement::new(TransferKind::Fee, from.clone(), fees(), fee));
    let main = Movement::new(TransferKind::CreditTransfer, from, to, amount);
    Posting { further: fee.into_iter().collect(), ..Posting::of(Movement { validity: Some(validity), ..main }) }
}

/// Checks that the sender may spend credit: the account is not suspended, and its validity has not ended. A sender without
/// an account passes, because the check of the balance refuses it.
pub(super) fn may_send(sender: Option<&Account>, rules: &Rules, now: DateTime<Utc>) -> Result<(), Rejection> {
    let Some(sender) = sender else { return Ok(()) };
    let life = rules.validity.life(sender.valid_until, now);
    if sender.state == AccountState::Suspended || matches!(life, Life::ReceiveOnly | Life::Suspended) {
        return Err(Rejection::new(Reason::TransferSenderInactive));
    }
    Ok(())
}

/// Returns the change of the receiver's validity. A transfer opens no account, because most mistyped numbers have none.
pub(super) fn receiver_validity(
    receiver: Option<&Account>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<ValidityChange, Rejection> {
    let receiver = receiver.ok_or_else(|| Rejection::new(Reason::TransferTargetUnknown))?;
    let before = receiver.valid_until;
    if receiver.state == AccountState::Suspended || rules.validity.life(before, now) == Life::Suspended {
        return Err(Rejection::new(Reason::TransferTargetSuspended));
    }
    let after = rules.validity.extended_by(before, rules.credit_transfer.days, now);
    Ok(ValidityChange { before, after: Some(after) })
}

/// Refuses a transfer if too little is free for it, its fee and the rest that has to stay.
pub(super) fn affordable(available_minor: i64, amount: Amount, rules: &CreditTransferRules) -> Result<(), Rejection> {
    let needed = rules.needed_minor(amount);
    if available_minor >= needed {
        return Ok(());
    }
    Err(Rejection::new(Reason::TransferTooLittle).with(|details| {
        details.limit = Some(format_minor(needed));
        details.available = Some(format_minor(available_minor));
    }))
}
