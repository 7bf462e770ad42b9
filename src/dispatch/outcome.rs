//! The outcome of an attempt, for staff: a counter, and a line in the log.

use tracing::{info, warn};

use crate::links::faults::FaultLog;
use crate::store::{Delivery, Leased};

pub(super) fn report(link: &str, reply: &Leased, delivery: &Delivery, faults: &FaultLog) {
    let (id, attempts) = (reply.sms.id, reply.attempts + 1);
    let state = match delivery {
        Delivery::Sent { .. } => "sent",
        Delivery::Retry { .. } | Delivery::NotBegun => "retry",
        Delivery::Failed { .. } => "failed",
        Delivery::Unknown { .. } => "unknown",
    };
    metrics::counter!("mbush_replies_total", "link" => link.to_owned(), "state" => state).increment(1);
    match delivery {
        Delivery::Sent { .. } => tracing::debug!(%id, link, attempts, "reply sent"),
        // An unavailable link causes this for every reply that waits.
        _ if !faults.admits(link) => {}
        Delivery::NotBegun => info!(%id, link, "reply not sent; it is due again"),
        Delivery::Retry { error, .. } => info!(%id, link, attempts, error, "reply not sent; it is tried again"),
        Delivery::Failed { error } => warn!(%id, link, attempts, error, "reply given up"),
        Delivery::Unknown { error, .. } => {
            warn!(%id, link, attempts, error, "no answer to the reply; its state is unknown");
        }
    }
}
