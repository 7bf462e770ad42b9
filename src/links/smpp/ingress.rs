//! Where inbound messages go: the processor, or whatever a test puts in its place.

use std::fmt;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::{AddressType, InboundSms, Language, Msisdn, Report, ReportWanted};
use crate::processor::{InboundPart, NotAccepted, Processor};
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
    /// A part of it is here, and others are missing.
    Waiting,
    /// There is none.
    Unknown,
    /// Nobody can say now.
    Unavailable,
}

/// Takes messages in.
pub trait Ingress: fmt::Debug + Send + Sync {
    /// Takes one in; returns when it is committed, or will not be. The report that its sender wants is committed with it.
    fn accept(&self, sms: InboundSms, report: ReportWanted) -> BoxFuture<'_, Accepted>;

    /// Takes in a part of a long message; returns the key that its message is known by when it is committed, or why it
    /// will not be.
    fn accept_part(&self, part: InboundPart) -> BoxFuture<'_, Result<String, Accepted>>;

    /// The language that a phone is answered in.
    fn language<'a>(&'a self, from: &'a str) -> BoxFuture<'a, Language>;

    /// The phone with this source address, where it is one.
    fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn>;

    /// What is known of the message of this key, which came by this link.
    fn find<'a>(&'a self, link: &'a str, key: String) -> BoxFuture<'a, Known>;
}

impl Ingress for Processor {
    fn accept(&self, sms: InboundSms, report: ReportWanted) -> BoxFuture<'_, Accepted> {
        let accepting = self.accept_from_machine(sms, report);
        accepting.map(|result| result.map_or_else(|refusal| not_accepted(&refusal), |_| Accepted::Committed)).boxed()
    }

    fn accept_part(&self, part: InboundPart) -> BoxFuture<'_, Result<String, Accepted>> {
        let accepting = Self::accept_part(self, part);
        accepting.map(|result| result.map_err(|refusal| not_accepted(&refusal))).boxed()
    }

    fn language<'a>(&'a self, from: &'a str) -> BoxFuture<'a, Language> {
        Self::language(self, from).boxed()
    }

    fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        Self::phone(self, from, labelled)
    }

    fn find<'a>(&'a self, link: &'a str, key: String) -> BoxFuture<'a, Known> {
        async move {
            match self.report(&key).await {
                Ok(Some(report)) => Known::Ended(report),
                Ok(None) => match self.is_waiting(link, &key).await {
                    Ok(true) => Known::Waiting,
                    Ok(false) => Known::Unknown,
                    Err(_) => Known::Unavailable,
                },
                Err(_) => Known::Unavailable,
            }
        }
        .boxed()
    }
}

const fn not_accepted(refusal: &NotAccepted) -> Accepted {
    match refusal {
        NotAccepted::QueueFull => Accepted::Busy,
        NotAccepted::Stopping | NotAccepted::Store => Accepted::Unavailable,
        NotAccepted::Conflict => Accepted::Refused,
    }
}
