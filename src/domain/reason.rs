//! The closed set of reasons: one line each, with what machines, templates and senders know of it.

use serde::{Deserialize, Serialize};

/// The enum, its list, and what is known of each: `Variant(number, "name", passes | stays)`. What `passes` could be carried out
/// later without a change of the message; what `stays` could not.
macro_rules! reasons {
    (@passes passes) => { true };
    (@passes stays) => { false };
    ($($(#[$note:meta])* $variant:ident($number:literal, $name:literal, $stays:ident),)+) => {
        /// Why a message is not carried out. Where several hold, the first in this order is told: first what makes a text
        /// impossible to trust, then what was recognised and is wrong, then what is missing, last that nothing was
        /// recognised.
        ///
        /// The snake-case name is the same in the database, the API, metrics and the reply templates.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Reason {
            $($(#[$note])* $variant,)+
        }

        impl Reason {
            /// All of them, in order of precedence.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The snake-case name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The same in words, for people.
            pub fn words(self) -> String {
                self.as_str().replace('_', " ")
            }

            /// The number that machines know it by, which it keeps for ever: a new reason gets a new one. 0 is success, 1 a
            /// duplicate; up to 9 is free.
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)+
                }
            }

            /// Whether the same message could be carried out later without anything of it being changed.
            pub const fn is_transient(self) -> bool {
                match self {
                    $(Self::$variant => reasons!(@passes $stays),)+
                }
            }
        }
    };
}

