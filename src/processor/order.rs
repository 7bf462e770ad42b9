//! Orders: requests that clients and menus submit as fields, so that no text is parsed.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::domain::{
    Body, Channel, Command, Fields, Fingerprint, InboundSms, Line, Payer, RechargeCommand, Request, Said, Target,
    WithdrawCommand,
};
use crate::grammar::VoucherRequest;

/// A request with an idempotency key. The same key with the same request always returns the first result; with another
/// request it is a conflict.
#[derive(Debug, Clone)]
pub struct Order {
    /// Idempotency key, used as [`InboundSms::key`]. It begins with the name of the entry point.
    pub key: String,
    /// Name of the entry point.
    pub link: String,
    /// Name of a client, or number of the phone that uses a menu. A phone receives the result by SMS.
    pub from: String,
    /// The short code that was called, or a name that is shown to staff.
    pub to: String,
    /// Channel that the rules apply to the order.
    pub channel: Channel,
    pub received_at: DateTime<Utc>,
    pub request: OrderRequest,
    /// Key that a card had before cards and top-ups shared one range of keys. If a message has this key, the order is a
    /// second one under the client's key.
    pub former: Option<String>,
    /// Link and source address of the SMS about the order; `None` if no SMS is sent. The SMS goes to the phone that
    /// ordered. If a client ordered, it goes to the phone that was credited.
    pub confirm: Option<Confirm>,
}

#[derive(Debug, Clone)]
pub enum OrderRequest {
    Recharge {
        request: Request,
        /// The payer; part of the identity of the request.
        payer: Payer,
    },
    /// A client's order is withdrawn. If the order arrives later, it is not carried out.
    Withdraw {
        /// Name of the client.
        client: String,
        /// Bank of the order.
        bank: String,
        /// The client's key of the order, which is the reference of its request.
        key: String,
        /// Amount and number of the order as the withdrawal states them.
        said: Said,
    },
    /// A scratch card is redeemed for a number. After too many wrong codes, [`Order::from`] is locked for a time.
    Redeem {
        /// Bank or operator through which the card is redeemed.
        bank: String,
        /// Name of the form that is shown to staff.
        form: String,
        code: SecretString,
        /// Number that is credited.
        line: Line,
        /// Client and key of the order.
        order: Fingerprint,
    },
}

/// An order, as far as it can be parsed without keys.
pub(super) enum Ordered {
    Command(Command),
    /// A card, with the client and key of its order.
    Card {
        voucher: VoucherRequest,
        order: Fingerprint,
    },
}

/// Link and source address of a confirmation.
#[derive(Debug, Clone)]
pub struct Confirm {
    pub link: String,
    /// Source address of the SMS.
    pub from: String,
}

impl OrderRequest {
    /// The request as one line. Two requests are the same if their lines are.
    fn line(&self) -> String {
        match self {
            Self::Recharge { request, payer } => format!("recharge {}", request.line(payer)),
            Self::Withdraw { client, key, .. } => format!("withdraw {key:?} of {client:?}"),
            Self::Redeem { code, line, .. } => format!("redeem {} for {}", code.expose_secret(), line.msisdn.digits()),
        }
    }

    /// The code of a card is never stored: it is masked as in a text, and compared by its keyed hash.
    fn body(&self) -> Body {
        match self {
            Self::Redeem { .. } => Body::Text(self.line()),
            Self::Recharge { .. } | Self::Withdraw { .. } => Body::Order(self.line()),
        }
    }

    /// The command, or the card whose code is to be hashed first.
    pub(super) fn ordered(self, message: &InboundSms) -> Ordered {
        let id = Uuid::now_v7();
        match self {
            Self::Recharge { request, payer } => Ordered::Command(Command::Recharge(RechargeCommand {
                id,
                request,
                payer,
                channel: message.channel,
                received_at: message.received_at,
                redelivery_doubt_since: None,
            })),
            Self::Withdraw { client, bank, key, said } => {
                Ordered::Command(Command::Withdraw(WithdrawCommand { id, client, bank, key, said }))
            }
            Self::Redeem { bank, form, code, line, order } => {
                let code = code.expose_secret().to_owned();
                Ordered::Card {
                    voucher: VoucherRequest { bank, form, code, target: Target::Line(line), fields: Fields::default() },
                    order,
                }
            }
        }
    }
}

impl Order {
    /// Splits the order into the message that is stored, the request, and the confirmation.
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
            redelivery_doubt_since: None,
        };
        (message, self.request, self.confirm)
    }
}
