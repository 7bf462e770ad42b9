//! Rehearsals: a message is decided and written in a transaction that is rolled back, so that staff see the result
//! before they confirm.

use super::answer::{Answer, NotAccepted};
use super::batch::Applier;
use super::parse::Parser;
use super::resolve::Resolver;
use super::services::ProcessorServices;
use crate::domain::{InboundSms, ReportWanted, Transfer};

/// The result of a rehearsal.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// The answer. Its identifiers and receipts are valid in the rehearsal only.
    pub answer: Answer,
    /// The transfers that the message would make, the main one first.
    pub moved: Vec<Transfer>,
}

/// Processes a message in a transaction that is rolled back.
///
/// # Errors
/// [`NotAccepted`].
pub async fn rehearse(services: &ProcessorServices, message: InboundSms) -> Result<Rehearsal, NotAccepted> {
    let parsed = Parser::new(services).parse(message, ReportWanted::default());
    let request = Resolver::new(services).resolve(parsed).await?;
    let (answer, moved) = Applier::new(services.clone()).rehearse(&request).await?;
    Ok(Rehearsal { answer, moved })
}
