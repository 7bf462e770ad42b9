//! Tests of dealers' names and commissions.

use super::*;

fn name(text: &str) -> DealerName {
    text.parse().unwrap()
}

fn minor(minor: i64) -> Amount {
    Amount::from_minor(minor).unwrap()
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
        amount: AmountLimit { min: Some(minor(1_000)), max: None },
        ..rule("large", 0, Give::Percent(5))
    };
    let over = CommissionRule { until: Some("2026-11-21".parse().unwrap()), ..rule("over", 0, Give::Percent(9)) };
    let rules = DealerRules {
        commissions: vec![over, large, rule("small", 0, Give::Percent(3)), rule("above", 1, Give::Fixed(minor(2)))],
        ..DealerRules::default()
    };
    let shop = Dealer { name: name("shop"), above: vec![name("agron"), name("top")] };
    let earned = |amount: i64| {
        let movements = rules.commissions(&shop, minor(amount), now()).into_iter();
        movements.map(|m| (m.debit.key, m.credit.key, m.amount.minor())).collect::<Vec<_>>()
    };
    let row = |rule: &str, dealer: &str, minor: i64| (rule.to_owned(), dealer.to_owned(), minor);
    assert_eq!(earned(500), [row("small", "shop", 15), row("above", "agron", 2)]);
    assert_eq!(earned(1_000), [row("large", "shop", 50), row("above", "agron", 2)]);
    assert_eq!(earned(10), [row("above", "agron", 2)], "a part of a cent is not given");
}
