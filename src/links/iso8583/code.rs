//! Response codes, field 39 of an answer, as ISO 8583:1987 lists them.

use crate::domain::Reason;

/// Done.
pub(super) const APPROVED: &str = "00";
/// Not a transaction of this door.
pub(super) const INVALID_TRANSACTION: &str = "12";
/// Not an amount.
pub(super) const INVALID_AMOUNT: &str = "13";
/// It was done, and has been taken back.
pub(super) const NO_ACTION: &str = "21";
/// A field is missing or malformed.
pub(super) const FORMAT_ERROR: &str = "30";
/// Not signed on, or no client with this acquirer's identifier is at this address.
pub(super) const NOT_PERMITTED: &str = "58";
/// Of a reversal: the amount is not that of the original.
pub(super) const OTHER_AMOUNT: &str = "64";
/// Nothing was kept: it may be sent again.
pub(super) const INOPERATIVE: &str = "91";
/// The same key, and another number or amount.
pub(super) const DUPLICATE: &str = "94";

/// What a reason is called there.
pub(super) const fn of(reason: Reason) -> &'static str {
    match reason {
        Reason::AmountOutOfLimits | Reason::AmountNotOffered => INVALID_AMOUNT,
        Reason::NumberUnknown | Reason::NumberWrongLength | Reason::NumberWrongKind | Reason::SubscriberUnknown => "14",
        Reason::OrderCancelled | Reason::AlreadyReversed => NO_ACTION,
        Reason::InsufficientCredit => "51",
        Reason::ServiceNotAvailable | Reason::OperatorNotOffered => "57",
        Reason::PayerMonthAmount
        | Reason::PayerDayAmount
        | Reason::ClientMonthAmount
        | Reason::ClientDayAmount
        | Reason::TargetMonthAmount
        | Reason::TargetDayAmount => "61",
        Reason::SubscriberSuspended => "62",
        Reason::PayerMonthCount
        | Reason::PayerDayCount
        | Reason::PayerVelocity
        | Reason::ClientMonthCount
        | Reason::ClientDayCount
        | Reason::ClientVelocity
        | Reason::TargetMonthCount
        | Reason::TargetDayCount
        | Reason::TargetVelocity => "65",
        Reason::BankUnavailable => INOPERATIVE,
        Reason::NotReversible => INVALID_TRANSACTION,
        // What only texts, cards or other doors are refused for: do not honour.
        _ => "05",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_never_an_approval_and_fits_its_field() {
        for reason in Reason::ALL.iter().copied() {
            let code = of(reason);
            assert!(
                code != APPROVED && code.len() == 2 && code.bytes().all(|b| b.is_ascii_digit()),
                "{reason:?}: {code}"
            );
        }
    }

    #[test]
    fn the_page_has_every_code() {
        let page = include_str!("../../../docs/iso8583.md");
        let ours = [APPROVED, FORMAT_ERROR, NOT_PERMITTED, DUPLICATE, INVALID_TRANSACTION, NO_ACTION, OTHER_AMOUNT];
        for code in Reason::ALL.iter().copied().map(of).chain(ours) {
            assert!(page.contains(&format!("| {code} |")), "{code}");
        }
    }
}
