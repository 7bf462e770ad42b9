//! The decision on a reversal: new transfers in the other direction, never a deletion.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::limits::{Counted, Period, Spending};
use super::{
    Account, AccountKey, AccountKind, Amount, Decision, LoadedRows, Movement, Needs, Payer, Posting, Reason,
    ReasonCode, Rejection, Rules, Transfer, TransferKind, Undo, ValidityChange, debts, format_minor, pin,
};

/// Reverses all transfers of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseCommand {
    pub id: Uuid,
    /// The main transfer of the command.
    pub main: Transfer,
    /// The other transfers of the command, such as a bonus; they are reversed with it.
    pub further: Vec<Transfer>,
    pub reason: ReasonCode,
    /// The payer, if known: the usage of the payer's limits is reduced.
    pub payer: Option<Payer>,
    /// The conditions for a reversal by the seller; `None` for staff and clients.
    pub undo: Option<Box<Undo>>,
}

impl ReverseCommand {
    /// All transfers that are reversed, the main one first. Settlements of dealers' debts remain.
    pub fn originals(&self) -> impl Iterator<Item = &Transfer> {
        std::iter::once(&self.main).chain(self.companions())
    }

    fn companions(&self) -> impl Iterator<Item = &Transfer> {
        self.further.iter().filter(|transfer| !transfer.movement.kind.is_of_a_debt())
    }

    /// The rows that the decision needs.
    pub(super) fn needs(&self, rules: &Rules) -> Needs {
        let reversed = self.originals().map(|original| original.id).collect();
        let undo = self.undo.as_ref().map(|undo| undo.seller.needs(undo.received_at));
        let mut needs = undo.unwrap_or_default();
        needs.accounts.extend(self.accounts());
        needs.reversed = reversed;
        needs.usage = self.counted(rules).into_iter().map(|counted| counted.key).collect();
        needs
    }

    /// The counters of days and months that the top-up changed. Limits on the rate are unchanged.
    fn counted(&self, rules: &Rules) -> Vec<Counted> {
        let Transfer { movement, at, .. } = &self.main;
        if movement.kind != TransferKind::TopUp {
            return Vec::new();
        }
        let (payer, client) = match &self.payer {
            Some(Payer::Phone(phone)) => (Some(*phone), None),
            Some(Payer::Client(name) | Payer::DealerClient(name, _)) => (None, Some(name.as_str())),
            Some(Payer::Machine(_) | Payer::Dealer(_)) | None => (None, None),
        };
        let mut counted = rules.limits.counted(Spending { payer, client, target: &movement.credit, now: *at });
        // The wallet that paid identifies the dealer that sold it, whoever reverses it.
        if movement.debit.kind == AccountKind::Dealer {
            counted.extend(rules.dealers.counted(&movement.debit, *at));
        }
        counted.retain(|counted| counted.key.period != Period::Recent);
        counted
    }

    /// The accounts on both sides that store a balance.
    fn accounts(&self) -> Vec<AccountKey> {
        let sides = self.originals().flat_map(|original| [&original.movement.debit, &original.movement.credit]);
        sides.filter(|key| key.kind.keeps_balance()).cloned().collect()
    }
}

/// A later transfer to the same account that gave validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    pub kind: TransferKind,
    pub amount: Amount,
    pub at: DateTime<Utc>,
}

impl Later {
    /// The end of validity that it gives by itself. A reversal that returns credit sets the other side's date only.
    fn end(&self, rules: &Rules) -> Option<DateTime<Utc>> {
        let days = match self.kind {
            TransferKind::TopUp | TransferKind::Voucher => rules.validity.days(self.amount),
            TransferKind::CreditTransfer => rules.credit_transfer.days,
            TransferKind::Bonus
            | TransferKind::Fee
            | TransferKind::Stock
            | TransferKind::Commission
            | TransferKind::Receivable
            | TransferKind::Settlement
            | TransferKind::Reversal
            | TransferKind::Adjustment
            | TransferKind::Capture => return None,
        };
        Some(rules.validity.extended_by(None, days, self.at))
    }
}

