//! Delivery receipts: what an SMSC says became of a reply, on its way to whoever keeps the replies' states.
//!
//! A receipt is answered when it is kept, as a message is. It may come before the `submit_sm_resp` whose identifier it
//! names: who keeps the states keeps such a receipt too. Peers write one identifier in several ways, so that it is handed
//! on in all of them.

use std::fmt;

use futures_util::future::BoxFuture;

use super::accepted::Accepted;

/// What became of a reply in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The phone has it.
    Delivered,
    /// The phone will not get it.
    Undeliverable {
        /// Why, for staff.
        reason: String,
    },
}

/// One receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Name of the link that it came by.
    pub link: String,
    /// Spellings of the SMSC's identifier of the reply, the likeliest first; see [`spellings`].
    pub remote_ids: Vec<String>,
    /// The phone that it is about, as the SMSC writes it.
    pub phone: String,
    /// What became of it.
    pub fate: Fate,
}

/// A number belongs in no log.
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
    /// Writes what became of a reply, or keeps the receipt until the reply is known; says so once that is on disk.
    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Accepted>;
}

/// An identifier as it is compared: without leading zeros, in small letters.
pub fn canonical(id: &str) -> String {
    let id = id.trim().to_ascii_lowercase();
    match id.trim_start_matches('0') {
        "" if !id.is_empty() => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// All that an identifier of a receipt may be in the answer to the submission, each [`canonical`]: the same; the
/// hexadecimal number that is meant where the receipt has the decimal one; and the other way round.
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
