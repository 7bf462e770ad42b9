//! The answer if nothing was found: the time that was looked at, the last message before, and the links that were down.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::said::{number, time};
use super::{Finder, Page, Query};
use crate::store::{LinkPeriod, StoreError};

/// Time that is looked at where no begin is given.
const RECENT: TimeDelta = TimeDelta::days(1);
/// A period that goes on is prolonged once a minute. A gap up to this is no gap.
const PROLONGED: TimeDelta = TimeDelta::seconds(90);
/// A link that was there so long before the time that is looked at was configured in it.
const KNOWN: TimeDelta = TimeDelta::days(1);
/// Shorter times are left out: a link that binds again at once misses nothing.
const SHORTEST: TimeDelta = TimeDelta::seconds(2);
/// Most times of one link that the sentence has.
const TOLD_MAX: usize = 3;

/// Nothing was found.
#[derive(Debug, Clone, Serialize)]
pub struct Absence {
    pub sentence: String,
    /// Begin and end of the time that was looked at.
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Time of the last result before it.
    pub last_at: Option<DateTime<Utc>>,
    /// Times at which links were down.
    pub down: Vec<Outage>,
}

/// A time in which no node had a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outage {
    pub link: String,
    pub from: DateTime<Utc>,
    /// `None`: it is still down.
    pub to: Option<DateTime<Utc>>,
    /// The reason, if the link knew it.
    pub reason: Option<String>,
}

impl Finder {
    /// Returns what is known of a query without a result.
    ///
    /// # Errors
    /// The database fails.
    pub async fn absence(&self, query: &Query, page: &Page) -> Result<Absence, StoreError> {
        let now = self.clock.now();
        let until = page.to.unwrap_or(now);
        let since = page.from.unwrap_or(until - RECENT);
        let before = Page { from: None, to: Some(since), after: None, limit: 1 };
        let last_at = match page.from {
            Some(_) => self.find(query, &before).await?.hits.first().map(|hit| hit.at),
            None => None,
        };
        let periods = self.store.link_periods(since - KNOWN, until).await?;
        let down = outages(&periods, since, until.min(now));
        let who = query.number().map_or_else(|| format!("`{}`", query.text), |it| number(&self.plan, &it.digits()));
        let range = match (page.from, page.to) {
            (None, None) => String::new(),
            (Some(from), None) => format!(" since {}", time(from, now)),
            (None, Some(to)) => format!(" before {}", time(to, now)),
            (Some(from), Some(to)) => format!(" from {} to {}", time(from, now), time(to, now)),
        };
        let kind = if query.number().is_some() { "nothing from or for" } else { "nothing with" };
        let last = last_at.map_or_else(String::new, |at| format!("; the last before was at {}", time(at, now)));
        let told = told(&down, now);
        let sentence = format!("{kind} {who}{range}{last}{told}");
        Ok(Absence { sentence, since, until, last_at, down })
    }
}

fn told(down: &[Outage], now: DateTime<Utc>) -> String {
    let mut links: BTreeMap<&str, Vec<&Outage>> = BTreeMap::new();
    for outage in down {
        links.entry(&outage.link).or_default().push(outage);
    }
    let of_link = |(link, times): (&str, Vec<&Outage>)| {
        let shown = times.iter().rev().take(TOLD_MAX).rev().map(|outage| {
            let from = time(outage.from, now);
            let reason = outage.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
            match outage.to {
                Some(to) => format!("{from}–{}{reason}", time(to, now)),
                None => format!("from {from} on{reason}"),
            }
        });
        let times_of = shown.collect::<Vec<_>>().join(", ");
        let more = if times.len() > TOLD_MAX { " and before" } else { "" };
        format!("; the link {link} was down {times_of}{more}")
    };
    links.into_iter().map(of_link).collect()
}

/// The times within a span in which no node had the link up, of links that some node had in it. The program that does not
/// run has no link.
fn outages(periods: &[LinkPeriod], since: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Outage> {
    let mut links: BTreeMap<&str, Vec<&LinkPeriod>> = BTreeMap::new();
    for period in periods {
        links.entry(&period.link).or_default().push(period);
    }
    links.into_iter().flat_map(|(link, periods)| outages_of(link, &periods, since, until)).collect()
}

fn outages_of(link: &str, periods: &[&LinkPeriod], since: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Outage> {
    let is_had = |period: &LinkPeriod| matches!(period.state.as_str(), "up" | "untried");
    let mut up: Vec<&&LinkPeriod> = periods.iter().filter(|period| is_had(period)).collect();
    up.sort_unstable_by_key(|period| period.since);
    // Before its first period a link may not have been configured.
    let known = periods.iter().map(|period| period.since).min().unwrap_or(until);
    let (mut covered, mut down) = (since.max(known), Vec::new());
    for period in up {
        if period.since > covered {
            down.push((covered, Some(period.since)));
        }
        covered = covered.max(period.until);
    }
    // A node that has written within the last minute and a half has it still, if it had it then.
    let is_last =
        |period: &&&LinkPeriod| periods.iter().all(|other| other.node != period.node || other.since <= period.since);
    let has_still = |period: &&LinkPeriod| is_had(period) && until - period.until <= PROLONGED;
    if !periods.iter().filter(is_last).any(has_still) {
        down.push((covered, None));
    }
    let reason = |from: DateTime<Utc>, to: Option<DateTime<Utc>>| {
        let is_of_it = |period: &&&LinkPeriod| period.until >= from && to.is_none_or(|to| period.since < to);
        periods.iter().filter(is_of_it).find_map(|period| period.reason.clone())
    };
    let outage = |(from, to): (DateTime<Utc>, Option<DateTime<Utc>>)| Outage {
        link: link.to_owned(),
        from,
        to,
        reason: reason(from, to),
    };
    let is_long = |outage: &Outage| outage.to.is_none_or(|to| to - outage.from >= SHORTEST);
    down.into_iter().map(outage).filter(is_long).collect()
}

#[cfg(test)]
#[path = "absence_tests.rs"]
mod tests;
