//! Orders: requests that a door of machines or of menus made of fields, so that there is no text to be read.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::domain::{
    Body, Channel, Command, Fingerprint, InboundSms, Line, Payer, RechargeCommand, Request, Said, Target,
    WithdrawCommand,
};
use crate::grammar::VoucherRequest;

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
    /// The key that a card had at this door before cards and top-ups shared theirs. Where a message has it, this order is a
    /// second one under the client's key.
    pub former: Option<String>,
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
    /// What a client ordered under a key goes back; or is not carried out, should it come yet.
    Withdraw {
        /// The client, by name.
        client: String,
        /// The bank that it is of.
        bank: String,
        /// The client's key of the order: the reference of its request.
        key: String,
        /// What it says of the order beside the key.
        said: Said,
    },
    /// A scratch card is redeemed for a number. Who ordered ([`Order::from`]) waits after wrong codes.
    Redeem {
        /// The bank or operator that it is redeemed through.
        bank: String,
        /// What staff see as its form.
        form: String,
        /// The card's code.
        code: SecretString,
        /// Number that is to be credited.
        line: Line,
        /// Client and key that it is ordered under.
        order: Fingerprint,
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
            Self::Withdraw { client, key, .. } => format!("withdraw {key:?} of {client:?}"),
            Self::Redeem { code, line, .. } => format!("redeem {} for {}", code.expose_secret(), line.msisdn.digits()),
        }
    }

    /// Of a card's code nothing may be kept: it is masked as a text is, and told apart by its keyed hash.
    fn body(&self) -> Body {
        match self {
            Self::Redeem { .. } => Body::Text(self.line()),
            Self::Recharge { .. } | Self::Withdraw { .. } => Body::Order(self.line()),
        }
    }

    /// What a card is ordered under.
    pub(super) const fn order(&self) -> Option<Fingerprint> {
        match self {
            Self::Redeem { order, .. } => Some(*order),
            Self::Recharge { .. } | Self::Withdraw { .. } => None,
        }
    }

    /// The command that it is; a code has to be hashed yet.
    pub(super) fn command(self, message: &InboundSms) -> Result<Command, VoucherRequest> {
        let id = Uuid::now_v7();
        match self {
            Self::Recharge { request, payer } => Ok(Command::Recharge(RechargeCommand {
                id,
                request,
                payer,
                channel: message.channel,
                received_at: message.received_at,
                redelivery_doubt_since: None,
            })),
            Self::Withdraw { client, bank, key, said } => {
                Ok(Command::Withdraw(WithdrawCommand { id, client, bank, key, said }))
            }
            Self::Redeem { bank, form, code, line, .. } => {
                let code = code.expose_secret().to_owned();
                Err(VoucherRequest { bank, form, code, target: Target::Line(line) })
            }
        }
    }
}

impl Order {
    /// The message that is kept of it, and what is wanted.
    pub(super) fn take_apart(self) -> (InboundSms, Wish, Option<Confirm>) {
        let message = InboundSms {
            key: self.key,
            link: self.link,
            from: self.from,
            from_type: None,
            to: self.to,
            body: self.wish.body(),
            channel: self.channel,
            received_at: self.received_at,
            redelivery_doubt_since: None,
        };
        (message, self.wish, self.confirm)
    }
}
