//! Lists: several top-ups in one message, which are done together or not at all.
//!
//! Each item is a command of its own, with an identifier, requests, bonuses and a receipt of its own, so that it is known
//! again and reversed like a top-up that came alone.

use std::collections::HashSet;
use std::iter::once;

use chrono::{DateTime, Utc};

use super::{
    AccountKey, Cause, Decision, Enrolments, LoadedRows, Needs, Posting, Reason, RechargeCommand, Rejection, Rules,
    Transfer, recharge,
};

/// Several top-ups by one customer or one bank's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCommand {
    first: RechargeCommand,
    others: Vec<RechargeCommand>,
}

impl ListCommand {
    /// Most items of a list.
    pub const ITEMS_MAX: usize = 10;

    /// Makes a list of these top-ups, and gives them the identifiers of its items; that of the first becomes that of the
    /// list. `None` if there are fewer than two or more than [`Self::ITEMS_MAX`], or if a dealer or a client pays.
    pub fn new(items: Vec<RechargeCommand>) -> Option<Self> {
        let pays_alone = |item: &RechargeCommand| item.client().is_some() || item.dealer().is_some();
        if !(2..=Self::ITEMS_MAX).contains(&items.len()) || items.iter().any(pays_alone) {
            return None;
        }
        let mut items = items.into_iter();
        let first = items.next()?;
        let list = first.id;
        let others =
            (1..).zip(items).map(|(place, item)| RechargeCommand { id: Transfer::item_at(list, place), ..item });
        Some(Self { first, others: others.collect() })
    }

    /// The first item; its identifier is that of the list.
    pub const fn first(&self) -> &RechargeCommand {
        &self.first
    }

    /// All items, in the order of the text.
    pub fn items(&self) -> impl Iterator<Item = &RechargeCommand> {
        once(&self.first).chain(&self.others)
    }

    /// The rows that the decision needs: those of each item.
    pub(super) fn needs(&self, rules: &Rules, enrolments: &Enrolments, now: DateTime<Utc>) -> Needs {
        let mut needs = Needs::default();
        for item in self.items() {
            needs.extend(item.needs(rules, enrolments, now));
        }
        needs
    }
}

/// Decides a list at `now`. The items are decided one after the other, each as if the ones before it were done, on a copy
/// of their rows.
pub(super) fn decide(loaded: &LoadedRows, command: &ListCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    match decided(loaded, command, rules, now) {
        Ok(decision) => decision,
        Err(rejection) => Decision::Refuse(rejection),
    }
}

fn decided(
    loaded: &LoadedRows,
    command: &ListCommand,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Decision, Rejection> {
    one_each(loaded, command)?;
    let registered: Vec<_> = command.items().filter_map(RechargeCommand::registered).collect();
    let mut rows = loaded.only(&command.needs(rules, &loaded.enrolments, now), &registered);
    let mut postings: Vec<Posting> = Vec::new();
    let mut done = Vec::new();
    for item in command.items() {
        match recharge::decide(&rows, item, rules, now) {
            Decision::Post(posting) => {
                let posted = rows.post(item.id, &Cause::Message(String::new()), &posting, now);
                posted.map_err(|_| rules.amount_out_of_limits().of_item(&item.request.target))?;
                postings.push(posting);
            }
            Decision::Duplicate { of, amount } => done.push((item, of, amount)),
            Decision::Refuse(rejection) => return Err(rejection.of_item(&item.request.target)),
            // A top-up that no dealer sells is decided in no other way.
            Decision::PostList(_)
            | Decision::Keep(_)
            | Decision::Offer(_)
            | Decision::Forward(_)
            | Decision::ForwardedBefore(_)
            | Decision::Cancel(_)
            | Decision::Strike { .. } => {
                return Err(Rejection::new(Reason::ServiceNotAvailable).of_item(&item.request.target));
            }
        }
    }
    match done.first() {
        None => Ok(Decision::PostList(postings)),
        Some(&(_, of, amount)) if postings.is_empty() => Ok(Decision::Duplicate { of, amount }),
        Some((item, ..)) => Err(Rejection::new(Reason::ListPartlyDone).of_item(&item.request.target)),
    }
}

/// Refuses two items that credit one account, such as a user name and the phone that it is registered to.
fn one_each(loaded: &LoadedRows, command: &ListCommand) -> Result<(), Rejection> {
    let mut named: HashSet<AccountKey> = HashSet::new();
    for item in command.items() {
        if let Some(account) = item.credited_account(&loaded.enrolments)
            && !named.insert(account)
        {
            return Err(Rejection::new(Reason::ListNamesTwice).of_item(&item.request.target));
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
