//! The decision: given an account, what came before and the rules, what a command does. Pure, and the same each time.

use chrono::{DateTime, Utc};

use super::validity::Life;
use super::{
    Account, AccountState, Amount, Earlier, Outcome, Reason, RechargeCommand, Rejection, Rules, Service, Target,
    UnknownSubscriber,
};

/// What the store knows that the decision looks at, read and locked in the same transaction that will write.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    /// The account to credit, where it exists.
    pub account: Option<&'a Account>,
    /// The last time that the same request was carried out.
    pub earlier: Option<Earlier>,
    /// Of a request with a reference: that earlier one said the same.
    pub same_content: bool,
}

/// What to do, named by what the caller does about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Write this transfer.
    Post(Posting),
    /// Write nothing but the ending: it was done before.
    Duplicate(Earlier),
    /// Write nothing but the ending, and tell the customer why.
    Refuse(Rejection),
}

/// The movement of a top-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// How much moves.
    pub amount: Amount,
    /// Balance of the credited account after it, in cents.
    pub balance_cents: i64,
    /// End of validity after it.
    pub valid_until: DateTime<Utc>,
}

/// Decides one command at `now`.
pub fn decide(snapshot: Snapshot<'_>, command: &RechargeCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let bank = rules.bank(&command.request.bank);
    if snapshot.earlier.is_some() && command.request.reference.is_some() && !snapshot.same_content {
        let value = command.request.reference.clone();
        return Decision::Refuse(Rejection::new(Reason::ReferenceReused).with(|details| details.value = value));
    }
    if let Some(earlier) = snapshot.earlier
        && (command.request.reference.is_some()
            || now - earlier.at < bank.duplicate_window
            || is_redelivery(command, earlier, rules, now))
    {
        return Decision::Duplicate(earlier);
    }
    if !bank.enabled {
        return refuse(Reason::BankUnavailable);
    }
    match credit(snapshot.account, command, rules, now) {
        Ok(posting) => Decision::Post(posting),
        Err(rejection) => Decision::Refuse(rejection),
    }
}

/// Whether this may be the network's second delivery of what was done on an earlier session. A customer who asks for
/// the same again just then is told so, and can mark it as a repetition: better one reply too many than one euro.
fn is_redelivery(command: &RechargeCommand, earlier: Earlier, rules: &Rules, now: DateTime<Utc>) -> bool {
    command.session_since.is_some_and(|since| {
        earlier.at < since
            && command.received_at - since < rules.redelivery.grace
            && now - earlier.at < rules.redelivery.window
    })
}

fn credit(
    account: Option<&Account>,
    command: &RechargeCommand,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Posting, Rejection> {
    let request = &command.request;
    let (Service::Mobile, Target::Line(_), Some(amount)) = (request.service, &request.target, request.amount) else {
        let service = request.service.as_str().to_owned();
        return Err(Rejection::new(Reason::ServiceNotAvailable).with(|details| details.service = Some(service)));
    };
    if !(rules.amount_min..=rules.amount_max).contains(&amount) {
        return Err(out_of_limits(rules));
    }
    let (balance_cents, valid_until) = match account {
        Some(account) => (account.balance_cents, account.valid_until),
        None if rules.unknown_subscriber == UnknownSubscriber::Create => (0, None),
        None => return Err(Rejection::new(Reason::SubscriberUnknown)),
    };
    let suspended = account.is_some_and(|account| account.state == AccountState::Suspended);
    if suspended || rules.validity.life(valid_until, now) == Life::Suspended {
        return Err(Rejection::new(Reason::SubscriberSuspended));
    }
    let Some(balance_cents) = balance_cents.checked_add(amount.cents()) else {
        return Err(out_of_limits(rules));
    };
    Ok(Posting { amount, balance_cents, valid_until: rules.validity.extended(valid_until, amount, now) })
}

fn out_of_limits(rules: &Rules) -> Rejection {
    Rejection::new(Reason::AmountOutOfLimits).with(|details| {
        details.min = Some(rules.amount_min.to_string());
        details.max = Some(rules.amount_max.to_string());
    })
}

fn refuse(reason: Reason) -> Decision {
    Decision::Refuse(Rejection::new(reason))
}

impl From<Rejection> for Outcome {
    fn from(rejection: Rejection) -> Self {
        Self::rejected(rejection)
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
