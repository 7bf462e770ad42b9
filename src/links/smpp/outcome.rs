//! The outcome of a reply, from the answer of the peer.

use crate::links::SendOutcome;
use crate::smpp::CommandStatus;
use crate::smpp::pdu::{Body, Pdu};
use crate::smpp::session::{Completion, Refusal, Unanswered};

/// The outcome for the dispatcher.
pub(super) fn outcome(completion: Completion) -> SendOutcome {
    match completion {
        Completion::Answered(pdu) => answered(*pdu),
        Completion::Nacked(status) => rejected(status),
        Completion::Refused(Refusal::NotBound) => SendOutcome::NotBound,
        Completion::Refused(Refusal::WindowFull) => SendOutcome::Throttled,
        Completion::Refused(Refusal::NotARequest | Refusal::TooLong) => {
            SendOutcome::Rejected { reason: "it does not fit a PDU".to_owned(), permanent: true }
        }
        Completion::Unknown(Unanswered::TimedOut) => SendOutcome::Unknown { reason: "no answer in time".to_owned() },
        Completion::Unknown(Unanswered::Closed) => {
            SendOutcome::Unknown { reason: "the session ended before the answer".to_owned() }
        }
    }
}

fn answered(pdu: Pdu) -> SendOutcome {
    match pdu {
        Pdu { status: CommandStatus::OK, body: Body::SubmitSmResp(resp) | Body::DeliverSmResp(resp), .. } => {
            SendOutcome::Sent { remote_ids: vec![Some(resp.message_id()).filter(|id| !id.is_empty())] }
        }
        Pdu { status, .. } => rejected(status),
    }
}

fn rejected(status: CommandStatus) -> SendOutcome {
    if status.asks_to_slow_down() {
        return SendOutcome::Throttled;
    }
    let reason = format!("the peer answered {status} ({})", status.meaning());
    SendOutcome::Rejected { reason, permanent: !status.is_transient() }
}
