//! Words of texts: the newest texts of a span of time are compared, up to a limit.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::Finder;
use super::places::{Bounds, place};
use super::subject::{Cursor, Subject};
use super::values;
use crate::store::{Store, StoreError};

/// Most transfers, and most other messages, whose texts are compared.
const SCANNED_MAX: u32 = 20_000;
/// Largest difference between the time of a message and that of the identifiers that are made for it.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(2);

impl Finder {
    /// The places of messages with all of these words, and the time back to which texts were compared.
    pub(super) async fn scan(
        &self,
        words: &[String],
        bounds: &Bounds,
    ) -> Result<(Vec<Cursor>, DateTime<Utc>), StoreError> {
        let (from, end) = (bounds.from, bounds.before.at.min(self.clock.now() + CLOCKS_APART) + CLOCKS_APART);
        let ids = (Store::first_id_at(from - CLOCKS_APART), Store::first_id_at(end));
        let (moved, other) = self.store.last_traces_from(ids, (from, end), SCANNED_MAX).await?;
        let back_to = moved.map(|(_, at)| at).max(other).map_or(from, |oldest| oldest.max(from));
        let (ids, times) = ((moved.map_or(ids.0, |(id, _)| id), ids.1), (other.unwrap_or(from), end));
        let pattern = pattern_of(words);
        let mut places = BTreeSet::new();
        for trace in self.store.moved_traces_like(ids, &pattern, SCANNED_MAX).await? {
            if let (Some(key), Some(body), Some(at)) = (trace.message_key, &trace.body, trace.received_at)
                && values::has_words(body, words)
            {
                places.insert(place(at, &Subject::Message(key)));
            }
        }
        let others = self.store.unapplied_traces_like(times, &pattern, SCANNED_MAX).await?;
        let spoken = others.into_iter().filter(|trace| values::has_words(&trace.body, words));
        places.extend(spoken.map(|trace| place(trace.received_at, &Subject::Message(trace.key))));
        let wanted = places.into_iter().rev().filter(|place| bounds.has(place) && place.at >= back_to);
        Ok((wanted.take(bounds.most).collect(), back_to))
    }
}

/// A pattern of LIKE that every text with the words has: the longest part of a word that is the same in every database.
fn pattern_of(words: &[String]) -> String {
    let parts = words.iter().flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric()));
    let longest = parts.max_by_key(|part| part.len()).unwrap_or_default();
    format!("%{}%", longest.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_compares_what_it_can() {
        let pattern = |words: &[&str]| pattern_of(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(pattern(&["ku", "është"]), "%SHT%");
        assert_eq!(pattern(&["50%", "a_b\""]), "%50%");
        assert_eq!(pattern(&["где"]), "%%");
    }
}
