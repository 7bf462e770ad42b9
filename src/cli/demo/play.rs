//! Plays a step, and compares its result with the expected one.

use anyhow::anyhow;
use chrono::{TimeDelta, Utc};

use super::super::style::{counted, line, lines, local_day};
use super::machines;
use super::stage::Stage;
use super::ways::{Act, Ending, Step};
use crate::domain::{Account, AccountKey, CURRENCY, format_minor};
use crate::store::Totals;

/// Printed after a step that moves no money.
const REFUSED: &str = "    refused, as expected; no money moved";
const AGAIN: &str = "    a duplicate, as expected; no money moved";

/// Plays a step. Returns the differences from the expected result.
pub(super) async fn step(stage: &mut Stage, step: &Step) -> anyhow::Result<Option<String>> {
    lines(&format!("\n  {}", step.about))?;
    let before = stage.app.store.totals().await?;
    let reply = match step.act {
        Act::Text { from, to, text } => stage.text(from, to, text).await?,
        Act::Dial { from, text } => stage.dial(from, text).await?.text,
        Act::Order { client, number, minor } => machines::order(stage, client, number, minor).await?,
        Act::Switch { number, minor } => machines::ask(stage, number, minor).await?,
    };
    let problem = match step.ending {
        Ending::Credited { number, balance_minor, days } => {
            let account = stage.account(number).await?;
            // Machines, sellers and senders are not told the balance of the receiver.
            let told = !matches!(step.act, Act::Text { to, .. } if to != "124")
                || reply.contains(&format_minor(balance_minor));
            holds(number, account.as_ref(), (balance_minor, days))?
                .or_else(|| (!told).then(|| format!("no balance in: {reply}")))
        }
        Ending::Paid { account, balance_minor, days } => {
            let key: AccountKey = account.parse().map_err(|problem: String| anyhow!(problem))?;
            holds(account, stage.app.store.account(&key).await?.as_ref(), (balance_minor, days))?
        }
        Ending::Told(words) | Ending::Again(words) if reply.contains(words) => {
            let moved = stage.app.store.totals().await?.transferred_minor != before.transferred_minor;
            let why = if matches!(step.ending, Ending::Again(_)) { AGAIN } else { REFUSED };
            line(if moved { "    money moved!" } else { why })?;
            moved.then(|| format!("money moved: {reply}"))
        }
        Ending::Done(words) if reply.contains(words) => None,
        Ending::Told(words) | Ending::Again(words) | Ending::Done(words) => Some(format!("no `{words}` in: {reply}")),
    };
    Ok(problem.map(|problem| format!("{}: {problem}", step.about)))
}

/// Shows an account. Returns the differences from the expected one.
fn holds(name: &str, account: Option<&Account>, (minor, days): (i64, i64)) -> std::io::Result<Option<String>> {
    let shown = describe(name, account);
    line(&format!("    {shown}"))?;
    let valid_day = local_day(Utc::now() + TimeDelta::days(days));
    let as_it_must = account
        .is_some_and(|account| account.balance_minor == minor && account.valid_until.map(local_day) == Some(valid_day));
    Ok((!as_it_must).then_some(shown))
}

/// The state of an account in words.
pub(super) fn describe(number: &str, account: Option<&Account>) -> String {
    let Some(account) = account else { return format!("{number} has no account") };
    let valid = account.valid_until.map_or_else(|| "never".to_owned(), local_day);
    format!("{number} has {} {CURRENCY}, valid until {valid}", format_minor(account.balance_minor))
}

/// Audits the ledger. Returns the failed checks.
pub(super) async fn books(stage: &Stage) -> anyhow::Result<Option<String>> {
    let totals = stage.app.store.totals().await?;
    let audit = stage.app.store.audit(&mut |_| ()).await?;
    let (credit, stock) = (format_minor(totals.balances_minor - totals.stock_minor), format_minor(totals.stock_minor));
    line("")?;
    line(&format!(
        "{}, {}; customers have {credit} {CURRENCY} in credit and products, dealers {stock} {CURRENCY} in stock",
        counted(totals.messages, "message"),
        top_ups(&totals)
    ))?;
    if let Some(offence) = audit.offence {
        return Ok(Some(format!("the ledger is not sound: {offence}")));
    }
    let transfers = counted(i128::from(audit.transfers), "transfer");
    line(&format!("the ledger is sound: {transfers}, each with one cause, and nothing lost"))?;
    Ok(None)
}

/// `27 top-ups, 1 reversed`: the top-ups of all channels.
pub(in crate::cli) fn top_ups(totals: &Totals) -> String {
    let back = match totals.reversed {
        0 => String::new(),
        back => format!(", {back} reversed"),
    };
    format!("{}{back}", counted(totals.top_ups, "top-up"))
}
