//! What staff order: reversals, adjustments by two, holds; and the statements that show it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use mbush::config::Config;
use mbush::domain::{
    AccountKey, ActionState, Amount, Clock, HoldProblem, Outcome, ReasonCode, Receipt, Stored, TransferKind,
    format_minor,
};
use mbush::processor::{Confirm, Done, NotDone, StaffOrders, StaffServices, Why};
use mbush::store::{Span, Store};
use mbush::text::templates::Templates;
use rstest::rstest;

use crate::node::plan;
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, now, number, transfer_of};

pub(crate) fn staff_at(store: &Store, at: DateTime<Utc>) -> StaffOrders {
    StaffOrders::new(StaffServices {
        store: store.clone(),
        plan: plan(),
        templates: Arc::new(Templates::builtin().unwrap()),
        rules: Config::default().rules,
        clock: Clock::new(move || at),
        notify: Some(Confirm { link: "ipko".into(), from: "IPKO".into() }),
    })
}

pub(crate) fn staff(store: &Store) -> StaffOrders {
    staff_at(store, now() + TimeDelta::hours(1))
}

pub(crate) fn why(by: &str, reason: ReasonCode) -> Why {
    Why { by: by.into(), reason, note: "as agreed".into() }
}

pub(crate) fn minor(minor: i64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

/// Tops a number up by 5.00; its receipt.
async fn topped_up(store: &Store, key: &str, credited: u64, request: u64) -> Receipt {
    Receipt::of(transfer_of(&apply(store, &[TopUp::new(key, credited, request)]).await[0]))
}

async fn sums(store: &Store, of: u64) -> (String, String) {
    let account = store.account(&number(of)).await.unwrap().unwrap();
    (format_minor(account.balance_minor), format_minor(account.held_minor))
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_transfer_is_taken_back_once_and_the_customer_is_told(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let receipt = topped_up(&store, "ipko:1", 1, 1).await;
    topped_up(&store, "ipko:2", 1, 2).await;
    let staff = staff(&store);
    let done = staff.reverse(&receipt, &why("Arta", ReasonCode::WrongNumber)).await.unwrap();
    assert_eq!(done.account.balance_minor, 500);
    let told = done.told.unwrap();
    let shown = done.receipt.unwrap();
    assert!(told.contains("5.00") && told.contains(shown.as_str()) && told.contains("049000001"), "{told}");
    let outbox = store.outbox_of(&format!("operator:{}", done.action)).await.unwrap();
    assert_eq!((outbox[0].sms.text.as_str(), outbox[0].sms.from.as_str()), (told.as_str(), "IPKO"));
    let again = staff.reverse(&receipt, &why("Arta", ReasonCode::WrongNumber)).await;
    assert!(matches!(again, Err(NotDone::AlreadyReversed)), "{again:?}");
    let reversal = staff.reverse(&shown, &why("Arta", ReasonCode::Correction)).await;
    assert!(matches!(reversal, Err(NotDone::NotReversible(TransferKind::Reversal))), "{reversal:?}");
    let nothing: Receipt = "0000000001".parse().unwrap();
    assert!(matches!(staff.reverse(&nothing, &why("Arta", ReasonCode::Fraud)).await, Err(NotDone::NoSuchReceipt(_))));
    assert!(matches!(staff.reverse(&receipt, &why(" ", ReasonCode::Fraud)).await, Err(NotDone::Nameless(_))));
    let action = store.action(done.action).await.unwrap().unwrap();
    assert_eq!((action.made.by.as_str(), action.reason, action.amount_minor), ("Arta", ReasonCode::WrongNumber, -500));
    assert_eq!(store.clearing_minor("ekonomike").await.unwrap(), 500, "the bank owes less, too");
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn credit_that_is_spent_or_held_is_not_taken_back(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let receipt = topped_up(&store, "ipko:1", 1, 1).await;
    let staff = staff(&store);
    let until = now() + TimeDelta::days(7);
    staff.place_hold(&number(1), minor(180), until, &why("Arta", ReasonCode::Disputed)).await.unwrap();
    match staff.reverse(&receipt, &why("Arta", ReasonCode::NotPaid)).await {
        Err(NotDone::Insufficient { available }) => assert_eq!(available, "3.20"),
        other => panic!("{other:?}"),
    }
    assert_eq!(sums(&store, 1).await, ("5.00".into(), "1.80".into()));
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn an_adjustment_takes_two(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    topped_up(&store, "ipko:1", 1, 1).await;
    let staff = staff(&store);
    let proposed = staff.propose(&number(1), 250, &why("Arta", ReasonCode::Goodwill)).await.unwrap();
    assert_eq!(sums(&store, 1).await.0, "5.00", "a proposal moves nothing");
    assert_eq!(store.action(proposed.id).await.unwrap().as_ref(), Some(&proposed));
    let listed = store.actions(ActionState::Proposed, 10).await.unwrap();
    assert_eq!(listed.iter().map(|action| (action.id, action.amount_minor)).collect::<Vec<_>>(), [(proposed.id, 250)]);
    let own = staff.approve(proposed.id, "ARTA").await;
    assert!(matches!(own, Err(NotDone::NotChecked(_))), "{own:?}");
    let done: Done = staff.approve(proposed.id, "Blerim").await.unwrap();
    assert_eq!(done.account.balance_minor, 750);
    for late in [staff.approve(proposed.id, "Drita").await.err(), staff.reject(proposed.id, "Drita").await.err()] {
        assert!(late.is_some_and(|late| late.to_string().contains("done already, by Blerim")));
    }
    let taken = staff.propose(&number(1), -800, &why("Arta", ReasonCode::Correction)).await;
    assert!(matches!(taken, Err(NotDone::Insufficient { .. })), "{taken:?}");
    let taken = staff.propose(&number(1), -700, &why("Arta", ReasonCode::Correction)).await.unwrap();
    staff.reject(taken.id, "Blerim").await.unwrap();
    assert_eq!(store.actions(ActionState::Rejected, 10).await.unwrap()[0].id, taken.id);
    let bank = AccountKey::bank_clearing("ekonomike");
    let summed = staff.propose(&bank, 100, &why("Arta", ReasonCode::Correction)).await;
    assert!(matches!(summed, Err(NotDone::NoBalance(_))), "{summed:?}");
    let nobody = staff.propose(&number(9), 100, &why("Arta", ReasonCode::Goodwill)).await;
    assert!(matches!(nobody, Err(NotDone::NoAccount(_))), "{nobody:?}");
    assert_eq!(sums(&store, 1).await.0, "7.50");
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_hold_is_taken_whole_or_in_part_or_let_go(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    topped_up(&store, "ipko:1", 1, 1).await;
    let (staff, why, until) = (staff(&store), why("Arta", ReasonCode::Disputed), now() + TimeDelta::days(7));
    let mut holds = Vec::new();
    for amount in [200, 150, 100] {
        holds.push(staff.place_hold(&number(1), minor(amount), until, &why).await.unwrap().action);
    }
    assert_eq!(sums(&store, 1).await, ("5.00".into(), "4.50".into()));
    assert!(matches!(
        staff.place_hold(&number(1), minor(51), until, &why).await,
        Err(NotDone::Hold(HoldProblem::Insufficient { available_minor: 50 }))
    ));
    staff.post_hold(holds[0], Some(minor(120)), &why).await.unwrap();
    assert_eq!(sums(&store, 1).await, ("3.80".into(), "2.50".into()));
    staff.void_hold(holds[1], &why).await.unwrap();
    for ended in [staff.post_hold(holds[0], None, &why).await, staff.void_hold(holds[1], &why).await] {
        assert!(matches!(ended, Err(NotDone::Hold(HoldProblem::Ended(_)))), "{ended:?}");
    }
    assert_eq!(store.pending_holds(Some(&number(1)), 10).await.unwrap().len(), 1);
    // Its time is over: it cannot be taken any more, and is let go.
    let later = staff_at(&store, until);
    assert!(matches!(later.post_hold(holds[2], None, &why).await, Err(NotDone::Hold(HoldProblem::TooLate))));
    assert_eq!((later.expire_holds().await.unwrap(), later.expire_holds().await.unwrap()), (1, 0));
    assert_eq!(sums(&store, 1).await, ("3.80".into(), "0.00".into()));
    let suspense = AccountKey::new(mbush::domain::AccountKind::Suspense, "disputed");
    let mut statement = store.statement_of(&suspense, Span::default()).await.unwrap();
    let page = statement.next_page().await.unwrap();
    assert_eq!(
        page.iter().map(|line| (line.kind.known(), line.balance_minor)).collect::<Vec<_>>(),
        [(Some(TransferKind::Capture), 120)]
    );
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_many_nodes_at_once_each_order_is_done_once(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let receipt = topped_up(&store, "ipko:1", 1, 1).await;
    topped_up(&store, "ipko:2", 2, 2).await;
    let proposed = staff(&store).propose(&number(2), 100, &why("Arta", ReasonCode::Goodwill)).await.unwrap();
    let mut nodes = Vec::new();
    for _ in 0..4 {
        let (store, receipt) = (database.open().await, receipt.clone());
        nodes.push(tokio::spawn(async move {
            let staff = staff(&store);
            let until = now() + TimeDelta::days(7);
            let reversed = staff.reverse(&receipt, &why("Arta", ReasonCode::Fraud)).await.is_ok();
            let approved = staff.approve(proposed.id, "Blerim").await.is_ok();
            let held =
                staff.place_hold(&number(2), minor(250), until, &why("Arta", ReasonCode::Disputed)).await.is_ok();
            (usize::from(reversed), usize::from(approved), usize::from(held))
        }));
    }
    let mut done = (0, 0, 0);
    for node in nodes {
        let (reversed, approved, held) = node.await.unwrap();
        done = (done.0 + reversed, done.1 + approved, done.2 + held);
    }
    assert_eq!(done, (1, 1, 2), "one reversal, one approval, and two holds of 2.50 within 6.00");
    assert_eq!((sums(&store, 1).await.0, sums(&store, 2).await), ("0.00".into(), ("6.00".into(), "5.00".into())));
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_statement_tells_every_movement_of_any_account_with_the_balance_after_it(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    // More than one page.
    for round in 0..5 {
        let batch: Vec<TopUp> =
            (0..250).map(|i| TopUp::new(&format!("{round}:{i}"), i % 2, round * 1_000 + i)).collect();
        apply(&store, &batch).await;
    }
    let outcome: Outcome = apply(&store, &[TopUp::new("late", 1, 99_999)]).await.remove(0);
    let reversed = Receipt::of(transfer_of(&outcome));
    staff(&store).reverse(&reversed, &why("Arta", ReasonCode::DoneTwice)).await.unwrap();
    for (account, movements, last) in
        [(number(1), 627, 625 * 500), (AccountKey::bank_clearing("ekonomike"), 1_252, -1_250 * 500)]
    {
        let mut statement = store.statement_of(&account, Span::default()).await.unwrap();
        let (mut seen, mut balance) = (0, 0);
        loop {
            let page = statement.next_page().await.unwrap();
            let Some(end) = page.last() else { break };
            assert!(page.len() <= 1_000);
            for line in &page {
                balance += line.minor;
                assert_eq!(line.balance_minor, balance);
            }
            if end.kind == Stored::Known(TransferKind::Reversal) {
                assert_eq!(
                    (end.reverses.as_ref(), end.reason.clone()),
                    (Some(&reversed), Some(Stored::Known(ReasonCode::DoneTwice)))
                );
            }
            seen += page.len();
        }
        assert_eq!((seen, balance), (movements, last), "{account}");
        // From the reversal's hour on; what came before is in the balance.
        let span = Span { from: Some(now() + TimeDelta::minutes(30)), to: None };
        let mut late = store.statement_of(&account, span).await.unwrap();
        let page = late.next_page().await.unwrap();
        assert_eq!(
            page.iter().map(|line| (line.kind.known(), line.balance_minor)).collect::<Vec<_>>(),
            [(Some(TransferKind::Reversal), last)]
        );
        let mut before = store.statement_of(&account, Span { from: None, to: span.from }).await.unwrap();
        let page = before.next_page().await.unwrap();
        assert!(page.iter().all(|line| line.kind == Stored::Known(TransferKind::TopUp)));
    }
}
