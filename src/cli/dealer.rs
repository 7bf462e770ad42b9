//! `mbush dealer`: dealers, their hierarchy and their phones.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use chrono::Utc;
use serde_json::json;

use super::consent::Consent;
use super::exit::Absent;
use super::staff::named;
use super::style::{counted, line, local_day, object};
use super::{known, numbers, pin, resources, storage};
use crate::config::Config;
use crate::domain::{CURRENCY, Dealer, DealerName, LEVELS_MAX, Msisdn, format_minor, wallet};
use crate::jobs::dealers::day_of;
use crate::processor::reset_pin;
use crate::store::{DealerAdded, Store};
use crate::text::near::near;

/// Dealers that are read at once.
const PAGE: u32 = 200;
/// Limit of the dealers that a misspelt name is compared with.
const COMPARED_MAX: u32 = 2_000;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a dealer with an empty wallet
    Add {
        /// Name of the dealer: letters from a to z, digits, hyphens
        name: DealerName,
        /// The dealer directly above it, from which it gets stock
        #[arg(long, value_name = "NAME")]
        below: Option<DealerName>,
        /// A phone that acts for the dealer; may be given several times
        #[arg(long, value_name = "NUMBER")]
        phone: Vec<String>,
        /// Name of the member of staff
        #[arg(long, env = "USER", value_name = "NAME")]
        by: String,
    },
    /// Let a phone act for a dealer, or remove it from the dealer
    Phone {
        /// The dealer
        name: DealerName,
        /// The phone, in any spelling
        number: String,
        /// Remove the phone from the dealer
        #[arg(long)]
        remove: bool,
        /// Name of the member of staff
        #[arg(long, env = "USER", value_name = "NAME")]
        by: String,
    },
    /// Reset a dealer's PIN to the initial one, which must be changed before use, and clear the count of wrong tries
    PinReset {
        /// The dealer
        name: DealerName,
        /// Name of the member of staff
        #[arg(long, env = "USER", value_name = "NAME")]
        by: String,
        #[command(flatten)]
        consent: Consent,
    },
    /// List all dealers with their stock, their debts and their phones
    List,
    /// Show what a dealer has sold today, and what it owes
    Summary {
        /// The dealer
        name: DealerName,
    },
}

pub(super) async fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    let store = storage::open_existing(&config).await?;
    let result = carry_out(command, &config, &store).await;
    store.close().await;
    result
}

