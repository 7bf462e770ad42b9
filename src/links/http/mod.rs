//! Replies to gateways, by POST to the gateway's address. Requests that come in over HTTP are handled in `api`.

mod outbound;

pub use outbound::HttpOut;
