//! Every way to say no to a message, in order of precedence.

mod number;

use super::Details;
use serde::{Deserialize, Serialize};

/// Why a message is not carried out. Where several hold, the first in this order is told: first what makes a text
/// impossible to trust, then what was recognised and is wrong, then what is missing, last that nothing was recognised.
///
/// The snake-case name is the same in the database, the API, metrics and the reply templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The octets are no text, or hold what a decoder leaves where it gave up.
    Undecodable,
    /// A character that hides or changes what is read: right-to-left override, digits of mixed scripts, superscripts.
    ForbiddenCharacter,
    /// No bank has this short code.
    UnknownShortCode,
    /// Two requests in one message.
    TwoRequests,
    /// Two amounts in one request.
    TwoAmounts,
    /// Another currency than the euro.
    CurrencyOther,
    /// An amount that can be read two ways (`5.000`).
    AmountAmbiguous,
    /// Cents where this bank takes whole euros.
    AmountNotWhole,
    /// Number and amount stand in the wrong order.
    SwappedOrder,
    /// A number with too few or too many digits.
    NumberWrongLength,
    /// A number of no range of the plan.
    NumberUnknown,
    /// A mobile where a fixed line belongs, or the other way round.
    NumberWrongKind,
    /// This bank does not top up that operator's numbers.
    OperatorNotOffered,
    /// Below or above the limits.
    AmountOutOfLimits,
    /// Not one of the amounts of the target's operator.
    AmountNotOffered,
    /// A user name with characters or a length that none has.
    UsernameInvalid,
    /// A complete request with something behind it that does not belong there.
    Leftover,
    /// The keyword is not there.
    KeywordMissing,
    /// Nearly a keyword.
    KeywordNear,
    /// The number is not there.
    NumberMissing,
    /// The amount is not there.
    AmountMissing,
    /// The user name is not there.
    UsernameMissing,
    /// The PIN is not there, or has too few or too many digits.
    PinMissing,
    /// Nothing of any form was recognised.
    Unreadable,
    /// The reference was used for another request.
    ReferenceReused,
    /// The client withdrew it before it came.
    OrderCancelled,
    /// Too many wrong codes of cards came from this sender, which has to wait.
    VoucherLocked,
    /// There is no card of this code.
    VoucherUnknown,
    /// The card was redeemed before, by somebody else or for another number.
    VoucherUsed,
    /// The card is stopped, or worth nothing any more.
    VoucherBlocked,
    /// The card's date has passed.
    VoucherExpired,
    /// The card is not on sale yet.
    VoucherNotActive,
    /// The bank is switched off.
    BankUnavailable,
    /// There are no accounts of this service.
    ServiceNotAvailable,
    /// Only staff may top up a suspended number.
    SubscriberSuspended,
    /// The number has no account, and none is opened for it.
    SubscriberUnknown,
    /// No account at this service is registered to the sender.
    NotEnrolled,
    /// The user name has no account, and none is opened for it.
    UsernameUnknown,
    /// Only staff may have a suspended user name paid for.
    UsernameSuspended,
    /// The payer's sum of the month is used up.
    PayerMonthAmount,
    /// The payer's number of top-ups of the month is used up.
    PayerMonthCount,
    /// The payer's sum of the day is used up.
    PayerDayAmount,
    /// The payer's number of top-ups of the day is used up.
    PayerDayCount,
    /// The payer's top-ups follow each other too quickly.
    PayerVelocity,
    /// The client's sum of the month is used up.
    ClientMonthAmount,
    /// The client's number of top-ups of the month is used up.
    ClientMonthCount,
    /// The client's sum of the day is used up.
    ClientDayAmount,
    /// The client's number of top-ups of the day is used up.
    ClientDayCount,
    /// The client's top-ups follow each other too quickly.
    ClientVelocity,
    /// The account's sum of the month is used up.
    TargetMonthAmount,
    /// The account's number of top-ups of the month is used up.
    TargetMonthCount,
    /// The account's sum of the day is used up.
    TargetDayAmount,
    /// The account's number of top-ups of the day is used up.
    TargetDayCount,
    /// The account's top-ups follow each other too quickly.
    TargetVelocity,
    /// The account has less than is to be taken.
    InsufficientCredit,
    /// The transfer was taken back before.
    AlreadyReversed,
    /// The transfer is of a kind that is not taken back.
    NotReversible,
    /// Credit cannot be sent to others.
    TransferOff,
    /// Credit cannot be sent to one's own number.
    TransferToOneself,
    /// So much credit cannot be sent at a time.
    TransferAmount,
    /// The sender of credit cannot spend its own.
    TransferSenderInactive,
    /// Nobody has the number that credit is sent to.
    TransferTargetUnknown,
    /// The number that credit is sent to is suspended.
    TransferTargetSuspended,
    /// The sender has less credit than it takes.
    TransferTooLittle,
    /// The sender's sum of the month is used up.
    TransferMonthAmount,
    /// The sender's number of transfers of the month is used up.
    TransferMonthCount,
    /// The sender's sum of the day is used up.
    TransferDayAmount,
    /// The sender's number of transfers of the day is used up.
    TransferDayCount,
    /// Too many wrong PINs; the account has to wait.
    PinLocked,
    /// It is another PIN.
    PinWrong,
    /// The PIN has to be changed before its first use.
    PinInitial,
    /// The new PIN is one that everybody would try first.
    PinWeak,
}