async fn carry_out(command: &Command, config: &Config, store: &Store) -> anyhow::Result<ExitCode> {
    match command {
        Command::Add { name, below, phone, by } => {
            named(by)?;
            let phones = phone.iter().map(|number| find(config, number)).collect::<anyhow::Result<BTreeSet<_>>>()?;
            add(store, (name, below.as_ref()), &phones.into_iter().collect::<Vec<_>>(), by).await?;
        }
        Command::Phone { name, number, remove, by } => {
            named(by)?;
            find_dealer(store, name).await?;
            let phone = find(config, number)?;
            if *remove { take(store, phone, name).await? } else { give(store, phone, name, by).await? }
        }
        Command::PinReset { name, by, consent } => {
            named(by)?;
            find_dealer(store, name).await?;
            let pins = pin::key(config)?;
            let intent = async || Ok(vec![format!("dealer {name}"), pin::RESET.to_owned()]);
            if let Some(end) = consent.given(intent).await? {
                return Ok(end);
            }
            reset_pin(store, &pins, &wallet(name), by, Utc::now()).await?;
            object(&json!({ "dealer": name.as_str(), "initial": true }))?;
            line(&format!("{name} has the initial PIN, which must be changed before its first use"))?;
        }
        Command::List => list(store).await?,
        Command::Summary { name } => summary(store, name).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the sales of today and the debt.
async fn summary(store: &Store, name: &DealerName) -> anyhow::Result<()> {
    find_dealer(store, name).await?;
    let now = Utc::now();
    let day = day_of(store, name, now).await?;
    let (sold, earned) = (format_minor(day.sold_minor), format_minor(day.commission_minor));
    let (sales, owed_minor) = (counted(day.count, "sale"), store.owed_minor(name).await?);
    object(&json!({
        "dealer": name.as_str(), "at": now, "sales": day.count, "sold_minor": day.sold_minor,
        "commission_minor": day.commission_minor, "owed_minor": owed_minor,
    }))?;
    line(&format!("{}  {sales}, {sold} {CURRENCY}, commission {earned} {CURRENCY}", local_day(now)))?;
    if let Some(owed) = owed(owed_minor) {
        line(&format!("{name} {owed}: commission of sales that were taken back after it was spent"))?;
        line(&format!("  the next credit to its wallet pays it; mbush statement receivable:{name} shows it"))?;
    }
    Ok(())
}

/// The dealer's debt in words; `None` if there is none.
fn owed(minor: i64) -> Option<String> {
    (minor > 0).then(|| format!("owes {} {CURRENCY}", format_minor(minor)))
}

fn find(config: &Config, number: &str) -> anyhow::Result<Msisdn> {
    let plan = resources::plan(config)?;
    Ok(numbers::find(&plan, number)?.msisdn)
}

async fn find_dealer(store: &Store, name: &DealerName) -> anyhow::Result<Dealer> {
    if let Some(dealer) = store.dealer(name).await? {
        return Ok(dealer);
    }
    let dealers = store.dealers("", COMPARED_MAX).await?;
    let near = near(name.as_str(), dealers.iter().map(|known| known.name.as_str()));
    let meant = known::meant(&near, "`mbush dealer list` lists the dealers");
    Err(Absent(format!("there is no dealer `{name}`{meant}")).into())
}

async fn add(
    store: &Store,
    (name, below): (&DealerName, Option<&DealerName>),
    phones: &[Msisdn],
    by: &str,
) -> anyhow::Result<()> {
    if let Some(parent) = below {
        let above = find_dealer(store, parent).await.context("--below")?;
        if above.above.len() >= LEVELS_MAX {
            bail!("--below: {parent} already has {LEVELS_MAX} dealers above it, which is the maximum");
        }
    }
    match store.add_dealer(name, below, phones, by, Utc::now()).await? {
        DealerAdded::Done => {}
        DealerAdded::NameTaken => bail!("there is a dealer `{name}` already"),
        DealerAdded::PhoneTaken(phone) => return Err(taken(store, phone).await?),
    }
    object(&json!({
        "dealer": name.as_str(), "account": wallet(name).to_string(),
        "below": below.map(DealerName::as_str), "phones": phones,
    }))?;
    phones.iter().try_for_each(|phone| line(&format!("{phone} acts for {name}")))?;
    line(&format!(
        "added dealer {name}; its account is {}. To sell it stock, one person proposes an adjustment and another approves it:",
        wallet(name)
    ))?;
    line(&format!("  mbush adjust propose {} AMOUNT --reason stock_sold --by NAME", wallet(name)))?;
    Ok(())
}

/// The error for a phone that belongs to a dealer already.
async fn taken(store: &Store, phone: Msisdn) -> anyhow::Result<anyhow::Error> {
    let whose = store.dealer_of(phone).await?.map(|dealer| dealer.name.to_string()).unwrap_or_default();
    Ok(anyhow!(
        "{phone} acts for {whose} already; remove it there first: mbush dealer phone {whose} {phone} --remove --by NAME"
    ))
}

async fn give(store: &Store, phone: Msisdn, name: &DealerName, by: &str) -> anyhow::Result<()> {
    if !store.add_dealer_phone(phone, name, by, Utc::now()).await? {
        return Err(taken(store, phone).await?);
    }
    line(&format!("{phone} acts for {name}"))?;
    object(&json!({ "phone": phone, "dealer": name.as_str() }))?;
    Ok(())
}

/// Removes a phone from a dealer.
async fn take(store: &Store, phone: Msisdn, name: &DealerName) -> anyhow::Result<()> {
    if !store.remove_dealer_phone(phone, name).await? {
        bail!("{phone} does not act for {name}; `mbush dealer list` lists the phones of each dealer");
    }
    line(&format!("{phone} no longer acts for {name}"))?;
    object(&json!({ "phone": phone, "dealer": null }))?;
    Ok(())
}

async fn list(store: &Store) -> anyhow::Result<()> {
    let (mut behind, mut count) = (String::new(), 0);
    loop {
        let page = store.dealers(&behind, PAGE).await?;
        let Some(last) = page.last() else { break };
        behind = last.name.to_string();
        for dealer in &page {
            let (account, owed_minor) =
                (store.account(&wallet(&dealer.name)).await?, store.owed_minor(&dealer.name).await?);
            object(&json!({
                "dealer": dealer.name.as_str(), "below": dealer.parent.as_ref().map(DealerName::as_str), "phones": dealer.phones,
                "account": wallet(&dealer.name).to_string(), "state": account.as_ref().map(|account| account.state.as_str()),
                "balance_minor": account.as_ref().map(|account| account.balance_minor), "owed_minor": owed_minor,
            }))?;
            let stock = format_minor(account.as_ref().map_or(0, |account| account.balance_minor));
            let state = account.map_or("no wallet", |account| account.state.as_str());
            let below = dealer.parent.as_ref().map(|parent| format!("  below {parent}")).unwrap_or_default();
            let phones: Vec<String> = dealer.phones.iter().map(ToString::to_string).collect();
            let owed = owed(owed_minor).map(|owed| format!("  {owed}")).unwrap_or_default();
            let name = dealer.name.as_str();
            line(&format!("{name:24}  {stock:>12} {CURRENCY}  {state}{owed}{below}  {}", phones.join(" ")))?;
            count += 1;
        }
    }
    line(&counted(count, "dealer"))?;
    Ok(())
}
