//! Gateways over HTTP: `POST /v1/sms` brings a message in, and replies go out by POST to the gateway's address.

mod inbound;
mod outbound;
mod ussd;

pub use inbound::{Gateways, routes};
pub use outbound::HttpOut;
