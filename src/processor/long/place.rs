//! The message that a part belongs to, and the rows to be written. Pure: the parts that are kept already go in.
//!
//! Some phones give all their long texts one reference. A part that is the same as one of an earlier text may then be that
//! one, delivered again, or belong to a text that has only begun: which of the two, the parts that come beside it tell.
//! Until then it waits as a *repeat*. One that stays alone is forgotten, one whose place another part takes gives way, and
//! a text that is whole with it waits a little longer for such a part ([`fate`]).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::generation::{Generation, before, generations, is_repeat, is_same};
use super::inbound_part::InboundPart;
use crate::store::{Held, Part, PartState, Sign, Whole};

/// Parts of one link that may wait for others; whoever sends more is asked to send less.
pub(super) const PARTS_MAX: i64 = 4_096;
/// Octets of the parts of one link that may wait.
pub(super) const OCTETS_MAX: i64 = 1024 * 1024;
/// A message waits for its missing parts for this time, counted from the first.
pub(super) const WAIT: TimeDelta = TimeDelta::minutes(2);
/// A message that is whole with a repeat waits this long for another part in its place, counted from the last.
const DOUBT: TimeDelta = TimeDelta::seconds(5);

/// The fate of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Placed {
    /// It is kept, or was before; the key that its message is known by.
    Kept(String),
    /// As many parts of this link wait as may.
    Full,
}

/// The place that a part goes to.
enum Place {
    /// Nowhere: it is here, as a part of the message of this key.
    Known(String),
    /// To the message that waits.
    Joins,
    /// There too, in the place of a repeat.
    Replaces,
    /// It begins a message; the one before is done, or there is none.
    Begins,
    /// It begins a message, and nothing but repeats waited: they were deliveries of what is done.
    BeginsBehindRepeats,
    /// It begins a message, and the one that waited is given up.
    BeginsAnew,
}

/// The next step of a message that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes on, whole or not.
    Goes,
    /// It is looked at again.
    Waits,
    /// It is none: all of its parts were delivered again.
    IsNone,
}

/// The parts of one batch among those that are kept already.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Under each sign the messages so far, the oldest first.
    known: HashMap<Sign, Vec<Generation>>,
    held: HashMap<String, Held>,
    /// To be written.
    pub(super) kept: Vec<Part>,
    /// Not to be waited for any more.
    pub(super) given_up: Vec<Whole>,
    /// Not to be kept any more: repeats that were of no new message.
    pub(super) withdrawn: Vec<(Whole, u8)>,
    touched: HashSet<Sign>,
}

pub(super) fn sign_of(part: &InboundPart) -> Sign {
    let InboundPart { link, from, to, place, .. } = part;
    Sign { link: link.clone(), from: from.clone(), to: to.clone(), reference: place.reference() }
}

impl Places {
    /// `kept` is what is kept under the signs of the batch, `held` what waits on its links.
    pub(super) fn new(kept: Vec<(Part, PartState)>, held: HashMap<String, Held>) -> Self {
        let mut by_sign: HashMap<Sign, Vec<(Part, PartState)>> = HashMap::new();
        for (part, state) in kept {
            by_sign.entry(part.whole.sign.clone()).or_default().push((part, state));
        }
        let known = by_sign.into_iter().map(|(sign, parts)| (sign, generations(parts))).collect();
        Self { known, held, ..Self::default() }
    }

    /// Finds the place of one part; a later one sees what an earlier one changed.
    pub(super) fn place(&mut self, part: &InboundPart) -> Placed {
        let sign = sign_of(part);
        let known = self.known.get(&sign).map_or(&[][..], Vec::as_slice);
        let newest = known.last().map_or(-1, |newest| newest.number);
        let whole = |generation| Whole { sign: sign.clone(), generation };
        let fresh = part.kept(whole(newest + 1), part.key.clone());
        let again = before(known, newest + 1, &fresh).map(|before| before.key.clone());
        let place = find(known, &fresh, again.as_ref().map(|key| (key, part.key_is_given && *key == part.key)));
        if let Place::Known(key) = place {
            return Placed::Kept(key);
        }
        let shared = known.last().and_then(Generation::key).filter(|_| !part.key_is_given).cloned();
        if !self.has_room(part) {
            return again.map_or(Placed::Full, Placed::Kept);
        }
        match place {
            Place::Joins | Place::Replaces => {
                if matches!(place, Place::Replaces) {
                    self.withdraw(&whole(newest), fresh.number);
                }
                return self.keep(Part { whole: whole(newest), key: shared.unwrap_or(fresh.key), ..fresh });
            }
            Place::BeginsBehindRepeats => self.withdraw_all(&whole(newest)),
            Place::BeginsAnew => self.given_up.push(whole(newest)),
            Place::Begins | Place::Known(_) => {}
        }
        let placed = self.keep(fresh);
        // Who delivers a part again hears what it heard before.
        again.map_or(placed, Placed::Kept)
    }

