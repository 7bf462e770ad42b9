//! Assigns parts to messages, and determines the rows to write. Pure: the rows that are stored already are arguments.
//!
//! Some phones use one reference for all their long texts. A part that is equal to one of an earlier text is then
//! either that part, redelivered, or a part of a new text. The parts that arrive next to it decide. Until then it waits
//! as a *repeat*: if no other part arrives, it is deleted; if another part has its place, it is replaced; and a text
//! that is complete with a repeat waits a little longer for such a part ([`fate`]).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::generation::{Generation, before, generations, is_repeat, is_same};
use super::inbound_part::InboundPart;
use crate::store::{Held, Part, PartState, Sign, Whole};

/// Limit of waiting parts per link. A peer that sends more is throttled.
pub(super) const PARTS_MAX: i64 = 4_096;
/// Limit of octets of waiting parts per link.
pub(super) const OCTETS_MAX: i64 = 1024 * 1024;
/// Time that a message waits for missing parts, from the arrival of its first part.
pub(super) const WAIT: TimeDelta = TimeDelta::minutes(2);
/// Time that a message that is complete with a repeat waits for another part in its place, from the arrival of its last
/// part.
const DOUBT: TimeDelta = TimeDelta::seconds(5);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Placed {
    /// The part is stored, now or earlier. The key is that of its message.
    Kept(String),
    /// The link has reached its limit of waiting parts.
    Full,
}

/// Place of a part among the stored ones.
enum Place {
    /// The part is stored already, in the message with this key.
    Known(String),
    /// The part joins the waiting message.
    Joins,
    /// The part joins the waiting message and replaces a repeat.
    Replaces,
    /// The part begins a message; the previous one is complete, or there is none.
    Begins,
    /// The part begins a message. Only repeats were waiting: redelivered parts of completed messages.
    BeginsBehindRepeats,
    /// The part begins a message, and the waiting one is abandoned.
    BeginsAnew,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The message is passed on, complete or not.
    Goes,
    /// The message is checked again later.
    Waits,
    /// There is no such message: all its parts were redelivered.
    IsNone,
}

/// The parts of one batch among the stored ones.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The messages of each sign, the oldest first.
    known: HashMap<Sign, Vec<Generation>>,
    held: HashMap<String, Held>,
    /// Parts to be written.
    pub(super) kept: Vec<Part>,
    /// Messages that are abandoned.
    pub(super) given_up: Vec<Whole>,
    /// Rows to be deleted: repeats that belong to no new message.
    pub(super) withdrawn: Vec<(Whole, u8)>,
    touched: HashSet<Sign>,
}

pub(super) fn sign_of(part: &InboundPart) -> Sign {
    let InboundPart { link, from, to, place, .. } = part;
    Sign { link: link.clone(), from: from.clone(), to: to.clone(), reference: place.reference() }
}

impl Places {
    /// `kept` are the stored parts with the signs of the batch, `held` the waiting parts of its links.
    pub(super) fn new(kept: Vec<(Part, PartState)>, held: HashMap<String, Held>) -> Self {
        let mut by_sign: HashMap<Sign, Vec<(Part, PartState)>> = HashMap::new();
        for (part, state) in kept {
            by_sign.entry(part.whole.sign.clone()).or_default().push((part, state));
        }
        let known = by_sign.into_iter().map(|(sign, parts)| (sign, generations(parts))).collect();
        Self { known, held, ..Self::default() }
    }

    /// Finds the place of one part. Later parts see the changes of earlier ones.
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
        // A redelivered part gets the same response as before.
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

    /// Parts of this batch are not written; parts that are stored already are deleted.
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

    /// The messages that this batch completed without doubt, each with its parts in order.
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

/// `again` is the key of an ended message with an equal part, and whether the sender itself identifies the part as that
/// one.
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

/// The next step at `now` of a message that is complete, abandoned, or has waited for its parts; `kept` are all stored
/// parts with its sign.
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
