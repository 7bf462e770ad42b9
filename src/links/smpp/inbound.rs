//! A message's way in: `deliver_sm` or `data_sm` → [`InboundSms`] → commit → answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};
use uuid::Uuid;

use super::driver::Handle;
use super::ingress::{Accepted, Ingress};
use super::parts::{Gathered, Held, Parts, Waiter};
use crate::config::link::SmppLink;
use crate::domain::{Body, Clock, InboundSms};
use crate::smpp::message::{Message, MessageKind};
use crate::smpp::receipt::Receipt;
use crate::smpp::session::Ticket;
use crate::smpp::{CommandStatus, Pdu};
use crate::text::data_coding::{Coded, DefaultAlphabet, decode_parts};
use crate::text::udh::{Part, UserData};

/// How often messages are looked for whose parts did not come.
const EXPIRE_EVERY: Duration = Duration::from_millis(500);

/// Takes what an SMSC delivers.
#[derive(Debug)]
pub(super) struct Inbound {
    link: String,
    alphabet: DefaultAlphabet,
    short_codes: BTreeSet<String>,
    message_id_tlv: Option<u16>,
    ingress: Arc<dyn Ingress>,
    clock: Clock,
    start: Instant,
    parts: Parts,
    tasks: TaskTracker,
    bound: AtomicUsize,
}

impl Inbound {
    pub(super) fn new(
        link: &str,
        settings: &SmppLink,
        alphabet: DefaultAlphabet,
        ingress: Arc<dyn Ingress>,
        clock: Clock,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            link: link.to_owned(),
            alphabet,
            short_codes: settings.short_codes.iter().cloned().collect(),
            message_id_tlv: settings.message_id_tlv,
            ingress,
            clock,
            start: Instant::now(),
            parts: Parts::new(link),
            tasks,
            bound: AtomicUsize::new(0),
        }
    }

    /// A session that can be delivered to is there.
    pub(super) fn bound(&self) {
        self.bound.fetch_add(1, Ordering::Relaxed);
    }

    /// Such a session is gone.
    pub(super) fn lost(&self) {
        self.bound.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn is_bound(&self) -> bool {
        self.bound.load(Ordering::Relaxed) > 0
    }

    /// Serves a request of the SMSC's, without waiting for anything: the answer comes from a task of its own.
    pub(super) fn serve(self: &Arc<Self>, ticket: Ticket, pdu: &Pdu, handle: &Handle) {
        let waiter = Waiter { handle: handle.clone(), ticket };
        let Some(message) = Message::of(&pdu.body) else {
            return waiter.answer(CommandStatus::INVALID_COMMAND_ID);
        };
        match message.kind {
            MessageKind::Message => self.take(message, waiter),
            MessageKind::Receipt => {
                if let Some(receipt) = Receipt::read(&message) {
                    info!(link = self.link, id = receipt.message_id, state = ?receipt.state, "delivery receipt");
                } else {
                    debug!(link = self.link, "a receipt that names no message");
                }
                waiter.answer(CommandStatus::OK);
            }
            MessageKind::Acknowledgement => waiter.answer(CommandStatus::OK),
        }
    }

    fn take(self: &Arc<Self>, message: Message, waiter: Waiter) {
        if !self.short_codes.is_empty() && !self.short_codes.contains(&message.to) {
            warn!(link = self.link, to = message.to, "refused: the link does not speak for this short code");
            return waiter.answer(CommandStatus::MESSAGE_REFUSED);
        }
        let received = self.clock.now();
        let key = self.key(&message);
        let data = UserData::parse(&message.octets, message.has_udh, message.data_coding, self.alphabet);
        let (data, part) = match data {
            Ok(data) => {
                let part = data.header.part().or_else(|| sar_part(&message)).filter(|part| part.total() > 1);
                (data, part)
            }
            Err(broken) => {
                let body = undecodable(&message.octets, message.data_coding, format!("user data header: {broken}"));
                let sms = self.sms(key, (message.from, message.to), body, received);
                return self.commit(sms, vec![waiter]);
            }
        };
        let people = (message.from, message.to);
        let Some(part) = part else {
            let body = text_or_octets(vec![data.body], message.data_coding, None);
            return self.commit(self.sms(key, people, body, received), vec![waiter]);
        };
        let held = Held::new(waiter, key, message.data_coding, received);
        for gathered in self.parts.add(people, part, data.body, held, self.start.elapsed()) {
            self.go_on(gathered);
        }
    }

    /// A message of parts goes on its way, whole or not.
    fn go_on(self: &Arc<Self>, gathered: Gathered) {
        let Gathered { from, to, key, data_coding, received, parts, incomplete, waiters } = gathered;
        if let Some(why) = &incomplete {
            warn!(link = self.link, why, "a long message is not whole");
        }
        let body = text_or_octets(parts, data_coding, incomplete);
        self.commit(self.sms(key, (from, to), body, received), waiters);
    }

    /// Answers after the commit, from a task of its own: the next message is read meanwhile.
    fn commit(self: &Arc<Self>, sms: InboundSms, waiters: Vec<Waiter>) {
        let this = self.clone();
        self.tasks.spawn(async move {
            let key = sms.key.clone();
            let accepted = this.ingress.accept(sms).await;
            if accepted != Accepted::Committed {
                warn!(link = this.link, key, ?accepted, "a message was not taken");
            }
            for waiter in waiters {
                waiter.answer(accepted.status());
            }
        });
    }

    /// Until `stop`: commits messages whose missing parts did not come. Then gives the parts that are left back.
    pub(super) async fn expire_parts(self: Arc<Self>, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(EXPIRE_EVERY)).await.is_some() {
            for gathered in self.parts.expire(self.start.elapsed()) {
                self.go_on(gathered);
            }
        }
        self.parts.give_back();
    }

    fn sms(
        &self,
        key: String,
        (from, to): (String, String),
        body: Body,
        received_at: chrono::DateTime<chrono::Utc>,
    ) -> InboundSms {
        InboundSms { key, link: self.link.clone(), from, to, body, received_at }
    }

    /// The identifier that the SMSC gave the message, or a new one.
    fn key(&self, message: &Message) -> String {
        let given = self.message_id_tlv.and_then(|tag| message.tlvs.get(tag));
        let given = given.map(|octets| octets.split(|octet| *octet == 0).next().unwrap_or_default());
        match given.filter(|octets| !octets.is_empty()) {
            Some(octets) if octets.iter().all(u8::is_ascii_graphic) => {
                format!("{}:{}", self.link, String::from_utf8_lossy(octets))
            }
            Some(octets) => format!("{}:{}", self.link, hex::encode(octets)),
            None => InboundSms::fresh_key(&self.link, Uuid::now_v7()),
        }
    }
}

fn sar_part(message: &Message) -> Option<Part> {
    message.sar.and_then(|sar| Part::new(sar.reference, sar.total, sar.sequence))
}

fn text_or_octets(parts: Vec<Coded>, data_coding: u8, incomplete: Option<String>) -> Body {
    let octets: Vec<u8> = parts.iter().flat_map(|part| part.octets.iter().copied()).collect();
    if let Some(why) = incomplete {
        return undecodable(&octets, data_coding, why);
    }
    match decode_parts(parts) {
        (text, None) => Body::Text(text),
        (_, Some(error)) => undecodable(&octets, data_coding, error.to_string()),
    }
}

fn undecodable(octets: &[u8], data_coding: u8, why: String) -> Body {
    Body::Undecodable { hex: hex::encode(octets), data_coding, why }
}
