//! Reads message PDUs as a phone does, after all parts have been received.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::smpp::message::Message;
use crate::text::data_coding::{DefaultAlphabet, decode_parts};
use crate::text::reassembly::{Key, Limits, Outcome, Reassembler};
use crate::text::udh::{Part, UserData};

/// Limits for the parts of incomplete messages.
const PARTS: Limits = Limits { time_limit: Duration::from_mins(1), messages_max: 1_000, bytes_max: 1024 * 1024 };

/// Reads texts and joins parts.
#[derive(Debug)]
pub(super) struct Reader {
    parts: Mutex<Reassembler<()>>,
    start: Instant,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { parts: Mutex::new(Reassembler::new(PARTS)), start: Instant::now() }
    }

    /// Returns the text and its number of parts; `None` while parts are missing. Octets that cannot be decoded become
    /// U+FFFD.
    pub(super) fn read(&self, message: &Message) -> Option<(String, u8)> {
        let parsed = UserData::parse(&message.octets, message.has_udh, message.data_coding, DefaultAlphabet::default());
        let Ok(data) = parsed else { return Some(("\u{FFFD}".to_owned(), 1)) };
        let sar = || message.sar.and_then(|sar| Part::new(sar.reference, sar.total, sar.sequence));
        let Some(part) = data.header.part().or_else(sar) else { return Some((decode_parts(vec![data.body]).0, 1)) };
        let key = Key {
            peer: String::new(),
            source: message.from.clone(),
            destination: message.to.clone(),
            reference: part.reference(),
        };
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        match parts.add(&key, part, data.body, (), self.start.elapsed()).0 {
            Outcome::Complete(all) => {
                Some((decode_parts(all.into_iter().map(|part| part.body).collect()).0, part.total()))
            }
            Outcome::Waiting { .. } | Outcome::Repeated(()) => None,
        }
    }
}
