//! Shapes that the program writes, and no other: the sides that are entries, the transfers of a command, the result of an order.

use super::Offence;
use super::raw::{RawId, shown};
use super::rows::{LedgerAction, LedgerTransfer};
use crate::domain::AccountKey;
use crate::store::chain::Sealed;

/// Prefixes of account names: debts of dealers, and wallets of dealers.
const RECEIVABLE: &str = "receivable:";
const WALLET: &str = "dealer:";

/// A side is an entry where its account keeps a balance, and only there.
pub(super) fn sides(row: &LedgerTransfer, sealed: &Sealed<'_>) -> Result<(), String> {
    for (account, entry) in [(&row.debit, &sealed.debit_entry), (&row.credit, &sealed.credit_entry)] {
        let key = account.parse::<AccountKey>().map_err(|_| match account.split_once(':') {
            Some((kind, _)) => {
                format!("no account of the kind `{kind}` is known; if a newer mbush writes here, audit with it")
            }
            None => format!("`{account}` is no account"),
        })?;
        match (key.kind.keeps_balance(), entry.is_some()) {
            (true, false) => return Err(format!("it moves money of {account}, and is no entry of it")),
            (false, true) => return Err(format!("it is an entry of {account}, which keeps no balance")),
            _ => {}
        }
    }
    Ok(())
}

/// It has a place in the command, or in the item of a list, whose main transfer is `named`: what was wanted is done once, and the others only come
/// with it.
pub(super) fn place(row: &LedgerTransfer, named: &RawId, what: &str) -> Result<(), String> {
    let kind = row.kind.as_str();
    let (is_main, comes_with) =
        (row.id == *named, matches!(kind, "bonus" | "fee" | "commission" | "receivable" | "settlement"));
    match (is_main, comes_with) {
        (true, true) => Err(format!("a {kind} of {what}, which moved nothing else")),
        (false, false) if kind != "reversal" => Err(format!("a second movement of {what}: a {kind}")),
        _ => Ok(()),
    }
}

/// A dealer's debt is lent to its own wallet, and paid from there.
pub(super) fn debt(row: &LedgerTransfer) -> Result<(), &'static str> {
    let dealer = |account: &str, kind: &str| account.strip_prefix(kind).map(str::to_owned);
    let sides = match row.kind.as_str() {
        "receivable" => (dealer(&row.debit, RECEIVABLE), dealer(&row.credit, WALLET)),
        "settlement" => (dealer(&row.credit, RECEIVABLE), dealer(&row.debit, WALLET)),
        "adjustment" => return Ok(()),
        _ if is_receivable(&row.debit) || is_receivable(&row.credit) => {
            return Err("it moves a dealer's debt, and must be a receivable or a settlement");
        }
        _ => return Ok(()),
    };
    if sides.0.is_none() || sides.0 != sides.1 {
        return Err("it is not between a dealer's wallet and what that dealer owes");
    }
    Ok(())
}

/// Tells whether this is the account of a dealer's debt.
pub(super) fn is_receivable(account: &str) -> bool {
    account.starts_with(RECEIVABLE)
}

/// An action that was carried out names a transfer that names it and is what was ordered, or a hold that is there.
pub(super) fn action(row: &LedgerAction) -> Result<(), Offence> {
    named(row).and_then(|()| ordered(row)).map_err(|problem| Offence {
        table: "operator_actions",
        row: shown(&row.id),
        problem: problem.to_owned(),
    })
}

fn named(row: &LedgerAction) -> Result<(), &'static str> {
    let moves = !matches!(row.kind.as_str(), "place_hold" | "void_hold");
    match (&row.transfer, &row.transfer_action) {
        (None, _) if moves => Err("it was carried out and names no transfer"),
        (Some(_), None) => Err("the transfer that it names is not there, or has another cause"),
        (Some(_), Some(named)) if *named != row.id => Err("the transfer that it names is another action's"),
        _ if row.kind.ends_with("_hold") && !row.has_hold => Err("the hold that it is about is not there"),
        _ => Ok(()),
    }
}

