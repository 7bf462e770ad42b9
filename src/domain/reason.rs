//! The closed set of reasons: one row each, with everything that machines, switches, templates and pages know of it.
//!
//! A new reason costs a row here and a reply of its name in `src/text/replies.toml`. The tables of reasons in `docs/smpp.md` and
//! `docs/iso8583.md` are made of the rows (`MBUSH_WRITE_DOCS=1 cargo test --test pages`).

use serde::{Deserialize, Serialize};

/// The enum and what is known of each reason. A row is
/// `Variant(number, "name", transient | lasting, "response code of ISO 8583")` below its meaning.
macro_rules! reasons {
    (@transient transient) => { true };
    (@transient lasting) => { false };
    ($($(#[doc = $meaning:literal])+ $variant:ident($number:literal, $name:literal, $lasts:ident, $iso8583:literal),)+) => {
        /// The reason why a message is not carried out. If several hold, the first in this order is told: first what makes a text
        /// impossible to trust, then what was recognised and is wrong, then what is missing, last that nothing was
        /// recognised.
        ///
        /// The snake-case name is the same in the database, the API, metrics and the reply templates.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Reason {
            $($(#[doc = $meaning])+ #[serde(rename = $name)] $variant,)+
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

            /// Its meaning in one sentence, for pages.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($meaning),+).trim_ascii(),)+
                }
            }

            /// The number that machines know it by, which it keeps for ever: a new reason gets a new one. 0 is success, 1 a
            /// duplicate; up to 9 is free.
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)+
                }
            }

            /// Tells whether the same message could be carried out later without anything of it being changed.
            pub const fn is_transient(self) -> bool {
                match self {
                    $(Self::$variant => reasons!(@transient $lasts),)+
                }
            }

            /// Response code of ISO 8583:1987 (field 39) that a switch is told. `05`, do not honour, is for what the standard
            /// has no code for, and for reasons that no switch can meet.
            pub const fn iso8583(self) -> &'static str {
                match self {
                    $(Self::$variant => $iso8583,)+
                }
            }
        }
    };
}

