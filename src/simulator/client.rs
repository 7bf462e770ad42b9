//! One session of a client of the simulated SMSC.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::faults::{ReceiptMark, ReceiptStyle};
use super::shared::{Client, Shared};
use crate::links::smpp::driver::{Handle, Peer};
use crate::smpp::pdu::{Bind, BindMode, Body, MessageResp, QuerySmResp, ShortMessage, Sm};
use crate::smpp::receipt::ESM_CLASS_RECEIPT;
use crate::smpp::session::{Notice, Ticket};
use crate::smpp::{CommandStatus, Pdu};

/// Handler of the requests of a client.
pub(super) struct ClientSide {
    pub shared: Arc<Shared>,
    pub handle: Handle,
    pub cut: CancellationToken,
}

impl Peer for ClientSide {
    fn authenticate(&mut self, ticket: Ticket, bind: Bind, handle: &Handle) {
        let verdict = self.judge(&bind);
        if verdict.is_err() {
            self.shared.counts.binds_refused.fetch_add(1, Ordering::Relaxed);
        }
        handle.decide(ticket, verdict);
    }

    fn bound(&mut self, mode: BindMode, handle: &Handle) {
        self.shared.counts.binds.fetch_add(1, Ordering::Relaxed);
        let window = Arc::new(Semaphore::new(self.shared.settings.window));
        let client = Client { handle: handle.clone(), mode, window, cut: self.cut.clone() };
        self.shared.clients.send_modify(|clients| clients.push(client));
    }

    fn request(&mut self, ticket: Ticket, pdu: Pdu, handle: &Handle) {
        self.shared.tell_request(&pdu.body);
        match &pdu.body {
            Body::SubmitSm(_) | Body::DataSm(_) => self.submitted(ticket, pdu, handle.clone()),
            // The simulator stores no messages, so none can be queried, cancelled or replaced.
            Body::QuerySm(query) => {
                let resp = QuerySmResp { message_id: query.message_id, ..QuerySmResp::default() };
                handle.answer(ticket, CommandStatus::QUERY_FAILED, Some(Body::QuerySmResp(resp)));
            }
            Body::CancelSm(_) => handle.answer(ticket, CommandStatus::CANCEL_FAILED, None),
            Body::ReplaceSm(_) => handle.answer(ticket, CommandStatus::REPLACE_FAILED, None),
            _ => handle.answer(ticket, CommandStatus::SUBMIT_FAILED, None),
        }
    }

    fn notice(&mut self, notice: Notice) {
        if matches!(notice, Notice::Malformed(_)) {
            self.shared.counts.malformed.fetch_add(1, Ordering::Relaxed);
        }
        tracing::debug!(?notice, "simulated SMSC");
    }
}

impl ClientSide {
    /// Distinguishes an unknown name from a wrong password, as the specification does.
    fn judge(&self, bind: &Bind) -> Result<(), CommandStatus> {
        let settings = &self.shared.settings;
        if bind.system_id.as_bytes() != settings.system_id.as_bytes() {
            return Err(CommandStatus::INVALID_SYSTEM_ID);
        }
        let password = settings.password.expose_secret().as_bytes();
        if bool::from(bind.password.as_bytes().ct_eq(password)) { Ok(()) } else { Err(CommandStatus::INVALID_PASSWORD) }
    }

    fn submitted(&self, ticket: Ticket, pdu: Pdu, handle: Handle) {
        let (status, delay, silent, receipt_first, receipt_delay) = {
            let mut faults = self.shared.faults();
            let status = faults.next_status();
            (status, faults.submit_delay, faults.silent, faults.receipt_first, faults.receipt_delay)
        };
        let shared = self.shared.clone();
        let number = shared.counts.submission_came();
        let id = format!("{number:08X}");
        self.shared.tasks.spawn(async move {
            tokio::time::sleep(delay).await;
            shared.counts.submission_ends();
            if silent {
                return;
            }
            if !status.is_ok() {
                return handle.answer(ticket, status, None);
            }
            let body = response(&pdu.body, &id);
            shared.take(id, &pdu.body);
            let receipt = receipt(&shared, number, &pdu.body);
            let deliver = |receipt| async {
                if let (Some(receipt), Some(client)) = (receipt, shared.receiver()) {
                    // Without a free place in the window, the receipt would not be sent at all.
                    let permit = client.window.acquire().await;
                    // The response is ignored: the receipt is sent only once.
                    drop((client.handle.request(receipt).await, permit));
                }
            };
            if receipt_first {
                deliver(receipt).await;
                handle.answer(ticket, status, Some(body));
            } else {
                handle.answer(ticket, status, Some(body));
                tokio::time::sleep(receipt_delay).await;
                deliver(receipt).await;
            }
        });
    }
}

/// The response that tells the identifier of a submitted message.
fn response(submitted: &Body, id: &str) -> Body {
    let resp = MessageResp::new(Bytes::from(id.to_owned()));
    match submitted {
        Body::DataSm(_) => Body::DataSmResp(resp),
        _ => Body::SubmitSmResp(resp),
    }
}

/// The receipt for a message that asks for one; it reports immediate delivery, unless the phone is switched off.
fn receipt(shared: &Shared, number: u64, submitted: &Body) -> Option<Body> {
    let Body::SubmitSm(sm) = submitted else { return None };
    if sm.registered_delivery & 0x01 == 0 {
        return None;
    }
    let id = match shared.settings.receipts {
        ReceiptStyle::Same => format!("{number:08X}"),
        ReceiptStyle::Decimal => number.to_string(),
    };
    let date = chrono::Utc::now().format("%y%m%d%H%M");
    let is_off =
        shared.faults().switched_off.as_ref().is_some_and(|off| sm.destination.value.as_bytes() == off.as_bytes());
    let (delivered, state) = if is_off { ("000", "UNDELIV err:027") } else { ("001", "DELIVRD err:000") };
    let text = format!("id:{id} sub:001 dlvrd:{delivered} submit date:{date} done date:{date} stat:{state} text:");
    let short_message = ShortMessage::new(Bytes::from(text))?;
    let (source, destination) = (sm.destination, sm.source);
    let esm_class = match shared.faults().receipt_mark {
        ReceiptMark::EsmClass => ESM_CLASS_RECEIPT,
        ReceiptMark::None => 0,
    };
    Some(Body::DeliverSm(Sm { source, destination, esm_class, short_message, ..Sm::default() }))
}

impl Drop for ClientSide {
    fn drop(&mut self) {
        self.shared.clients.send_modify(|clients| clients.retain(|client| !client.handle.is_same(&self.handle)));
    }
}
