//! The requests that transfers carried out: each is remembered, as done by that transfer or by a later one of the same
//! request. Without its row the same would be carried out again.

use std::collections::HashMap;

use super::super::StoreError;
use super::super::db::columns;
use super::rows::LedgerTransfer;
use super::{Offence, Snapshot};

/// Octets of a fingerprint.
const FINGERPRINT: usize = 16;

/// A request that was carried out, as it is remembered.
#[derive(Debug, Clone)]
pub(in crate::store) struct LedgerRequest {
    pub(super) fingerprint: Vec<u8>,
    /// The transfer that it names.
    pub(super) transfer: Vec<u8>,
    pub(super) at_us: i64,
    /// The requests that this transfer carried out; `None`: there is none, or it says nothing of requests.
    pub(super) transfer_requests: Option<Vec<u8>>,
}

columns!(both LedgerRequest: fingerprint, transfer, at_us, transfer_requests);

/// Looks up the requests of a page of transfers; `seen` is how many were.
pub(super) async fn check(
    snapshot: &mut Snapshot,
    page: &[LedgerTransfer],
    seen: &mut u64,
) -> Result<Option<Offence>, StoreError> {
    let carried = || page.iter().flat_map(|row| prints(row).map(move |print| (row, print)));
    let mut wanted: Vec<&[u8]> = carried().map(|(_, print)| print).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(None);
    }
    let found = snapshot.requests(&wanted).await?;
    let known: HashMap<&[u8], &LedgerRequest> = found.iter().map(|row| (row.fingerprint.as_slice(), row)).collect();
    let mut offences = carried().filter_map(|(row, print)| {
        let problem = problem(row, print, known.get(print).copied())?;
        Some(Offence { table: "requests", row: hex::encode(print), problem })
    });
    *seen += wanted.len() as u64;
    Ok(offences.next())
}

fn prints(row: &LedgerTransfer) -> impl Iterator<Item = &[u8]> {
    row.requests.iter().flat_map(|prints| prints.chunks(FINGERPRINT))
}

/// What is wrong with what is remembered of a request that this transfer carried out.
fn problem(row: &LedgerTransfer, print: &[u8], found: Option<&LedgerRequest>) -> Option<String> {
    let transfer = super::check::shown(&row.id);
    let Some(found) = found else {
        return Some(format!("it is not there, and {transfer} carried it out: the same would be carried out again"));
    };
    if found.transfer == row.id {
        return (found.at_us != row.at_us)
            .then(|| format!("it says another time than {transfer}, which carried it out"));
    }
    let is_its_own = found.transfer_requests.iter().flat_map(|all| all.chunks(FINGERPRINT)).any(|one| one == print);
    let named = super::check::shown(&found.transfer);
    if !is_its_own {
        return Some(format!("it names {named}, which did not carry it out; {transfer} did"));
    }
    (found.at_us < row.at_us).then(|| format!("it names {named}, and {transfer} carried it out later"))
}

#[cfg(test)]
mod tests {
    use super::super::shape;
    use super::*;

    #[test]
    fn a_request_is_known_as_done_by_its_last_transfer() {
        let row = LedgerTransfer { requests: Some([[1; 16], [2; 16]].concat()), ..shape::tests::top_up() };
        let last = LedgerRequest {
            fingerprint: vec![1; 16],
            transfer: row.id.clone(),
            at_us: row.at_us,
            transfer_requests: row.requests.clone(),
        };
        let later = LedgerRequest { transfer: vec![9; 16], at_us: row.at_us + 1, ..last.clone() };
        assert_eq!(prints(&row).collect::<Vec<_>>(), [&[1; 16][..], &[2; 16][..]]);
        for good in [&last, &later] {
            assert_eq!(problem(&row, &[1; 16], Some(good)), None);
        }
        for (bad, expected) in [
            (None, "would be carried out again"),
            (Some(LedgerRequest { at_us: 0, ..last.clone() }), "another time"),
            (Some(LedgerRequest { transfer_requests: None, ..later.clone() }), "did not carry it out"),
            (Some(LedgerRequest { transfer_requests: Some(vec![3; 16]), ..later.clone() }), "did not carry it out"),
            (Some(LedgerRequest { at_us: row.at_us - 1, ..later.clone() }), "carried it out later"),
        ] {
            let found = problem(&row, &[1; 16], bad.as_ref()).unwrap();
            assert!(found.contains(expected), "{found}");
        }
    }
}