impl Reason {
    /// All of them, in order of precedence.
    pub const ALL: [Self; 72] = [
        Self::Undecodable,
        Self::ForbiddenCharacter,
        Self::UnknownShortCode,
        Self::TwoRequests,
        Self::TwoAmounts,
        Self::CurrencyOther,
        Self::AmountAmbiguous,
        Self::AmountNotWhole,
        Self::SwappedOrder,
        Self::NumberWrongLength,
        Self::NumberUnknown,
        Self::NumberWrongKind,
        Self::OperatorNotOffered,
        Self::AmountOutOfLimits,
        Self::AmountNotOffered,
        Self::UsernameInvalid,
        Self::Leftover,
        Self::KeywordMissing,
        Self::KeywordNear,
        Self::NumberMissing,
        Self::AmountMissing,
        Self::UsernameMissing,
        Self::PinMissing,
        Self::Unreadable,
        Self::ReferenceReused,
        Self::OrderCancelled,
        Self::VoucherLocked,
        Self::VoucherUnknown,
        Self::VoucherUsed,
        Self::VoucherBlocked,
        Self::VoucherExpired,
        Self::VoucherNotActive,
        Self::BankUnavailable,
        Self::ServiceNotAvailable,
        Self::SubscriberSuspended,
        Self::SubscriberUnknown,
        Self::NotEnrolled,
        Self::UsernameUnknown,
        Self::UsernameSuspended,
        Self::PayerMonthAmount,
        Self::PayerMonthCount,
        Self::PayerDayAmount,
        Self::PayerDayCount,
        Self::PayerVelocity,
        Self::ClientMonthAmount,
        Self::ClientMonthCount,
        Self::ClientDayAmount,
        Self::ClientDayCount,
        Self::ClientVelocity,
        Self::TargetMonthAmount,
        Self::TargetMonthCount,
        Self::TargetDayAmount,
        Self::TargetDayCount,
        Self::TargetVelocity,
        Self::InsufficientCredit,
        Self::AlreadyReversed,
        Self::NotReversible,
        Self::TransferOff,
        Self::TransferToOneself,
        Self::TransferAmount,
        Self::TransferSenderInactive,
        Self::TransferTargetUnknown,
        Self::TransferTargetSuspended,
        Self::TransferTooLittle,
        Self::TransferMonthAmount,
        Self::TransferMonthCount,
        Self::TransferDayAmount,
        Self::TransferDayCount,
        Self::PinLocked,
        Self::PinWrong,
        Self::PinInitial,
        Self::PinWeak,
    ];

