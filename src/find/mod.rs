//! "Where is my top-up?": a search by number, receipt, reference or key, and the timeline of what it finds.
//!
//! - [`Query`]: what a query may be; [`Subject`]: what is found, and [`Cursor`]: its place among results
//! - [`Finder`]: looks up a query; [`Hit`]: one result
//! - [`Timeline`]: everything about one result, in the order of time, with a sentence that says what happened
//! - [`Absence`]: what is known if there is no result
//! - [`SearchIndexer`]: writes what rows are searched by, some time after them
//! - `values`: the values that rows are searched by; `places`: the places of a query, `scan` of words; `story`: the rows about one result;
//!   `sentence`, `said`: words for people

mod absence;
mod hit;
mod indexer;
mod places;
mod query;
mod said;
mod scan;
mod sentence;
mod story;
mod subject;
mod timeline;
mod values;

use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use absence::{Absence, Outage};
pub use hit::Hit;
pub use indexer::{SEGMENT_ROWS, SearchIndexer};
pub use query::{Kind, Meaning, Query};
pub use subject::{Cursor, Subject};
pub use timeline::{Event, Timeline};

use crate::domain::{Clock, NumberingPlan};
use crate::store::{Store, StoreError};
use places::Bounds;

/// Results are counted up to this number.
pub const COUNTED_MAX: usize = 100;
/// Most results of a page.
pub const PAGE_MAX: usize = 1_000;

/// Names in the configuration, with which keys and references begin.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub links: Vec<String>,
    pub clients: Vec<String>,
    pub banks: Vec<String>,
}

/// The results that are asked for.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Earliest time.
    pub from: Option<DateTime<Utc>>,
    /// Time before which they are.
    pub to: Option<DateTime<Utc>>,
    /// The last result of the page before.
    pub after: Option<Cursor>,
    /// From 1 to [`PAGE_MAX`].
    pub limit: usize,
}

/// One page of results.
#[derive(Debug)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// Number of results from this page on, up to [`COUNTED_MAX`].
    pub count: usize,
    /// There are more than `count`.
    pub is_more: bool,
    /// The time back to which texts were read, if not all of the span was.
    pub read_back_to: Option<DateTime<Utc>>,
}

impl Found {
    /// The place to continue after; `None` if this page is the last.
    pub fn next(&self) -> Option<&Cursor> {
        let has_more = self.is_more || self.count > self.hits.len();
        self.hits.last().filter(|_| has_more).map(|hit| &hit.cursor)
    }
}

/// Looks up queries.
#[derive(Debug, Clone)]
pub struct Finder {
    store: Store,
    plan: Arc<NumberingPlan>,
    names: Arc<Names>,
    clock: Clock,
}

impl Finder {
    pub fn new(store: Store, plan: Arc<NumberingPlan>, names: Names, clock: Clock) -> Self {
        Self { store, plan, names: Arc::new(names), clock }
    }

    /// Returns a page of results, the newest first.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn find(&self, query: &Query, page: &Page) -> Result<Found, StoreError> {
        let limit = page.limit.clamp(1, PAGE_MAX);
        let start = page.to.map_or_else(Cursor::start, |at| Cursor { at, subject: String::new() });
        let before = page.after.clone().map_or_else(|| start.clone(), |after| after.min(start.clone()));
        let from = page.from.unwrap_or(DateTime::UNIX_EPOCH);
        let most = limit.max(COUNTED_MAX) + 1;
        let bounds = Bounds { from, before, most };
        let mut read_back_to = None;
        let mut places = self.places(&query.meanings, &bounds).await?;
        for meaning in &query.meanings {
            if let Meaning::Words(words) = meaning {
                let (found, back_to) = self.scan(words, &bounds).await?;
                places.extend(found);
                read_back_to = Some(back_to).filter(|back_to| *back_to > from);
            }
        }
        let is_more = places.len() >= most;
        places.truncate(limit.max(COUNTED_MAX));
        let count = places.len();
        places.truncate(limit);
        Ok(Found { hits: self.hits(places).await?, count, is_more, read_back_to })
    }
}
