//! A message that is decided and written as it would be, and then undone: what staff are shown before they agree to it.

use tokio::sync::oneshot;

use super::applier::Applier;
use super::intake::Reader;
use super::pins::PinDesk;
use super::{Answer, NotAccepted, Parts};
use crate::domain::{InboundSms, ReportWanted, Transfer};

/// The end that a message would come to.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// The answer. Identifiers and receipts in it are of the rehearsal alone.
    pub answer: Answer,
    /// The transfers that it would make, the main one first.
    pub moved: Vec<Transfer>,
}

/// Carries a message out in a transaction that is undone.
///
/// # Errors
/// [`NotAccepted`].
pub async fn rehearse(parts: &Parts, message: InboundSms) -> Result<Rehearsal, NotAccepted> {
    let (sender, _answer) = oneshot::channel();
    let job = Reader::new(parts).read(message, ReportWanted::default(), sender);
    let pins = PinDesk::new(parts.store.clone(), parts.pin_key.clone(), parts.rules.redelivery);
    Applier::new(parts.clone(), 1).rehearse(pins.compare(job).await?).await
}
