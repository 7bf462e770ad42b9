//! Requests that this program makes: replies to gateways (`outbound`) and questions to banks (`pin_check`). Requests that come in over HTTP are handled in `api`.

mod outbound;
mod pin_check;

pub use outbound::HttpOut;
pub use pin_check::HttpPinCheck;
