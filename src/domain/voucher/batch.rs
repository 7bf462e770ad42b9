//! Batches of cards, which are drawn, printed and activated together.

use chrono::{DateTime, Utc};

use super::super::{Amount, is_same_person};
use super::State;

/// A batch of cards of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardBatch {
    /// Its number, the first part of each serial.
    pub number: u32,
    /// Value of each card.
    pub amount: Amount,
    /// Number of cards.
    pub count: u32,
    /// Days of validity that a card gives; `None` for those of the tier of its amount.
    pub days: Option<u16>,
    /// Name of the key for hashes of its codes.
    pub key: String,
    pub state: State,
    /// Instant from which its cards have no value.
    pub expires_at: DateTime<Utc>,
    pub generated_by: String,
    pub generated_at: DateTime<Utc>,
    /// SHA-256 of the print file, after that is on disk.
    pub file: Option<[u8; 32]>,
    /// Person who proposed the activation, while it waits for an approval.
    pub proposed_by: Option<String>,
    /// Number of changes. A change applies only to the version that was read.
    pub version: i64,
}

/// A person may not propose or approve an activation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("nobody has proposed to activate it: `mbush voucher activate propose BATCH --by NAME` comes first")]
    NotProposed,
    /// The person who had the codes drawn could have kept them.
    #[error("{0} generated the batch: two others have to activate it")]
    Generated(String),
    /// The approval needs a second person.
    #[error("{0} proposed it: another person must approve it")]
    Proposed(String),
}

/// Checks that a person may propose the activation: not the one who generated the batch.
///
/// # Errors
/// The person generated the batch.
pub fn may_propose(batch: &CardBatch, by: &str) -> Result<(), Denied> {
    if is_same_person(&batch.generated_by, by) { Err(Denied::Generated(batch.generated_by.clone())) } else { Ok(()) }
}

/// Checks that a person may approve the activation: neither the one who generated the batch nor the one who proposed
/// the activation. A proposal by the one who generated it, from before that was refused, is refused.
///
/// # Errors
/// The person did one of these, or there is no proposal.
pub fn may_approve(batch: &CardBatch, by: &str) -> Result<(), Denied> {
    let Some(proposed_by) = &batch.proposed_by else { return Err(Denied::NotProposed) };
    may_propose(batch, by)?;
    may_propose(batch, proposed_by)?;
    if is_same_person(proposed_by, by) { Err(Denied::Proposed(proposed_by.clone())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_activate_a_batch_and_neither_is_who_drew_it() {
        let batch = CardBatch {
            number: 1,
            amount: Amount::whole(5).unwrap(),
            count: 1,
            days: None,
            key: "k".into(),
            state: State::Distributed,
            expires_at: DateTime::UNIX_EPOCH,
            generated_by: "Arta".into(),
            generated_at: DateTime::UNIX_EPOCH,
            file: None,
            proposed_by: Some("besim".into()),
            version: 1,
        };
        assert_eq!(may_approve(&batch, "arta "), Err(Denied::Generated("Arta".into())));
        assert_eq!(may_approve(&batch, "BESIM"), Err(Denied::Proposed("besim".into())));
        assert_eq!(may_approve(&batch, "Drita"), Ok(()));
        assert_eq!(
            may_approve(&batch, "\u{0410}rta"),
            Err(Denied::Generated("Arta".into())),
            "a look-alike is no other"
        );
        assert_eq!(may_propose(&batch, "arta"), Err(Denied::Generated("Arta".into())));
        assert_eq!(may_propose(&batch, "besim"), Ok(()));
        let own = CardBatch { proposed_by: Some("ARTA".into()), ..batch.clone() };
        assert_eq!(may_approve(&own, "Drita"), Err(Denied::Generated("Arta".into())));
        let unproposed = CardBatch { proposed_by: None, ..batch };
        assert_eq!(may_approve(&unproposed, "Drita"), Err(Denied::NotProposed));
    }
}
