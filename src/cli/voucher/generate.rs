//! `mbush voucher generate`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use serde_json::json;

use super::super::staff::named;
use super::super::style::{counted, line, object, progress, quoted};
use super::super::sum::Sum;
use crate::config::Config;
use crate::domain::calendar::zone;
use crate::domain::{Amount, CURRENCY, format_minor};
use crate::store::Store;
use crate::vouchers::{Generated, Order, Progress, generate, recipients};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Amount of each card: one of `vouchers.denominations`
    #[arg(long, value_name = "AMOUNT")]
    amount: Sum,
    /// Number of cards
    #[arg(long)]
    count: u32,
    /// Last day on which the cards may be redeemed, as 2028-12-31
    #[arg(long, value_name = "DAY")]
    expires: NaiveDate,
    /// Days of validity that a card gives; by default those of its amount's tier
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    days: Option<u16>,
    /// The print file to write; it must not exist
    #[arg(long)]
    file: PathBuf,
    /// Public key of age for the print file, in place of `vouchers.recipients`; may be given several times
    #[arg(long, value_name = "KEY")]
    recipient: Vec<String>,
    /// Name of the member of staff
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
}

pub(super) async fn run(store: &Store, config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let settings = &config.vouchers;
    let keys = settings.keys().map_err(|problem| anyhow!(problem))?;
    let amount = args.amount.amount()?;
    if !settings.is_denomination(amount) {
        let known: Vec<String> = settings.denominations.iter().map(ToString::to_string).collect();
        bail!("--amount {amount}: cards have {} {CURRENCY} (vouchers.denominations)", known.join(", "));
    }
    let at = Utc::now();
    let expires_at = end_of_day(args.expires)?;
    if expires_at <= at {
        bail!("--expires {}: that day is over; give a later one", args.expires);
    }
    named(&args.by)?;
    let order = Order {
        amount,
        count: args.count,
        days: args.days,
        expires_at,
        by: args.by.trim().to_owned(),
        at,
        file: args.file.clone(),
    };
    let readers = recipients(if args.recipient.is_empty() { &settings.recipients } else { &args.recipient })?;
    let done = generate(store, &keys, &order, &readers, &mut |so_far| show(so_far, args.count)).await;
    progress("");
    let done = done?;
    tell(args, amount, &done)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(args: &Args, amount: Amount, done: &Generated) -> anyhow::Result<()> {
    let (cards, sum) =
        (counted(args.count, "card"), format_minor(amount.minor().saturating_mul(i64::from(args.count))));
    object(&json!({
        "batch": done.batch, "cards": args.count, "amount_minor": amount.minor(), "file": args.file.display().to_string(),
        "sha256": hex::encode(done.digest),
    }))?;
    line(&format!("batch {}: {cards} of {amount} {CURRENCY}, {sum} {CURRENCY} in all", done.batch))?;
    line(&format!("print file {}, SHA-256 {}", args.file.display(), hex::encode(done.digest)))?;
    line(&format!(
        "when the printer has it: mbush voucher print {} --file {} --by NAME",
        done.batch,
        quoted(&args.file.display().to_string())
    ))?;
    Ok(())
}

fn show(so_far: Progress, all: u32) {
    match so_far {
        Progress::Drawing => progress("drawing"),
        Progress::Stored(cards) => progress(&format!("storing      {cards} of {all}")),
    }
}

/// The end of a day in the operator's time zone.
fn end_of_day(day: NaiveDate) -> anyhow::Result<DateTime<Utc>> {
    let next = day.checked_add_days(Days::new(1)).and_then(|next| next.and_hms_opt(0, 0, 0));
    let end = next.and_then(|midnight| zone().from_local_datetime(&midnight).earliest());
    end.map(|end| end.with_timezone(&Utc)).ok_or_else(|| anyhow!("--expires {day}: this day does not exist"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_where_the_operator_is() {
        for (day, end) in [("2028-12-31", "2028-12-31T23:00:00Z"), ("2028-07-01", "2028-07-01T22:00:00Z")] {
            assert_eq!(end_of_day(day.parse().unwrap()).unwrap(), end.parse::<DateTime<Utc>>().unwrap());
        }
    }
}
