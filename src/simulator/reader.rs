//! Reads message PDUs as a phone does, after all parts have been received.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::smpp::message::Message;
use crate::text::data_coding::{Coded, DefaultAlphabet, decode_parts};
use crate::text::udh::{Part, UserData};

/// Long messages that wait for their parts at once. The oldest is forgotten for one more.
const WAITING_MAX: usize = 1_000;

/// Reads texts and joins parts.
#[derive(Debug)]
pub(super) struct Reader {
    /// Oldest first.
    waiting: Mutex<VecDeque<Waiting>>,
}

/// A long message of which parts are missing.
#[derive(Debug)]
struct Waiting {
    from: String,
    to: String,
    reference: u16,
    total: u8,
    parts: BTreeMap<u8, Coded>,
}

impl Waiting {
    fn is_of(&self, message: &Message, part: Part) -> bool {
        self.reference == part.reference() && self.from == message.from && self.to == message.to
    }

    /// Another message has the same reference: its length or one of its parts is not the same.
    fn contradicts(&self, part: Part, body: &Coded) -> bool {
        self.total != part.total() || self.parts.get(&part.number()).is_some_and(|earlier| earlier != body)
    }
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { waiting: Mutex::default() }
    }

    /// Returns the text and its number of parts; `None` while parts are missing. Octets that cannot be decoded become
    /// U+FFFD.
    pub(super) fn read(&self, message: &Message) -> Option<(String, u8)> {
        let parsed = UserData::parse(&message.octets, message.has_udh, message.data_coding, DefaultAlphabet::default());
        let Ok(data) = parsed else { return Some(("\u{FFFD}".to_owned(), 1)) };
        let sar = || message.sar.and_then(|sar| Part::new(sar.reference, sar.total, sar.sequence));
        let Some(part) = data.header.part().or_else(sar) else { return Some((decode_parts(vec![data.body]).0, 1)) };
        let parts = self.add(message, part, data.body)?;
        Some((decode_parts(parts).0, part.total()))
    }

    /// All parts in their order, where this is the last that was missing.
    fn add(&self, message: &Message, part: Part, body: Coded) -> Option<Vec<Coded>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let place = waiting.iter().position(|waiting| waiting.is_of(message, part));
        let earlier = place.and_then(|place| waiting.remove(place)).filter(|earlier| !earlier.contradicts(part, &body));
        let mut this = earlier.unwrap_or_else(|| Waiting {
            from: message.from.clone(),
            to: message.to.clone(),
            reference: part.reference(),
            total: part.total(),
            parts: BTreeMap::new(),
        });
        this.parts.insert(part.number(), body);
        if this.parts.len() >= usize::from(this.total) {
            return Some(this.parts.into_values().collect());
        }
        if waiting.len() >= WAITING_MAX {
            waiting.pop_front();
        }
        waiting.push_back(this);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smpp::pdu::{Body, ShortMessage, Sm};

    /// A part with a header that says its place.
    fn part([reference, total, number]: [u8; 3], text: &str) -> Message {
        let octets = [&[5, 0, 3, reference, total, number], text.as_bytes()].concat();
        let short_message = ShortMessage::new(octets.into()).unwrap();
        Message::of(&Body::SubmitSm(Sm { esm_class: 0x40, short_message, ..Sm::default() })).unwrap()
    }

    #[test]
    fn parts_come_in_any_order_and_twice() {
        let reader = Reader::new();
        for place in [[7, 3, 3], [7, 3, 1], [7, 3, 3]] {
            assert_eq!(reader.read(&part(place, ["", "A", "B", "C"][usize::from(place[2])])), None);
        }
        assert_eq!(reader.read(&part([7, 3, 2], "B")), Some(("ABC".to_owned(), 3)));
        assert_eq!(reader.read(&part([7, 3, 2], "B")), None, "the next message of this reference begins");
    }

    #[test]
    fn a_reference_that_is_used_again_begins_another_message() {
        let reader = Reader::new();
        assert_eq!(reader.read(&part([7, 2, 1], "A")), None);
        assert_eq!(reader.read(&part([7, 2, 1], "X")), None);
        assert_eq!(reader.read(&part([7, 2, 2], "B")), Some(("XB".to_owned(), 2)));
        assert_eq!(reader.read(&part([8, 3, 1], "A")), None);
        assert_eq!(reader.read(&part([8, 2, 2], "B")), None);
        assert_eq!(reader.read(&part([8, 2, 1], "A")), Some(("AB".to_owned(), 2)));
    }

    #[test]
    fn the_oldest_is_forgotten_when_too_many_wait() {
        let reader = Reader::new();
        let message = |number: usize| Message { from: number.to_string(), ..part([7, 2, 1], "A") };
        for number in 0..=WAITING_MAX {
            assert_eq!(reader.read(&message(number)), None);
        }
        let last = |number: usize| Message { from: number.to_string(), ..part([7, 2, 2], "B") };
        assert_eq!(reader.read(&last(1)), Some(("AB".to_owned(), 2)));
        assert_eq!(reader.read(&last(0)), None, "its first part is gone");
    }
}
