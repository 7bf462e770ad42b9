//! The hash of a transfer.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::store::StoreError;

/// SHA-256 of a transfer.
pub(in crate::store) type Hash = [u8; 32];

/// Stands before an account's first transfer.
pub(in crate::store) const NONE_BEFORE: Hash = [0; 32];

/// One side of a transfer as an entry of an account that keeps a balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Entry {
    /// Its number in the account, from 1.
    pub(in crate::store) number: i64,
    /// Hash of the account's transfer before it.
    pub(in crate::store) previous: Hash,
    /// The account's balance after it, in minor units.
    pub(in crate::store) balance_minor: i64,
    /// The account's transfer before it. It is not hashed: `previous` proves it.
    pub(in crate::store) prior: Option<Uuid>,
}

/// The octets that are hashed: a transfer as its row has it, whether or not its texts can be read.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Sealed<'a> {
    pub(in crate::store) id: &'a [u8; 16],
    pub(in crate::store) kind: &'a str,
    pub(in crate::store) debit: &'a str,
    pub(in crate::store) credit: &'a str,
    pub(in crate::store) amount_minor: i64,
    pub(in crate::store) message_key: Option<&'a str>,
    pub(in crate::store) at_us: i64,
    pub(in crate::store) debit_entry: Option<Entry>,
    pub(in crate::store) credit_entry: Option<Entry>,
    pub(in crate::store) further: Further<'a>,
    /// Hash of the cause; `None` in rows from before causes were hashed.
    pub(in crate::store) cause: Option<&'a Hash>,
    /// The fingerprints of the requests that it carried out.
    pub(in crate::store) requests: Option<&'a [u8]>,
}

/// The columns that came to transfers later. A row that has none of them hashes as it did before there were any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::store) struct Further<'a> {
    pub(in crate::store) action: Option<&'a [u8]>,
    pub(in crate::store) system: Option<&'a str>,
    pub(in crate::store) valid_before_us: Option<i64>,
    pub(in crate::store) valid_after_us: Option<i64>,
    pub(in crate::store) reverses: Option<&'a [u8]>,
    pub(in crate::store) hold: Option<&'a [u8]>,
    pub(in crate::store) reason: Option<&'a str>,
}

impl Sealed<'_> {
    /// The hash. Texts are preceded by their length, so that no two rows are hashed from the same octets.
    pub(in crate::store) fn hash(&self) -> Hash {
        let plain = self.further == Further::default();
        let mut hasher = Sha256::new();
        hasher.update(match (self.cause, plain) {
            (Some(_), _) => b"mbush transfer 3",
            (None, false) => b"mbush transfer 2",
            (None, true) => b"mbush transfer 1",
        });
        hasher.update(self.id);
        for text in [self.kind, self.debit, self.credit, self.message_key.unwrap_or_default()] {
            length_and(&mut hasher, text.as_bytes());
        }
        hasher.update(self.amount_minor.to_be_bytes());
        hasher.update(self.at_us.to_be_bytes());
        for entry in [self.debit_entry, self.credit_entry] {
            let Some(entry) = entry else {
                hasher.update([0]);
                continue;
            };
            hasher.update([1]);
            hasher.update(entry.number.to_be_bytes());
            hasher.update(entry.previous);
            hasher.update(entry.balance_minor.to_be_bytes());
        }
        if !plain || self.cause.is_some() {
            self.further.update(&mut hasher, self.message_key.is_some());
        }
        if let Some(cause) = self.cause {
            hasher.update(cause);
            length_and(&mut hasher, self.requests.unwrap_or_default());
        }
        hasher.finalize().into()
    }
}

impl Further<'_> {
    /// One octet that says which of them are there, then those.
    fn update(&self, hasher: &mut Sha256, by_message: bool) {
        let instants = [self.valid_before_us, self.valid_after_us];
        let texts =
            [self.action, self.system.map(str::as_bytes), self.reverses, self.hold, self.reason.map(str::as_bytes)];
        let there = instants.iter().map(Option::is_some).chain(texts.iter().map(Option::is_some));
        hasher.update([there.fold(u8::from(by_message), |bits, is| bits << 1 | u8::from(is))]);
        for instant in instants.into_iter().flatten() {
            hasher.update(instant.to_be_bytes());
        }
        for text in texts.into_iter().flatten() {
            length_and(hasher, text);
        }
    }
}

fn length_and(hasher: &mut Sha256, text: &[u8]) {
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text);
}

/// Octets of a hash's column.
pub(in crate::store) fn hash_of(table: &'static str, octets: &[u8]) -> Result<Hash, StoreError> {
    octets.try_into().map_err(|_| StoreError::corrupt(table, format!("a hash of {} octets", octets.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(id: &[u8; 16]) -> Sealed<'_> {
        Sealed {
            id,
            kind: "top_up",
            debit: "bank_clearing:nlb",
            credit: "subscriber:38349123456",
            amount_minor: 500,
            message_key: Some("ipko:1"),
            at_us: 1_000_000,
            debit_entry: None,
            credit_entry: Some(Entry { number: 1, previous: NONE_BEFORE, balance_minor: 500, prior: None }),
            further: Further::default(),
            cause: None,
            requests: None,
        }
    }

    #[test]
    fn a_row_of_before_further_columns_hashes_as_it_did() {
        let known = "d76889c2c93d61645b4c000acf13baaba71eff5e6899a5ffc91fa6bf26242682";
        assert_eq!(hex::encode(plain(&[7; 16]).hash()), known);
    }

    /// Rows that were hashed with their cause have to be found sound for ever, too.
    #[test]
    fn a_row_hashes_with_its_cause_and_its_requests() {
        let (cause, other) = ([1; 32], [2; 32]);
        let (first, second) = ([3; 16], [4; 16]);
        let sealed = |cause, requests| Sealed { cause: Some(cause), requests, ..plain(&[7; 16]) }.hash();
        let known = "207f682fe486255361688635208cd43c1a9b7f8e94e766f0f4287ae8548b8550";
        assert_eq!(hex::encode(sealed(&cause, Some(&first[..]))), known);
        let hashes = [
            sealed(&cause, None),
            sealed(&other, None),
            sealed(&cause, Some(&first[..])),
            sealed(&cause, Some(&second[..])),
            plain(&[7; 16]).hash(),
        ];
        let different: std::collections::HashSet<Hash> = hashes.into_iter().collect();
        assert_eq!(different.len(), hashes.len());
    }

    #[test]
    fn each_column_that_came_later_is_hashed_by_its_place() {
        let sealed = |further| Sealed { further, ..plain(&[7; 16]) }.hash();
        let none = Further::default();
        let hashes = [
            none,
            Further { action: Some(b"a"), ..none },
            Further { system: Some("a"), ..none },
            Further { valid_before_us: Some(1), ..none },
            Further { valid_after_us: Some(1), ..none },
            Further { reverses: Some(b"a"), ..none },
            Further { hold: Some(b"a"), ..none },
            Further { reason: Some("a"), ..none },
        ]
        .map(sealed);
        let different: std::collections::HashSet<Hash> = hashes.into_iter().collect();
        assert_eq!(different.len(), hashes.len());
    }
}
