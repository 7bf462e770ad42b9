//! Endings as JSON.

use super::*;

#[test]
fn an_ending_is_kept_as_json_and_read_again_in_its_older_form_too() {
    let old = r#"{"outcome":"applied","transfer":"00000000-0000-0000-0000-000000000007","number":"38349123456",
        "own":true,"amount_cents":500,"balance_cents":750,"valid_until":"2027-01-21T17:00:00Z","fee_cents":8,
        "commission_cents":15,"bonuses":[{"rule":"autumn","amount_cents":50}]}"#;
    let Outcome::Applied(applied) = serde_json::from_str(old).unwrap() else { panic!() };
    assert_eq!((applied.kind, applied.amount.minor(), applied.balance_minor), (TransferKind::TopUp, 500, 750));
    assert_eq!((applied.fee.map(Amount::minor), applied.commission.map(Amount::minor)), (Some(8), Some(15)));
    assert_eq!(applied.bonuses[0].amount.minor(), 50);
    assert_eq!(applied.beneficiary.number().map(Msisdn::digits).as_deref(), Some("38349123456"));
    let product = Applied { beneficiary: Beneficiary::Username("arben".into()), valid_until: None, ..applied };
    let earlier = Earlier { transfer: Uuid::nil(), at: DateTime::UNIX_EPOCH };
    let beneficiary = product.beneficiary.clone();
    for outcome in
        [Outcome::Duplicate { of: earlier, beneficiary, amount: Some(product.amount) }, Outcome::Applied(product)]
    {
        let json = serde_json::to_string(&outcome).unwrap();
        assert!(json.contains(r#""username":"arben""#), "{json}");
        assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
    }
}

#[test]
fn an_ending_with_a_word_of_a_newer_version_is_read_and_written_as_it_is() {
    let refused = r#"{"outcome":"refused","reason":"tariff_unknown","value":"9","tariff":{"of":[7]}}"#;
    let outcome: Outcome = serde_json::from_str(refused).unwrap();
    assert_eq!((outcome.kind(), outcome.reason(), outcome.transfer()), ("refused", Some("tariff_unknown"), None));
    assert_eq!((outcome.rejection(), outcome.error_code()), (None, NEWER_CODE));
    let stored: serde_json::Value = serde_json::from_str(refused).unwrap();
    assert_eq!(serde_json::to_value(&outcome).unwrap(), stored);
    assert_eq!(format!("{outcome:?}"), "Newer(NewerOutcome(refused, Some(\"tariff_unknown\")))");

    let transfer = Uuid::from_u128(7);
    let applied = format!(r#"{{"outcome":"applied","transfer":"{transfer}","kind":"loan","number":"38349123456"}}"#);
    let outcome: Outcome = serde_json::from_str(&applied).unwrap();
    assert_eq!((outcome.ending(), outcome.transfer(), outcome.error_code()), (Ending::Applied, Some(transfer), 0));
    let informed = r#"{"outcome":"informed","topic":"number_moved"}"#;
    let outcome: Outcome = serde_json::from_str(informed).unwrap();
    assert_eq!((outcome.ending(), outcome.reason(), outcome.error_code()), (Ending::Informed, None, 0));
    assert_eq!(serde_json::to_string(&outcome).unwrap(), informed);

    for none in [r#"{"outcome":"melted"}"#, r#"{"reason":"unreadable"}"#, "7"] {
        assert!(serde_json::from_str::<Outcome>(none).is_err(), "{none}");
    }
}
