//! The view of an order for clients. It has no balances, because these are the customer's own.

use serde::Serialize;
use uuid::Uuid;

use crate::api::instant::Instant;
use crate::domain::locale::Currency;
use crate::domain::{
    Amount, Beneficiary, Earlier, Ending, NewerOutcome, Outcome, Reason, Receipt, Stored, TransferKind,
};
use crate::processor::{Answer, OrderState};

/// Returns the text of a refusal, for the customer.
type Words<'a> = &'a dyn Fn(&Answer) -> Option<String>;

/// A top-up or a redemption under a key.
#[derive(Debug, Serialize)]
pub(in crate::api) struct OrderView {
    key: String,
    /// `applied`, `refused`, `reversed`, `cancelled`, or `duplicate` for a card that this number has used before.
    state: &'static str,
    #[serde(flatten)]
    done: Option<DoneView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reversal: Option<ReversalView>,
    /// The time at which the order first came. If only its reversal came, the time of that.
    at: Instant,
    /// For a posted order: true if the key was used before for the same request. The view then shows the present state.
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<bool>,
}

/// The transfer that was made. Of an order that a newer version carried out, details may be missing.
#[derive(Debug, Serialize)]
struct DoneView {
    /// `top_up`, or `voucher` of a scratch card.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Stored<TransferKind>>,
    #[serde(flatten)]
    beneficiary: Option<Beneficiary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_minor: Option<Amount>,
    /// The code of ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    receipt: Receipt,
    transfer: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<Instant>,
}

/// The reason that something is not done.
#[derive(Debug, Serialize)]
pub(in crate::api) struct RefusalView {
    reason: String,
    /// The permanent number of the reason.
    code: u8,
    /// The reason in words, for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// True if the same order may succeed later under another key. Always false for a reversal, because it has no other
    /// key.
    is_transient: bool,
}

/// The outcome of the reversal.
#[derive(Debug, Serialize)]
struct ReversalView {
    /// `applied`, `cancelled`, `refused`, or `nothing` if the order was refused, so that there was nothing to reverse.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalView>,
    /// The time at which the reversal first came.
    at: Instant,
}

impl OrderView {
    /// Returns `None` if nothing came under the key. `replayed` is `None` if the order was read and not posted.
    pub(super) fn of(key: &str, state: OrderState, replayed: Option<bool>, words: Words<'_>) -> Option<Self> {
        let at = Instant(state.order.as_ref().or(state.withdrawal.as_ref())?.at);
        let ended_before = state.order.as_ref().is_some_and(|order| !is_cancelled(order));
        let reversal = state.withdrawal.map(|answer| ReversalView::of(&answer, ended_before, words(&answer)));
        let word = match (&state.order, &reversal) {
            _ if state.is_reversed => "reversed",
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

/// Returns true if the order came after its reversal.
fn is_cancelled(answer: &Answer) -> bool {
    answer.outcome.reason() == Some(Reason::OrderCancelled.as_str())
}

impl DoneView {
    fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Applied(applied) => Some(Self {
                kind: Some(Stored::Known(applied.kind)),
                beneficiary: Some(applied.beneficiary.clone()),
                amount_minor: Some(applied.amount),
                currency: Some(Currency::ledger().code()),
                receipt: Receipt::of(applied.transfer),
                transfer: applied.transfer,
                valid_until: applied.valid_until.map(Instant),
            }),
            // Of the orders of a client, only a card can be a duplicate of an order under another key.
            Outcome::Duplicate { of, beneficiary, amount } => Some(Self {
                kind: Some(Stored::Known(TransferKind::Voucher)),
                beneficiary: Some(beneficiary.clone()),
                amount_minor: *amount,
                currency: amount.map(|_| Currency::ledger().code()),
                receipt: Receipt::of(of.transfer),
                transfer: of.transfer,
                valid_until: None,
            }),
            Outcome::Newer(newer) => Self::of_newer(newer),
            Outcome::Informed { .. } | Outcome::Refused(_) | Outcome::Quarantined(_) => None,
        }
    }

    fn of_newer(newer: &NewerOutcome) -> Option<Self> {
        let earlier = newer.detail::<Earlier>("of").map(|of| of.transfer);
        let transfer = newer.transfer.or(earlier)?;
        let amount: Option<Amount> = newer.detail("amount_minor").or_else(|| newer.detail("amount_cents"));
        Some(Self {
            kind: newer.detail::<String>("kind").and_then(|kind| kind.parse().ok()),
            beneficiary: newer.beneficiary(),
            amount_minor: amount,
            currency: amount.map(|_| Currency::ledger().code()),
            receipt: Receipt::of(transfer),
            transfer,
            valid_until: newer.detail("valid_until").map(Instant),
        })
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
    /// `ended_before` is true if the order had come and had ended otherwise than by this reversal.
    fn of(answer: &Answer, ended_before: bool, text: Option<String>) -> Self {
        let state = match answer.outcome.ending() {
            Ending::Applied => "applied",
            Ending::Informed if ended_before => "nothing",
            Ending::Informed => "cancelled",
            Ending::Duplicate | Ending::Refused | Ending::Quarantined => "refused",
        };
        let receipt = answer.outcome.transfer().map(Receipt::of);
        // A repeated reversal gets the same answer, so that the refusal is permanent.
        let refusal = RefusalView::of(answer, text).map(|refusal| RefusalView { is_transient: false, ..refusal });
        Self { state, receipt, refusal, at: Instant(answer.at) }
    }
}
