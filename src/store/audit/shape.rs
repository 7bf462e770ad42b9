//! What the program writes and nothing else: which sides are entries, what a command consists of, what an order comes to.

use super::super::chain::Sealed;
use super::Offence;
use super::check::shown;
use super::rows::{LedgerAction, LedgerTransfer};
use crate::domain::AccountKey;

/// What is wrong with its sides: a side is an entry where its account keeps a balance, and only there.
pub(super) fn sides(row: &LedgerTransfer, sealed: &Sealed<'_>) -> Option<String> {
    let sides = [(&row.debit, sealed.debit_entry.is_some()), (&row.credit, sealed.credit_entry.is_some())];
    sides.into_iter().find_map(|(account, is_entry)| match account.parse::<AccountKey>() {
        Err(_) => Some(format!("`{account}` is no account")),
        Ok(key) => match (key.kind.keeps_balance(), is_entry) {
            (true, false) => Some(format!("it moves money of {account}, and is no entry of it")),
            (false, true) => Some(format!("it is an entry of {account}, which keeps no balance")),
            _ => None,
        },
    })
}

/// What is wrong with its place in the command whose main transfer is `named`: what was wanted is done once, and the others
/// only come with it.
pub(super) fn place(row: &LedgerTransfer, named: &[u8], what: &str) -> Option<String> {
    let kind = row.kind.as_str();
    let (is_main, comes_with) = (row.id == named, matches!(kind, "bonus" | "fee" | "commission"));
    if is_main && comes_with {
        return Some(format!("a {kind} of {what}, which moved nothing else"));
    }
    (!is_main && !comes_with && kind != "reversal").then(|| format!("a second movement of {what}: a {kind}"))
}

/// An action that was carried out names a transfer that names it and is what was ordered, or a hold that is there.
pub(super) fn action(row: &LedgerAction) -> Option<Offence> {
    let moves = !matches!(row.kind.as_str(), "place_hold" | "void_hold");
    let problem = match (&row.transfer, &row.transfer_action) {
        (None, _) if moves => "it was carried out and names no transfer",
        (Some(_), None) => "the transfer that it names is not there, or has another cause",
        (Some(_), Some(named)) if *named != row.id => "the transfer that it names is another action's",
        _ if row.kind.ends_with("_hold") && !row.has_hold => "the hold that it is about is not there",
        _ => ordered(row)?,
    };
    Some(Offence { table: "operator_actions", row: shown(&row.id), problem: problem.to_owned() })
}

/// What is wrong with what an action came to: its transfer is of its kind, and brings to its account what was ordered. Where
/// two are needed, the table itself takes none that nobody checked.
fn ordered(row: &LedgerAction) -> Option<&'static str> {
    let kind = match row.kind.as_str() {
        "reversal" => "reversal",
        "adjustment" if row.is_card => "voucher",
        "adjustment" => "adjustment",
        "post_hold" => "capture",
        _ => return None,
    };
    if row.transfer_kind.as_deref() != Some(kind) {
        return Some("the transfer that it names is of another kind");
    }
    let is_so = row.moved_cents == Some(row.amount_cents);
    (!is_so).then_some("the transfer that it names moved another amount, or of another account")
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    const MAIN: [u8; 16] = [0, 0, 0, 0, 0, 1, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1];

    /// A top-up as the program writes it, of a message that was applied and names it.
    fn top_up() -> LedgerTransfer {
        LedgerTransfer {
            id: MAIN.to_vec(),
            kind: "top_up".into(),
            debit: "bank_clearing:nlb".into(),
            credit: "subscriber:38349123456".into(),
            amount_cents: 500,
            message_key: Some("ipko:1".into()),
            action: None,
            system: None,
            at_us: 1,
            debit_entry: None,
            debit_previous: None,
            debit_balance_cents: None,
            credit_entry: Some(1),
            credit_previous: Some(vec![0; 32]),
            credit_balance_cents: Some(500),
            valid_before_us: None,
            valid_after_us: Some(2),
            reverses: None,
            hold: None,
            reason: None,
            hash: Vec::new(),
            ending: Some("applied".into()),
            message_transfer: Some(MAIN.to_vec()),
            action_state: None,
            action_transfer: None,
            original_kind: None,
            original_debit: None,
            original_credit: None,
            original_cents: None,
            hold_account: None,
            hold_transfer: None,
            hold_cents: None,
        }
    }

    /// Whoever may write the tables knows how to hash, too.
    fn problem(change: impl FnOnce(&mut LedgerTransfer)) -> Option<String> {
        let mut row = top_up();
        change(&mut row);
        row.hash = row.sealed().unwrap().hash().to_vec();
        check::transfer(&row).map(|offence| offence.problem)
    }

    fn next(row: &mut LedgerTransfer) {
        row.id[15] += 1;
    }

    #[test]
    fn what_the_program_writes_is_in_order() {
        assert_eq!(problem(|_| {}), None);
        let bonus = |row: &mut LedgerTransfer| {
            next(row);
            (row.kind, row.debit) = ("bonus".into(), "bonus:autumn".into());
        };
        assert_eq!(problem(bonus), None);
    }

    #[test]
    fn a_well_hashed_row_of_a_shape_that_is_never_written_is_found() {
        let by_itself = problem(|row| (row.message_key, row.system) = (None, Some("planted".into())));
        assert!(by_itself.unwrap().contains("nothing else moves money"));
        let unseen = problem(|row| {
            (row.credit_entry, row.credit_previous, row.credit_balance_cents) = (None, None, None);
        });
        assert!(unseen.unwrap().contains("and is no entry of it"));
        let kept = problem(|row| row.credit = "suspense:goodwill".into());
        assert!(kept.unwrap().contains("which keeps no balance"));
        assert!(problem(|row| row.debit = "nobody".into()).unwrap().contains("`nobody` is no account"));
        assert!(problem(next).unwrap().contains("a second movement of message ipko:1: a top_up"));
        assert!(problem(|row| row.kind = "bonus".into()).unwrap().contains("which moved nothing else"));
    }
}
