//! Whose part a part is, and what has to be written. Pure: what is kept already goes in.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::InboundPart;
use crate::store::{Held, Part, PartState, Sign, Whole};

/// Parts of one link that may wait for others; whoever sends more is asked to send less.
pub(super) const PARTS_MAX: i64 = 4_096;
/// Octets of the parts of one link that may wait.
pub(super) const OCTETS_MAX: i64 = 1024 * 1024;

/// What became of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Placed {
    /// It is kept, or was before; the key that its message is known by.
    Kept(String),
    /// As many parts of this link wait as may.
    Full,
}

/// The parts of one batch among those that are kept already.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// By sign the newest generation: its parts by number, and where they are.
    newest: HashMap<Sign, Newest>,
    held: HashMap<String, Held>,
    /// To be written.
    pub(super) kept: Vec<Part>,
    /// Not to be waited for any more.
    pub(super) given_up: Vec<Whole>,
    touched: HashSet<Sign>,
}

#[derive(Debug, Clone)]
struct Newest {
    generation: i64,
    state: PartState,
    parts: BTreeMap<u8, Part>,
}

pub(super) fn sign_of(part: &InboundPart) -> Sign {
    let InboundPart { link, from, to, place, .. } = part;
    Sign { link: link.clone(), from: from.clone(), to: to.clone(), reference: place.reference() }
}

impl Places {
    /// `kept` is what is kept under the signs of the batch, `held` what waits on its links.
    pub(super) fn new(kept: Vec<(Part, PartState)>, held: HashMap<String, Held>) -> Self {
        let mut newest: HashMap<Sign, Newest> = HashMap::new();
        for (part, state) in kept {
            let generation = part.whole.generation;
            let fresh = Newest { generation, state, parts: BTreeMap::new() };
            let of_sign = newest.entry(part.whole.sign.clone()).or_insert_with(|| fresh.clone());
            if of_sign.generation < generation {
                *of_sign = fresh;
            }
            if of_sign.generation == generation {
                of_sign.parts.insert(part.number, part);
            }
        }
        Self { newest, held, ..Self::default() }
    }

    /// Finds the place of one part; a later one sees what an earlier one changed.
    pub(super) fn place(&mut self, part: &InboundPart) -> Placed {
        let sign = sign_of(part);
        let known = self.newest.get(&sign);
        if let Some(same) = known.and_then(|known| known.parts.get(&part.place.number()))
            && is_same(same, part)
        {
            return Placed::Kept(same.key.clone());
        }
        let held = self.held.entry(part.link.clone()).or_default();
        let octets = i64::try_from(part.octets.len()).unwrap_or(i64::MAX);
        if held.parts >= PARTS_MAX || held.octets.saturating_add(octets) > OCTETS_MAX {
            return Placed::Full;
        }
        *held = Held { parts: held.parts + 1, octets: held.octets + octets };
        let (generation, key) = match known {
            None => (0, None),
            Some(known) if belongs(known, part) => {
                (known.generation, known.parts.values().next().map(|first| first.key.clone()))
            }
            Some(known) => {
                if known.state == PartState::Waiting {
                    self.given_up.push(Whole { sign: sign.clone(), generation: known.generation });
                }
                (known.generation + 1, None)
            }
        };
        let key = key.filter(|_| !part.key_is_given).unwrap_or_else(|| part.key.clone());
        self.keep(Whole { sign, generation }, part, key.clone());
        Placed::Kept(key)
    }

    fn keep(&mut self, whole: Whole, part: &InboundPart, key: String) {
        let kept = Part {
            whole: whole.clone(),
            number: part.place.number(),
            total: part.place.total(),
            key,
            octets: part.octets.clone(),
            has_header: part.has_header,
            data_coding: part.data_coding,
            alphabet: part.alphabet.name().to_owned(),
            from_type: part.from_type,
            report: part.report,
            received_at: part.received_at,
            session_since: part.session_since,
        };
        let fresh = Newest { generation: whole.generation, state: PartState::Waiting, parts: BTreeMap::new() };
        let newest = self.newest.entry(whole.sign.clone()).or_insert_with(|| fresh.clone());
        if newest.generation != whole.generation {
            *newest = fresh;
        }
        newest.parts.insert(kept.number, kept.clone());
        self.touched.insert(whole.sign);
        self.kept.push(kept);
    }

    /// The messages that this batch made whole, each with its parts in order.
    pub(super) fn wholes(&self) -> Vec<Vec<Part>> {
        let touched = self.touched.iter().filter_map(|sign| self.newest.get(sign));
        touched
            .filter(|newest| is_whole(newest.parts.values()))
            .map(|newest| newest.parts.values().cloned().collect())
            .collect()
    }
}

/// Whether all parts are there.
pub(super) fn is_whole<'a>(mut parts: impl ExactSizeIterator<Item = &'a Part>) -> bool {
    let count = parts.len();
    parts.next().is_some_and(|part| usize::from(part.total) == count)
}

/// It waits for this part.
fn belongs(known: &Newest, part: &InboundPart) -> bool {
    known.state == PartState::Waiting
        && !known.parts.contains_key(&part.place.number())
        && known.parts.values().all(|other| other.total == part.place.total())
}

/// The network delivered it again. The identifier may be another one, the session too.
fn is_same(kept: &Part, part: &InboundPart) -> bool {
    kept.total == part.place.total()
        && kept.octets == part.octets
        && kept.data_coding == part.data_coding
        && kept.has_header == part.has_header
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
