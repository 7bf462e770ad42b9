//! `mbush statement`: the entries of an account, with the balance after each.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};

use super::staff::Counter;
use super::style::{counted, is_closed, is_json, line, object, title};
use super::{entries, table};
use crate::domain::calendar::zone;
use crate::domain::{AccountKey, NumberingPlan, format_minor};
use crate::store::{Span, Statement, StatementLine};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The number, in any spelling, or the name of an account: `bank_clearing:ekonomike`
    number: String,
    /// The first day, as 2026-11-01, in local time
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<NaiveDate>,
    /// The last day
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<NaiveDate>,
    /// Print CSV for spreadsheets, with a heading line
    #[arg(long)]
    csv: bool,
}

fn day(written: &str) -> Result<NaiveDate, String> {
    written.parse().map_err(|_| "this is not a day; write it as 2026-11-01".to_owned())
}

pub(super) async fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        bail!("--from {from} is after --to {to}");
    }
    if args.csv && is_json() {
        bail!("--csv and --json cannot be used together");
    }
    let counter = Counter::open(config).await?;
    let result = show(args, &counter).await;
    counter.store.close().await;
    result
}

async fn show(args: &Args, counter: &Counter) -> anyhow::Result<ExitCode> {
    let account = counter.account(&args.number).await?;
    let span = Span {
        from: args.from.map(begin_of).transpose()?,
        to: args
            .to
            .map(|day| day.checked_add_days(Days::new(1)).context("--to is too late"))
            .transpose()?
            .map(begin_of)
            .transpose()?,
    };
    let statement = counter.store.statement_of(&account, span).await?;
    print(args, &counter.plan, &account, statement).await
}

/// The instant at which a day begins in local time; if clocks skip midnight, the first instant after it.
fn begin_of(day: NaiveDate) -> anyhow::Result<DateTime<Utc>> {
    let mut hours = (0..4).filter_map(|hour| day.and_hms_opt(hour, 0, 0));
    let begin = hours.find_map(|at| zone().from_local_datetime(&at).earliest());
    Ok(begin.ok_or_else(|| anyhow!("{day} has no beginning"))?.with_timezone(&Utc))
}

async fn print(
    args: &Args,
    plan: &NumberingPlan,
    account: &AccountKey,
    mut statement: Statement,
) -> anyhow::Result<ExitCode> {
    let mut page = statement.next_page().await?;
    let begin = page.first().map_or(statement.balance_minor(), |first| first.balance_minor - first.minor);
    if args.csv {
        table::rows([entries::COLUMNS.map(str::to_owned)])?;
    } else {
        title(&account.to_string())?;
        if let Some(from) = args.from {
            line(&format!(
                "{:<20}  {:>9}  {:>9}",
                format!("before {}", from.format("%d.%m.%Y")),
                "",
                format_minor(begin)
            ))?;
        }
    }
    let mut sums = Sums::default();
    while !page.is_empty() && !is_closed() {
        sums.add(&page);
        entries::number_senders(plan, &mut page);
        if args.csv {
            table::rows(page.iter().map(entries::cells))?;
        }
        for entry in page.iter().filter(|_| !args.csv) {
            object(&entries::as_json(entry))?;
            line(&entries::shown(entry))?;
        }
        page = statement.next_page().await?;
    }
    if !args.csv {
        line(&sums.shown(statement.balance_minor()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Sums of a statement.
#[derive(Debug, Default)]
struct Sums {
    movements: u64,
    in_minor: i64,
    out_minor: i64,
}

impl Sums {
    fn add(&mut self, page: &[StatementLine]) {
        for entry in page {
            self.movements += 1;
            let sum = if entry.minor < 0 { &mut self.out_minor } else { &mut self.in_minor };
            *sum = sum.saturating_add(entry.minor);
        }
    }

    fn shown(&self, balance_minor: i64) -> String {
        let (added, taken) = (format_minor(self.in_minor), format_minor(self.out_minor.saturating_neg()));
        let movements = counted(self.movements, "movement");
        format!("{movements}: {added} in, {taken} out, balance {}", format_minor(balance_minor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_belgrade_in_winter_and_in_summer() {
        for (day, begin) in [("2026-11-22", "2026-11-21T23:00:00Z"), ("2026-07-01", "2026-06-30T22:00:00Z")] {
            assert_eq!(begin_of(day.parse().unwrap()).unwrap(), begin.parse::<DateTime<Utc>>().unwrap());
        }
    }
}
