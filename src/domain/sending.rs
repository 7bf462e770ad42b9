//! Credit that is sent to another number, confirmed or not: its rules, and what they ask of both accounts.

use chrono::{DateTime, Utc};

use super::limits::UsageLimits;
use super::validity::Life;
use super::{
    Account, AccountKey, AccountKind, AccountState, Amount, Movement, Msisdn, Posting, Reason, Rejection, Rules,
    TransferKind, ValidityChange, format_cents,
};

/// Key of the account that fees go to.
const FEES: &str = "credit_transfer";

/// The rules of credit transfer. No operator has published its own: the defaults are what neighbours publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditTransferRules {
    /// Credit may be sent at all.
    pub enabled: bool,
    /// Lowest amount.
    pub amount_min: Amount,
    /// Highest amount.
    pub amount_max: Amount,
    /// The fee that the sender pays beside it; `None` for nothing.
    pub fee: Option<Amount>,
    /// The credit that has to be free on the sender's account before it, in cents.
    pub balance_min_cents: i64,
    /// The credit that has to stay free there after it and its fee, in cents.
    pub remaining_min_cents: i64,
    /// Days of validity that the receiver gets with it.
    pub days: u16,
    /// Within so many minutes a transfer by SMS has to be confirmed; `None`: it is done at once. A menu asks by itself.
    pub confirm_minutes: Option<u16>,
    /// The limits of one sender in a day and in a month, fees not counted.
    pub limits: UsageLimits,
}

/// The question that a sender has to confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// Minutes in which it has to be confirmed.
    pub minutes: u16,
    /// The fee.
    pub fee: Option<Amount>,
}

impl CreditTransferRules {
    /// The question to a sender by SMS before anything moves; `None`: it is done at once.
    pub fn asking(&self) -> Option<Asking> {
        self.confirm_minutes.map(|minutes| Asking { minutes, fee: self.fee })
    }

    /// The credit that has to be free on a sender's account for this amount, in cents.
    pub fn needed_cents(&self, amount: Amount) -> i64 {
        let spent = amount.cents() + self.fee.map_or(0, Amount::cents);
        self.balance_min_cents.max(spent.saturating_add(self.remaining_min_cents))
    }
}

/// The subject whose usage is counted.
pub(super) fn subject(sender: Msisdn) -> String {
    format!("sender:{}", sender.digits())
}

/// The movements: the credit, and its fee beside it.
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

/// Credit is sent by who can spend it: not after the end of its validity, and not by who is suspended. Who has no account
/// has no credit.
pub(super) fn may_send(sender: Option<&Account>, rules: &Rules, now: DateTime<Utc>) -> Result<(), Rejection> {
    let Some(sender) = sender else { return Ok(()) };
    let life = rules.validity.life(sender.valid_until, now);
    if sender.state == AccountState::Suspended || matches!(life, Life::ReceiveOnly | Life::Suspended) {
        return Err(Rejection::new(Reason::TransferSenderInactive));
    }
    Ok(())
}

/// The change of the end of the receiver's validity. No account is opened by it: a number that is written wrongly is
/// mostly nobody's.
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
pub(super) fn affordable(available_cents: i64, amount: Amount, rules: &CreditTransferRules) -> Result<(), Rejection> {
    let needed = rules.needed_cents(amount);
    if available_cents >= needed {
        return Ok(());
    }
    Err(Rejection::new(Reason::TransferTooLittle).with(|details| {
        details.limit = Some(format_cents(needed));
        details.available = Some(format_cents(available_cents));
    }))
}
