//! The messages with the same sign, in the order of their arrival.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::inbound_part::InboundPart;
use crate::store::{Part, PartState, Whole};

/// Time for which the parts of a message are remembered after it went into the inbox. An SMSC that missed a response
/// redelivers parts within this time.
pub(super) const KNOWN: TimeDelta = TimeDelta::minutes(5);

/// One message: its parts by number.
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

    /// The key that its parts are acknowledged with.
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

/// Returns whether no part is missing.
pub(super) fn is_whole<'a>(mut parts: impl ExactSizeIterator<Item = &'a Part>) -> bool {
    let count = parts.len();
    parts.next().is_some_and(|part| usize::from(part.total) == count)
}

/// All messages with one sign, the oldest first.
pub(super) fn generations(kept: Vec<(Part, PartState)>) -> Vec<Generation> {
    let mut known: BTreeMap<i64, Generation> = BTreeMap::new();
    for (part, state) in kept {
        let number = part.whole.generation;
        known.entry(number).or_insert_with(|| Generation::new(number, state)).parts.insert(part.number, part);
    }
    known.into_values().collect()
}

/// Returns whether the contents are equal: the part was redelivered, or another text of the sender has an equal part.
/// Identifier and session may differ.
pub(super) fn is_same(kept: &Part, part: &Part) -> bool {
    kept.total == part.total
        && kept.octets == part.octets
        && kept.data_coding == part.data_coding
        && kept.has_header == part.has_header
}

/// The equal part of a completed or abandoned message before `generation`, if that part arrived less than [`KNOWN`]
/// ago.
pub(super) fn before<'a>(known: &'a [Generation], generation: i64, part: &Part) -> Option<&'a Part> {
    let ended = known.iter().rev().filter(|earlier| earlier.number < generation && earlier.state != PartState::Waiting);
    let same = ended.filter_map(|earlier| earlier.parts.get(&part.number)).filter(|earlier| is_same(earlier, part));
    same.into_iter().find(|earlier| part.received_at - earlier.received_at < KNOWN)
}

/// Returns whether a waiting part is equal to one of an earlier message.
pub(super) fn is_repeat(known: &[Generation], part: &Part) -> bool {
    before(known, part.whole.generation, part).is_some()
}

impl InboundPart {
    /// The row of this part under this key.
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
            redelivery_doubt_since: self.redelivery_doubt_since,
        }
    }
}
