//! Endings in the words of people: pure, but for the log of a text that cannot be rendered.
//!
//! - [`Wording`]: the reply to an ending (`wording`), which for a refusal is in `refusal`
//! - [`notices`]: SMS to others whom a posting is about; [`Notice`] of staff: what they did to an account
//! - [`courtesy`]: replies that may be withheld
//! - [`report`]: an ending for the machine that submitted the message
//!
//! Texts are queued by [`OutboundSms::queued`](crate::domain::OutboundSms::queued) alone, which picks their link.

pub(super) mod courtesy;
mod format;
mod notice;
mod refusal;
mod report;
mod wording;

pub(super) use notice::{StaffNotice, notices};
pub(super) use report::report;
pub(super) use wording::is_dealers;
pub use wording::{UnfitTemplates, Wording};
