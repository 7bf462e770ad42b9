//! Cards that can no longer be read: found by serial, credited once, by two people.

use mbush::domain::AccountKey;
use mbush::store::Store;
use rstest::rstest;
use testkit::postgres::Postgres;

use super::operator::Operator;

#[rstest]
#[case::sqlite(false)]
#[case::postgres(true)]
#[tokio::test]
async fn a_damaged_card_is_credited_once_by_two(#[case] on_postgres: bool) {
    let server = if on_postgres { Postgres::start() } else { None };
    if on_postgres && server.is_none() {
        return;
    }
    let operator = Operator::new(server.as_ref().map(|server| server.url.clone())).await;
    operator.generate("10", "5", "cards.age");
    let cards = operator.printed("cards.age");
    let propose = |serial: &str, number: &str| {
        let arguments =
            ["voucher", "damaged", "propose", serial, number, "--by", "Arta", "--note", "scratched through"];
        operator.run(&arguments)
    };
    let early = propose(&cards[0].serial, "049123456");
    assert!(String::from_utf8_lossy(&early.stderr).contains("voucher not active"), "{early:?}");
    operator.activate("1", "cards.age");
    let proposed = propose(&cards[0].serial, "049123456");
    let told = String::from_utf8_lossy(&proposed.stdout).into_owned();
    assert!(proposed.status.success() && told.contains("10.00 EUR"), "{proposed:?}");
    let id = told.split("approve ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let waits = operator.told(&["adjust", "list"]);
    assert!(waits.contains(id) && waits.contains(&cards[0].serial) && waits.contains("scratched through"), "{waits}");
    let approve = ["voucher", "damaged", "approve", id, "--yes", "--by"];
    let own = operator.refused(&[&approve[..], &["arta"]].concat());
    assert!(own.contains("Arta proposed it"), "{own}");
    let second = propose(&cards[0].serial, "049123457");
    assert!(second.status.success(), "nothing is used up by a proposal: {second:?}");
    let told = operator.told(&[&approve[..], &["Besim"]].concat());
    assert!(told.contains("receipt") && told.contains("10.00 EUR"), "{told}");
    let again = operator.refused(&[&approve[..], &["Besim"]].concat());
    assert!(again.contains("it is done already, by Besim"), "{again}");
    let second = String::from_utf8_lossy(&second.stdout).into_owned();
    let second = second.split("approve ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let late = operator.refused(&["adjust", "approve", second, "--by", "Besim", "--yes"]);
    assert!(late.contains("voucher used"), "{late}");
    let third = propose(&cards[0].serial, "049123456");
    assert!(String::from_utf8_lossy(&third.stderr).contains("voucher used"), "{third:?}");
    let unknown = propose("00001-0000006-9", "049123456");
    assert!(!unknown.status.success(), "{unknown:?}");
    let shown = operator.told(&["voucher", "show", &cards[0].serial]);
    assert!(shown.contains("used") && shown.contains(id), "{shown}");
    let audit = operator.told(&["audit"]);
    assert!(audit.contains("sound"), "{audit}");
    let store = Store::open(&operator.url).await.unwrap();
    let balance = |digits: &str| {
        let (store, key) = (store.clone(), AccountKey::subscriber(digits.parse().unwrap()));
        async move { store.account(&key).await.unwrap().map_or(0, |account| account.balance_minor) }
    };
    assert_eq!((balance("38349123456").await, balance("38349123457").await), (1_000, 0));
    store.close().await;
}