/// Decides a reversal at `now`: once only, and only if the money is still there. Commission that was spent becomes a
/// debt of its dealer: it must not prevent a customer from getting back the amount of a mistaken sale.
pub(super) fn decide(loaded: &LoadedRows, command: &ReverseCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    if let Some(undo) = &command.undo
        && let Some(refusal) = undo.refusal(loaded, command.main.at, rules, now)
    {
        return refusal;
    }
    match reversed(loaded, command, rules) {
        Ok(posting) => Decision::Post(posting),
        // The seller must not learn the balance of its customer.
        Err(rejection) if command.undo.is_some() && rejection.reason == Reason::InsufficientCredit => {
            Decision::Refuse(Rejection::new(Reason::SaleUsed))
        }
        Err(rejection) => Decision::Refuse(rejection),
    }
}

fn reversed(loaded: &LoadedRows, command: &ReverseCommand, rules: &Rules) -> Result<Posting, Rejection> {
    for original in command.originals() {
        if loaded.reversals.contains_key(&original.id) {
            return Err(Rejection::new(Reason::AlreadyReversed));
        }
        if !original.movement.kind.may_be_reversed() {
            return Err(Rejection::new(Reason::NotReversible));
        }
    }
    let mut owed = covered(loaded, command)?;
    let back = |original: &Transfer| {
        let Movement { debit, credit, amount, .. } = original.movement.clone();
        let movement = Movement::new(TransferKind::Reversal, credit, debit, amount);
        Movement { reverses: Some(original.id), reason: Some(command.reason), ..movement }
    };
    let validity = given_back(loaded, &command.main, rules);
    let main = Movement { validity, ..back(&command.main) };
    let mut counted = command.counted(rules);
    counted.retain(|counted| loaded.usage.contains_key(&counted.key));
    let forgiven = command.undo.as_ref().map(|undo| pin::tries_of(&undo.seller.dealer.wallet()));
    let mut further = Vec::with_capacity(command.further.len());
    for original in command.companions() {
        let wallet = &original.movement.credit;
        further.extend(owed.remove(wallet).map(|missing| debts::owed(wallet, missing)));
        further.push(back(original));
    }
    Ok(Posting { further, counted, forgiven, ..Posting::of(main) })
}

/// Checks that no account returns more than its available balance. The missing part of a commission is returned, by
/// wallet, as a debt.
fn covered<'c>(
    loaded: &LoadedRows,
    command: &'c ReverseCommand,
) -> Result<BTreeMap<&'c AccountKey, Amount>, Rejection> {
    let mut net: BTreeMap<&AccountKey, i64> = BTreeMap::new();
    let mut commission: BTreeMap<&AccountKey, i64> = BTreeMap::new();
    for Transfer { movement, .. } in command.originals() {
        *net.entry(&movement.credit).or_default() -= movement.amount.minor();
        *net.entry(&movement.debit).or_default() += movement.amount.minor();
        if movement.kind == TransferKind::Commission {
            *commission.entry(&movement.credit).or_default() += movement.amount.minor();
        }
    }
    let mut owed = BTreeMap::new();
    for (key, minor) in net {
        let available = loaded.accounts.get(key).map_or(0, Account::available_minor);
        let missing = available.saturating_add(minor).saturating_neg();
        if !key.kind.keeps_balance() || minor >= 0 || missing <= 0 {
            continue;
        }
        let earned = commission.get(key).ok_or_else(|| insufficient(available))?;
        let missing = Amount::from_minor(missing.min(*earned)).map_err(|_| insufficient(available))?;
        owed.insert(key, missing);
    }
    Ok(owed)
}

/// The available balance is too low; the reply shows it.
pub(super) fn insufficient(available_minor: i64) -> Rejection {
    Rejection::new(Reason::InsufficientCredit).with(|details| details.available = Some(format_minor(available_minor)))
}

/// Returns the end of validity before the transfer, or the one that later transfers give by themselves. If the account
/// has another end than this transfer gave it, a later transfer or staff set it, and it remains.
fn given_back(loaded: &LoadedRows, original: &Transfer, rules: &Rules) -> Option<ValidityChange> {
    let given = original.movement.validity?;
    let account = loaded.accounts.get(original.movement.dated())?;
    if account.valid_until != given.after {
        return None;
    }
    let later = loaded.later.get(&original.id).into_iter().flatten();
    let ends = later.map(|later| later.end(rules));
    let after: Option<DateTime<Utc>> = ends.fold(given.before, Option::max);
    (after < given.after).then_some(ValidityChange { before: given.after, after })
}

#[cfg(test)]
#[path = "reversal_tests.rs"]
mod tests;
