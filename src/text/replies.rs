//! The closed set of replies: which there are, and which values each may show.

/// Keys of all replies with the values that their texts may use.
pub(super) const REPLIES: [(&str, &[&str]); 72] = [
    ("applied_own", &["amount", "number", "balance", "valid_until", "receipt"]),
    ("applied_other", &["amount", "number", "balance", "valid_until", "receipt"]),
    ("duplicate", &["amount", "number", "time", "receipt"]),
    ("applied_bonus", &["amount", "bonus", "bonus_name", "number", "balance", "valid_until", "receipt"]),
    ("applied_product", &["amount", "service", "username", "valid_until", "receipt"]),
    ("applied_product_wide", &["amount", "service", "username", "valid_until", "receipt"]),
    ("duplicate_product", &["amount", "service", "time", "receipt"]),
    ("amount_missing", &["form"]),
    ("amount_ambiguous", &["value", "form"]),
    ("amount_not_whole", &["value", "form"]),
    ("amount_out_of_limits", &["min", "max"]),
    ("amount_not_offered", &["operator", "offered"]),
    ("number_missing", &["form"]),
    ("number_unknown", &["value", "form"]),
    ("number_wrong_length", &["value", "form"]),
    ("number_wrong_kind", &["value", "form"]),
    ("operator_not_offered", &["operator", "bank"]),
    ("currency_other", &["value", "form"]),
    ("two_amounts", &["form"]),
    ("two_requests", &["form"]),
    ("swapped_order", &["form"]),
    ("keyword_missing", &["form"]),
    ("keyword_near", &["keyword", "form"]),
    ("username_missing", &["form"]),
    ("username_invalid", &["form"]),
    ("leftover", &["value", "form"]),
    ("forbidden_character", &["form"]),
    ("unreadable", &["form"]),
    ("unknown_short_code", &["value"]),
    ("subscriber_unknown", &["number"]),
    ("subscriber_suspended", &["number"]),
    ("service_not_available", &["service"]),
    ("reference_reused", &["value"]),
    ("order_cancelled", &[]),
    ("not_enrolled", &["service"]),
    ("username_unknown", &[]),
    ("username_suspended", &[]),
    ("payer_month_amount", &["limit", "available", "opens"]),
    ("payer_month_count", &["limit", "opens"]),
    ("payer_day_amount", &["limit", "available", "opens"]),
    ("payer_day_count", &["limit", "opens"]),
    ("payer_velocity", &["limit", "minutes", "opens"]),
    ("client_month_amount", &["limit", "available", "opens"]),
    ("client_month_count", &["limit", "opens"]),
    ("client_day_amount", &["limit", "available", "opens"]),
    ("client_day_count", &["limit", "opens"]),
    ("client_velocity", &["limit", "minutes", "opens"]),
    ("target_month_amount", &["limit", "available", "opens"]),
    ("target_month_count", &["limit", "opens"]),
    ("target_day_amount", &["limit", "available", "opens"]),
    ("target_day_count", &["limit", "opens"]),
    ("target_velocity", &["limit", "minutes", "opens"]),
    ("voucher_used_own", &["amount", "number", "time", "receipt"]),
    ("voucher_locked", &["time"]),
    ("voucher_unknown", &["left"]),
    ("voucher_used", &[]),
    ("voucher_blocked", &[]),
    ("voucher_expired", &[]),
    ("voucher_not_active", &[]),
    ("bank_unavailable", &[]),
    ("insufficient_credit", &["available"]),
    ("already_reversed", &[]),
    ("not_reversible", &[]),
    ("reversed", &["amount", "number", "balance", "receipt"]),
    ("adjusted_up", &["amount", "number", "balance", "receipt"]),
    ("adjusted_down", &["amount", "number", "balance", "receipt"]),
    ("cancelled", &[]),
    ("help", &["bank", "form"]),
    ("balance", &["number", "balance", "valid_until"]),
    ("language_set", &[]),
    ("stop", &[]),
    ("validity_ending", &["number", "balance", "valid_until"]),
];

/// How a value gets into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handling {
    /// Transliterated with the text around it.
    Free,
    /// Words of a sender: transliterated, what GSM-7 lacks shown as `?`, clipped to the longest.
    Quoted,
    /// Never altered, at the price of UCS-2 if it needs it.
    Kept,
}

/// Every value: its name, its longest length in septets, and how it is handled.
pub(super) const VALUES: [(&str, usize, Handling); 23] = [
    ("amount", 6, Handling::Free),
    ("available", 8, Handling::Free),
    ("balance", 8, Handling::Free),
    ("bank", 16, Handling::Free),
    ("bonus", 6, Handling::Free),
    ("bonus_name", 16, Handling::Quoted),
    ("form", 26, Handling::Free),
    ("keyword", 12, Handling::Free),
    ("left", 3, Handling::Free),
    ("limit", 8, Handling::Free),
    ("max", 8, Handling::Free),
    ("min", 6, Handling::Free),
    ("minutes", 5, Handling::Free),
    ("number", 9, Handling::Free),
    ("offered", 30, Handling::Free),
    ("opens", 12, Handling::Free),
    ("operator", 12, Handling::Free),
    ("receipt", 10, Handling::Free),
    ("service", 12, Handling::Free),
    ("time", 12, Handling::Free),
    ("username", 32, Handling::Kept),
    ("valid_until", 10, Handling::Free),
    ("value", 20, Handling::Quoted),
];

/// The values that the texts of a reply may use; `None` for a key that is no reply's.
pub(super) fn values_of(key: &str) -> Option<&'static [&'static str]> {
    REPLIES.iter().find(|(name, _)| *name == key).map(|(_, values)| *values)
}

/// Handling and longest length of a value.
pub(super) fn handling(name: &str) -> Option<(Handling, usize)> {
    VALUES.iter().find(|(value, ..)| *value == name).map(|&(_, septets_max, handling)| (handling, septets_max))
}
