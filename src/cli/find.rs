//! `mbush find`: messages by number, receipt, reference, key or words, and the story of one of them.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

use serde::Serialize;
use serde_json::{Value, json};

use super::exit::Exit;
use super::style::{counted, line, object, quoted, title};
use super::{known, resources, storage};
use crate::domain::calendar::zone;
use crate::domain::{CURRENCY, format_minor};
use crate::find::{Cursor, Finder, Found, Hit, Kind, Names, PAGE_MAX, Page, Query, Subject};

/// Characters of a text that a list shows.
const SHOWN_MAX: usize = 40;

#[derive(Debug, clap::Args)]
#[command(after_help = "A single result is shown with its whole story. Examples:\n  \
    mbush find 049 123 456\n  \
    mbush find DC1JZXY9DK\n  \
    mbush find 049111222 --from 14:00 --show 2\n  \
    mbush find TRX20451 --as reference")]
pub(super) struct Args {
    /// A number in any spelling, a receipt, a transfer, a message's key or identifier, a bank's reference, a client's
    /// idempotency key, a trace number (STAN) or RRN of a switch, a card's serial, or words of a text
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// Kind of the query: receipt, number, message, reference, key, stan, rrn, voucher or words; by default everything
    /// that its form allows
    #[arg(long = "as", value_name = "KIND")]
    kind: Option<Kind>,
    /// Earliest time: 14:02, 2026-11-22, "2026-11-22 14:02", or with a time zone 2026-11-22T13:02:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<DateTime<Utc>>,
    /// Time before which it came
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<DateTime<Utc>>,
    /// Maximum number of results
    #[arg(long, default_value_t = 20, value_name = "RESULTS")]
    limit: usize,
    /// Continue after this place, as the page before ends with
    #[arg(long, value_name = "PLACE")]
    after: Option<Cursor>,
    /// Show the whole story of this result of the page, counted from 1
    #[arg(long, value_name = "NUMBER")]
    show: Option<usize>,
}

/// Reads a time: of today, of a day in local time, or with a time zone.
fn moment(written: &str) -> Result<DateTime<Utc>, String> {
    let text = written.trim().replace('T', " ");
    let time = |text: &str| ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    let (day, clock) = text.split_once(' ').unwrap_or((&text, ""));
    let today = Utc::now().with_timezone(&zone()).date_naive();
    let local = match (day.parse::<NaiveDate>().ok(), time(&text), time(clock)) {
        (None, Some(time), _) => Some(today.and_time(time)),
        (Some(day), _, Some(time)) => Some(day.and_time(time)),
        (Some(day), _, None) if clock.is_empty() => Some(day.and_time(NaiveTime::MIN)),
        _ => None,
    };
    let utc = |at: NaiveDateTime| zone().from_local_datetime(&at).earliest().map(|at| at.with_timezone(&Utc));
    let read = || DateTime::parse_from_rfc3339(written.trim()).map(|at| at.with_timezone(&Utc)).ok();
    local
        .and_then(utc)
        .or_else(read)
        .ok_or_else(|| format!("`{written}` is not a time; write it as 14:02, 2026-11-22 or \"2026-11-22 14:02\""))
}

pub(super) async fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    if args.limit == 0 || args.limit > PAGE_MAX {
        bail!("--limit is from 1 to {PAGE_MAX}");
    }
    let config = resources::config(config)?;
    let plan = resources::plan(&config)?;
    let query = Query::read(&args.query.join(" "), args.kind, &plan).map_err(|problem| anyhow::anyhow!(problem))?;
    let store = storage::open_existing(&config).await?;
    let names = Names {
        links: config.links.keys().cloned().collect(),
        clients: config.clients.keys().cloned().collect(),
        banks: known::banks(&config),
    };
    let clock = storage::clock(&store).await.0;
    let result = show(args, &query, &Finder::new(store.clone(), plan, names, clock)).await;
    store.close().await;
    result
}

