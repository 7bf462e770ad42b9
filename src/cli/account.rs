//! `mbush account NUMBER`: balance, validity, products, life and history; `open` opens accounts, `suspend` and `reactivate`
//! change them.

mod life;
mod open;
mod other;
mod products;

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use chrono::Utc;
use serde_json::json;

use super::exit::Exit;
use super::style::{is_json, line, local, local_day, object, title};
use super::{entries, known, numbers, resources, storage};
use crate::config::Config;
use crate::domain::{
    Account, CURRENCY, Courtesies, Line, NumberingPlan, OtherAccount, Rules, Standing, UnknownSubscriber, format_minor,
};
use crate::store::{StatementLine, Store};
use products::Products;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The number, in any spelling (049123456, +383 49 123 456), the user name of a product, or kind and identifier of
    /// another account (meter:04123456784)
    #[arg(required = true)]
    number: Option<String>,
    /// Maximum number of lines of history
    #[arg(long, default_value_t = 20, value_name = "LINES")]
    limit: u32,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Open accounts for numbers, so that they can be topped up although `[subscribers] unknown` is "refuse"
    Open(open::Args),
    #[command(flatten)]
    Life(life::Command),
}

impl Args {
    /// Returns whether the command shows a number and changes nothing.
    pub(super) const fn only_looks(&self) -> bool {
        self.command.is_none()
    }
}

pub(super) async fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    let plan = resources::plan(&config)?;
    match &args.command {
        Some(Command::Open(args)) => return open::run(args, &config, &plan).await,
        Some(Command::Life(command)) => return life::run(command, &config, &plan).await,
        None => {}
    }
    let written = args.number.as_deref().unwrap_or_default();
    let store = storage::open_existing(&config).await?;
    if let Some(other) = numbers::key(&plan, written).ok().as_ref().and_then(OtherAccount::of_key) {
        let result = other::show(&config, &plan, &store, &other, args.limit).await;
        store.close().await;
        return result;
    }
    let number = match numbers::find(&plan, written) {
        Ok(number) => number,
        Err(no_number) => return username(&config, &plan, &store, written, no_number).await,
    };
    let overview = Overview::read(&store, &plan, number, args.limit).await?;
    store.close().await;
    let Some(account) = &overview.account else {
        overview.print_without_account(&config.rules)?;
        return Ok(Exit::No.into());
    };
    if is_json() {
        object(&overview.as_json(account, &config.rules))?;
    } else {
        overview.print(account, &plan, &config.rules)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A number with all that is stored about it.
struct Overview {
    number: Line,
    account: Option<Account>,
    history: Vec<StatementLine>,
    record: life::Record,
    products: Products,
    courtesies: Option<Courtesies>,
}

impl Overview {
    async fn read(store: &Store, plan: &NumberingPlan, number: Line, limit: u32) -> anyhow::Result<Self> {
        let key = numbers::of_line(&number);
        let account = store.account(&key).await?;
        let mut history = store.statement(&key, limit).await?;
        entries::number_senders(plan, &mut history);
        let record = life::Record::read(store, &key, limit).await?;
        let products = Products::of_phone(store, number.msisdn).await?;
        let courtesies = store.courtesies(number.msisdn).await?.filter(|known| known.withheld > 0);
        Ok(Self { number, account, history, record, products, courtesies })
    }

    fn print_without_account(&self, rules: &Rules) -> anyhow::Result<()> {
        let number = self.number.msisdn;
        object(&json!({
            "number": number, "account": null, "products": self.products.json(),
            "replies_withheld": self.withheld(),
        }))?;
        line(&format!("{number} has no account"))?;
        if rules.unknown_subscriber == UnknownSubscriber::Refuse {
            line(&format!("  it cannot be topped up before one is opened: mbush account open {number} --by NAME"))?;
        }
        self.print_withheld()?;
        self.products.print()
    }

    fn print(&self, account: &Account, plan: &NumberingPlan, rules: &Rules) -> anyhow::Result<()> {
        print(plan, &self.number, account, rules)?;
        self.print_withheld()?;
        self.products.print()?;
        self.record.print()?;
        for entry in &self.history {
            line(&entries::shown(entry))?;
        }
        Ok(())
    }

    fn as_json(&self, account: &Account, rules: &Rules) -> serde_json::Value {
        json!({
            "number": self.number.msisdn,
            "operator": self.number.operator.as_deref(),
            "account": {
                "balance_minor": account.balance_minor,
                "held_minor": account.held_minor,
                "valid_until": account.valid_until,
                "state": state(account, rules),
                "language": account.language,
                "opened_at": account.opened_at,
            },
            "events": self.record.events_json(),
            "warnings": self.record.warnings_json(),
            "history": self.history.iter().map(entries::as_json).collect::<Vec<_>>(),
            "products": self.products.json(),
            "replies_withheld": self.withheld(),
        })
    }

    /// Number of replies that were withheld from this phone, because its texts could not be parsed.
    fn withheld(&self) -> u64 {
        self.courtesies.as_ref().map_or(0, |known| known.withheld)
    }

    fn print_withheld(&self) -> anyhow::Result<()> {
        let Some(known) = &self.courtesies else { return Ok(()) };
        let last = known.withheld_at.map(local).unwrap_or_default();
        line(&format!("withheld  {} replies to texts that were not understood, the last {last}", known.withheld))?;
        Ok(())
    }
}

/// A text that is not a number may be a user name.
async fn username(
    config: &Config,
    plan: &NumberingPlan,
    store: &Store,
    written: &str,
    no_number: anyhow::Error,
) -> anyhow::Result<ExitCode> {
    if written.contains(':') {
        let account = numbers::key(plan, written.trim())?;
        known::check(config, store, &account).await?;
        bail!("{account} is not a number or a user name; `mbush statement {account}` shows this account");
    }
    let products = Products::of_username(store, written.trim()).await?;
    if products.is_empty() {
        return Err(known::unreadable(config, store, written.trim(), no_number).await);
    }
    store.close().await;
    object(&json!({ "username": written.trim(), "products": products.json() }))?;
    products.print()?;
    Ok(ExitCode::SUCCESS)
}

fn state(account: &Account, rules: &Rules) -> &'static str {
    life::written(Standing::of(account).life(&rules.validity, Utc::now()))
}

fn print(plan: &NumberingPlan, number: &Line, account: &Account, rules: &Rules) -> anyhow::Result<()> {
    let operator = number.operator.as_deref().and_then(|id| plan.operator_name(id)).unwrap_or("operator not published");
    title(&format!("{}  {operator}", plan.national(number.msisdn)))?;
    line(&format!("balance   {} {CURRENCY}", format_minor(account.balance_minor)))?;
    if account.held_minor > 0 {
        line(&format!(
            "held      {} {CURRENCY}; available {} {CURRENCY}",
            format_minor(account.held_minor),
            format_minor(account.available_minor())
        ))?;
    }
    let valid = account.valid_until.map_or_else(|| "no day yet: it has had no top-up".to_owned(), local_day);
    line(&format!("valid to  {valid}  ({})", state(account, rules)))?;
    if let Some(language) = &account.language {
        line(&format!("language  {language}"))?;
    }
    Ok(())
}
