//! Gateways over HTTP: `POST /v1/sms` brings a message in, and replies go out by POST to the gateway's address.
//!
//! [`Problem`] and [`Posted`] are what every door over HTTP says of a request that is wrong, and reads its fields by.

mod fields;
mod inbound;
mod outbound;
mod problem;
mod ussd;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

pub use fields::Posted;
pub use inbound::{Gateways, routes};
pub use outbound::HttpOut;
pub use problem::{PROBLEM_JSON, Problem};

/// An instant of an answer: RFC 3339 in UTC, to the millisecond, as both databases give it back.
#[derive(Debug, Clone, Copy)]
pub struct Instant(pub DateTime<Utc>);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}