    /// The snake-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Undecodable => "undecodable",
            Self::ForbiddenCharacter => "forbidden_character",
            Self::UnknownShortCode => "unknown_short_code",
            Self::TwoRequests => "two_requests",
            Self::TwoAmounts => "two_amounts",
            Self::CurrencyOther => "currency_other",
            Self::AmountAmbiguous => "amount_ambiguous",
            Self::AmountNotWhole => "amount_not_whole",
            Self::SwappedOrder => "swapped_order",
            Self::NumberWrongLength => "number_wrong_length",
            Self::NumberUnknown => "number_unknown",
            Self::NumberWrongKind => "number_wrong_kind",
            Self::OperatorNotOffered => "operator_not_offered",
            Self::AmountOutOfLimits => "amount_out_of_limits",
            Self::AmountNotOffered => "amount_not_offered",
            Self::UsernameInvalid => "username_invalid",
            Self::Leftover => "leftover",
            Self::KeywordMissing => "keyword_missing",
            Self::KeywordNear => "keyword_near",
            Self::NumberMissing => "number_missing",
            Self::AmountMissing => "amount_missing",
            Self::UsernameMissing => "username_missing",
            Self::Unreadable => "unreadable",
            Self::ReferenceReused => "reference_reused",
            Self::OrderCancelled => "order_cancelled",
            Self::VoucherLocked => "voucher_locked",
            Self::VoucherUnknown => "voucher_unknown",
            Self::VoucherUsed => "voucher_used",
            Self::VoucherBlocked => "voucher_blocked",
            Self::VoucherExpired => "voucher_expired",
            Self::VoucherNotActive => "voucher_not_active",
            Self::BankUnavailable => "bank_unavailable",
            Self::ServiceNotAvailable => "service_not_available",
            Self::SubscriberSuspended => "subscriber_suspended",
            Self::SubscriberUnknown => "subscriber_unknown",
            Self::NotEnrolled => "not_enrolled",
            Self::UsernameUnknown => "username_unknown",
            Self::UsernameSuspended => "username_suspended",
            Self::PayerMonthAmount => "payer_month_amount",
            Self::PayerMonthCount => "payer_month_count",
            Self::PayerDayAmount => "payer_day_amount",
            Self::PayerDayCount => "payer_day_count",
            Self::PayerVelocity => "payer_velocity",
            Self::ClientMonthAmount => "client_month_amount",
            Self::ClientMonthCount => "client_month_count",
            Self::ClientDayAmount => "client_day_amount",
            Self::ClientDayCount => "client_day_count",
            Self::ClientVelocity => "client_velocity",
            Self::TargetMonthAmount => "target_month_amount",
            Self::TargetMonthCount => "target_month_count",
            Self::TargetDayAmount => "target_day_amount",
            Self::TargetDayCount => "target_day_count",
            Self::TargetVelocity => "target_velocity",
            Self::InsufficientCredit => "insufficient_credit",
            Self::AlreadyReversed => "already_reversed",
            Self::NotReversible => "not_reversible",
            Self::TransferOff => "transfer_off",
            Self::TransferToOneself => "transfer_to_oneself",
            Self::TransferAmount => "transfer_amount",
            Self::TransferSenderInactive => "transfer_sender_inactive",
            Self::TransferTargetUnknown => "transfer_target_unknown",
            Self::TransferTargetSuspended => "transfer_target_suspended",
            Self::TransferTooLittle => "transfer_too_little",
            Self::TransferMonthAmount => "transfer_month_amount",
            Self::TransferMonthCount => "transfer_month_count",
            Self::TransferDayAmount => "transfer_day_amount",
            Self::TransferDayCount => "transfer_day_count",
            Self::PinMissing => "pin_missing",
            Self::PinLocked => "pin_locked",
            Self::PinWrong => "pin_wrong",
            Self::PinInitial => "pin_initial",
            Self::PinWeak => "pin_weak",
        }
    }

    /// Whether the same message could be carried out later without anything of it being changed.
    pub const fn is_transient(self) -> bool {
        match self {
            Self::BankUnavailable
            | Self::VoucherLocked
            | Self::VoucherBlocked
            | Self::VoucherNotActive
            | Self::ServiceNotAvailable
            | Self::SubscriberSuspended
            | Self::SubscriberUnknown
            | Self::NotEnrolled
            | Self::UsernameUnknown
            | Self::UsernameSuspended
            | Self::PayerMonthAmount
            | Self::PayerMonthCount
            | Self::PayerDayAmount
            | Self::PayerDayCount
            | Self::PayerVelocity
            | Self::ClientMonthAmount
            | Self::ClientMonthCount
            | Self::ClientDayAmount
            | Self::ClientDayCount
            | Self::ClientVelocity
            | Self::TargetMonthAmount
            | Self::TargetMonthCount
            | Self::TargetDayAmount
            | Self::TargetDayCount
            | Self::TargetVelocity
            | Self::InsufficientCredit
            | Self::TransferOff
            | Self::TransferSenderInactive
            | Self::TransferTargetUnknown
            | Self::TransferTargetSuspended
            | Self::TransferTooLittle
            | Self::TransferMonthAmount
            | Self::TransferMonthCount
            | Self::TransferDayAmount
            | Self::TransferDayCount
            | Self::PinLocked
            | Self::PinWrong
            | Self::PinInitial
            | Self::UnknownShortCode => true,
            Self::Undecodable
            | Self::ForbiddenCharacter
            | Self::TwoRequests
            | Self::TwoAmounts
            | Self::CurrencyOther
            | Self::AmountAmbiguous
            | Self::AmountNotWhole
            | Self::SwappedOrder
            | Self::NumberWrongLength
            | Self::NumberUnknown
            | Self::NumberWrongKind
            | Self::OperatorNotOffered
            | Self::AmountOutOfLimits
            | Self::AmountNotOffered
            | Self::UsernameInvalid
            | Self::Leftover
            | Self::KeywordMissing
            | Self::KeywordNear
            | Self::NumberMissing
            | Self::AmountMissing
            | Self::UsernameMissing
            | Self::Unreadable
            | Self::OrderCancelled
            | Self::ReferenceReused
            | Self::VoucherUnknown
            | Self::VoucherUsed
            | Self::VoucherExpired
            | Self::AlreadyReversed
            | Self::PinMissing
            | Self::PinWeak
            | Self::TransferToOneself
            | Self::TransferAmount
            | Self::NotReversible => false,
        }
    }

    /// Whether nobody can say what was meant, so that staff should look: the message goes to quarantine.
    pub const fn is_unreadable(self) -> bool {
        matches!(self, Self::Undecodable | Self::Unreadable | Self::UnknownShortCode)
    }
}

/// A reason with what the reply needs to help: the sender's own values and the right form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Why.
    pub reason: Reason,
    /// What the reply needs.
    #[serde(flatten)]
    pub details: Box<Details>,
}

/// What a customer wrote may hold a PIN: only the reason is printed.
impl std::fmt::Debug for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rejection({})", self.reason.as_str())
    }
}

impl Rejection {
    /// With nothing but the reason.
    pub fn new(reason: Reason) -> Self {
        Self { reason, details: Box::default() }
    }

    /// With more to say.
    #[must_use]
    pub fn with(mut self, set: impl FnOnce(&mut Details)) -> Self {
        set(&mut self.details);
        self
    }
}

#[cfg(test)]
#[path = "rejection_tests.rs"]
mod tests;
