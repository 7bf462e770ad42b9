//! What clients are shown of an order. Balances are the customer's own, and not among it.

use serde::Serialize;
use uuid::Uuid;

use crate::api::instant::Instant;
use crate::domain::{Amount, Beneficiary, Ending, Outcome, Reason, Receipt, TransferKind};
use crate::processor::{Answer, OrderState};

/// The words of a refusal, for the customer.
type Words<'a> = &'a dyn Fn(&Answer) -> Option<String>;

/// A top-up or a redemption under a key.
#[derive(Debug, Serialize)]
pub(in crate::api) struct OrderView {
    key: String,
    /// `applied`, `refused`, `reversed`, `cancelled`; `duplicate` of a card that this number has used already.
    state: &'static str,
    #[serde(flatten)]
    done: Option<DoneView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reversal: Option<ReversalView>,
    /// When the order came, the first time; of one that did not come yet, when its reversal did.
    at: Instant,
    /// Of what was sent: the key was used before for the same request; this is what has become of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<bool>,
}

/// What was done.
#[derive(Debug, Serialize)]
struct DoneView {
    /// `top_up`, or `voucher` of a scratch card.
    kind: TransferKind,
    #[serde(flatten)]
    beneficiary: Beneficiary,
    amount_cents: Amount,
    receipt: Receipt,
    transfer: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<Instant>,
}

/// Why something is not done.
#[derive(Debug, Serialize)]
pub(in crate::api) struct RefusalView {
    reason: String,
    /// The number that the reason keeps for ever.
    code: u8,
    /// In words, for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The same may be done later without anything of it being changed; under another key. A reversal has no other key.
    is_transient: bool,
}

/// What became of the reversal.
#[derive(Debug, Serialize)]
struct ReversalView {
    /// `applied`, `cancelled`, `refused`; `nothing` where the order had been refused, so that there was nothing to take back.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalView>,
    /// When it came, the first time.
    at: Instant,
}

impl OrderView {
    /// `None` where nothing came under the key. `replayed` is of what was sent, not of what was asked for.
    pub(super) fn of(key: &str, state: OrderState, replayed: Option<bool>, words: Words<'_>) -> Option<Self> {
        let at = Instant(state.order.as_ref().or(state.withdrawal.as_ref())?.at);
        let ended_before = state.order.as_ref().is_some_and(|order| !is_cancelled(order));
        let reversal = state.withdrawal.map(|answer| ReversalView::of(&answer, ended_before, words(&answer)));
        let word = match (&state.order, &reversal) {
            _ if state.is_taken_back => "reversed",
            (Some(answer), _) if answer.outcome.ending() == Ending::Applied => "applied",
            (Some(answer), _) if answer.outcome.ending() == Ending::Duplicate => "duplicate",
            (Some(answer), _) if is_cancelled(answer) => "cancelled",
            (None, Some(reversal)) if reversal.state == "cancelled" => "cancelled",
            _ => "refused",
        };
        let refusal = state.order.as_ref().and_then(|answer| RefusalView::of(answer, words(answer)));
        let done = state.order.and_then(|answer| DoneView::of(&answer.outcome));
        Some(Self { key: key.to_owned(), state: word, done, refusal, reversal, at, replayed })
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
                kind: applied.kind,
                beneficiary: applied.beneficiary.clone(),
                amount_cents: applied.amount,
                receipt: Receipt::of(applied.transfer),
                transfer: applied.transfer,
                valid_until: applied.valid_until.map(Instant),
            }),
            // Of a client's orders only a card is known again under another key.
            Outcome::Duplicate { of, beneficiary, amount } => Some(Self {
                kind: TransferKind::Voucher,
                beneficiary: beneficiary.clone(),
                amount_cents: *amount,
                receipt: Receipt::of(of.transfer),
                transfer: of.transfer,
                valid_until: None,
            }),
            Outcome::Informed { .. } | Outcome::Refused(_) | Outcome::Quarantined(_) | Outcome::Newer(_) => None,
        }
    }
}

impl RefusalView {
    pub(super) fn of(answer: &Answer, text: Option<String>) -> Option<Self> {
        let reason = answer.outcome.reason()?.to_owned();
        let is_transient = answer.outcome.rejection().is_some_and(|rejection| rejection.reason.is_transient());
        Some(Self { reason, code: answer.outcome.error_code(), text, is_transient })
    }
}

impl ReversalView {
    /// `ended_before`: its order had come, and ended otherwise than by this reversal.
    fn of(answer: &Answer, ended_before: bool, text: Option<String>) -> Self {
        let state = match answer.outcome.ending() {
            Ending::Applied => "applied",
            Ending::Informed if ended_before => "nothing",
            Ending::Informed => "cancelled",
            Ending::Duplicate | Ending::Refused | Ending::Quarantined => "refused",
        };
        let receipt = answer.outcome.transfer().map(Receipt::of);
        // Sent again, it is answered the same: whatever may pass, this answer stays.
        let refusal = RefusalView::of(answer, text).map(|refusal| RefusalView { is_transient: false, ..refusal });
        Self { state, receipt, refusal, at: Instant(answer.at) }
    }
}
