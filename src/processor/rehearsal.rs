//! A message that is decided and written as it would be, and then undone: staff see it before they agree to it.

use super::answer::{Answer, NotAccepted};
use super::batch::Applier;
use super::parse::Parser;
use super::resolve::Resolver;
use super::services::ProcessorServices;
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
pub async fn rehearse(services: &ProcessorServices, message: InboundSms) -> Result<Rehearsal, NotAccepted> {
    let parsed = Parser::new(services).parse(message, ReportWanted::default());
    let request = Resolver::new(services).resolve(parsed).await?;
    let (answer, moved) = Applier::new(services.clone()).rehearse(&request).await?;
    Ok(Rehearsal { answer, moved })
}
