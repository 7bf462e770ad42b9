//! The decision on a top-up.

use chrono::{DateTime, Utc};

use super::bonus::{Purchase, bonuses};
use super::limits::{Counted, Spending};
use super::rules::amount_out_of;
use super::validity::Life;
use super::{
    Account, AccountKey, AccountKind, AccountState, Amount, Channel, Dealer, Decision, Delivery, Earlier, Enrolments,
    LoadedRows, Movement, Needs, OtherAccount, Posting, Reason, RechargeCommand, Rejection, Request, Rules, Service,
    Standing, Target, TransferKind, UnknownSubscriber, ValidityChange, pin,
};

impl Rules {
    /// Returns the refusal of a top-up by this channel if it needs no accounts: the bank is disabled, the service is not
    /// sold, or the amount is out of the limits or not the price.
    pub fn refuses(&self, request: &Request, channel: Channel) -> Option<Rejection> {
        allowed(request, channel, None, self).err()
    }
}

impl RechargeCommand {
    /// The rows that the decision at `now` needs, after user names were looked up.
    pub(super) fn needs(&self, rules: &Rules, enrolments: &Enrolments, now: DateTime<Utc>) -> Needs {
        let account = self.credited_account(enrolments);
        let counted = account.as_ref().map(|account| counted(self, account, rules, now));
        let mut needs = self.seller().map(|seller| seller.needs(self.received_at)).unwrap_or_default();
        // A client sends no PIN: of its dealer only the wallets are read.
        let dealer = self.dealer().filter(|_| self.seller().is_none());
        needs.accounts.extend(dealer.into_iter().flat_map(Dealer::wallets));
        needs.accounts.extend(account);
        needs.fingerprints.extend(std::iter::once(self.fingerprint()).chain(self.content_print()));
        needs.usage = counted.into_iter().flatten().map(|counted| counted.key).collect();
        needs
    }

    /// The account that is credited, if it is known before any look-up, or else that of the phone that a user name is
    /// registered to.
    pub(super) fn account(&self) -> Option<AccountKey> {
        self.credited_account(&Enrolments::new())
            .or_else(|| self.registered().map(|(phone, _)| AccountKey::subscriber(phone)))
    }

    /// The product that is paid for.
    pub(super) fn product(&self) -> Option<Service> {
        Some(self.request.service).filter(|service| service.is_product())
    }
}

/// Decides one top-up at `now`.
pub(super) fn decide(loaded: &LoadedRows, command: &RechargeCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    match decided(loaded, command, rules, now) {
        Ok(decision) => decision,
        Err(rejection) => Decision::Refuse(rejection),
    }
}

