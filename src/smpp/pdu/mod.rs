//! The PDUs, one family in each file:
//!
//! | file | PDUs |
//! | --- | --- |
//! | [`bind`] | `bind_transmitter`, `bind_receiver`, `bind_transceiver` and their responses |
//! | [`sm`] | the layout that `submit_sm` and `deliver_sm` share |
//! | [`submit_sm`], [`deliver_sm`], [`data_sm`], [`submit_multi`] | messages, and their responses |
//! | [`query_sm`], [`cancel_sm`], [`replace_sm`] | operations on an earlier message |
//! | [`header_only`] | `enquire_link`, `unbind`, `generic_nack`: a header only |
//! | [`outbind`], [`alert_notification`] | PDUs of an SMSC that are never answered |

pub mod alert_notification;
pub mod bind;
pub mod cancel_sm;
pub mod data_sm;
pub mod deliver_sm;
pub mod header_only;
pub mod outbind;
pub mod query_sm;
pub mod replace_sm;
pub mod sm;
pub mod submit_multi;
pub mod submit_sm;

pub use alert_notification::AlertNotification;
pub use bind::{Bind, BindMode, BindResp};
pub use cancel_sm::CancelSm;
pub use data_sm::DataSm;
pub use outbind::Outbind;
pub use query_sm::{QuerySm, QuerySmResp};
pub use replace_sm::ReplaceSm;
pub use sm::{MessageResp, ShortMessage, Sm};
pub use submit_multi::{SubmitMulti, SubmitMultiResp};

use super::command::CommandId;
use super::status::CommandStatus;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    /// `command_status`; OK in a request.
    pub status: CommandStatus,
    pub sequence: u32,
    pub body: Body,
}

/// Kind of a PDU, with its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// `bind_transmitter`, `bind_receiver` or `bind_transceiver`
    Bind(Bind),
    /// Response to any of them
    BindResp(BindResp),
    Outbind(Outbind),
    Unbind,
    UnbindResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    AlertNotification(AlertNotification),
    SubmitSm(Sm),
    SubmitSmResp(MessageResp),
    DeliverSm(Sm),
    DeliverSmResp(MessageResp),
    DataSm(DataSm),
    DataSmResp(MessageResp),
    SubmitMulti(SubmitMulti),
    SubmitMultiResp(SubmitMultiResp),
    QuerySm(QuerySm),
    QuerySmResp(QuerySmResp),
    CancelSm(CancelSm),
    CancelSmResp,
    ReplaceSm(ReplaceSm),
    ReplaceSmResp,
}

impl Body {
    pub const fn command(&self) -> CommandId {
        match self {
            Self::Bind(bind) => bind.mode.request(),
            Self::BindResp(resp) => resp.mode.response(),
            Self::Outbind(_) => CommandId::Outbind,
            Self::Unbind => CommandId::Unbind,
            Self::UnbindResp => CommandId::UnbindResp,
            Self::EnquireLink => CommandId::EnquireLink,
            Self::EnquireLinkResp => CommandId::EnquireLinkResp,
            Self::GenericNack => CommandId::GenericNack,
            Self::AlertNotification(_) => CommandId::AlertNotification,
            Self::SubmitSm(_) => CommandId::SubmitSm,
            Self::SubmitSmResp(_) => CommandId::SubmitSmResp,
            Self::DeliverSm(_) => CommandId::DeliverSm,
            Self::DeliverSmResp(_) => CommandId::DeliverSmResp,
            Self::DataSm(_) => CommandId::DataSm,
            Self::DataSmResp(_) => CommandId::DataSmResp,
            Self::SubmitMulti(_) => CommandId::SubmitMulti,
            Self::SubmitMultiResp(_) => CommandId::SubmitMultiResp,
            Self::QuerySm(_) => CommandId::QuerySm,
            Self::QuerySmResp(_) => CommandId::QuerySmResp,
            Self::CancelSm(_) => CommandId::CancelSm,
            Self::CancelSmResp => CommandId::CancelSmResp,
            Self::ReplaceSm(_) => CommandId::ReplaceSm,
            Self::ReplaceSmResp => CommandId::ReplaceSmResp,
        }
    }

    /// The body of a response that refuses: its fields are empty. For a request, the body of a `generic_nack`.
    pub(super) fn refusal(response: CommandId) -> Self {
        match response {
            CommandId::BindTransmitterResp => Self::BindResp(BindResp::refusal(BindMode::Transmitter)),
            CommandId::BindReceiverResp => Self::BindResp(BindResp::refusal(BindMode::Receiver)),
            CommandId::BindTransceiverResp => Self::BindResp(BindResp::refusal(BindMode::Transceiver)),
            CommandId::UnbindResp => Self::UnbindResp,
            CommandId::EnquireLinkResp => Self::EnquireLinkResp,
            CommandId::SubmitSmResp => Self::SubmitSmResp(MessageResp::default()),
            CommandId::DeliverSmResp => Self::DeliverSmResp(MessageResp::default()),
            CommandId::DataSmResp => Self::DataSmResp(MessageResp::default()),
            CommandId::SubmitMultiResp => Self::SubmitMultiResp(SubmitMultiResp::default()),
            CommandId::QuerySmResp => Self::QuerySmResp(QuerySmResp::default()),
            CommandId::CancelSmResp => Self::CancelSmResp,
            CommandId::ReplaceSmResp => Self::ReplaceSmResp,
            _ => Self::GenericNack,
        }
    }
}

impl Pdu {
    pub const fn request(sequence: u32, body: Body) -> Self {
        Self { status: CommandStatus::OK, sequence, body }
    }

    pub const fn generic_nack(status: CommandStatus, sequence: u32) -> Self {
        Self { status, sequence, body: Body::GenericNack }
    }

    pub const fn command(&self) -> CommandId {
        self.body.command()
    }
}
