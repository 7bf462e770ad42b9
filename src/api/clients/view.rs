//! What clients are shown of an order. Balances are the customer's own, and not among it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Amount, Beneficiary, Outcome, Reason, Receipt};
use crate::processor::{Answer, OrderState};

/// A top-up or a redemption under a key.
#[derive(Debug, Serialize)]
pub(super) struct OrderView {
    key: String,
    /// `applied`, `refused`, `reversed`, `cancelled`; `duplicate` of a card that this number has used already.
    state: &'static str,
    #[serde(flatten)]
    done: Option<DoneView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reversal: Option<ReversalView>,
    /// The key was used before for the same request; this is what has become of it.
    replayed: bool,
}

/// What was done.
#[derive(Debug, Serialize)]
struct DoneView {
    #[serde(flatten)]
    beneficiary: Beneficiary,
    amount_cents: Amount,
    receipt: Receipt,
    transfer: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<DateTime<Utc>>,
}

/// Why something is not done.
#[derive(Debug, Serialize)]
pub(super) struct RefusalView {
    reason: &'static str,
    /// The number that the reason keeps for ever.
    code: u8,
    /// In words, for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The same may be done later without anything of it being changed; under another key.
    is_transient: bool,
}

/// What became of the reversal.
#[derive(Debug, Serialize)]
struct ReversalView {
    /// `applied`, `cancelled`, `refused`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalView>,
}

impl OrderView {
    /// `None` where nothing came under the key.
    pub(super) fn of(key: &str, state: OrderState, replayed: bool) -> Option<Self> {
        if state.order.is_none() && state.withdrawal.is_none() {
            return None;
        }
        let reversal = state.withdrawal.map(ReversalView::of);
        let word = match (&state.order, &reversal) {
            _ if state.is_taken_back => "reversed",
            (Some(Answer { outcome: Outcome::Applied(_), .. }), _) => "applied",
            (Some(Answer { outcome: Outcome::Duplicate { .. }, .. }), _) => "duplicate",
            (_, Some(reversal)) if reversal.state == "cancelled" => "cancelled",
            (Some(answer), _) if is_cancelled(answer) => "cancelled",
            _ => "refused",
        };
        let (done, refusal) =
            state.order.map_or((None, None), |answer| (DoneView::of(&answer.outcome), RefusalView::of(answer)));
        Some(Self { key: key.to_owned(), state: word, done, refusal, reversal, replayed })
    }
}

/// It came after its withdrawal.
fn is_cancelled(answer: &Answer) -> bool {
    answer.outcome.rejection().is_some_and(|rejection| rejection.reason == Reason::OrderCancelled)
}

impl DoneView {
    fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Applied(applied) => Some(Self {
                beneficiary: applied.beneficiary.clone(),
                amount_cents: applied.amount,
                receipt: Receipt::of(applied.transfer),
                transfer: applied.transfer,
                valid_until: applied.valid_until,
            }),
            Outcome::Duplicate { of, beneficiary, amount } => Some(Self {
                beneficiary: beneficiary.clone(),
                amount_cents: *amount,
                receipt: Receipt::of(of.transfer),
                transfer: of.transfer,
                valid_until: None,
            }),
            Outcome::Informed { .. } | Outcome::Refused(_) | Outcome::Quarantined(_) => None,
        }
    }
}

impl RefusalView {
    pub(super) fn of(answer: Answer) -> Option<Self> {
        let reason = answer.outcome.rejection()?.reason;
        Some(Self {
            reason: reason.as_str(),
            code: reason.code(),
            text: answer.reply,
            is_transient: reason.is_transient(),
        })
    }
}

impl ReversalView {
    fn of(answer: Answer) -> Self {
        let state = match &answer.outcome {
            Outcome::Applied(_) => "applied",
            Outcome::Informed { .. } => "cancelled",
            Outcome::Duplicate { .. } | Outcome::Refused(_) | Outcome::Quarantined(_) => "refused",
        };
        Self { state, receipt: answer.outcome.transfer().map(Receipt::of), refusal: RefusalView::of(answer) }
    }
}
