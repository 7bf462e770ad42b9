//! A client that sells for a dealer: the dealer's wallet pays, and the client's secret stands for the PIN.

use std::sync::Arc;

use mbush::config::Config;
use mbush::domain::{AccountKey, DealerName, ReasonCode, wallet};
use mbush::jobs::staff;
use mbush::processor::{StaffOrders, StaffServices, Why};
use mbush::store::DealerAdded;
use mbush::text::templates::Templates;
use rstest::rstest;
use serde_json::{Value, json};

use crate::clients::harness::{Bank, Kind, top_up};
use crate::node;

fn name_of(name: &str) -> DealerName {
    name.parse().unwrap()
}

/// A shop below a distributor, with so much stock.
async fn shop(kind: Kind, minor: i64) -> Option<Bank> {
    let bank = Bank::start(kind).await?;
    let (store, clock) = (&bank.node.store, &bank.node.clock);
    for (name, below) in [("agron", None), ("shpija", Some(name_of("agron")))] {
        let added = store.add_dealer(&name_of(name), below.as_ref(), &[], "drita", clock.now()).await;
        assert_eq!(added.unwrap(), DealerAdded::Done);
    }
    let staff = staff(&bank);
    let why = Why { by: "arta".into(), reason: ReasonCode::StockSold, note: String::new() };
    let proposed = staff.propose(&wallet(&name_of("shpija")), minor, &why).await.unwrap();
    staff.approve(proposed.id, "besim").await.unwrap();
    Some(bank)
}

fn staff(bank: &Bank) -> StaffOrders {
    StaffOrders::new(StaffServices {
        store: bank.node.store.clone(),
        plan: node::plan(),
        templates: Arc::new(Templates::builtin().unwrap()),
        rules: Config::default().rules,
        clock: bank.node.clock.clone(),
        notify: None,
    })
}

async fn sell(bank: &Bank, key: &str, minor: i64) -> Value {
    let (status, body) = bank.call_as("till secret", "/topups", Some(key), top_up("049123456", minor)).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// What the shop, its distributor, the customer and the bank's clearing have, in minor units.
async fn money(bank: &Bank) -> (i64, i64, i64, i64) {
    let of = async |account: &str| {
        let key: AccountKey = account.parse().unwrap();
        bank.node.store.account(&key).await.unwrap().map_or(0, |account| account.balance_minor)
    };
    let (shop, distributor) = (of("dealer:shpija").await, of("dealer:agron").await);
    (shop, distributor, bank.balance("38349123456").await, bank.clearing("bkt").await)
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_sale_is_paid_from_the_wallet_once_and_goes_back_with_its_commission(#[case] kind: Kind) {
    let Some(bank) = shop(kind, 4_000).await else { return };
    let (_, look) = bank.call_as("till secret", "/lookup", None, top_up("049123456", 4_001)).await;
    assert_eq!(look["refusal"]["reason"], "stock_too_low", "{look}");
    let sold = sell(&bank, "K1", 1_000).await;
    assert_eq!(sold["state"], "applied");
    assert!(sold["valid_until"].is_string(), "what is told is the customer's account, not the wallet: {sold}");
    assert_eq!(money(&bank).await, (3_030, 10, 1_000, 0));
    let again = sell(&bank, "K1", 1_000).await;
    assert_eq!((again["state"].as_str(), again["replayed"].as_bool()), (Some("applied"), Some(true)), "{again}");
    assert_eq!(money(&bank).await, (3_030, 10, 1_000, 0));
    let (status, back) = bank.call_as("till secret", "/topups/K1/reversal", None, json!({})).await;
    assert_eq!(status, 200, "{back}");
    assert_eq!(money(&bank).await, (4_000, 0, 0, 0), "{back}");
    // What went back counts no more for the dealer's three of a day.
    for key in ["K2", "K3", "K4"] {
        let sold = sell(&bank, key, 500).await;
        assert_eq!(sold["state"], "applied", "{key}: {sold}");
    }
    assert_eq!(sell(&bank, "K5", 500).await["state"], "refused", "three a day");
    bank.assert_sound().await;
}

/// The distributor has spent its commission, and the customer holds all of the credit.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_sale_goes_back_although_its_commission_was_spent_and_is_owed(#[case] kind: Kind) {
    let Some(bank) = shop(kind, 4_000).await else { return };
    sell(&bank, "K1", 1_000).await;
    let staff = staff(&bank);
    let agron = wallet(&name_of("agron"));
    let why = Why { by: "arta".into(), reason: ReasonCode::Correction, note: String::new() };
    let proposed = staff.propose(&agron, -7, &why).await.unwrap();
    staff.approve(proposed.id, "besim").await.unwrap();
    let (status, back) = bank.call_as("till secret", "/topups/K1/reversal", None, json!({})).await;
    assert_eq!((status, back["state"].as_str()), (200, Some("reversed")), "{back}");
    assert_eq!(money(&bank).await, (4_000, 0, 0, 0), "{back}");
    assert_eq!(bank.node.store.owed_minor(&name_of("agron")).await.unwrap(), 7);
    let (_, again) = bank.call_as("till secret", "/topups/K1/reversal", None, json!({})).await;
    assert_eq!(again["state"], "reversed", "{again}");
    sell(&bank, "K2", 500).await;
    assert_eq!(bank.node.store.owed_minor(&name_of("agron")).await.unwrap(), 2, "its next commission pays");
    let (_, back) = bank.call_as("till secret", "/topups/K2/reversal", None, json!({})).await;
    assert_eq!(back["state"], "reversed", "{back}");
    assert_eq!(
        bank.node.store.owed_minor(&name_of("agron")).await.unwrap(),
        7,
        "what it paid stays paid, and it owes again"
    );
    assert_eq!(money(&bank).await, (4_000, 0, 0, 0));
    bank.assert_sound().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn who_may_not_sell_is_told_why_and_nothing_moves(#[case] kind: Kind) {
    let Some(bank) = shop(kind, 1_000).await else { return };
    assert_eq!(sell(&bank, "K1", 1_001).await["refusal"]["reason"], "stock_too_low");
    let (status, lost) = bank.call_as("lost secret", "/topups", Some("K1"), top_up("049123456", 500)).await;
    assert_eq!((status, lost["where"].as_str()), (400, Some("header Authorization")), "{lost}");
    assert!(lost.to_string().contains("dealer_unknown"), "{lost}");
    // Withdrawn before it came: it is not done when it comes.
    bank.call_as("till secret", "/topups/K2/reversal", None, json!({})).await;
    assert_eq!(sell(&bank, "K2", 500).await["state"], "cancelled");
    let now = bank.node.clock.now();
    let order = staff::Order { action: staff::Action::Suspend, by: "drita", reason: "fraud", now };
    let validity = Config::default().rules.validity;
    staff::act(&bank.node.store, &validity, &wallet(&name_of("shpija")), order).await.unwrap();
    assert_eq!(sell(&bank, "K3", 500).await["refusal"]["reason"], "dealer_blocked");
    assert_eq!(money(&bank).await, (1_000, 0, 0, 0));
    bank.assert_sound().await;
}
