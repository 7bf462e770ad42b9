//! USSD over SMPP (`ussd_service_op`, SMPP 3.4 section 5.3.2.44). A dialled code becomes a message, and the reply is
//! the answer that closes the dialogue. Networks that send no `ussd_service_op` mark USSD by `service_type`, or by an
//! address such as `*123*5#`.
//!
//! A network keeps a dialogue for a minute or two. Its state is therefore kept in memory only. After a restart, or if
//! the reply is too late, the customer gets the reply as an SMS.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::domain::{AddressType, Msisdn, Source};
use crate::links::dialled::{dialled, is_dialled, service_code, trim};
use crate::smpp::message::Message;
use crate::smpp::octets::Octets;
use crate::smpp::pdu::Sm;
use crate::smpp::tlv::tag;
use crate::text::ussd::answer_coding;

/// `ussd_service_op` of our answer: PSSR response, after which the network closes the dialogue.
const PSSR_RESPONSE: u8 = 17;
/// `ussd_service_op` of a screen of ours: USSR request, whose answer the network sends us.
const USSR_REQUEST: u8 = 2;
/// `ussd_service_op` of a dialled code, in the two forms that networks use.
const DIALLED: [u8; 2] = [0, 1];
/// `ussd_service_op` of a user's answer to a screen.
const USSR_CONFIRM: u8 = 18;
/// Longest time that a network keeps a dialogue that waits for an answer.
pub(super) const DIALOGUE_LIFE: Duration = Duration::from_mins(2);
/// Dialogues that may wait at once. Beyond this number, the oldest get their reply as an SMS.
pub(super) const DIALOGUES_MAX: usize = 10_000;

/// `service_type` of messages that are steps of a dialogue.
const SERVICE: &[u8] = b"USSD";

/// The kind of a USSD message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// A user dialled it.
    Request,
    /// A user answered a screen.
    Answer,
    /// A confirmation, or an operation that no user began.
    Notice,
}

/// Returns true if a message is a step of a dialogue, by its operation, its service type, or the address that it was
/// sent to.
pub(super) fn is_step(message: &Message) -> bool {
    let service = message.service_type.as_bytes().get(..SERVICE.len());
    stated(message).is_some()
        || service.is_some_and(|service| service.eq_ignore_ascii_case(SERVICE))
        || is_dialled(&message.to)
}

/// Returns the operation that the message states, if it states one.
pub(super) fn stated(message: &Message) -> Option<Operation> {
    let op = message.tlvs.number::<u8>(tag::USSD_SERVICE_OP)?;
    Some(match op {
        USSR_CONFIRM => Operation::Answer,
        op if DIALLED.contains(&op) => Operation::Request,
        _ => Operation::Notice,
    })
}

/// Returns the operation of a step with this text. If the message states none, a text that begins with a star is a
/// dialled code, and so is an address without a text. Everything else is an answer.
pub(super) fn operation(message: &Message, text: &str) -> Operation {
    stated(message).unwrap_or_else(|| match trim(text) {
        text if text.is_empty() || text.starts_with('*') => Operation::Request,
        _ => Operation::Answer,
    })
}

/// The phone's dialogue that a screen or an answer is sent to.
#[derive(Debug, Clone, Default)]
pub(super) struct Dialled {
    /// The phone's number in international form, or the source address if it is no such number.
    pub(super) from: String,
    /// The address exactly as it came.
    pub(super) source: Source,
    /// The dialled address, without its fields.
    pub(super) service: String,
    /// `its_session_info`, by which the network finds the dialogue again.
    pub(super) session_info: Option<Bytes>,
    /// `user_message_reference`, by which some networks find it.
    pub(super) reference: Option<Bytes>,
    /// `service_type` of the network's messages. Empty for the usual one.
    pub(super) service_type: Octets<6>,
    /// True if the messages that we send in this dialogue carry `ussd_service_op`.
    pub(super) names_operations: bool,
    /// `data_coding` of the dialled code.
    pub(super) data_coding: u8,
}

