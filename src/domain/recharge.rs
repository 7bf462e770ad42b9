//! The decision about a top-up.

use chrono::{DateTime, Utc};

use super::validity::Life;
use super::{
    AccountKey, AccountState, Amount, Decision, Earlier, Movement, Posting, Reason, RechargeCommand, Rejection,
    Request, Rules, Service, Snapshot, TransferKind, UnknownSubscriber, ValidityChange,
};

/// Decides one top-up at `now`.
pub(super) fn decide(snapshot: &Snapshot, command: &RechargeCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    match decided(snapshot, command, rules, now) {
        Ok(decision) => decision,
        Err(rejection) => Decision::Refuse(rejection),
    }
}

fn decided(
    snapshot: &Snapshot,
    command: &RechargeCommand,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Decision, Rejection> {
    let bank = rules.bank(&command.request.bank);
    let (request, content) = (command.fingerprint(), command.content_print());
    let earlier = snapshot.earlier.get(&request).copied();
    if earlier.is_some() && content.is_some_and(|content| !snapshot.earlier.contains_key(&content)) {
        let value = command.request.reference.clone();
        return Err(Rejection::new(Reason::ReferenceReused).with(|details| details.value = value));
    }
    if let Some(of) = earlier
        && (command.request.reference.is_some()
            || now - of.at < bank.duplicate_window
            || is_redelivery(command, of, rules, now))
    {
        return Ok(Decision::Duplicate { of, amount: amount(&command.request)? });
    }
    if !bank.enabled {
        return Err(Rejection::new(Reason::BankUnavailable));
    }
    let main = credit(snapshot, command, amount(&command.request)?, rules, now)?;
    Ok(Decision::Post(Posting { requests: std::iter::once(request).chain(content).collect(), ..Posting::of(main) }))
}

/// What the request comes to: the amount that was written, or the price of what was asked for.
fn amount(request: &Request) -> Result<Amount, Rejection> {
    let (Service::Mobile, Some(amount)) = (request.service, request.amount) else {
        let service = request.service.as_str().to_owned();
        return Err(Rejection::new(Reason::ServiceNotAvailable).with(|details| details.service = Some(service)));
    };
    Ok(amount)
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

/// The movement of a top-up of so much.
fn credit(
    snapshot: &Snapshot,
    command: &RechargeCommand,
    amount: Amount,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Movement, Rejection> {
    if !(rules.amount_min..=rules.amount_max).contains(&amount) {
        return Err(rules.amount_out_of_limits());
    }
    let key = command.credited_account();
    let account = snapshot.accounts.get(&key);
    if account.is_none() && rules.unknown_subscriber == UnknownSubscriber::Refuse {
        return Err(Rejection::new(Reason::SubscriberUnknown));
    }
    let before = account.and_then(|account| account.valid_until);
    let suspended = account.is_some_and(|account| account.state == AccountState::Suspended);
    if suspended || rules.validity.life(before, now) == Life::Suspended {
        return Err(Rejection::new(Reason::SubscriberSuspended));
    }
    let after = Some(rules.validity.extended(before, amount, now));
    let bank = AccountKey::bank_clearing(&command.request.bank);
    let movement = Movement::new(TransferKind::TopUp, bank, key, amount);
    Ok(Movement { validity: Some(ValidityChange { before, after }), ..movement })
}

#[cfg(test)]
#[path = "recharge_tests.rs"]
mod tests;
