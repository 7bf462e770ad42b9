//! Orders: requests that a door of machines or of menus made of fields, so that there is no text to be read.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{
    Body, Channel, Command, InboundSms, Payer, ReasonCode, RechargeCommand, Request, ReverseCommand, Transfer,
};

/// A request under a key, as a message that needs no reading. The same key with the same wish is answered with the first
/// result, for ever; with another wish it is a conflict.
#[derive(Debug, Clone)]
pub struct Order {
    /// Identifies it for ever, as [`InboundSms::key`]: it begins with the door's name.
    pub key: String,
    /// Name of the door.
    pub link: String,
    /// Who ordered: a client's name, or the phone at a menu. A phone is told how it ended.
    pub from: String,
    /// What was called: a short code, or a name for staff.
    pub to: String,
    /// The way that the rules know it as.
    pub channel: Channel,
    /// When the door had it.
    pub received_at: DateTime<Utc>,
    /// What is wanted.
    pub wish: Wish,
    /// How the phone hears of it by SMS. It is the phone that ordered; where a machine did, the one that was credited.
    pub confirm: Option<Confirm>,
}

/// What may be ordered.
#[derive(Debug, Clone)]
pub enum Wish {
    /// A top-up.
    Recharge {
        /// What is asked for.
        request: Request,
        /// Who asks, as it is known again by.
        payer: Payer,
    },
    /// A transfer goes back, with those that its command made beside it: what [`crate::store::Store::command_of`] finds.
    Reverse {
        /// The main transfer.
        main: Box<Transfer>,
        /// The others of its command.
        further: Vec<Transfer>,
        /// Why.
        reason: ReasonCode,
    },
}

/// The way of a confirmation.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// Name of the link that takes it.
    pub link: String,
    /// Its source address.
    pub from: String,
}

impl Wish {
    /// What it says, as one line: what makes two wishes the same.
    fn line(&self) -> String {
        match self {
            Self::Recharge { request, payer } => format!("recharge {}", request.line(payer)),
            Self::Reverse { main, reason, .. } => format!("reverse {} {reason}", main.id),
        }
    }
}

impl Order {
    /// The message that is kept of it, and the command.
    pub(super) fn take_apart(self) -> (InboundSms, Command, Option<Confirm>) {
        let message = InboundSms {
            key: self.key,
            link: self.link,
            from: self.from,
            to: self.to,
            body: Body::Order(self.wish.line()),
            channel: self.channel,
            received_at: self.received_at,
            session_since: None,
        };
        let id = Uuid::now_v7();
        let command = match self.wish {
            Wish::Recharge { request, payer } => Command::Recharge(RechargeCommand {
                id,
                request,
                payer,
                channel: message.channel,
                received_at: message.received_at,
                session_since: None,
            }),
            Wish::Reverse { main, further, reason } => {
                Command::Reverse(ReverseCommand { id, main: *main, further, reason })
            }
        };
        (message, command, self.confirm)
    }
}
