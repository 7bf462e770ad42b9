//! The requests that transfers carried out: each is remembered, as done by that transfer or by a later one of the same
//! request. Without its row the same would be carried out again.

use std::collections::HashMap;

use super::raw::{Micros, RawId, shown};
use super::reader::AuditReader;
use super::rows::LedgerTransfer;
use super::sql::REQUESTS;
use super::{Halt, Offence};
use crate::store::db::{columns, rows};
use crate::store::value::Keys;

/// Octets of a fingerprint.
const FINGERPRINT: usize = 16;

/// A request that was carried out, as it is remembered.
#[derive(Debug, Clone)]
pub(super) struct LedgerRequest {
    pub(super) fingerprint: Vec<u8>,
    /// The transfer that it names.
    pub(super) transfer: RawId,
    pub(super) at_us: Micros,
    /// The requests that this transfer carried out; `None`: there is none, or it says nothing of requests.
    pub(super) transfer_requests: Option<Vec<u8>>,
}

columns!(both LedgerRequest: fingerprint, transfer, at_us, transfer_requests);

/// Looks up the requests of a page of transfers; `seen` is how many were.
pub(super) async fn check(reader: &mut AuditReader, page: &[LedgerTransfer], seen: &mut u64) -> Result<(), Halt> {
    let carried = || page.iter().flat_map(|row| prints(row).map(move |print| (row, print)));
    let mut wanted: Vec<&[u8]> = carried().map(|(_, print)| print).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(());
    }
    let found = rows!(reader.connection(), LedgerRequest, REQUESTS, [Keys(wanted.clone())])?;
    let known: HashMap<&[u8], &LedgerRequest> = found.iter().map(|row| (row.fingerprint.as_slice(), row)).collect();
    *seen += wanted.len() as u64;
    for (row, print) in carried() {
        remembered(row, print, known.get(print).copied()).map_err(|problem| Offence {
            table: "requests",
            row: hex::encode(print),
            problem,
        })?;
    }
    Ok(())
}

fn prints(row: &LedgerTransfer) -> impl Iterator<Item = &[u8]> {
    row.requests.iter().flat_map(|prints| prints.chunks(FINGERPRINT))
}

/// A request that this transfer carried out is remembered as done by it, or by a later transfer of the same request. The
/// error says what is wrong.
fn remembered(row: &LedgerTransfer, print: &[u8], found: Option<&LedgerRequest>) -> Result<(), String> {
    let transfer = || shown(&row.id);
    let Some(found) = found else {
        return Err(format!("it is not there, and {} carried it out: the same would be carried out again", transfer()));
    };
    if found.transfer == row.id {
        if found.at_us == row.at_us {
            return Ok(());
        }
        return Err(format!("its time differs from that of {}, which carried it out", transfer()));
    }
    let named = shown(&found.transfer);
    if !found.transfer_requests.iter().flat_map(|all| all.chunks(FINGERPRINT)).any(|one| one == print) {
        return Err(format!("it names {named}, which did not carry it out; {} did", transfer()));
    }
    if found.at_us < row.at_us {
        return Err(format!("it names {named}, and {} carried it out later", transfer()));
    }
    Ok(())
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
        let later = LedgerRequest { transfer: RawId(vec![9; 16]), at_us: Micros(row.at_us.0 + 1), ..last.clone() };
        assert_eq!(prints(&row).collect::<Vec<_>>(), [&[1; 16][..], &[2; 16][..]]);
        for good in [&last, &later] {
            assert_eq!(remembered(&row, &[1; 16], Some(good)), Ok(()));
        }
        for (bad, expected) in [
            (None, "would be carried out again"),
            (Some(LedgerRequest { at_us: Micros(0), ..last.clone() }), "its time differs"),
            (Some(LedgerRequest { transfer_requests: None, ..later.clone() }), "did not carry it out"),
            (Some(LedgerRequest { transfer_requests: Some(vec![3; 16]), ..later.clone() }), "did not carry it out"),
            (Some(LedgerRequest { at_us: Micros(row.at_us.0 - 1), ..later.clone() }), "carried it out later"),
        ] {
            let found = remembered(&row, &[1; 16], bad.as_ref()).unwrap_err();
            assert!(found.contains(expected), "{found}");
        }
    }
}
