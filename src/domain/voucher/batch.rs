//! Cards that are drawn, printed and activated together.

use chrono::{DateTime, Utc};

use super::super::{Amount, is_same_person};
use super::State;

/// A batch of cards of one worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its number, the beginning of each serial.
    pub number: u32,
    /// What each card is worth.
    pub amount: Amount,
    /// How many cards there are.
    pub count: u32,
    /// Days of validity that a card gives; without them those of the tier of its amount.
    pub days: Option<u16>,
    /// The key that its codes are hashed with.
    pub key: String,
    /// Where it stands.
    pub state: State,
    /// From when on its cards are worth nothing.
    pub expires_at: DateTime<Utc>,
    /// Who had it generated.
    pub generated_by: String,
    /// When.
    pub generated_at: DateTime<Utc>,
    /// SHA-256 of the print file, once that is on disk.
    pub file: Option<[u8; 32]>,
    /// Who has proposed to activate it, where that waits for somebody else's yes.
    pub proposed_by: Option<String>,
    /// How many times it was changed: a change is of the version that was seen.
    pub version: i64,
}

/// Why somebody may not propose or approve an activation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody has proposed it.
    #[error("nobody has proposed to activate it: `mbush voucher activate propose BATCH --by NAME` comes first")]
    NotProposed,
    /// Who had the codes drawn could keep them.
    #[error("{0} generated the batch: two others have to activate it")]
    Generated(String),
    /// One person's word is not two.
    #[error("{0} proposed it: somebody else has to approve it")]
    Proposed(String),
}

/// Whether this person may propose the activation: not who generated the batch.
///
/// # Errors
/// It is that one.
pub fn may_propose(batch: &Batch, by: &str) -> Result<(), Denied> {
    if is_same_person(&batch.generated_by, by) { Err(Denied::Generated(batch.generated_by.clone())) } else { Ok(()) }
}

/// Whether this person may approve the activation: neither who generated the batch nor who proposed to activate it. A
/// proposal of who generated it, from before that was refused, is none.
///
/// # Errors
/// It is one of them, or nobody has proposed it.
pub fn may_approve(batch: &Batch, by: &str) -> Result<(), Denied> {
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
        let batch = Batch {
            number: 1,
            amount: Amount::from_euros(5).unwrap(),
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
        let own = Batch { proposed_by: Some("ARTA".into()), ..batch.clone() };
        assert_eq!(may_approve(&own, "Drita"), Err(Denied::Generated("Arta".into())));
        let unproposed = Batch { proposed_by: None, ..batch };
        assert_eq!(may_approve(&unproposed, "Drita"), Err(Denied::NotProposed));
    }
}
