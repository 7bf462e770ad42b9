//! Tests of dealers' names and commissions.

use super::super::recharge::tests::rules;
use super::*;

fn name(text: &str) -> DealerName {
    text.parse().unwrap()
}

fn cents(cents: i64) -> Amount {
    Amount::from_cents(cents).unwrap()
}

fn rule(name: &str, level: usize, give: Give) -> CommissionRule {
    CommissionRule { name: name.to_owned(), level, give, amount: AmountLimit::default(), from: None, until: None }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

#[test]
fn a_name_is_short_plain_and_no_number_of_words() {
    for text in ["shpija", "shop-1", "10"] {
        assert_eq!(name(text).to_string(), text);
    }
    for text in ["", "a", "Shpija", "a b", "a:b", "ë1", "a-very-long-name-of-a-dealer"] {
        assert!(text.parse::<DealerName>().unwrap_err().contains("2 to 24"), "{text}");
    }
}

#[test]
fn each_level_earns_by_the_first_of_its_rules_that_applies() {
    let large = CommissionRule {
        amount: AmountLimit { min: Some(cents(1_000)), max: None },
        ..rule("large", 0, Give::Percent(5))
    };
    let over = CommissionRule { until: Some("2026-11-21".parse().unwrap()), ..rule("over", 0, Give::Percent(9)) };
    let rules = DealerRules {
        commissions: vec![over, large, rule("small", 0, Give::Percent(3)), rule("above", 1, Give::Fixed(cents(2)))],
        ..DealerRules::default()
    };
    let shop = Dealer { name: name("shop"), above: vec![name("agron"), name("top")] };
    let earned = |amount: i64| {
        let movements = rules.commissions(&shop, cents(amount), now()).into_iter();
        movements.map(|m| (m.debit.key, m.credit.key, m.amount.cents())).collect::<Vec<_>>()
    };
    let row = |rule: &str, dealer: &str, cents: i64| (rule.to_owned(), dealer.to_owned(), cents);
    assert_eq!(earned(500), [row("small", "shop", 15), row("above", "agron", 2)]);
    assert_eq!(earned(1_000), [row("large", "shop", 50), row("above", "agron", 2)]);
    assert_eq!(earned(10), [row("above", "agron", 2)], "a part of a cent is not given");
}

#[test]
fn stock_goes_one_step_down_only() {
    let dealer =
        |text: &str, above: &[&str]| Dealer { name: name(text), above: above.iter().map(|a| name(a)).collect() };
    let from = dealer("agron", &["top"]);
    let account = Account { balance_cents: 500, ..Account::open(from.wallet(), now()) };
    let loaded = LoadedRows { accounts: [(from.wallet(), account)].into(), ..LoadedRows::default() };
    let phone: Msisdn = "38349700002".parse().unwrap();
    let command = |to: Option<Dealer>, amount: i64| StockCommand {
        id: Uuid::from_u128(1),
        bank: "dealers".into(),
        form: "stock".into(),
        from: Seller { dealer: from.clone(), phone, check: None },
        to: StockReceiver { phone, dealer: to },
        amount: cents(amount),
        repeat: false,
        language: None,
        received_at: now(),
        redelivery_doubt_since: None,
    };
    let shop = dealer("shop", &["agron", "top"]);
    let moved = handed_on(&loaded, &command(Some(shop.clone()), 500)).unwrap();
    assert_eq!((moved.debit, moved.credit, moved.kind), (from.wallet(), shop.wallet(), TransferKind::Stock));
    let short = handed_on(&loaded, &command(Some(shop), 501)).unwrap_err();
    assert_eq!((short.reason, short.details.available.as_deref()), (Reason::StockTooLow, Some("5.00")));
    for other in [None, Some(dealer("far", &["shop", "agron"])), Some(dealer("top", &[])), Some(from.clone())] {
        assert_eq!(handed_on(&loaded, &command(other, 1)).unwrap_err().reason, Reason::DealerNotBelow);
    }
    let refused = decide(&loaded, &command(None, 1), &rules(), now());
    assert!(matches!(refused, Decision::Refuse(rejection) if rejection.reason == Reason::PinMissing));
}