reasons! {
    /// The octets are no text, or hold what a decoder leaves where it gave up.
    Undecodable(10, "undecodable", lasting, "05"),
    /// A character that hides or changes what is read: right-to-left override and other controls that show a line in
    /// another order than it is read in, digits of mixed scripts, superscripts, characters that nobody sees.
    ForbiddenCharacter(11, "forbidden_character", lasting, "05"),
    /// No bank has this short code.
    UnknownShortCode(12, "unknown_short_code", transient, "05"),
    /// Two requests in one message.
    TwoRequests(13, "two_requests", lasting, "05"),
    /// Two amounts in one request.
    TwoAmounts(14, "two_amounts", lasting, "05"),
    /// Another currency than the euro.
    CurrencyOther(15, "currency_other", lasting, "05"),
    /// An amount that can be read two ways (`5.000`).
    AmountAmbiguous(16, "amount_ambiguous", lasting, "05"),
    /// Cents where this bank takes whole euros.
    AmountNotWhole(17, "amount_not_whole", lasting, "05"),
    /// Number and amount stand in the wrong order.
    SwappedOrder(18, "swapped_order", lasting, "05"),
    /// A number with too few or too many digits.
    NumberWrongLength(19, "number_wrong_length", lasting, "14"),
    /// A number of no range of the plan.
    NumberUnknown(20, "number_unknown", lasting, "14"),
    /// A mobile where a fixed line belongs, or the other way round.
    NumberWrongKind(21, "number_wrong_kind", lasting, "14"),
    /// This bank does not top up that operator's numbers.
    OperatorNotOffered(22, "operator_not_offered", lasting, "57"),
    /// Below or above the limits.
    AmountOutOfLimits(23, "amount_out_of_limits", lasting, "13"),
    /// Not one of the amounts of the target's operator.
    AmountNotOffered(24, "amount_not_offered", lasting, "13"),
    /// A user name with characters or a length that none has.
    UsernameInvalid(25, "username_invalid", lasting, "05"),
    /// A complete request with something behind it that does not belong there.
    Leftover(26, "leftover", lasting, "05"),
    /// The keyword is not there.
    KeywordMissing(27, "keyword_missing", lasting, "05"),
    /// Nearly a keyword.
    KeywordNear(28, "keyword_near", lasting, "05"),
    /// The number is not there.
    NumberMissing(29, "number_missing", lasting, "05"),
    /// The amount is not there.
    AmountMissing(30, "amount_missing", lasting, "05"),
    /// The user name is not there.
    UsernameMissing(31, "username_missing", lasting, "05"),
    /// The PIN is not there, or has too few or too many digits.
    PinMissing(91, "pin_missing", lasting, "05"),
    /// Nothing of any form was recognised.
    Unreadable(32, "unreadable", lasting, "05"),
    /// The reference was used for another request.
    ReferenceReused(33, "reference_reused", lasting, "05"),
    /// The sender is no phone, and nobody could be billed: it is empty, a name or a short code.
    SenderNotPhone(110, "sender_not_phone", lasting, "05"),
    /// The client withdrew it before it came.
    OrderCancelled(96, "order_cancelled", lasting, "21"),
    /// Too many wrong codes of cards came from this sender, who has to wait.
    VoucherLocked(51, "voucher_locked", transient, "05"),
    /// There is no card of this code.
    VoucherUnknown(52, "voucher_unknown", lasting, "05"),
    /// The card was used before, by somebody else or for another number.
    VoucherUsed(53, "voucher_used", lasting, "05"),
    /// The card is blocked or void.
    VoucherBlocked(54, "voucher_blocked", transient, "05"),
    /// The card has expired.
    VoucherExpired(55, "voucher_expired", lasting, "05"),
    /// The card was not activated yet.
    VoucherNotActive(56, "voucher_not_active", transient, "05"),
    /// The bank is switched off.
    BankUnavailable(34, "bank_unavailable", transient, "91"),
    /// There are no accounts of this service.
    ServiceNotAvailable(35, "service_not_available", transient, "57"),
    /// Only staff may top up a suspended number.
    SubscriberSuspended(36, "subscriber_suspended", transient, "62"),
    /// The number has no account, and none is opened for it.
    SubscriberUnknown(37, "subscriber_unknown", transient, "14"),
    /// No account at this service is registered to the sender.
    NotEnrolled(38, "not_enrolled", transient, "05"),
    /// The user name has no account, and none is opened for it.
    UsernameUnknown(39, "username_unknown", transient, "05"),
    /// Only staff may have a suspended user name paid for.
    UsernameSuspended(40, "username_suspended", transient, "05"),
    /// The payer's sum of the month is used up.
    PayerMonthAmount(41, "payer_month_amount", transient, "61"),
    /// The payer's number of top-ups of the month is used up.
    PayerMonthCount(42, "payer_month_count", transient, "65"),
    /// The payer's sum of the day is used up.
    PayerDayAmount(43, "payer_day_amount", transient, "61"),
    /// The payer's number of top-ups of the day is used up.
    PayerDayCount(44, "payer_day_count", transient, "65"),
    /// The payer's top-ups follow each other too quickly.
    PayerVelocity(45, "payer_velocity", transient, "65"),
    /// The client's sum of the month is used up.
    ClientMonthAmount(99, "client_month_amount", transient, "61"),
    /// The client's number of top-ups of the month is used up.
    ClientMonthCount(100, "client_month_count", transient, "65"),
    /// The client's sum of the day is used up.
    ClientDayAmount(97, "client_day_amount", transient, "61"),
    /// The client's number of top-ups of the day is used up.
    ClientDayCount(98, "client_day_count", transient, "65"),
    /// The client's top-ups follow each other too quickly.
    ClientVelocity(101, "client_velocity", transient, "65"),
    /// The account's sum of the month is used up.
    TargetMonthAmount(46, "target_month_amount", transient, "61"),
    /// The account's number of top-ups of the month is used up.
    TargetMonthCount(47, "target_month_count", transient, "65"),
    /// The account's sum of the day is used up.
    TargetDayAmount(48, "target_day_amount", transient, "61"),
    /// The account's number of top-ups of the day is used up.
    TargetDayCount(49, "target_day_count", transient, "65"),
    /// The account's top-ups follow each other too quickly.
    TargetVelocity(50, "target_velocity", transient, "65"),
    /// The account has less than is to be taken.
    InsufficientCredit(57, "insufficient_credit", transient, "51"),
    /// The transfer was taken back before.
    AlreadyReversed(58, "already_reversed", lasting, "21"),
    /// The transfer is of a kind that is not taken back.
    NotReversible(59, "not_reversible", lasting, "12"),
    /// Credit cannot be sent to others.
    TransferOff(80, "transfer_off", transient, "05"),
    /// Credit cannot be sent to one's own number.
    TransferToOneself(81, "transfer_to_oneself", lasting, "05"),
    /// So much credit cannot be sent at a time.
    TransferAmount(82, "transfer_amount", lasting, "05"),
    /// The sender of credit cannot spend its own.
    TransferSenderInactive(83, "transfer_sender_inactive", transient, "05"),
    /// Nobody has the number that credit is sent to.
    TransferTargetUnknown(84, "transfer_target_unknown", transient, "05"),
    /// The number that credit is sent to is suspended.
    TransferTargetSuspended(85, "transfer_target_suspended", transient, "05"),
    /// The sender has less credit than it takes.
    TransferTooLittle(86, "transfer_too_little", transient, "05"),
    /// The sender's sum of the month is used up.
    TransferMonthAmount(87, "transfer_month_amount", transient, "05"),
    /// The sender's number of transfers of the month is used up.
    TransferMonthCount(88, "transfer_month_count", transient, "05"),
    /// The sender's sum of the day is used up.
    TransferDayAmount(89, "transfer_day_amount", transient, "05"),
    /// The sender's number of transfers of the day is used up.
    TransferDayCount(90, "transfer_day_count", transient, "05"),
    /// Too many wrong PINs; the account has to wait.
    PinLocked(92, "pin_locked", transient, "05"),
    /// It is another PIN.
    PinWrong(93, "pin_wrong", transient, "05"),
    /// The PIN has to be changed before its first use.
    PinInitial(94, "pin_initial", transient, "05"),
    /// The new PIN is one that everybody would try first.
    PinWeak(95, "pin_weak", lasting, "05"),
    /// Nothing of the sender's waits for a confirmation, or not any more.
    NothingToConfirm(102, "nothing_to_confirm", lasting, "05"),
    /// The phone is no dealer's.
    DealerUnknown(66, "dealer_unknown", transient, "05"),
    /// The dealer may not sell or get stock.
    DealerBlocked(67, "dealer_blocked", transient, "05"),
    /// Stock goes to a dealer right below the one who gives it only.
    DealerNotBelow(68, "dealer_not_below", lasting, "05"),
    /// The dealer's wallet has less than it takes.
    StockTooLow(69, "stock_too_low", transient, "05"),
    /// The dealer's sum of the month is used up.
    DealerMonthAmount(70, "dealer_month_amount", transient, "05"),
    /// The dealer's number of sales of the month is used up.
    DealerMonthCount(71, "dealer_month_count", transient, "05"),
    /// The dealer's sum of the day is used up.
    DealerDayAmount(72, "dealer_day_amount", transient, "05"),
    /// The dealer's number of sales of the day is used up.
    DealerDayCount(73, "dealer_day_count", transient, "05"),
    /// The dealer's last sale to this number was another one, or there was none.
    SaleUnknown(74, "sale_unknown", lasting, "05"),
    /// Of the sale that is to be taken back too little is left.
    SaleUsed(76, "sale_used", lasting, "05"),
    /// The sale is too long ago to be taken back by who made it.
    UndoTooLate(75, "undo_too_late", lasting, "05"),
}

impl Reason {
    /// The name in words, for people.
    pub fn words(self) -> String {
        self.as_str().replace('_', " ")
    }

    /// Tells whether nobody can say what was meant, so that staff should look: the message goes to quarantine.
    pub const fn is_unreadable(self) -> bool {
        matches!(self, Self::Undecodable | Self::Unreadable | Self::UnknownShortCode)
    }

    /// Tells whether the text itself is wrong: no request came of it that could be done or refused.
    pub fn is_of_the_text(self) -> bool {
        self <= Self::Unreadable
    }
}
