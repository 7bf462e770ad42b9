//! The messages under one sign, one after the other.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::inbound_part::InboundPart;
use crate::store::{Part, PartState, Whole};

/// The parts of a message stay known for this time after it went into the inbox: an SMSC that missed an answer delivers
/// again.
pub(super) const KNOWN: TimeDelta = TimeDelta::minutes(5);

/// One of them: its parts by number.
#[derive(Debug, Clone)]
pub(super) struct Generation {
    pub(super) number: i64,
    pub(super) state: PartState,
    pub(super) parts: BTreeMap<u8, Part>,
}

impl Generation {
    pub(super) const fn new(number: i64, state: PartState) -> Self {
        Self { number, state, parts: BTreeMap::new() }
    }

    /// The key that its parts are known by.
    pub(super) fn key(&self) -> Option<&String> {
        self.parts.values().next().map(|first| &first.key)
    }

    pub(super) fn total(&self) -> Option<u8> {
        self.parts.values().next().map(|first| first.total)
    }

    pub(super) fn is_whole(&self) -> bool {
        is_whole(self.parts.values())
    }
}

/// Returns whether all parts are there.
pub(super) fn is_whole<'a>(mut parts: impl ExactSizeIterator<Item = &'a Part>) -> bool {
    let count = parts.len();
    parts.next().is_some_and(|part| usize::from(part.total) == count)
}

/// All that is kept under one sign, the oldest first.
pub(super) fn generations(kept: Vec<(Part, PartState)>) -> Vec<Generation> {
    let mut known: BTreeMap<i64, Generation> = BTreeMap::new();
    for (part, state) in kept {
        let number = part.whole.generation;
        known.entry(number).or_insert_with(|| Generation::new(number, state)).parts.insert(part.number, part);
    }
    known.into_values().collect()
}

/// The network delivered it again, or a text of the same sender has the same part. The identifier may be another one, the
/// session too.
pub(super) fn is_same(kept: &Part, part: &Part) -> bool {
    kept.total == part.total
        && kept.octets == part.octets
        && kept.data_coding == part.data_coding
        && kept.has_header == part.has_header
}

/// The part of a message before `generation` that is done or given up, and not for too long, which this one is the same as.
pub(super) fn before<'a>(known: &'a [Generation], generation: i64, part: &Part) -> Option<&'a Part> {
    let ended = known.iter().rev().filter(|earlier| earlier.number < generation && earlier.state != PartState::Waiting);
    let same = ended.filter_map(|earlier| earlier.parts.get(&part.number)).filter(|earlier| is_same(earlier, part));
    same.into_iter().find(|earlier| part.received_at - earlier.received_at < KNOWN)
}

/// A part that waits and is the same as one of a message before it.
pub(super) fn is_repeat(known: &[Generation], part: &Part) -> bool {
    before(known, part.whole.generation, part).is_some()
}

impl InboundPart {
    /// As it is kept under this key.
    pub(super) fn kept(&self, whole: Whole, key: String) -> Part {
        Part {
            whole,
            number: self.place.number(),
            total: self.place.total(),
            key,
            octets: self.octets.clone(),
            has_header: self.has_header,
            data_coding: self.data_coding,
            alphabet: self.alphabet.name().to_owned(),
            from_type: self.from_type,
            report: self.report,
            received_at: self.received_at,
            session_since: self.session_since,
        }
    }
}