    fn has_room(&mut self, part: &InboundPart) -> bool {
        let held = self.held.entry(part.link.clone()).or_default();
        let octets = i64::try_from(part.octets.len()).unwrap_or(i64::MAX);
        let has_room = held.parts < PARTS_MAX && held.octets.saturating_add(octets) <= OCTETS_MAX;
        if has_room {
            *held = Held { parts: held.parts + 1, octets: held.octets + octets };
        }
        has_room
    }

    fn keep(&mut self, part: Part) -> Placed {
        let known = self.known.entry(part.whole.sign.clone()).or_default();
        if known.last().is_none_or(|newest| newest.number < part.whole.generation) {
            known.push(Generation::new(part.whole.generation, PartState::Waiting));
        }
        if let Some(newest) = known.last_mut() {
            newest.parts.insert(part.number, part.clone());
        }
        self.touched.insert(part.whole.sign.clone());
        let key = part.key.clone();
        self.kept.push(part);
        Placed::Kept(key)
    }

    /// Parts that this batch was to write are not written; those that are there already go.
    fn withdraw(&mut self, whole: &Whole, number: u8) {
        let before = self.kept.len();
        self.kept.retain(|part| part.whole != *whole || part.number != number);
        if self.kept.len() == before {
            self.withdrawn.push((whole.clone(), number));
        }
    }

    fn withdraw_all(&mut self, whole: &Whole) {
        let newest = self.known.get_mut(&whole.sign).and_then(Vec::pop);
        for number in newest.into_iter().flat_map(|newest| newest.parts.into_keys()) {
            self.withdraw(whole, number);
        }
    }

    /// The messages that this batch made whole beyond doubt, each with its parts in order.
    pub(super) fn wholes(&self) -> Vec<Vec<Part>> {
        let touched = self.touched.iter().filter_map(|sign| self.known.get(sign));
        let certain = touched.filter_map(|known| {
            let newest = known.last().filter(|newest| newest.is_whole())?;
            let doubtful = newest.parts.values().any(|part| is_repeat(known, part));
            (!doubtful).then(|| newest.parts.values().cloned().collect())
        });
        certain.collect()
    }
}

/// `again` is the key of an ended message that had the same part, and whether the sender says that it is that one.
fn find(known: &[Generation], part: &Part, again: Option<(&String, bool)>) -> Place {
    if let Some((key, true)) = again {
        return Place::Known(key.clone());
    }
    let Some(waiting) = known.last().filter(|newest| newest.state == PartState::Waiting) else {
        return Place::Begins;
    };
    let same_total = waiting.total() == Some(part.total);
    match (waiting.parts.get(&part.number), again) {
        (Some(held), _) if is_same(held, part) => Place::Known(held.key.clone()),
        (None, _) if same_total => Place::Joins,
        (Some(held), _) if same_total && is_repeat(known, held) => Place::Replaces,
        (_, Some((key, _))) => Place::Known(key.clone()),
        _ if waiting.parts.values().all(|held| is_repeat(known, held)) => Place::BeginsBehindRepeats,
        _ => Place::BeginsAnew,
    }
}

/// The next step at `now` of a message that is whole, given up, or has waited for its parts; `kept` is all that is kept under
/// its sign.
pub(super) fn fate(kept: Vec<(Part, PartState)>, whole: &Whole, now: DateTime<Utc>) -> Fate {
    let known = generations(kept);
    let Some(this) = known.iter().find(|generation| generation.number == whole.generation) else {
        return Fate::Waits;
    };
    let repeats = this.parts.values().filter(|part| is_repeat(&known, part)).count();
    let came = || this.parts.values().map(|part| part.received_at);
    let is_whole = this.is_whole();
    let waited = |since: Option<DateTime<Utc>>, long: TimeDelta| since.is_none_or(|since| now - since >= long);
    match this.state {
        PartState::Done => Fate::Waits,
        PartState::Waiting if repeats > 0 && is_whole && !waited(came().max(), DOUBT) => Fate::Waits,
        _ if repeats == this.parts.len() && (is_whole || waited(came().min(), WAIT)) => Fate::IsNone,
        _ if repeats == this.parts.len() => Fate::Waits,
        PartState::Waiting | PartState::GivenUp => Fate::Goes,
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
