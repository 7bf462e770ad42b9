//! Encodes a PDU.

use bytes::BytesMut;

use super::header::{Header, PDU_LENGTH_MAX};
use super::pdu::{Body, MessageResp, Pdu, QuerySmResp, SubmitMultiResp};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PDU of {0} octets is longer than {PDU_LENGTH_MAX}")]
pub struct PduTooLong(pub usize);

/// Octets reserved for a PDU: enough for a message of one segment with its addresses.
const USUAL_LENGTH: usize = 256;

/// Appends a PDU to `out`.
///
/// # Errors
/// The PDU is longer than [`PDU_LENGTH_MAX`]; nothing is appended.
pub fn encode(pdu: &Pdu, out: &mut BytesMut) -> Result<(), PduTooLong> {
    let start = out.len();
    out.reserve(USUAL_LENGTH);
    let header = Header { command: pdu.command().code(), status: pdu.status, sequence: pdu.sequence };
    header.put(0, out);
    if !omits_body(pdu) {
        put_body(&pdu.body, out);
    }
    let length = out.len() - start;
    match (u32::try_from(length), out.get_mut(start..start + 4)) {
        (Ok(octets), Some(place)) if length <= PDU_LENGTH_MAX => {
            place.copy_from_slice(&octets.to_be_bytes());
            Ok(())
        }
        _ => {
            out.truncate(start);
            Err(PduTooLong(length))
        }
    }
}

/// "The body portion is not returned if the `command_status` field contains a non-zero value" (sections 4.1.2, 4.4.2,
/// …). A `deliver_sm_resp` and a `data_sm_resp` keep theirs: the specification has no such note for them.
fn omits_body(pdu: &Pdu) -> bool {
    !pdu.status.is_ok()
        && match &pdu.body {
            Body::BindResp(resp) => resp.system_id.is_empty() && resp.tlvs.is_empty(),
            Body::SubmitSmResp(resp) => *resp == MessageResp::default(),
            Body::SubmitMultiResp(resp) => *resp == SubmitMultiResp::default(),
            Body::QuerySmResp(resp) => *resp == QuerySmResp::default(),
            _ => false,
        }
}

fn put_body(body: &Body, out: &mut BytesMut) {
    match body {
        Body::Bind(bind) => bind.put(out),
        Body::BindResp(resp) => resp.put(out),
        Body::Outbind(outbind) => outbind.put(out),
        Body::AlertNotification(alert) => alert.put(out),
        Body::SubmitSm(sm) | Body::DeliverSm(sm) => sm.put(out),
        Body::SubmitSmResp(resp) | Body::DeliverSmResp(resp) | Body::DataSmResp(resp) => resp.put(out),
        Body::DataSm(data) => data.put(out),
        Body::SubmitMulti(multi) => multi.put(out),
        Body::SubmitMultiResp(resp) => resp.put(out),
        Body::QuerySm(query) => query.put(out),
        Body::QuerySmResp(resp) => resp.put(out),
        Body::CancelSm(cancel) => cancel.put(out),
        Body::ReplaceSm(replace) => replace.put(out),
        Body::Unbind
        | Body::UnbindResp
        | Body::EnquireLink
        | Body::EnquireLinkResp
        | Body::GenericNack
        | Body::CancelSmResp
        | Body::ReplaceSmResp => {}
    }
}
