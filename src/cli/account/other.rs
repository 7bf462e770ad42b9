//! `mbush account meter:04123456784`: an account of a kind that a grammar declares.

use std::process::ExitCode;

use serde_json::json;

use super::super::style::{is_json, line, object, title};
use super::super::{entries, known};
use super::life;
use crate::config::Config;
use crate::domain::{Account, AccountState, CURRENCY, NumberingPlan, OtherAccount, format_minor};
use crate::store::Store;

/// Shows the account with its history.
pub(super) async fn show(
    config: &Config,
    plan: &NumberingPlan,
    store: &Store,
    other: &OtherAccount,
    limit: u32,
) -> anyhow::Result<ExitCode> {
    let key = other.key();
    known::check(config, store, &key).await?;
    let Some(account) = store.account(&key).await? else { return Err(known::absent(&key).into()) };
    let mut history = store.statement(&key, limit).await?;
    entries::number_senders(plan, &mut history);
    let record = life::Record::read(store, &key, limit).await?;
    if is_json() {
        object(&json!({
            "kind": other.kind(), "identifier": other.identifier(),
            "account": {
                "balance_minor": account.balance_minor, "held_minor": account.held_minor,
                "state": account.state.as_str(), "opened_at": account.opened_at,
            },
            "events": record.events_json(),
            "history": history.iter().map(entries::as_json).collect::<Vec<_>>(),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print(other, &account)?;
    record.print()?;
    for entry in &history {
        line(&entries::shown(entry))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(other: &OtherAccount, account: &Account) -> anyhow::Result<()> {
    title(&format!("{}  {}", other.kind_in_words(), other.identifier()))?;
    line(&format!("balance   {} {CURRENCY}", format_minor(account.balance_minor)))?;
    if account.held_minor > 0 {
        let (held, free) = (format_minor(account.held_minor), format_minor(account.available_minor()));
        line(&format!("held      {held} {CURRENCY}; available {free} {CURRENCY}"))?;
    }
    if account.state == AccountState::Suspended {
        line("suspended")?;
    }
    Ok(())
}