async fn show(args: &Args, query: &Query, finder: &Finder) -> anyhow::Result<ExitCode> {
    let page = Page { from: args.from, to: args.to, after: args.after.clone(), limit: args.limit };
    let found = finder.find(query, &page).await?;
    if found.hits.is_empty() && args.after.is_none() {
        let absence = finder.absence(query, &page).await?;
        object(&with(&absence, [("read_back_to", json!(found.read_back_to))])?)?;
        line(&absence.sentence)?;
        read_back(&found)?;
        return Ok(Exit::No.into());
    }
    let only = (args.after.is_none() && found.count == 1).then_some(1);
    if let Some(number) = args.show.or(only) {
        let hit = number.checked_sub(1).and_then(|place| found.hits.get(place));
        let hit = hit.with_context(|| {
            format!("--show {number}: the page has {}", counted(found.hits.len() as i128, "result"))
        })?;
        return story(finder, hit).await;
    }
    for (hit, number) in found.hits.iter().zip(1..) {
        let (count, more) = (json!(found.count), json!(found.is_more));
        let read_back_to = json!(found.read_back_to);
        object(&with(hit, [("count", count), ("more", more), ("read_back_to", read_back_to)])?)?;
        line(&format!("{number:>3}  {}", listed(hit)))?;
    }
    let more = if found.is_more { "more than " } else { "" };
    line(&format!("{more}{}", counted(found.count as i128, "result")))?;
    read_back(&found)?;
    if let Some(next) = found.next() {
        line(&format!("the next page: --after {}", quoted(&next.to_string())))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says how far back texts were read, if not all of them were.
fn read_back(found: &Found) -> std::io::Result<()> {
    let Some(back_to) = found.read_back_to else { return Ok(()) };
    let at = back_to.to_rfc3339();
    line(&format!("texts were read back to {}; --to {at} continues", stamp(back_to)))
}

async fn story(finder: &Finder, hit: &Hit) -> anyhow::Result<ExitCode> {
    let subject: Subject = hit.cursor.subject.parse().map_err(|problem: String| anyhow::anyhow!(problem))?;
    let timeline = finder.timeline(&subject).await?.context("it is gone")?;
    object(&with(hit, [("sentence", json!(timeline.sentence)), ("events", json!(timeline.events))])?)?;
    title(&timeline.sentence)?;
    for event in &timeline.events {
        line(&format!("{}  {:>9}  {:<11}  {}", stamp(event.at), gap(event.after_ms), event.event, event.said))?;
    }
    line(&format!("{} {}", hit.what, hit.key))?;
    Ok(ExitCode::SUCCESS)
}

/// An object with further fields.
fn with<const N: usize>(value: &impl Serialize, fields: [(&str, Value); N]) -> serde_json::Result<Value> {
    let mut shown = serde_json::to_value(value)?;
    for (name, field) in fields {
        shown[name] = field;
    }
    Ok(shown)
}

/// `22.11.2026 14:02:07.123`, in local time.
fn stamp(at: DateTime<Utc>) -> String {
    at.with_timezone(&zone()).format("%d.%m.%Y %H:%M:%S%.3f").to_string()
}

/// The time since the event before.
fn gap(ms: i64) -> String {
    let seconds = ms / 1_000;
    match seconds.abs() {
        0..60 => format!("+{seconds}.{:03}s", ms.rem_euclid(1_000)),
        60..3_600 => format!("+{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("+{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
    }
}

/// One result on a line.
fn listed(hit: &Hit) -> String {
    let from = hit.from.as_deref().unwrap_or_default();
    let to = hit.to.as_deref().unwrap_or_default();
    let mut parts = vec![stamp(hit.at), format!("{from} > {to}")];
    let reason = hit.reason.as_ref().map(|reason| format!(" ({})", reason.replace('_', " "))).unwrap_or_default();
    let sum = hit.amount_minor.map(|minor| format!(" {} {CURRENCY}", format_minor(minor))).unwrap_or_default();
    let target = hit.target.as_ref().map(|target| format!(" for {target}")).unwrap_or_default();
    let outcome = hit.outcome.as_deref().unwrap_or("SMS").replace('_', " ");
    parts.push(format!("{outcome}{reason}{sum}{target}"));
    parts.extend(hit.receipt.as_ref().map(ToString::to_string));
    parts.push(format!("reply {}", hit.reply.as_str()));
    let text = hit.text.as_deref().unwrap_or_default();
    let short: String = text.chars().take(SHOWN_MAX).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    parts.push(short);
    parts.push(hit.key.clone());
    parts.retain(|part| !part.is_empty());
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_with_its_day_or_with_its_zone() {
        for (written, read) in [
            ("2026-11-22", "2026-11-21T23:00:00Z"),
            ("2026-11-22 14:02", "2026-11-22T13:02:00Z"),
            ("2026-11-22T14:02:07", "2026-11-22T13:02:07Z"),
            ("2026-11-22T13:02:00Z", "2026-11-22T13:02:00Z"),
        ] {
            assert_eq!(moment(written).unwrap(), read.parse::<DateTime<Utc>>().unwrap(), "{written}");
        }
        assert!(moment("14:02").is_ok());
        assert!(moment("yesterday").unwrap_err().contains("2026-11-22"));
    }

    #[test]
    fn gaps_are_short() {
        assert_eq!([7, 2_050, 61_000, 7_260_000].map(gap), ["+0.007s", "+2.050s", "+1m01s", "+2h01m"]);
    }
}