reasons! {
    /// The octets are no text, or hold what a decoder leaves where it gave up.
    Undecodable(10, "undecodable", stays),
    /// A character that hides or changes what is read: right-to-left override, digits of mixed scripts, superscripts,
    /// characters that nobody sees.
    ForbiddenCharacter(11, "forbidden_character", stays),
    /// No bank has this short code.
    UnknownShortCode(12, "unknown_short_code", passes),
    /// Two requests in one message.
    TwoRequests(13, "two_requests", stays),
    /// Two amounts in one request.
    TwoAmounts(14, "two_amounts", stays),
    /// Another currency than the euro.
    CurrencyOther(15, "currency_other", stays),
    /// An amount that can be read two ways (`5.000`).
    AmountAmbiguous(16, "amount_ambiguous", stays),
    /// Cents where this bank takes whole euros.
    AmountNotWhole(17, "amount_not_whole", stays),
    /// Number and amount stand in the wrong order.
    SwappedOrder(18, "swapped_order", stays),
    /// A number with too few or too many digits.
    NumberWrongLength(19, "number_wrong_length", stays),
    /// A number of no range of the plan.
    NumberUnknown(20, "number_unknown", stays),
    /// A mobile where a fixed line belongs, or the other way round.
    NumberWrongKind(21, "number_wrong_kind", stays),
    /// This bank does not top up that operator's numbers.
    OperatorNotOffered(22, "operator_not_offered", stays),
    /// Below or above the limits.
    AmountOutOfLimits(23, "amount_out_of_limits", stays),
    /// Not one of the amounts of the target's operator.
    AmountNotOffered(24, "amount_not_offered", stays),
    /// A user name with characters or a length that none has.
    UsernameInvalid(25, "username_invalid", stays),
    /// A complete request with something behind it that does not belong there.
    Leftover(26, "leftover", stays),
    /// The keyword is not there.
    KeywordMissing(27, "keyword_missing", stays),
    /// Nearly a keyword.
    KeywordNear(28, "keyword_near", stays),
    /// The number is not there.
    NumberMissing(29, "number_missing", stays),
    /// The amount is not there.
    AmountMissing(30, "amount_missing", stays),
    /// The user name is not there.
    UsernameMissing(31, "username_missing", stays),
    /// The PIN is not there, or has too few or too many digits.
    PinMissing(91, "pin_missing", stays),
    /// Nothing of any form was recognised.
    Unreadable(32, "unreadable", stays),
    /// The reference was used for another request.
    ReferenceReused(33, "reference_reused", stays),
    /// The sender is no phone, and nobody could be billed: it is empty, a name or a short code.
    SenderNotPhone(110, "sender_not_phone", stays),
    /// The client withdrew it before it came.
    OrderCancelled(96, "order_cancelled", stays),
    /// Too many wrong codes of cards came from this sender, which has to wait.
    VoucherLocked(51, "voucher_locked", passes),
    /// There is no card of this code.
    VoucherUnknown(52, "voucher_unknown", stays),
    /// The card was redeemed before, by somebody else or for another number.
    VoucherUsed(53, "voucher_used", stays),
    /// The card is stopped, or worth nothing any more.
    VoucherBlocked(54, "voucher_blocked", passes),
    /// The card's date has passed.
    VoucherExpired(55, "voucher_expired", stays),
    /// The card is not on sale yet.
    VoucherNotActive(56, "voucher_not_active", passes),
    /// The bank is switched off.
    BankUnavailable(34, "bank_unavailable", passes),
    /// There are no accounts of this service.
    ServiceNotAvailable(35, "service_not_available", passes),
    /// Only staff may top up a suspended number.
    SubscriberSuspended(36, "subscriber_suspended", passes),
    /// The number has no account, and none is opened for it.
    SubscriberUnknown(37, "subscriber_unknown", passes),
    /// No account at this service is registered to the sender.
    NotEnrolled(38, "not_enrolled", passes),
    /// The user name has no account, and none is opened for it.
    UsernameUnknown(39, "username_unknown", passes),
    /// Only staff may have a suspended user name paid for.
    UsernameSuspended(40, "username_suspended", passes),
    /// The payer's sum of the month is used up.
    PayerMonthAmount(41, "payer_month_amount", passes),
    /// The payer's number of top-ups of the month is used up.
    PayerMonthCount(42, "payer_month_count", passes),
    /// The payer's sum of the day is used up.
    PayerDayAmount(43, "payer_day_amount", passes),
    /// The payer's number of top-ups of the day is used up.
    PayerDayCount(44, "payer_day_count", passes),
    /// The payer's top-ups follow each other too quickly.
    PayerVelocity(45, "payer_velocity", passes),
    /// The client's sum of the month is used up.
    ClientMonthAmount(99, "client_month_amount", passes),
    /// The client's number of top-ups of the month is used up.
    ClientMonthCount(100, "client_month_count", passes),
    /// The client's sum of the day is used up.
    ClientDayAmount(97, "client_day_amount", passes),
    /// The client's number of top-ups of the day is used up.
    ClientDayCount(98, "client_day_count", passes),
    /// The client's top-ups follow each other too quickly.
    ClientVelocity(101, "client_velocity", passes),
    /// The account's sum of the month is used up.
    TargetMonthAmount(46, "target_month_amount", passes),
    /// The account's number of top-ups of the month is used up.
    TargetMonthCount(47, "target_month_count", passes),
    /// The account's sum of the day is used up.
    TargetDayAmount(48, "target_day_amount", passes),
    /// The account's number of top-ups of the day is used up.
    TargetDayCount(49, "target_day_count", passes),
    /// The account's top-ups follow each other too quickly.
    TargetVelocity(50, "target_velocity", passes),
    /// The account has less than is to be taken.
    InsufficientCredit(57, "insufficient_credit", passes),
    /// The transfer was taken back before.
    AlreadyReversed(58, "already_reversed", stays),
    /// The transfer is of a kind that is not taken back.
    NotReversible(59, "not_reversible", stays),
    /// Credit cannot be sent to others.
    TransferOff(80, "transfer_off", passes),
    /// Credit cannot be sent to one's own number.
    TransferToOneself(81, "transfer_to_oneself", stays),
    /// So much credit cannot be sent at a time.
    TransferAmount(82, "transfer_amount", stays),
    /// The sender of credit cannot spend its own.
    TransferSenderInactive(83, "transfer_sender_inactive", passes),
    /// Nobody has the number that credit is sent to.
    TransferTargetUnknown(84, "transfer_target_unknown", passes),
    /// The number that credit is sent to is suspended.
    TransferTargetSuspended(85, "transfer_target_suspended", passes),
    /// The sender has less credit than it takes.
    TransferTooLittle(86, "transfer_too_little", passes),
    /// The sender's sum of the month is used up.
    TransferMonthAmount(87, "transfer_month_amount", passes),
    /// The sender's number of transfers of the month is used up.
    TransferMonthCount(88, "transfer_month_count", passes),
    /// The sender's sum of the day is used up.
    TransferDayAmount(89, "transfer_day_amount", passes),
    /// The sender's number of transfers of the day is used up.
    TransferDayCount(90, "transfer_day_count", passes),
    /// Too many wrong PINs; the account has to wait.
    PinLocked(92, "pin_locked", passes),
    /// It is another PIN.
    PinWrong(93, "pin_wrong", passes),
    /// The PIN has to be changed before its first use.
    PinInitial(94, "pin_initial", passes),
    /// The new PIN is one that everybody would try first.
    PinWeak(95, "pin_weak", stays),
    /// Nothing of the sender's waits for a confirmation, or not any more.
    NothingToConfirm(102, "nothing_to_confirm", stays),
    /// The phone is no dealer's.
    DealerUnknown(66, "dealer_unknown", passes),
    /// The dealer may not sell or get stock.
    DealerBlocked(67, "dealer_blocked", passes),
    /// Stock goes to a dealer right below the one who gives it only.
    DealerNotBelow(68, "dealer_not_below", stays),
    /// The dealer's wallet has less than it takes.
    StockTooLow(69, "stock_too_low", passes),
    /// The dealer's sum of the month is used up.
    DealerMonthAmount(70, "dealer_month_amount", passes),
    /// The dealer's number of sales of the month is used up.
    DealerMonthCount(71, "dealer_month_count", passes),
    /// The dealer's sum of the day is used up.
    DealerDayAmount(72, "dealer_day_amount", passes),
    /// The dealer's number of sales of the day is used up.
    DealerDayCount(73, "dealer_day_count", passes),
    /// The dealer's last sale to this number was another one, or there was none.
    SaleUnknown(74, "sale_unknown", stays),
    /// Of the sale that is to be taken back too little is left.
    SaleUsed(76, "sale_used", stays),
    /// The sale is too long ago to be taken back by who made it.
    UndoTooLate(75, "undo_too_late", stays),
}

impl Reason {
    /// Whether nobody can say what was meant, so that staff should look: the message goes to quarantine.
    pub const fn is_unreadable(self) -> bool {
        matches!(self, Self::Undecodable | Self::Unreadable | Self::UnknownShortCode)
    }

    /// Whether the text itself is what is wrong: no request came of it that could be done or refused.
    pub fn is_of_the_text(self) -> bool {
        self <= Self::Unreadable
    }
}
