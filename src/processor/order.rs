//! Orders: requests that a door of machines or of menus made of fields, so that there is no text to be read.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::domain::{
    Body, Channel, Command, Fingerprint, InboundSms, Line, Payer, RechargeCommand, Request, Said, Target,
    WithdrawCommand,
};
use crate::grammar::VoucherRequest;

/// A request under a key, as a message that needs no reading. The same key with the same request is answered with the first
/// result, for ever; with another request it is a conflict.
#[derive(Debug, Clone)]
pub struct Order {
    /// Identifies it for ever, as [`InboundSms::key`]: it begins with the door's name.
    pub key: String,
    /// Name of the door.
    pub link: String,
    /// A client's name, or the phone at a menu. A phone is told how it ended.
    pub from: String,
    /// The address that was called: a short code, or a name for staff.
    pub to: String,
    /// The way that the rules know it as.
    pub channel: Channel,
    /// Its arrival at the door.
    pub received_at: DateTime<Utc>,
    /// The request.
    pub request: OrderRequest,
    /// The key that a card had at this door before cards and top-ups shared theirs. Where a message has it, this order is a
    /// second one under the client's key.
    pub former: Option<String>,
    /// The way of the SMS about it; `None` for no SMS. It goes to the phone that ordered or, of a machine's order, to the
    /// phone that was credited.
    pub confirm: Option<Confirm>,
}

/// A request that may be ordered.
#[derive(Debug, Clone)]
pub enum OrderRequest {
    /// A top-up.
    Recharge {
        /// The request.
        request: Request,
        /// The payer, by which the same request is known again.
        payer: Payer,
    },
    /// A client's order goes back; if it has not come yet, it will not be carried out.
    Withdraw {
        /// The client, by name.
        client: String,
        /// The bank that it is of.
        bank: String,
        /// The client's key of the order: the reference of its request.
        key: String,
        /// The amount and number that it says the order had.
        said: Said,
    },
    /// A scratch card is redeemed for a number. After wrong codes, [`Order::from`] has to wait.
    Redeem {
        /// The bank or operator that it is redeemed through.
        bank: String,
        /// The form that staff see.
        form: String,
        /// The card's code.
        code: SecretString,
        /// Number that is to be credited.
        line: Line,
        /// Client and key that it is ordered under.
        order: Fingerprint,
    },
}

/// An order, as far as it can be read without keys.
pub(super) enum Ordered {
    Command(Command),
    /// A card, and the client and key that it is ordered under.
    Card {
        voucher: VoucherRequest,
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

impl OrderRequest {
    /// All of it as one line: two requests with the same line are the same.
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

    /// The command that it is, or the card whose code has to be hashed first.
    pub(super) fn ordered(self, message: &InboundSms) -> Ordered {
        let id = Uuid::now_v7();
        match self {
            Self::Recharge { request, payer } => Ordered::Command(Command::Recharge(RechargeCommand {
                id,
                request,
                payer,
                channel: message.channel,
                received_at: message.received_at,
                session_since: None,
            })),
            Self::Withdraw { client, bank, key, said } => {
                Ordered::Command(Command::Withdraw(WithdrawCommand { id, client, bank, key, said }))
            }
            Self::Redeem { bank, form, code, line, order } => {
                let code = code.expose_secret().to_owned();
                Ordered::Card { voucher: VoucherRequest { bank, form, code, target: Target::Line(line) }, order }
            }
        }
    }
}

impl Order {
    /// The message that is kept of it, and the request.
    pub(super) fn take_apart(self) -> (InboundSms, OrderRequest, Option<Confirm>) {
        let message = InboundSms {
            key: self.key,
            link: self.link,
            from: self.from,
            from_type: None,
            to: self.to,
            body: self.request.body(),
            channel: self.channel,
            received_at: self.received_at,
            session_since: None,
        };
        (message, self.request, self.confirm)
    }
}
