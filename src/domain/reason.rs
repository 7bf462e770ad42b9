//! The closed set of reasons of refusals. Each has one row with its number, name, response code and meaning.
//!
//! A new reason needs a row here and a reply of its name in `src/text/replies.toml`. The tables of reasons in `docs/smpp.md` and
//! `docs/iso8583.md` are generated from the rows (`MBUSH_WRITE_DOCS=1 cargo test --test cli pages`), and the list of replies in
//! `src/text/replies.snap` from both (`INSTA_UPDATE=always cargo test --lib text`). The next free number is 122.

use serde::{Deserialize, Serialize};

/// Declares the enum and its functions. A row is the meaning as a doc comment, and below it
/// `Variant(number, "name", transient | lasting, "response code of ISO 8583")`.
macro_rules! reasons {
    (@transient transient) => { true };
    (@transient lasting) => { false };
    ($($(#[doc = $meaning:literal])+ $variant:ident($number:literal, $name:literal, $lasts:ident, $iso8583:literal),)+) => {
        /// The reason why a message is not carried out. If several apply, the first in this order is reported: first a text that
        /// cannot be trusted, then a part that was recognised and is wrong, then a missing part, and last a text of which
        /// nothing was recognised.
        ///
        /// The snake-case name is the same in the database, the API, the metrics and the reply templates.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Reason {
            $($(#[doc = $meaning])+ #[serde(rename = $name)] $variant,)+
        }

        impl Reason {
            /// All reasons, in order of precedence.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The meaning for the documentation, in one or two sentences.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($meaning),+).trim_ascii(),)+
                }
            }

            /// The number for machines. It never changes, and a new reason gets a new number. 0 is success, 1 is a duplicate,
            /// 2 is a reason of a newer version of the program, and 3 to 9 are free.
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)+
                }
            }

            /// Returns true if the same message, unchanged, could be carried out later.
            pub const fn is_transient(self) -> bool {
                match self {
                    $(Self::$variant => reasons!(@transient $lasts),)+
                }
            }

            /// Response code of ISO 8583:1987 (field 39). `05`, do not honour, stands for reasons without a code in the
            /// standard, and for reasons that an order of a switch cannot have.
            pub const fn iso8583(self) -> &'static str {
                match self {
                    $(Self::$variant => $iso8583,)+
                }
            }
        }
    };
}

