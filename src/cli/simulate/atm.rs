//! `mbush simulate atm`: a bank's cash machines over ISO 8583.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};

use super::super::exit::Exit;
use super::super::style::{line, object};
use crate::domain::locale::Currency;
use crate::iso8583::Framing;
use crate::simulator::{Atm, AtmCustomer, AtmSettings, Customers};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Server to connect to
    #[arg(long, default_value = "127.0.0.1:8583", value_name = "HOST:PORT")]
    server: String,
    /// Acquiring institution: the `acquirer_id` of the client
    #[arg(long, value_name = "DIGITS")]
    acquirer: String,
    /// Name of the terminal, at most 8 characters
    #[arg(long, default_value = "ATM00001", value_name = "NAME")]
    terminal: String,
    /// Number to top up
    #[arg(long, value_name = "NUMBER")]
    number: String,
    /// Amount in minor units
    #[arg(long, default_value_t = 500, value_name = "MINOR")]
    amount_minor: u64,
    /// Currency of the amount (ISO 4217)
    #[arg(long, default_value = "EUR", value_name = "CODE", value_parser = Currency::of)]
    currency: Currency,
    /// Number of customers
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    count: u32,
    /// Number of customers at the same time
    #[arg(long, default_value_t = 4, value_name = "COUNT")]
    window: usize,
    /// Percentage of answers that are treated as lost: the recharge is reversed, and the reversal repeated
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(0..=90))]
    lose_percent: u32,
    /// Maximum time to wait for an answer
    #[arg(long, default_value_t = 15_000, value_name = "MILLISECONDS")]
    patience_ms: u64,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let settings = AtmSettings {
        server: args.server.clone(),
        framing: Framing::Binary2,
        acquirer: args.acquirer,
        terminal: args.terminal,
        currency: args.currency.numeric(),
        patience: Duration::from_millis(args.patience_ms),
    };
    let atm = Atm::connect(settings).await.with_context(|| format!("{}: no server answers", args.server))?;
    match atm.sign_on().await.as_deref() {
        Some("00") => {}
        Some(code) => bail!("the sign-on was answered {code}: is this acquirer_id a client's, at this address?"),
        None => bail!("the sign-on was not answered: {} may be closed to this address", args.server),
    }
    let customers = Customers {
        number: args.number,
        amount_minor: args.amount_minor,
        count: args.count,
        window: args.window,
        lose_percent: args.lose_percent,
    };
    let report = atm.serve(&customers).await;
    object(&report)?;
    for customer in &report.customers {
        line(&told(customer))?;
    }
    for (what, counts) in [("top-up", &report.top_ups), ("reversal", &report.reversals)] {
        for (code, count) in counts {
            line(&format!("{what:8}  {code:4}  {count}"))?;
        }
    }
    line(&format!("repeated reversals: {}", report.repeats))?;
    Ok(Exit::from(!report.reversals.contains_key("lost")).into())
}

/// `000017  00  DC1JZXY9DK`, `000018  lost  reversal 00 after 2 repetitions`
fn told(customer: &AtmCustomer) -> String {
    let AtmCustomer { trace, top_up, receipt, text, reversal, repeats } = customer;
    let more = receipt.as_ref().or(text.as_ref()).map(|more| format!("  {more}")).unwrap_or_default();
    let reversed = match (reversal, repeats) {
        (None, _) => String::new(),
        (Some(code), 0) => format!("  reversal {code}"),
        (Some(code), 1) => format!("  reversal {code} after 1 repetition"),
        (Some(code), repeats) => format!("  reversal {code} after {repeats} repetitions"),
    };
    format!("{trace}  {top_up:4}{more}{reversed}")
}
