//! Delivery receipts: the final states of replies, as SMSCs report them.
//!
//! A receipt is answered when it is stored, as a message is. It may come before the `submit_sm_resp` with the
//! identifier that it names, and is stored in this case as well. Peers write one identifier in several ways, so that a
//! receipt is passed on with all spellings.

use std::fmt;

use futures_util::future::BoxFuture;

use super::accepted::Accepted;

/// The final state of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The phone received it.
    Delivered,
    /// The phone will not receive it.
    Undeliverable {
        /// The reason, for staff.
        reason: String,
    },
}

/// One receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Name of the link that the receipt came over.
    pub link: String,
    /// Spellings of the SMSC's identifier of the reply, the likeliest first; see [`spellings`].
    pub remote_ids: Vec<String>,
    /// The phone of the reply, as the SMSC writes it.
    pub phone: String,
    pub fate: Fate,
}

/// Leaves the phone's number out, which must not be logged.
impl fmt::Debug for Settlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settlement")
            .field("link", &self.link)
            .field("remote_ids", &self.remote_ids)
            .field("fate", &self.fate)
            .finish_non_exhaustive()
    }
}

/// Keeps the states of replies.
pub trait ReceiptSink: fmt::Debug + Send + Sync {
    /// Stores the final state of a reply, or the receipt until the reply is known. Returns after the commit.
    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Accepted>;
}

/// Returns the form of an identifier for comparison: without leading zeros, in small letters.
pub fn canonical(id: &str) -> String {
    let id = id.trim().to_ascii_lowercase();
    match id.trim_start_matches('0') {
        "" if !id.is_empty() => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// Returns all forms, each [`canonical`], that the identifier of a receipt can have in the answer to the submission:
/// the same, the hexadecimal number for a decimal one, and the decimal number for a hexadecimal one.
pub fn spellings(id: &str) -> Vec<String> {
    let same = canonical(id);
    let decimal = same.parse::<u128>().ok().filter(|_| same.bytes().all(|octet| octet.is_ascii_digit()));
    let hexadecimal = u128::from_str_radix(&same, 16).ok().filter(|_| same.bytes().all(|o| o.is_ascii_hexdigit()));
    let others = [decimal.map(|number| format!("{number:x}")), hexadecimal.map(|number| number.to_string())];
    let mut all = vec![same];
    for other in others.into_iter().flatten() {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_identifier_in_all_its_spellings() {
        for (submitted, receipt) in [
            ("0195F0C7", "195f0c7"),
            ("0195F0C7", "26603719"),
            ("26603719", "0195F0C7"),
            ("0000000042", "42"),
            ("2A", "42"),
            ("b7c9-11", "B7C9-11"),
            ("000", "0"),
        ] {
            assert!(spellings(receipt).contains(&canonical(submitted)), "{submitted} {receipt}");
        }
        assert_eq!(spellings("42"), ["42", "2a", "66"], "the same comes first");
        assert!(!spellings("43").contains(&canonical("42")));
        assert_eq!(spellings("f".repeat(60).as_str()).len(), 1, "beyond any number");
    }
}
