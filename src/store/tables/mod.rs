//! Tables with one file each: its types, its statements and its code, once for both databases. A new table costs one
//! file here, its line below, and one migration per database. (`hot/` has the tables that every message touches.)

pub(super) mod account_events;
mod account_warnings;
mod accounts;
pub(super) mod courtesies;
mod dealers;
mod enrolments;
pub(super) mod forwards;
pub(super) mod holds;
mod inbox;
pub(super) mod message_fields;
pub(super) mod operator_actions;
mod orders;
pub(super) mod pins;
mod quarantine;
pub(super) mod reports;
mod statements;
mod sweeps;
mod totals;
pub(super) mod transfer_offers;
pub(super) mod transfers;
mod vouchers;
mod write_probes;

pub use account_events::AccountEvent;
pub use account_warnings::{AccountWarning, WARNING_KEYS};
pub(super) use accounts::AccountRow;
pub use courtesies::WithheldReply;
pub use dealers::{DealerAdded, DealerListed};
pub use enrolments::{Enrolment, EnrolmentListed};
pub use forwards::{Forward, ForwardCount, ForwardEnd, NewForward};
pub use holds::HoldListed;
pub use operator_actions::ActionListed;
pub use orders::Ordered;
pub use quarantine::{Quarantined, Settled, Settlement};
pub use statements::{Span, Statement};
pub use sweeps::{LifeRow, LifeWritten, SweepLease, SweepMark, SweepTerms, Swept};
pub(super) use vouchers::used;
pub use vouchers::{NewBatch, VoucherCount, VoucherEvent, VoucherFound};
pub(super) use write_probes::Pulse;
