//! Where inbound messages go: the processor, or whatever a test puts in its place.

use std::fmt;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::{InboundSms, Report, ReportWanted};
use crate::processor::{NotAccepted, Processor};
use crate::smpp::CommandStatus;

/// What became of a message, named by what its link answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is on disk.
    Committed,
    /// As many messages wait as may: the peer is to send less.
    Busy,
    /// It could not be stored now: the peer is to send it again later.
    Unavailable,
    /// The same again would be refused again.
    Refused,
}

impl Accepted {
    /// The `command_status` that says so in a `deliver_sm_resp`.
    pub const fn status(self) -> CommandStatus {
        match self {
            Self::Committed => CommandStatus::OK,
            Self::Busy => CommandStatus::QUEUE_FULL,
            Self::Unavailable => CommandStatus::TEMPORARY_APPLICATION_ERROR,
            Self::Refused => CommandStatus::MESSAGE_REFUSED,
        }
    }

    /// The `command_status` that says so in a `submit_sm_resp`.
    pub const fn status_of_submission(self) -> CommandStatus {
        match self {
            Self::Committed => CommandStatus::OK,
            Self::Busy => CommandStatus::QUEUE_FULL,
            Self::Unavailable => CommandStatus::SYSTEM_ERROR,
            Self::Refused => CommandStatus::SUBMIT_FAILED,
        }
    }
}

/// What is known of a message by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It was taken and has had its ending.
    Ended(Report),
    /// There is none.
    Unknown,
    /// Nobody can say now.
    Unavailable,
}

/// Takes messages in.
pub trait Ingress: fmt::Debug + Send + Sync {
    /// Takes one in; returns when it is committed, or will not be. The report that its sender wants is committed with it.
    fn accept(&self, sms: InboundSms, report: ReportWanted) -> BoxFuture<'_, Accepted>;

    /// What is known of the message of this key.
    fn find(&self, key: String) -> BoxFuture<'_, Known>;
}

impl Ingress for Processor {
    fn accept(&self, sms: InboundSms, report: ReportWanted) -> BoxFuture<'_, Accepted> {
        let accepting = self.accept_from_machine(sms, report);
        accepting
            .map(|result| match result {
                Ok(_) => Accepted::Committed,
                Err(NotAccepted::QueueFull) => Accepted::Busy,
                Err(NotAccepted::Stopping | NotAccepted::Store(_)) => Accepted::Unavailable,
                Err(NotAccepted::Conflict) => Accepted::Refused,
            })
            .boxed()
    }

    fn find(&self, key: String) -> BoxFuture<'_, Known> {
        async move {
            match self.report(&key).await {
                Ok(Some(report)) => Known::Ended(report),
                Ok(None) => Known::Unknown,
                Err(_) => Known::Unavailable,
            }
        }
        .boxed()
    }
}
