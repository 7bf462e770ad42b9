//! The texts of endings. Pure, except that a text that cannot be rendered is logged.
//!
//! - [`Wording`]: the reply to an ending (`wording`); `refusal`: the reply to a refusal; `list`: the replies to a list
//! - [`notices`]: SMS to the other parties of a posting; [`Notice`]: also a notice about a change by staff
//! - [`courtesy`]: replies that may be withheld
//! - [`report`]: the report to the machine that submitted the message
//!
//! [`OutboundSms::queued`](crate::domain::OutboundSms::queued) alone queues texts and picks their link.

pub(super) mod courtesy;
mod format;
mod list;
mod notice;
mod refusal;
mod report;
mod wording;

pub(super) use notice::{StaffNotice, notices};
pub(super) use report::report;
pub use wording::Wording;
pub(super) use wording::is_dealers;
