//! USSD over SMPP (`ussd_service_op`, SMPP 3.4 section 5.3.2.44): what a customer dials becomes a message, and the
//! reply is the answer that closes the dialogue.
//!
//! A dialogue lives for a minute or two in the network. What belongs to it is therefore kept in memory only: after a
//! restart, or when the reply comes too late, the customer gets it as an SMS.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::smpp::message::Message;
use crate::smpp::octets::Octets;
use crate::smpp::pdu::Sm;
use crate::smpp::tlv::tag;

/// `ussd_service_op` of our answer: PSSR response, after which the network closes the dialogue.
const PSSR_RESPONSE: u8 = 17;
/// `ussd_service_op` of what a user dials, in the two ways that networks tell it, and of an answer to a menu.
const FROM_USER: [u8; 3] = [0, 1, 18];
/// How long a network keeps a dialogue that waits for us, at most.
const DIALOGUE_LIFE: Duration = Duration::from_mins(2);
/// Dialogues that may wait at once; then the oldest get their reply as an SMS.
const DIALOGUES_MAX: usize = 10_000;

/// What a USSD message is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// A user dialled it.
    Request,
    /// A confirmation, or an operation that no user began.
    Notice,
}

/// The operation of a message; nothing for what is no USSD.
pub(super) fn operation(message: &Message) -> Option<Operation> {
    let op = message.tlvs.octet(tag::USSD_SERVICE_OP)?;
    Some(if FROM_USER.contains(&op) { Operation::Request } else { Operation::Notice })
}

/// The dialogues of one link that wait for their reply.
#[derive(Debug, Default)]
pub(super) struct Ussd {
    codes: BTreeMap<String, String>,
    open: Mutex<HashMap<String, Dialogue>>,
}

#[derive(Debug, Clone)]
struct Dialogue {
    /// The address that was dialled.
    service: String,
    /// `its_session_info`, by which the network finds the dialogue again.
    session_info: Option<Bytes>,
    since: Duration,
}

impl Ussd {
    /// `codes` are short codes by the service code that is dialled for them.
    pub(super) fn new(codes: BTreeMap<String, String>) -> Self {
        Self { codes, open: Mutex::default() }
    }

    /// What was dialled as short code and text.
    ///
    /// `dialled = "*" code { "*" field } "#"`; an answer to a menu is fields alone, for the address that it is sent to.
    pub(super) fn read(&self, to: &str, dialled: &str) -> (String, String) {
        let dialled = dialled.trim();
        let fields = |text: &str| text.split('*').map(str::trim).collect::<Vec<_>>().join(" ");
        let inner = dialled.strip_suffix('#').unwrap_or(dialled);
        let (code, rest) = match inner.strip_prefix('*') {
            Some(inner) => inner.split_once('*').unwrap_or((inner, "")),
            None => (to.trim_matches(['*', '#']), inner),
        };
        let short_code = self.codes.get(code).cloned().unwrap_or_else(|| code.to_owned());
        (short_code, fields(rest))
    }

    /// A dialogue waits for the reply to the message of this key.
    pub(super) fn open(&self, key: &str, message: &Message, now: Duration) {
        let mut open = self.lock();
        if open.len() >= DIALOGUES_MAX {
            open.retain(|_, dialogue| now.saturating_sub(dialogue.since) < DIALOGUE_LIFE);
        }
        if open.len() < DIALOGUES_MAX {
            let session_info = message.tlvs.get_shared(tag::ITS_SESSION_INFO);
            open.insert(key.to_owned(), Dialogue { service: message.to.clone(), session_info, since: now });
        }
    }

    /// The message of this key has had its answer, or will have none.
    pub(super) fn close(&self, key: &str) {
        self.lock().remove(key);
    }

    /// Whether a dialogue still waits for the reply to this message: the address that was dialled for it.
    pub(super) fn service(&self, key: &str, now: Duration) -> Option<String> {
        let mut open = self.lock();
        if open.get(key)?.since + DIALOGUE_LIFE <= now {
            open.remove(key);
            return None;
        }
        open.get(key).map(|dialogue| dialogue.service.clone())
    }

    /// Makes of a reply the answer that closes the dialogue.
    pub(super) fn answer(&self, key: &str, reply: Sm) -> Sm {
        let session_info = self.lock().get(key).and_then(|dialogue| dialogue.session_info.clone());
        let mut tlvs = reply.tlvs.with(tag::USSD_SERVICE_OP, &[PSSR_RESPONSE]).unwrap_or_default();
        if let Some(info) = session_info {
            tlvs = tlvs.with(tag::ITS_SESSION_INFO, &info).unwrap_or(tlvs);
        }
        Sm { service_type: Octets::from_text("USSD").unwrap_or_default(), tlvs, ..reply }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Dialogue>> {
        // Each change is one insertion or removal: the map is whole even after a panic elsewhere.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dialled_is_a_short_code_and_a_text() {
        let ussd = Ussd::new([("123".to_owned(), "50005".to_owned())].into());
        for (to, dialled, code, text) in [
            ("*123#", "*123*049123456*5#", "50005", "049123456 5"),
            ("123", "*123#", "50005", ""),
            ("123", "*123*10#\n", "50005", "10"),
            ("123", "*50333*10#", "50333", "10"),
            ("*123#", "2", "50005", "2"),
            ("123", "049123456*5#", "50005", "049123456 5"),
            ("50005", "10", "50005", "10"),
        ] {
            assert_eq!(ussd.read(to, dialled), (code.to_owned(), text.to_owned()), "{to} {dialled}");
        }
    }

    #[test]
    fn a_dialogue_that_the_network_has_given_up_gets_no_answer() {
        let ussd = Ussd::default();
        let body = crate::smpp::pdu::Body::DeliverSm(Sm::default());
        let message = Message::of(&body).unwrap();
        ussd.open("ipko:1", &message, Duration::ZERO);
        assert!(ussd.service("ipko:1", DIALOGUE_LIFE.checked_sub(Duration::from_millis(1)).unwrap()).is_some());
        assert_eq!(ussd.service("ipko:1", DIALOGUE_LIFE), None);
        assert_eq!(ussd.service("ipko:2", Duration::ZERO), None);
    }
}
