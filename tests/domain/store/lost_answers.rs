//! The commit is done, and its answer is lost: the order has exactly one effect, and whoever gave it is told the truth.

use chrono::TimeDelta;
use mbush::config::Config;
use mbush::domain::voucher::{CodeHash, Serial, State};
use mbush::domain::{ActionState, Outcome, ReasonCode, Receipt};
use mbush::jobs::opening::open;
use mbush::jobs::staff::{Action, Order, act};
use mbush::store::{NewBatch, Store};
use mbush::vouchers::{self, Step};
use testkit::proxy::Proxy;

use crate::node::Node;
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, now, number, transfer_of};
use crate::store::opening::opening;
use crate::store::staff::{minor, staff, why};

/// A database, and the way to it that loses answers.
async fn lossy() -> Option<(Database, Proxy)> {
    let database = Database::new(Kind::Postgres)?;
    let proxy = Proxy::before(database.server()?).await?;
    Some((database, proxy))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_answer_was_lost_is_done_once_and_answered() {
    let Some((_database, proxy)) = lossy().await else { return };
    let node = Node::start_with(|config| config.store.url.clone_from(&proxy.url)).await;
    for round in 1..=3 {
        proxy.lose_next();
        let answer = node.text(&round.to_string(), "38349111222", "50005", &format!("049123456 {round}")).await;
        let answer = answer.unwrap();
        assert!(matches!(answer.outcome, Outcome::Applied(_)), "{answer:?}");
        assert!(answer.reply.is_some_and(|reply| reply.contains(&format!("{round}.00"))));
        assert_eq!(proxy.lost(), round);
        let replies = node.store.outbox_of(&format!("ipko:{round}")).await.unwrap();
        assert_eq!(replies.len(), 1, "{replies:?}");
    }
    let totals = node.store.totals().await.unwrap();
    assert_eq!((totals.transfers, totals.transferred_minor, totals.messages), (3, 600, 3));
    assert_sound(&node.stop().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staffs_orders_whose_answers_were_lost_are_done_once_and_confirmed() {
    let Some((_database, proxy)) = lossy().await else { return };
    let store = Store::open(&proxy.url).await.unwrap();
    let top_ups = [TopUp::new("ipko:1", 1, 1), TopUp::new("ipko:2", 1, 2)];
    let receipt = Receipt::of(transfer_of(&apply(&store, &top_ups).await[0]));
    let (staff, why, account) = (staff(&store), why("Arta", ReasonCode::Disputed), number(1));
    let mut orders = 0;
    let mut lose = || {
        assert_eq!(proxy.lost(), orders, "each order's answer is lost");
        orders += 1;
        proxy.lose_next();
    };

    lose();
    let proposed = staff.propose(&account, 250, &why).await.unwrap();
    lose();
    let approved = staff.approve(proposed.id, "Blerim").await.unwrap();
    assert_eq!(approved.account.balance_minor, 1_250);
    let told = store.outbox_of(&format!("operator:{}", proposed.id)).await.unwrap();
    assert_eq!(told.len(), 1, "the customer is told once");
    assert_eq!(approved.told.as_deref(), Some(told[0].sms.text.as_str()), "and who approved it hears that");
    lose();
    let turned_down = staff.propose(&account, 100, &why).await.unwrap();
    lose();
    assert_eq!(staff.reject(turned_down.id, "Blerim").await.unwrap().state, ActionState::Rejected);
    let again = staff.reject(turned_down.id, "Drita").await.unwrap_err().to_string();
    assert!(again.contains("rejected already, by Blerim"), "{again}");
    lose();
    let reversed = staff.reverse(&receipt, &why).await.unwrap();
    assert_eq!(reversed.account.balance_minor, 750);
    let until = now() + TimeDelta::days(7);
    let mut holds = Vec::new();
    for held in [100, 50] {
        lose();
        holds.push(staff.place_hold(&account, minor(held), until, &why).await.unwrap().action);
    }
    lose();
    assert_eq!(staff.post_hold(holds[0], Some(minor(60)), &why).await.unwrap().account.balance_minor, 690);
    lose();
    assert_eq!(staff.void_hold(holds[1], &why).await.unwrap().account.held_minor, 0);
    lose();
    let validity = Config::default().rules.validity;
    let order = Order { action: Action::Suspend, by: "Arta", reason: "lost phone", now: now() };
    let suspended = act(&store, &validity, &account, order).await.unwrap();
    assert_eq!(store.account_events(&account, 9).await.unwrap(), [suspended]);
    lose();
    let opened = open(&store, &[number(1), number(7), number(8)], opening("Arta")).await.unwrap();
    assert_eq!(opened, [number(7), number(8)], "what the lost commit opened is told");
    assert_eq!(proxy.lost(), orders);

    let totals = store.totals().await.unwrap();
    assert_eq!((totals.transfers, totals.balances_minor), (5, 690));
    assert_eq!(store.actions(ActionState::Done, 99).await.unwrap().len(), 6);
    assert_sound(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_of_cards_whose_answers_were_lost_are_made_once() {
    let Some((_database, proxy)) = lossy().await else { return };
    let store = Store::open(&proxy.url).await.unwrap();
    let new = NewBatch {
        amount: minor(500),
        count: 2,
        days: None,
        key: "2026-1".into(),
        expires_at: now() + TimeDelta::days(365),
        by: "Arta".into(),
        at: now(),
    };
    let number = store.open_voucher_batch(&new).await.unwrap();
    store.add_vouchers(number, 1, &[CodeHash([1; 32]), CodeHash([2; 32])]).await.unwrap();
    let generated = store.voucher_batch(number).await.unwrap().unwrap();
    let file = mbush::domain::voucher::CardBatch { state: State::Generated, file: Some([1; 32]), ..generated };
    let step = |by: &str, note: &str| Step { by: by.into(), note: note.into(), at: now() };
    let event = mbush::store::VoucherEvent {
        place: None,
        from: State::Generating,
        to: State::Generated,
        by: "Arta".into(),
        note: String::new(),
        at: now(),
    };
    assert!(store.step_voucher_batch(&file, &event).await.unwrap());
    let mut lost = 0;
    for (to, note) in [(State::Printed, "printed"), (State::Distributed, "on its way")] {
        lost += 1;
        proxy.lose_next();
        assert_eq!(vouchers::move_batch(&store, number, to, &step("Arta", note)).await.unwrap().state, to);
        assert_eq!(proxy.lost(), lost);
    }
    proxy.lose_next();
    vouchers::propose(&store, number, &step("Drita", "")).await.unwrap();
    proxy.lose_next();
    let active = vouchers::approve(&store, number, &step("Blerim", "checked")).await.unwrap();
    proxy.lose_next();
    let serial = Serial::new(number, 1).unwrap();
    vouchers::move_card(&store, serial, State::Blocked, &step("Arta", "stolen")).await.unwrap();
    assert_eq!((active.state, proxy.lost()), (State::Active, lost + 3));
    let notes: Vec<String> =
        store.voucher_events(number, None).await.unwrap().into_iter().map(|event| event.note).collect();
    assert_eq!(notes, ["", "printed", "on its way", "activation proposed", "checked"]);
    assert_eq!(
        store.voucher_events(number, Some(1)).await.unwrap().iter().filter(|step| step.note == "stolen").count(),
        1
    );
}

/// A card that can no longer be read, credited by two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_card_whose_approvals_answer_was_lost_is_credited_once() {
    let Some((_database, proxy)) = lossy().await else { return };
    let store = Store::open(&proxy.url).await.unwrap();
    let serial = crate::store::vouchers::active_card(&store).await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    let (staff, why) = (staff(&store), why("Arta", ReasonCode::Goodwill));
    proxy.lose_next();
    let proposed = staff.propose_card(serial, &number(1), &why).await.unwrap();
    proxy.lose_next();
    let done = staff.approve(proposed.id, "Blerim").await.unwrap();
    assert_eq!((done.account.balance_minor, proxy.lost()), (1_000, 2));
    assert_eq!(store.outbox_of(&format!("operator:{}", proposed.id)).await.unwrap().len(), 1);
    assert_eq!(store.totals().await.unwrap().transfers, 2);
    assert_sound(&store).await;
}
