//! Replies go out by POST to the gateway's address. What comes in over HTTP is of the room `api`.

mod outbound;

pub use outbound::HttpOut;