/// The transfer of an action is of its kind, and brings to its account what was ordered. Where two are needed, the table
/// itself takes none that nobody checked.
fn ordered(row: &LedgerAction) -> Result<(), &'static str> {
    let kind = match row.kind.as_str() {
        "reversal" => "reversal",
        "adjustment" if row.is_card => "voucher",
        "adjustment" => "adjustment",
        "post_hold" => "capture",
        _ => return Ok(()),
    };
    if row.transfer_kind.as_deref() != Some(kind) {
        return Err("the transfer that it names is of another kind");
    }
    if row.moved_minor != Some(row.amount_minor) {
        return Err("the transfer that it names moved another amount, or of another account");
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::cause::{CauseAction, CauseMessage};
    use super::super::check;
    use super::super::raw::Micros;
    use super::*;

    const MAIN: [u8; 16] = [0, 0, 0, 0, 0, 1, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1];

    fn main() -> RawId {
        RawId(MAIN.to_vec())
    }

    /// A top-up as the program writes it, of a message that was applied and names it.
    pub(in crate::store::audit) fn top_up() -> LedgerTransfer {
        LedgerTransfer {
            id: main(),
            kind: "top_up".into(),
            debit: "bank_clearing:nlb".into(),
            credit: "subscriber:38349123456".into(),
            amount_minor: 500,
            message_key: Some("ipko:1".into()),
            action: None,
            system: None,
            at_us: Micros(1),
            debit_entry: None,
            debit_previous: None,
            debit_balance_minor: None,
            credit_entry: Some(1),
            credit_previous: Some(vec![0; 32]),
            credit_balance_minor: Some(500),
            valid_before_us: None,
            valid_after_us: Some(Micros(2)),
            reverses: None,
            hold: None,
            reason: None,
            requests: None,
            hash: Vec::new(),
            message: CauseMessage::default(),
            order: CauseAction::default(),
            ending: Some("applied".into()),
            message_transfer: Some(main()),
            action_state: None,
            action_transfer: None,
            original_kind: None,
            original_debit: None,
            original_credit: None,
            original_minor: None,
            hold_account: None,
            hold_transfer: None,
            hold_minor: None,
        }
    }

    /// Whoever may write the tables knows how to hash, too.
    fn problem(change: impl FnOnce(&mut LedgerTransfer)) -> Option<String> {
        let mut row = top_up();
        change(&mut row);
        row.hash = row.sealed().unwrap().hash().to_vec();
        check::transfer(&row).err().map(|offence| offence.problem)
    }

    fn next(row: &mut LedgerTransfer) {
        row.id.0[15] += 1;
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
            (row.credit_entry, row.credit_previous, row.credit_balance_minor) = (None, None, None);
        });
        assert!(unseen.unwrap().contains("and is no entry of it"));
        let kept = problem(|row| row.credit = "suspense:goodwill".into());
        assert!(kept.unwrap().contains("which keeps no balance"));
        assert!(problem(|row| row.debit = "nobody".into()).unwrap().contains("`nobody` is no account"));
        assert!(problem(next).unwrap().contains("a second movement of message ipko:1: a top_up"));
        assert!(problem(|row| row.kind = "bonus".into()).unwrap().contains("which moved nothing else"));
    }

    /// The reversal of another transfer of 5.00, as the program writes it.
    fn reversal(row: &mut LedgerTransfer) {
        (row.kind, row.reverses) = ("reversal".into(), Some(RawId(vec![1; 16])));
        (row.original_kind, row.original_minor) = (Some("top_up".into()), Some(500));
        (row.original_debit, row.original_credit) = (Some(row.credit.clone()), Some(row.debit.clone()));
    }

    #[test]
    fn a_reversal_is_the_other_way_round_what_it_takes_back_to_the_cent() {
        assert_eq!(problem(reversal), None);
        let changes: [fn(&mut LedgerTransfer); 4] = [
            |row| row.amount_minor = 499,
            |row| row.original_minor = Some(5_000),
            |row| row.original_debit = Some("subscriber:38349123457".into()),
            |row| row.original_credit = Some("bank_clearing:teb".into()),
        ];
        for change in changes {
            let found = problem(|row| {
                reversal(row);
                change(row);
            });
            assert!(found.unwrap().contains("the other way round"));
        }
        let twice = problem(|row| {
            reversal(row);
            row.original_kind = Some("reversal".into());
        });
        assert!(twice.unwrap().contains("takes back a reversal"));
    }

    #[test]
    fn what_a_dealer_owes_moves_between_its_own_accounts_only() {
        let entry = |row: &mut LedgerTransfer| {
            (row.debit_entry, row.debit_previous, row.debit_balance_minor) = (Some(1), Some(vec![0; 32]), Some(-500));
        };
        let moved = |kind: &'static str, debit: &'static str, credit: &'static str| {
            problem(|row| {
                next(row);
                entry(row);
                (row.kind, row.debit, row.credit) = (kind.into(), debit.into(), credit.into());
            })
        };
        assert_eq!(moved("receivable", "receivable:agron", "dealer:agron"), None);
        assert_eq!(moved("settlement", "dealer:agron", "receivable:agron"), None);
        for (kind, debit, credit) in [
            ("receivable", "receivable:agron", "dealer:shpija"),
            ("receivable", "dealer:agron", "receivable:agron"),
            ("settlement", "receivable:agron", "dealer:agron"),
            ("settlement", "dealer:agron", "dealer:shpija"),
        ] {
            let found = moved(kind, debit, credit);
            assert!(found.unwrap().contains("is not between a dealer's wallet"), "{kind} {debit} {credit}");
        }
        let given = moved("commission", "receivable:agron", "dealer:agron");
        assert!(given.unwrap().contains("must be a receivable or a settlement"));
    }

    /// An adjustment of 2.00 that was carried out, as the program writes it.
    fn adjustment() -> LedgerAction {
        LedgerAction {
            id: RawId(vec![9; 16]),
            kind: "adjustment".into(),
            transfer: Some(main()),
            transfer_action: Some(RawId(vec![9; 16])),
            has_hold: false,
            transfer_kind: Some("adjustment".into()),
            moved_minor: Some(200),
            amount_minor: 200,
            is_card: false,
        }
    }

    type Change = fn(&mut LedgerAction);

    #[test]
    fn an_action_came_to_what_was_ordered() {
        let problem = |change: fn(&mut LedgerAction)| {
            let mut row = adjustment();
            change(&mut row);
            action(&row).err().map(|offence| offence.problem)
        };
        assert_eq!(problem(|_| {}), None);
        let changes: [(Change, &str); 4] = [
            (|row| row.amount_minor = 20_000, "moved another amount, or of another account"),
            (|row| row.moved_minor = None, "moved another amount, or of another account"),
            (|row| row.kind = "reversal".into(), "of another kind"),
            (|row| row.transfer_action = Some(RawId(vec![8; 16])), "another action's"),
        ];
        for (change, expected) in changes {
            assert!(problem(change).unwrap().contains(expected), "{expected}");
        }
    }
}
