//! USSD over SMPP (`ussd_service_op`, SMPP 3.4 section 5.3.2.44): what a customer dials becomes a message, and the
//! reply is the answer that closes the dialogue.
//!
//! A dialogue lives for a minute or two in the network. What belongs to it is therefore kept in memory only: after a
//! restart, or when the reply comes too late, the customer gets it as an SMS.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::domain::{AddressType, Msisdn, Source};
use crate::links::dialled::dialled;
use crate::smpp::message::Message;
use crate::smpp::octets::Octets;
use crate::smpp::pdu::Sm;
use crate::smpp::tlv::tag;

/// `ussd_service_op` of our answer: PSSR response, after which the network closes the dialogue.
const PSSR_RESPONSE: u8 = 17;
/// `ussd_service_op` of a screen of ours: USSR request, whose answer the network sends us.
const USSR_REQUEST: u8 = 2;
/// `ussd_service_op` of what a user dials, in the two ways that networks tell it.
const DIALLED: [u8; 2] = [0, 1];
/// `ussd_service_op` of what a user answers to a screen.
const USSR_CONFIRM: u8 = 18;
/// How long a network keeps a dialogue that waits for us, at most.
pub(super) const DIALOGUE_LIFE: Duration = Duration::from_mins(2);
/// Dialogues that may wait at once; then the oldest get their reply as an SMS.
pub(super) const DIALOGUES_MAX: usize = 10_000;

/// What a USSD message is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// A user dialled it.
    Request,
    /// A user answers to what was shown.
    Answer,
    /// A confirmation, or an operation that no user began.
    Notice,
}

/// The operation of a message; nothing for what is no USSD.
pub(super) fn operation(message: &Message) -> Option<Operation> {
    let op = message.tlvs.octet(tag::USSD_SERVICE_OP)?;
    Some(match op {
        USSR_CONFIRM => Operation::Answer,
        op if DIALLED.contains(&op) => Operation::Request,
        _ => Operation::Notice,
    })
}

/// Where a screen or an answer goes: a phone's dialogue.
#[derive(Debug, Clone)]
pub(super) struct Dialled {
    /// The phone: its number in international form, or the address where it is none.
    pub(super) from: String,
    /// The address exactly as it came.
    pub(super) source: Source,
    /// The address that was dialled.
    pub(super) service: String,
    /// `its_session_info`, by which the network finds the dialogue again.
    pub(super) session_info: Option<Bytes>,
}

impl Dialled {
    pub(super) fn of(message: &Message, phone: Option<Msisdn>) -> Self {
        let (ton, npi) = message.from_type;
        Self {
            from: phone.map_or_else(|| message.from.clone(), Msisdn::digits),
            source: Source { value: message.from.clone(), labelled: Some(AddressType { ton, npi }) },
            service: message.to.clone(),
            session_info: message.tlvs.get_shared(tag::ITS_SESSION_INFO),
        }
    }

    /// Makes of a message the part of this dialogue that it is: a screen that wants an answer, or the end.
    pub(super) fn part(&self, message: Sm, wants_answer: bool) -> Sm {
        let operation = if wants_answer { USSR_REQUEST } else { PSSR_RESPONSE };
        let mut tlvs = message.tlvs.with(tag::USSD_SERVICE_OP, &[operation]).unwrap_or_default();
        if let Some(info) = &self.session_info {
            tlvs = tlvs.with(tag::ITS_SESSION_INFO, info).unwrap_or(tlvs);
        }
        Sm { service_type: Octets::from_text("USSD").unwrap_or_default(), tlvs, ..message }
    }
}

/// The dialogues of one link that wait for their reply.
#[derive(Debug, Default)]
pub(super) struct Ussd {
    codes: BTreeMap<String, String>,
    open: Mutex<HashMap<String, Dialogue>>,
}

#[derive(Debug, Clone)]
struct Dialogue {
    dialled: Dialled,
    since: Duration,
}

impl Ussd {
    /// `codes` are short codes by the service code that is dialled for them.
    pub(super) fn new(codes: BTreeMap<String, String>) -> Self {
        Self { codes, open: Mutex::default() }
    }

    /// What was dialled as short code and text.
    pub(super) fn read(&self, to: &str, text: &str) -> (String, String) {
        dialled(&self.codes, to, text)
    }

    /// A dialogue waits for the reply to the message of this key.
    pub(super) fn open(&self, key: &str, dialled: Dialled, now: Duration) {
        let mut open = self.lock();
        if open.len() >= DIALOGUES_MAX {
            open.retain(|_, dialogue| now.saturating_sub(dialogue.since) < DIALOGUE_LIFE);
        }
        if open.len() < DIALOGUES_MAX {
            open.insert(key.to_owned(), Dialogue { dialled, since: now });
        }
    }

    /// The message of this key has had its answer, or will have none.
    pub(super) fn close(&self, key: &str) {
        self.lock().remove(key);
    }

    /// The dialogue that still waits for the reply to this message, where the reply is for the phone that dialled.
    pub(super) fn waiting(&self, key: &str, to: &str, now: Duration) -> Option<Dialled> {
        let mut open = self.lock();
        let dialogue = open.get(key)?;
        if dialogue.since + DIALOGUE_LIFE <= now {
            open.remove(key);
            return None;
        }
        let digits = |address: &str| address.trim_start_matches('+').to_owned();
        let dialled = &dialogue.dialled;
        (digits(&dialled.from) == digits(to)).then(|| dialled.clone())
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
    fn a_dialogue_that_the_network_has_given_up_gets_no_answer() {
        let ussd = Ussd::default();
        let source = Source { value: "049111222".into(), labelled: None };
        let dialled = Dialled { from: "38349111222".into(), source, service: "123".into(), session_info: None };
        ussd.open("ipko:1", dialled, Duration::ZERO);
        let waiting = |key: &str, to: &str, now| ussd.waiting(key, to, now).map(|dialled| dialled.service);
        let last = DIALOGUE_LIFE.checked_sub(Duration::from_millis(1)).unwrap();
        assert_eq!(waiting("ipko:1", "+38349111222", last).as_deref(), Some("123"));
        assert_eq!(waiting("ipko:1", "38349123456", last), None, "somebody else is told by SMS");
        assert_eq!(waiting("ipko:1", "38349111222", DIALOGUE_LIFE), None);
        assert_eq!(waiting("ipko:2", "38349111222", Duration::ZERO), None);
    }
}
