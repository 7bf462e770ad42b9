//! Long messages: their parts are kept as they come, each is acknowledged as soon as it is on disk, and the whole goes
//! the way of every message once all are there.
//!
//! - [`InboundPart`]: what links hand in
//! - `keeper`: the task that writes parts, as many as have come in one transaction, and sends wholes on their way
//! - `place`: the message that a part belongs to, pure; `generation` has the messages that a sender made recognisable by the same reference
//! - `whole`: parts as one message; and [`body`], the text of one or more
//!
//! A crash between two parts, or between the last one and the whole, loses nothing: the keeper looks for wholes in the
//! table too. What does not become whole in time goes to quarantine with what came.

mod generation;
mod inbound_part;
mod keeper;
mod place;
mod whole;

pub use inbound_part::InboundPart;
pub(super) use keeper::{Keeper, Waiting};
pub use whole::body;
