//! Suggestions for accounts that do not exist. Telephone numbers are never suggested, because a number with one other
//! digit belongs to somebody else.

use anyhow::anyhow;

use super::exit::Absent;
use super::kinds::Kinds;
use super::resources;
use crate::config::Config;
use crate::domain::{AccountKey, AccountKind, OtherAccount, ReasonCode, TransferKind};
use crate::store::{Store, StoreError};
use crate::text::near::near;

/// Limit of the names of a kind that are compared.
const COMPARED_MAX: u32 = 2_000;
/// Limit of the names that are suggested.
const TOLD_MAX: usize = 12;

/// Refuses an account that does not exist, and suggests similar names.
pub(super) async fn check(config: &Config, store: &Store, account: &AccountKey) -> anyhow::Result<()> {
    if exists(config, store, account).await? {
        return Ok(());
    }
    if let Some(other) = OtherAccount::of_key(account) {
        let problem = Kinds::read(config).problem(&other);
        return Err(problem.map_or_else(|| absent(account), Absent).into());
    }
    let names = names(config, store, account.kind).await?;
    let near = nearest_of(&account.to_string(), &names);
    let lists = match account.kind {
        AccountKind::BankClearing | AccountKind::BankFloat if names.is_empty() => {
            "there is none of this kind".to_owned()
        }
        AccountKind::BankClearing | AccountKind::BankFloat => format!("there are {}", names.join(", ")),
        kind => listed_by(kind).to_owned(),
    };
    Err(Absent(format!("there is no account {account}{}", meant(&near, &lists))).into())
}

/// The error for an account that does not exist.
pub(super) fn absent(account: &AccountKey) -> Absent {
    Absent(format!("there is no account {account}"))
}

/// The error for a text that is neither a number nor the name of an account: `problem`, with similar names. A text with
/// a letter is taken for a name.
pub(super) async fn unreadable(config: &Config, store: &Store, written: &str, problem: anyhow::Error) -> anyhow::Error {
    let mut known = Vec::new();
    for kind in AccountKind::ALL {
        known.extend(names(config, store, *kind).await.unwrap_or_default());
    }
    let key = |name: &String| name.rsplit(':').next().unwrap_or_default().to_owned();
    let keys: Vec<String> = known.iter().map(key).collect();
    let near_keys = near(written, keys.iter().map(String::as_str));
    let by_key: Vec<&str> =
        known.iter().filter(|name| near_keys.contains(&key(name).as_str())).map(String::as_str).collect();
    let near = if by_key.is_empty() { near(written, known.iter().map(String::as_str)) } else { by_key };
    let is_name = !written.contains(':') && written.starts_with(char::is_alphabetic);
    let lists = "`mbush account NUMBER` shows the user names of a number";
    if is_name {
        return Absent(format!("no account or user name is `{written}`{}", meant(&near, lists))).into();
    }
    if near.is_empty() { problem } else { anyhow!("{problem}{}", meant(&near, lists)) }
}

/// The most similar names of accounts. The kind before the colon is not compared.
fn nearest_of<'n>(written: &str, names: &'n [String]) -> Vec<&'n str> {
    let key = |name: &str| name.split_once(':').map_or_else(|| name.to_owned(), |(_, key)| key.to_owned());
    let keys: Vec<String> = names.iter().map(|name| key(name)).collect();
    let near = near(&key(written), keys.iter().map(String::as_str));
    names.iter().map(String::as_str).filter(|name| near.contains(&key(name).as_str())).collect()
}

/// The end of an error about a name: similar names, or the command that lists them.
pub(super) fn meant(near: &[&str], lists: &str) -> String {
    let told = &near[..near.len().min(TOLD_MAX)];
    match told.split_last() {
        None if lists.is_empty() => String::new(),
        None => format!("; {lists}"),
        Some((last, [])) => format!("; did you mean {last}?"),
        Some((last, first)) => format!("; did you mean {} or {last}?", first.join(", ")),
    }
}

/// The command that lists the accounts of a kind; no command lists what leads to persons: telephone numbers and the
/// identifiers of meters.
const fn listed_by(kind: AccountKind) -> &'static str {
    match kind {
        // Accounts of banks are few: the error names them.
        AccountKind::Subscriber
        | AccountKind::FixedLine
        | AccountKind::Other
        | AccountKind::BankClearing
        | AccountKind::BankFloat => "",
        AccountKind::Product => "`mbush account NUMBER` shows the user names of a number",
        AccountKind::Dealer | AccountKind::Receivable => "`mbush dealer list` lists the dealers",
        AccountKind::VoucherLiability => "`mbush voucher report` lists the batches",
        AccountKind::Fees => "there is fees:credit_transfer",
        AccountKind::Commission => "[[dealers.commission]] of the configuration lists the commissions",
        AccountKind::Bonus => "[[bonus]] of the configuration lists the bonuses",
        AccountKind::Suspense => "`mbush adjust propose --help` lists the reasons",
    }
}

async fn exists(config: &Config, store: &Store, account: &AccountKey) -> Result<bool, StoreError> {
    if account.kind.keeps_balance() {
        return Ok(store.account(account).await?.is_some());
    }
    let name = account.to_string();
    Ok(names(config, store, account.kind).await?.contains(&name) || store.has_moved(account).await?)
}

/// Accounts of a kind: those that were opened if the kind has balances, and those of the configuration otherwise.
/// Telephone numbers are left out.
async fn names(config: &Config, store: &Store, kind: AccountKind) -> Result<Vec<String>, StoreError> {
    let named = |keys: Vec<String>| keys.into_iter().map(|key| AccountKey::new(kind, key).to_string()).collect();
    let rules = &config.rules;
    Ok(match kind {
        AccountKind::Subscriber | AccountKind::FixedLine | AccountKind::Other => Vec::new(),
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

/// Banks with a grammar, and those of clients. Invalid grammars are reported elsewhere.
pub(super) fn banks(config: &Config) -> Vec<String> {
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
    fn names_that_are_near_are_told_and_else_what_lists_them() {
        let banks = ["bank_clearing:nlb", "bank_clearing:teb", "bank_clearing:tek"].map(str::to_owned);
        let told = |written: &str| meant(&nearest_of(written, &banks), "`x` lists them");
        assert_eq!(told("bank_clearing:tebb"), "; did you mean bank_clearing:teb?");
        assert_eq!(told("bank_clearing:te"), "; did you mean bank_clearing:teb or bank_clearing:tek?");
        assert_eq!(told("bank_clearing:nobank"), "; `x` lists them");
        assert_eq!(meant(&[], ""), "");
    }
}
