//! Accounts that exist, and what somebody may have meant who named one that does not. Telephone numbers are never guessed:
//! one digit further on is somebody else.

use anyhow::anyhow;

use super::resources;
use crate::config::Config;
use crate::domain::{AccountKey, AccountKind, ReasonCode, TransferKind};
use crate::grammar::near::distance;
use crate::store::{Store, StoreError};

/// Most names of a kind that are compared.
const COMPARED_MAX: u32 = 2_000;
/// Most names that are told.
const TOLD_MAX: usize = 12;

/// Refuses an account that does not exist, with those whose names are near.
pub(super) async fn check(config: &Config, store: &Store, account: &AccountKey) -> anyhow::Result<()> {
    if exists(config, store, account).await? {
        return Ok(());
    }
    let names = names(config, store, account.kind).await?;
    Err(anyhow!("there is no account {account}{}", meant(&account.to_string(), &names)))
}

/// What is said of a text that is neither a number nor an account's name: `problem`, and who is of such a name.
pub(super) async fn unreadable(config: &Config, store: &Store, written: &str, problem: anyhow::Error) -> anyhow::Error {
    let mut known = Vec::new();
    for kind in AccountKind::ALL {
        known.extend(names(config, store, *kind).await.unwrap_or_default());
    }
    let key = |name: &String| name.rsplit(':').next().unwrap_or_default().to_owned();
    let by_key: Vec<&String> = known.iter().filter(|name| is_near(written, &key(name))).collect();
    let by_name: Vec<&String> = known.iter().filter(|name| is_near(written, name)).collect();
    match told(if by_key.is_empty() { by_name } else { by_key }) {
        None => problem,
        Some(names) => anyhow!("{problem}; did you mean {names}?"),
    }
}

/// What is said of a name that is none of these: those that are near; of a few, all.
pub(super) fn meant(written: &str, known: &[String]) -> String {
    let near: Vec<&String> = known.iter().filter(|name| is_near(written, name)).collect();
    let all = || if known.len() <= TOLD_MAX { known.iter().collect() } else { Vec::new() };
    told(if near.is_empty() { all() } else { near }).map(|names| format!("; did you mean {names}?")).unwrap_or_default()
}

fn told(mut names: Vec<&String>) -> Option<String> {
    names.truncate(TOLD_MAX);
    let (last, first) = names.split_last()?;
    if first.is_empty() {
        return Some((*last).clone());
    }
    let first: Vec<&str> = first.iter().map(|name| name.as_str()).collect();
    Some(format!("{} or {last}", first.join(", ")))
}

/// A slip or two apart, in whichever case.
fn is_near(written: &str, name: &str) -> bool {
    let (written, name) = (written.to_lowercase(), name.to_lowercase());
    let slips = if name.chars().count() < 6 { 1 } else { 2 };
    distance(&written, &name) <= slips
}

async fn exists(config: &Config, store: &Store, account: &AccountKey) -> Result<bool, StoreError> {
    if account.kind.keeps_balance() {
        return Ok(store.account(account).await?.is_some());
    }
    let name = account.to_string();
    Ok(names(config, store, account.kind).await?.contains(&name) || store.has_moved(account).await?)
}

/// Accounts of a kind: of those that keep a balance, the ones that were opened; of others, what is configured. Nobody's
/// telephone number is among them.
async fn names(config: &Config, store: &Store, kind: AccountKind) -> Result<Vec<String>, StoreError> {
    let named = |keys: Vec<String>| keys.into_iter().map(|key| AccountKey::new(kind, key).to_string()).collect();
    let rules = &config.rules;
    Ok(match kind {
        AccountKind::Subscriber | AccountKind::FixedLine => Vec::new(),
        AccountKind::Product | AccountKind::Dealer | AccountKind::Receivable | AccountKind::BankFloat => {
            store.account_names(kind, "", COMPARED_MAX).await?
        }
        AccountKind::BankClearing => named(banks(config)),
        AccountKind::VoucherLiability => {
            let batches = store.voucher_batches().await?;
            batches.iter().map(|batch| AccountKey::voucher_liability(batch.number).to_string()).collect()
        }
        AccountKind::Fees => named(vec![TransferKind::CreditTransfer.to_string()]),
        AccountKind::Commission => named(rules.dealers.commissions.iter().map(|rule| rule.name.clone()).collect()),
        AccountKind::Bonus => named(rules.bonuses.iter().map(|rule| rule.name.clone()).collect()),
        AccountKind::Suspense => named(ReasonCode::ALL.iter().map(ToString::to_string).collect()),
    })
}

/// Banks with a grammar, and those of clients. Grammars that are not valid are told of elsewhere.
fn banks(config: &Config) -> Vec<String> {
    let grammars = resources::plan(config).and_then(|plan| resources::grammars(config, &plan));
    let mut banks: Vec<String> = config.clients.values().map(|client| client.bank.clone()).collect();
    if let Ok(grammars) = &grammars {
        banks.extend(grammars.banks().map(|bank| bank.id.to_owned()));
    }
    banks.sort_unstable();
    banks.dedup();
    banks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_near_are_told_and_of_a_few_all() {
        let banks = ["bank_clearing:nlb", "bank_clearing:teb"].map(str::to_owned);
        assert_eq!(meant("bank_clearing:tebb", &banks), "; did you mean bank_clearing:teb?");
        assert_eq!(meant("bank_clearing:nobank", &banks), "; did you mean bank_clearing:nlb or bank_clearing:teb?");
        let dealers: Vec<String> =
            (0..13).map(|number| format!("shop-{number}00")).chain(["shpija".to_owned()]).collect();
        assert_eq!(meant("Shpiaj", &dealers), "; did you mean shpija?");
        assert_eq!(meant("x", &dealers), "");
    }
}