fn decided(
    loaded: &LoadedRows,
    command: &RechargeCommand,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Decision, Rejection> {
    let request = command.fingerprint();
    let earlier = loaded.earlier.get(&request).copied();
    if earlier.is_some() && command.client().is_some() {
        // A repeated message is answered from the inbox, so this key was written by a withdrawal.
        return Err(Rejection::new(Reason::OrderCancelled));
    }
    let refusal = match command.seller() {
        Some(seller) => seller.refusal(loaded, rules, now),
        None => command.dealer().and_then(|dealer| dealer.blocked(loaded)),
    };
    if let Some(refusal) = refusal {
        return Ok(refusal);
    }
    if let Some(of) = earlier
        && let Some(duplicate) = repeated(loaded, command, of, rules, now)?
    {
        return Ok(duplicate);
    }
    let asked = allowed(&command.request, command.channel, command.client(), rules)?;
    let main = credit(loaded, command, asked, rules, now)?;
    rules.limits.check(&loaded.usage, spending(command, &main.credit, now), main.amount)?;
    if let Some(dealer) = command.dealer() {
        dealer.afford(loaded, main.amount, rules, now)?;
    }
    Ok(Decision::Post(Posting {
        further: given(command, &main, rules, now),
        requests: std::iter::once(request).chain(command.content_print()).collect(),
        counted: counted(command, &main.credit, rules, now),
        main,
        card: None,
        forgiven: command.seller().map(|seller| pin::tries_of(&seller.dealer.wallet())),
        released: None,
    }))
}

/// The decision on a request that was carried out earlier, if it is not carried out again.
fn repeated(
    loaded: &LoadedRows,
    command: &RechargeCommand,
    of: Earlier,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Option<Decision>, Rejection> {
    let request = &command.request;
    if command.content_print().is_some_and(|content| !loaded.earlier.contains_key(&content)) {
        let value = request.reference.clone();
        return Err(Rejection::new(Reason::ReferenceReused).with(|details| details.value = value));
    }
    let delivery =
        Delivery { received_at: command.received_at, redelivery_doubt_since: command.redelivery_doubt_since };
    let is_duplicate = request.reference.is_some()
        || now - of.at < rules.bank(&request.bank).duplicate_window()
        || rules.redelivery.is_second(delivery, of, now);
    Ok(if is_duplicate { Some(Decision::Duplicate { of, amount: amount(request, rules)? }) } else { None })
}

/// Checks a request without reading accounts. Returns its amount, or the refusal by the settings.
pub(super) fn allowed(
    request: &Request,
    channel: Channel,
    client: Option<&str>,
    rules: &Rules,
) -> Result<Amount, Rejection> {
    if !rules.bank(&request.bank).enabled {
        return Err(Rejection::new(Reason::BankUnavailable));
    }
    let amount = amount(request, rules)?;
    let range = rules.limits.amounts_of(rules.amounts(channel, &request.bank), client);
    if !request.service.is_product() && !(range.0..=range.1).contains(&amount) {
        return Err(amount_out_of(range));
    }
    Ok(amount)
}

/// Amount of the request: as written, or the price of the product.
fn amount(request: &Request, rules: &Rules) -> Result<Amount, Rejection> {
    let not_available = || {
        let service = request.service.as_str().to_owned();
        Rejection::new(Reason::ServiceNotAvailable).with(|details| details.service = Some(service))
    };
    if !request.service.is_product() {
        return request.amount.ok_or_else(not_available);
    }
    let price = rules.products.of(request.service).ok_or_else(not_available)?.price;
    match request.amount {
        Some(written) if written != price => Err(Rejection::new(Reason::AmountNotOffered).with(|details| {
            details.operator = Some(request.service.label().to_owned());
            details.offered = Some(price.to_string());
        })),
        _ => Ok(price),
    }
}

fn credit(
    loaded: &LoadedRows,
    command: &RechargeCommand,
    amount: Amount,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Movement, Rejection> {
    let request = &command.request;
    let key = command.credited_account(&loaded.enrolments).ok_or_else(|| no_account(command))?;
    let account = loaded.accounts.get(&key);
    let before = account.and_then(|account| account.valid_until);
    let after = if let Some(product) = rules.products.of(request.service) {
        payable(account, command, rules)?;
        Some(product.runs_until(before, now))
    } else if let Target::Account(target) = &request.target {
        creditable(account, target, rules)?;
        None
    } else {
        topped_up(account, rules, now)?;
        Some(rules.validity.extended(before, amount, now))
    };
    let pays = command.dealer().map(Dealer::wallet);
    let pays = pays.unwrap_or_else(|| AccountKey::bank_clearing(&request.bank));
    let movement = Movement::new(TransferKind::TopUp, pays, key, amount);
    let validity = after.map(|after| ValidityChange { before, after: Some(after) });
    Ok(Movement { validity, ..movement })
}

/// The refusal without an account to credit: none is registered to the phone, or the service has no user names.
fn no_account(command: &RechargeCommand) -> Rejection {
    let request = &command.request;
    let reason = match request.target {
        Target::Username(_) | Target::Account(_) => Reason::ServiceNotAvailable,
        Target::Line(_) | Target::Registered(_) if request.service == Service::Fixed => Reason::ServiceNotAvailable,
        Target::Line(_) | Target::Registered(_) => Reason::NotEnrolled,
    };
    Rejection::new(reason).with(|details| details.service = Some(request.service.label().to_owned()))
}

/// Checks that a number can be topped up.
pub(super) fn topped_up(account: Option<&Account>, rules: &Rules, now: DateTime<Utc>) -> Result<(), Rejection> {
    if account.is_none() && rules.unknown_subscriber == UnknownSubscriber::Refuse {
        return Err(Rejection::new(Reason::SubscriberUnknown));
    }
    let life = account.map(|account| Standing::of(account).life(&rules.validity, now));
    if life == Some(Life::Suspended) {
        return Err(Rejection::new(Reason::SubscriberSuspended));
    }
    Ok(())
}

/// Checks that a product can be paid for; an expired one can. A user name that is registered to a phone is known.
fn payable(account: Option<&Account>, command: &RechargeCommand, rules: &Rules) -> Result<(), Rejection> {
    let registered = command.registered().is_some();
    match account {
        None if rules.products.unknown == UnknownSubscriber::Refuse && !registered => {
            Err(Rejection::new(Reason::UsernameUnknown))
        }
        Some(account) if account.state == AccountState::Suspended => Err(Rejection::new(Reason::UsernameSuspended)),
        _ => Ok(()),
    }
}

/// Checks that an account of a kind that a grammar declares can be credited. Its credit has no end of validity.
fn creditable(account: Option<&Account>, target: &OtherAccount, rules: &Rules) -> Result<(), Rejection> {
    match account {
        None if rules.account(target.kind()).unknown == UnknownSubscriber::Refuse => {
            Err(Rejection::new(Reason::AccountUnknown))
        }
        Some(account) if account.state == AccountState::Suspended => Err(Rejection::new(Reason::AccountSuspended)),
        _ => Ok(()),
    }
}

/// The counters of limits that a top-up of this account changes.
fn counted(command: &RechargeCommand, account: &AccountKey, rules: &Rules, now: DateTime<Utc>) -> Vec<Counted> {
    let mut counted = rules.limits.counted(spending(command, account, now));
    if let Some(dealer) = command.dealer() {
        counted.extend(rules.dealers.counted(&dealer.wallet(), now));
    }
    counted
}

fn spending<'a>(command: &'a RechargeCommand, target: &'a AccountKey, now: DateTime<Utc>) -> Spending<'a> {
    Spending { payer: command.customer(), client: command.client(), target, now }
}

/// Returns the bonuses on the main movement. A bonus extends no validity and counts for no limit.
fn given(command: &RechargeCommand, main: &Movement, rules: &Rules, now: DateTime<Utc>) -> Vec<Movement> {
    let request = &command.request;
    let purchase =
        Purchase { channel: command.channel, bank: &request.bank, service: request.service, amount: main.amount, now };
    let movement = |(rule, amount): (&str, Amount)| {
        Movement::new(TransferKind::Bonus, AccountKey::new(AccountKind::Bonus, rule), main.credit.clone(), amount)
    };
    let earned = command.dealer().map(|dealer| rules.dealers.commissions(dealer, main.amount, now));
    bonuses(&rules.bonuses, purchase).into_iter().map(movement).chain(earned.into_iter().flatten()).collect()
}

#[cfg(test)]
#[path = "recharge_tests.rs"]
pub(super) mod tests;