reasons! {
    /// The message cannot be decoded as text, or has U+FFFD, which an earlier decoder wrote in place of a character.
    Undecodable(10, "undecodable", lasting, "05"),
    /// The text has a character that hides or changes its content: a right-to-left override or another control that
    /// reorders a line, digits of mixed scripts, a superscript, an invisible character.
    ForbiddenCharacter(11, "forbidden_character", lasting, "05"),
    /// No bank has this short code.
    UnknownShortCode(12, "unknown_short_code", transient, "05"),
    /// The message has two requests.
    TwoRequests(13, "two_requests", lasting, "05"),
    /// The request has two amounts.
    TwoAmounts(14, "two_amounts", lasting, "05"),
    /// The currency is another one.
    CurrencyOther(15, "currency_other", lasting, "05"),
    /// The amount can be read in two ways (`5.000`).
    AmountAmbiguous(16, "amount_ambiguous", lasting, "05"),
    /// The amount has minor units, and this bank accepts whole units of the currency only.
    AmountNotWhole(17, "amount_not_whole", lasting, "05"),
    /// The number and the amount are in the wrong order.
    SwappedOrder(18, "swapped_order", lasting, "05"),
    /// The number ends at two places, because numbers have several lengths (`038 712 345 6`).
    NumberAmbiguous(106, "number_ambiguous", lasting, "14"),
    /// The number has too few or too many digits.
    NumberWrongLength(19, "number_wrong_length", lasting, "14"),
    /// The number is in no range of the numbering plan.
    NumberUnknown(20, "number_unknown", lasting, "14"),
    /// The number is a mobile instead of a fixed line, or the reverse.
    NumberWrongKind(21, "number_wrong_kind", lasting, "14"),
    /// This bank does not top up numbers of this operator.
    OperatorNotOffered(22, "operator_not_offered", lasting, "57"),
    /// The amount is below or above the limits.
    AmountOutOfLimits(23, "amount_out_of_limits", lasting, "13"),
    /// The operator of the number does not offer this amount.
    AmountNotOffered(24, "amount_not_offered", lasting, "13"),
    /// The user name has an invalid character or an invalid length.
    UsernameInvalid(25, "username_invalid", lasting, "05"),
    /// A value of the bank's own fields fails its check, as a meter number with a wrong digit.
    FieldInvalid(112, "field_invalid", lasting, "05"),
    /// A value that the form wants twice, as a new PIN, is not the same at both places.
    FieldsDiffer(113, "fields_differ", lasting, "05"),
    /// A list of top-ups names one account twice.
    ListNamesTwice(120, "list_names_twice", lasting, "05"),
    /// Text that does not belong to the request follows it.
    Leftover(26, "leftover", lasting, "05"),
    /// The keyword is missing.
    KeywordMissing(27, "keyword_missing", lasting, "05"),
    /// The keyword is mistyped.
    KeywordNear(28, "keyword_near", lasting, "05"),
    /// The number is missing.
    NumberMissing(29, "number_missing", lasting, "05"),
    /// The amount is missing.
    AmountMissing(30, "amount_missing", lasting, "05"),
    /// The user name is missing.
    UsernameMissing(31, "username_missing", lasting, "05"),
    /// The PIN is missing, or has too few or too many digits.
    PinMissing(91, "pin_missing", lasting, "05"),
    /// The text matches no form.
    Unreadable(32, "unreadable", lasting, "05"),
    /// The reference was used for another request.
    ReferenceReused(33, "reference_reused", lasting, "05"),
    /// The sender is not a phone that can be charged: it is empty, a name or a short code.
    SenderNotPhone(110, "sender_not_phone", lasting, "05"),
    /// Some top-ups of a list were carried out before, and others were not.
    ListPartlyDone(121, "list_partly_done", lasting, "05"),
    /// The client withdrew the order before it arrived.
    OrderCancelled(96, "order_cancelled", lasting, "21"),
    /// The sender entered too many wrong card codes and has to wait.
    VoucherLocked(51, "voucher_locked", transient, "05"),
    /// No card has this code.
    VoucherUnknown(52, "voucher_unknown", lasting, "05"),
    /// The card was used before, by another sender or for another number.
    VoucherUsed(53, "voucher_used", lasting, "05"),
    /// The card is blocked or void.
    VoucherBlocked(54, "voucher_blocked", transient, "05"),
    /// The card has expired.
    VoucherExpired(55, "voucher_expired", lasting, "05"),
    /// The card is not activated yet.
    VoucherNotActive(56, "voucher_not_active", transient, "05"),
    /// The bank is disabled.
    BankUnavailable(34, "bank_unavailable", transient, "91"),
    /// This installation does not offer the service.
    ServiceNotAvailable(35, "service_not_available", transient, "57"),
    /// The number is suspended. Only staff can top it up.
    SubscriberSuspended(36, "subscriber_suspended", transient, "62"),
    /// The number has no account, and the settings do not allow one to be opened.
    SubscriberUnknown(37, "subscriber_unknown", transient, "14"),
    /// The sender has no registered account at this service.
    NotEnrolled(38, "not_enrolled", transient, "05"),
    /// The user name has no account, and the settings do not allow one to be opened.
    UsernameUnknown(39, "username_unknown", transient, "05"),
    /// The user name is suspended. Only staff can pay for it.
    UsernameSuspended(40, "username_suspended", transient, "05"),
    /// The account of a kind that the grammar declares, such as a meter, does not exist, and the settings do not allow one to
    /// be opened.
    AccountUnknown(118, "account_unknown", transient, "05"),
    /// The account of a kind that the grammar declares is suspended. Only staff can credit it.
    AccountSuspended(119, "account_suspended", transient, "05"),
    /// The payer has reached the limit on the amount of a month.
    PayerMonthAmount(41, "payer_month_amount", transient, "61"),
    /// The payer has reached the limit on the number of top-ups in a month.
    PayerMonthCount(42, "payer_month_count", transient, "65"),
    /// The payer has reached the limit on the amount of a day.
    PayerDayAmount(43, "payer_day_amount", transient, "61"),
    /// The payer has reached the limit on the number of top-ups in a day.
    PayerDayCount(44, "payer_day_count", transient, "65"),
    /// The top-ups of the payer follow each other too quickly.
    PayerVelocity(45, "payer_velocity", transient, "65"),
    /// The client has reached the limit on the amount of a month.
    ClientMonthAmount(99, "client_month_amount", transient, "61"),
    /// The client has reached the limit on the number of top-ups in a month.
    ClientMonthCount(100, "client_month_count", transient, "65"),
    /// The client has reached the limit on the amount of a day.
    ClientDayAmount(97, "client_day_amount", transient, "61"),
    /// The client has reached the limit on the number of top-ups in a day.
    ClientDayCount(98, "client_day_count", transient, "65"),
    /// The top-ups of the client follow each other too quickly.
    ClientVelocity(101, "client_velocity", transient, "65"),
    /// The account has reached the limit on the amount of a month.
    TargetMonthAmount(46, "target_month_amount", transient, "61"),
    /// The account has reached the limit on the number of top-ups in a month.
    TargetMonthCount(47, "target_month_count", transient, "65"),
    /// The account has reached the limit on the amount of a day.
    TargetDayAmount(48, "target_day_amount", transient, "61"),
    /// The account has reached the limit on the number of top-ups in a day.
    TargetDayCount(49, "target_day_count", transient, "65"),
    /// The top-ups of the account follow each other too quickly.
    TargetVelocity(50, "target_velocity", transient, "65"),
    /// The account has less credit than the amount to be taken.
    InsufficientCredit(57, "insufficient_credit", transient, "51"),
    /// The transfer was reversed before.
    AlreadyReversed(58, "already_reversed", lasting, "21"),
    /// Transfers of this kind cannot be reversed.
    NotReversible(59, "not_reversible", lasting, "12"),
    /// Credit transfer is disabled.
    TransferOff(80, "transfer_off", transient, "05"),
    /// The request needs a PIN, and no key for PINs is configured (`[pins] key_file`).
    PinsOff(103, "pins_off", transient, "05"),
    /// The receiver of the credit is the sender's own number.
    TransferToOneself(81, "transfer_to_oneself", lasting, "05"),
    /// The amount is below or above the limits of credit transfer.
    TransferAmount(82, "transfer_amount", lasting, "05"),
    /// The sender is suspended, or the validity of the sender's credit has ended.
    TransferSenderInactive(83, "transfer_sender_inactive", transient, "05"),
    /// The receiver of the credit has no account.
    TransferTargetUnknown(84, "transfer_target_unknown", transient, "05"),
    /// The receiver of the credit is suspended.
    TransferTargetSuspended(85, "transfer_target_suspended", transient, "05"),
    /// The sender has too little credit for the amount, the fee and the lowest remaining balance.
    TransferTooLittle(86, "transfer_too_little", transient, "05"),
    /// The sender has reached the limit on the amount of a month.
    TransferMonthAmount(87, "transfer_month_amount", transient, "05"),
    /// The sender has reached the limit on the number of transfers in a month.
    TransferMonthCount(88, "transfer_month_count", transient, "05"),
    /// The sender has reached the limit on the amount of a day.
    TransferDayAmount(89, "transfer_day_amount", transient, "05"),
    /// The sender has reached the limit on the number of transfers in a day.
    TransferDayCount(90, "transfer_day_count", transient, "05"),
    /// The account had too many wrong PINs and has to wait.
    PinLocked(92, "pin_locked", transient, "05"),
    /// The PIN is wrong.
    PinWrong(93, "pin_wrong", transient, "05"),
    /// The bank says that the PIN is wrong.
    BankPinWrong(105, "bank_pin_wrong", transient, "05"),
    /// The bank that verifies the PIN did not answer in time, or its answer could not be understood.
    PinNotVerified(104, "pin_not_verified", transient, "05"),
    /// The PIN is the initial one and must be changed before it can be used.
    PinInitial(94, "pin_initial", transient, "05"),
    /// The new PIN is too easy to guess.
    PinWeak(95, "pin_weak", lasting, "05"),
    /// No request of the sender waits for a confirmation, or its time has ended.
    NothingToConfirm(102, "nothing_to_confirm", lasting, "05"),
    /// The phone does not belong to a dealer.
    DealerUnknown(66, "dealer_unknown", transient, "05"),
    /// The dealer is blocked from selling and from receiving stock.
    DealerBlocked(67, "dealer_blocked", transient, "05"),
    /// The receiver of the stock is not directly below the dealer who gives it.
    DealerNotBelow(68, "dealer_not_below", lasting, "05"),
    /// The balance of the dealer's wallet is too low.
    StockTooLow(69, "stock_too_low", transient, "05"),
    /// The dealer has reached the limit on the amount of a month.
    DealerMonthAmount(70, "dealer_month_amount", transient, "05"),
    /// The dealer has reached the limit on the number of sales in a month.
    DealerMonthCount(71, "dealer_month_count", transient, "05"),
    /// The dealer has reached the limit on the amount of a day.
    DealerDayAmount(72, "dealer_day_amount", transient, "05"),
    /// The dealer has reached the limit on the number of sales in a day.
    DealerDayCount(73, "dealer_day_count", transient, "05"),
    /// The dealer's last sale to this number has another amount, or there is none.
    SaleUnknown(74, "sale_unknown", lasting, "05"),
    /// The customer has used too much of the sale for it to be reversed.
    SaleUsed(76, "sale_used", lasting, "05"),
    /// The sale is too old for the dealer to reverse it.
    UndoTooLate(75, "undo_too_late", lasting, "05"),
}

impl Reason {
    /// The name in words, such as `number unknown`.
    pub fn words(self) -> String {
        self.as_str().replace('_', " ")
    }

    /// Returns true if the meaning of the text is unknown. The message goes to quarantine, and staff look at it.
    pub const fn is_unreadable(self) -> bool {
        matches!(self, Self::Undecodable | Self::Unreadable | Self::UnknownShortCode)
    }

    /// Returns true if the text is wrong, so that there is no request to carry out or to refuse.
    pub fn is_of_the_text(self) -> bool {
        self <= Self::Unreadable
    }
}
