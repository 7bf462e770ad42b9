//! `mbush voucher report`: cards and sums by batch and state.

use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::style::{is_json, line, object};
use super::super::table;
use crate::domain::voucher::{CardBatch, State};
use crate::domain::{CURRENCY, format_minor};
use crate::store::{Store, VoucherCount};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Print CSV for spreadsheets, with a heading line
    #[arg(long)]
    csv: bool,
}

/// The cards of one batch in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Row {
    batch: u32,
    amount_minor: i64,
    state: &'static str,
    cards: i64,
    sum_minor: i64,
}

impl Row {
    fn cells(&self) -> [String; 5] {
        let state = self.state.to_owned();
        let numbers = [self.amount_minor, self.cards, self.sum_minor].map(|number| number.to_string());
        let [amount_minor, cards, sum_minor] = numbers;
        [self.batch.to_string(), amount_minor, state, cards, sum_minor]
    }
}

pub(super) async fn run(store: &Store, args: &Args) -> anyhow::Result<ExitCode> {
    // Counted first, so that a card that is used in between is counted in its earlier state.
    let counts = store.voucher_counts().await?;
    let rows = rows(&store.voucher_batches().await?, &counts, Utc::now());
    if args.csv && is_json() {
        bail!("--csv and --json cannot be used together");
    }
    if args.csv {
        let heading = ["batch", "amount_minor", "state", "cards", "sum_minor"].map(str::to_owned);
        table::rows(std::iter::once(heading).chain(rows.iter().map(Row::cells)))?;
    } else {
        rows.iter().try_for_each(object)?;
        text(&rows)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn rows(batches: &[CardBatch], counts: &[VoucherCount], now: DateTime<Utc>) -> Vec<Row> {
    let row = |batch: &CardBatch, state: State, cards: i64| Row {
        batch: batch.number,
        amount_minor: batch.amount.minor(),
        state: state.as_str(),
        cards,
        sum_minor: cards * batch.amount.minor(),
    };
    let mut rows = Vec::new();
    for batch in batches {
        let state = State::of_card(None, batch.state, batch.expires_at, now);
        let mut of_state = std::collections::BTreeMap::from([(state, i64::from(batch.count))]);
        for own in counts.iter().filter(|count| count.batch == batch.number) {
            let stands = State::of_card(Some(own.state), batch.state, batch.expires_at, now);
            *of_state.entry(stands).or_default() += own.count;
            *of_state.entry(state).or_default() -= own.count;
        }
        rows.extend(
            of_state.into_iter().filter(|(_, cards)| *cards != 0).map(|(state, cards)| row(batch, state, cards)),
        );
    }
    rows
}

fn text(rows: &[Row]) -> anyhow::Result<()> {
    line(&format!(
        "{:>6} {:>8}  {:<12} {:>10} {:>16}",
        "batch",
        "amount",
        "state",
        "cards",
        format!("sum {CURRENCY}")
    ))?;
    for row in rows {
        let (amount, sum) = (format_minor(row.amount_minor), format_minor(row.sum_minor));
        line(&format!("{:>6} {amount:>8}  {:<12} {:>10} {sum:>16}", row.batch, row.state, row.cards))?;
    }
    for state in State::ALL {
        let of_state = rows.iter().filter(|row| row.state == state.as_str());
        let (cards, sum) =
            of_state.fold((0, 0), |(cards, sum), row| (cards + row.cards, i64::saturating_add(sum, row.sum_minor)));
        if cards != 0 {
            line(&format!("{:>6} {:>8}  {state:<12} {cards:>10} {:>16}", "all", "", format_minor(sum)))?;
        }
    }
    Ok(())
}