impl Dialled {
    /// `always` is true for a network that wants `ussd_service_op` in messages to it, though it sends none itself.
    pub(super) fn of(message: &Message, phone: Option<Msisdn>, always: bool) -> Self {
        let service = match message.to.trim() {
            to if is_dialled(to) => format!("*{}#", service_code(to)),
            to => to.to_owned(),
        };
        let (ton, npi) = message.from_numbering;
        Self {
            from: phone.map_or_else(|| message.from.clone(), Msisdn::digits),
            source: Source { value: message.from.clone(), labelled: Some(AddressType { ton, npi }) },
            service,
            session_info: message.tlvs.get_shared(tag::ITS_SESSION_INFO),
            reference: message.tlvs.get_shared(tag::USER_MESSAGE_REFERENCE),
            service_type: message.service_type,
            names_operations: always || stated(message).is_some(),
            data_coding: message.data_coding,
        }
    }

    /// Makes a message a step of this dialogue: a screen that asks for an answer, or the last text.
    pub(super) fn part(&self, message: Sm, wants_answer: bool) -> Sm {
        let operation = if wants_answer { USSR_REQUEST } else { PSSR_RESPONSE };
        let operation = self.names_operations.then(|| Bytes::copy_from_slice(&[operation]));
        let parameters = [
            (tag::USSD_SERVICE_OP, &operation),
            (tag::ITS_SESSION_INFO, &self.session_info),
            (tag::USER_MESSAGE_REFERENCE, &self.reference),
        ];
        let tlvs = parameters.into_iter().fold(message.tlvs.clone(), |tlvs, (tag, value)| match value {
            Some(value) => tlvs.with(tag, value).unwrap_or(tlvs),
            None => tlvs,
        });
        let named = self.service_type;
        let service_type = if named.is_empty() { Octets::from_text("USSD").unwrap_or_default() } else { named };
        Sm { service_type, data_coding: answer_coding(self.data_coding, message.data_coding), tlvs, ..message }
    }
}

/// The dialogues of one link that wait for their reply.
#[derive(Debug, Default)]
pub(super) struct Ussd {
    codes: BTreeMap<String, String>,
    /// True if the network wants `ussd_service_op`, though it sends none itself.
    pub(super) names_operations: bool,
    open: Mutex<HashMap<String, Dialogue>>,
}

#[derive(Debug, Clone)]
struct Dialogue {
    dialled: Dialled,
    since: Duration,
}

impl Ussd {
    /// `codes` maps each service code that is dialled to its short code.
    pub(super) fn new(codes: BTreeMap<String, String>, names_operations: bool) -> Self {
        Self { codes, names_operations, open: Mutex::default() }
    }

    /// Returns the short code and the text of a dialled code.
    pub(super) fn read(&self, to: &str, text: &str) -> (String, String) {
        dialled(&self.codes, to, text)
    }

    /// Notes that a dialogue waits for the reply to the message with this key.
    pub(super) fn open(&self, key: &str, dialled: Dialled, now: Duration) {
        let mut open = self.lock();
        if open.len() >= DIALOGUES_MAX {
            open.retain(|_, dialogue| now.saturating_sub(dialogue.since) < DIALOGUE_LIFE);
        }
        if open.len() < DIALOGUES_MAX {
            open.insert(key.to_owned(), Dialogue { dialled, since: now });
        }
    }

    /// Forgets the dialogue of the message with this key, which has its answer or will have none.
    pub(super) fn close(&self, key: &str) {
        self.lock().remove(key);
    }

    /// Returns the dialogue that waits for the reply to this message, if the reply is for the same phone.
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
        let dialled = Dialled { from: "38349111222".into(), source, service: "123".into(), ..Dialled::default() };
        ussd.open("ipko:1", dialled, Duration::ZERO);
        let waiting = |key: &str, to: &str, now| ussd.waiting(key, to, now).map(|dialled| dialled.service);
        let last = DIALOGUE_LIFE.checked_sub(Duration::from_millis(1)).unwrap();
        assert_eq!(waiting("ipko:1", "+38349111222", last).as_deref(), Some("123"));
        assert_eq!(waiting("ipko:1", "38349123456", last), None, "somebody else is told by SMS");
        assert_eq!(waiting("ipko:1", "38349111222", DIALOGUE_LIFE), None);
        assert_eq!(waiting("ipko:2", "38349111222", Duration::ZERO), None);
    }
}
