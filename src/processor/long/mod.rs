//! Long messages: each part is stored and acknowledged as it arrives, and the complete message is processed as any
//! other message.
//!
//! - [`InboundPart`]: a part as received from a link
//! - `keeper`: the task that writes parts in batches, and passes complete messages on
//! - `place`: the message that a part belongs to, pure; `generation`: the messages of one sender with the same
//!   reference
//! - `whole`: parts as one message; and [`body`], the text of one or more parts
//!
//! A crash between two parts, or between the last part and the complete message, loses nothing: the keeper finds
//! complete messages in the table. A message that stays incomplete goes to quarantine with the parts that arrived.

mod generation;
mod inbound_part;
mod keeper;
mod place;
mod whole;

pub use inbound_part::InboundPart;
pub(super) use keeper::{Keeper, Waiting};
pub use whole::body;
