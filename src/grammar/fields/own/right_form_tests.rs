//! Right forms that are shown for texts with a bank's own fields, where several banks share the short code.

use super::tests::with_fields;
use crate::grammar::GrammarSet;
use crate::grammar::testing::{bank_of, incoming, plan};

#[test]
fn a_right_form_is_readable_with_own_fields_and_banks_that_share_a_code() {
    let power = with_fields(
        "[fields.meter]\ndigits = 11\ncheck = \"luhn\"\n[fields.package]\nwords.weekly = { price = 3 }\nwords.monthly = { price = 9 }\n",
        &[("meter", "text = \"pay {meter} {amount}\""), ("package", "text = \"pack {package} {msisdn}\"")],
    );
    let gas = bank_of(&[("gas", "text = \"gas {contract:word 4-8} {amount}\"")]).replacen("\"test\"", "\"gas\"", 1);
    let set = GrammarSet::load([("gas.toml", gas), ("power.toml", power)], plan()).unwrap();
    for (text, reason) in [
        ("pay 04123456785 5", "field_invalid"),
        ("pay 04123456784", "amount_missing"),
        ("gas ab1234", "amount_missing"),
        ("gaz ab1234 5", "keyword_near"),
        ("pack monthly", "number_missing"),
    ] {
        let failure = set.read(&incoming("50001", text)).unwrap_err();
        let form = failure.rejection.details.form.clone().unwrap_or_default();
        assert_eq!(failure.rejection.reason.as_str(), reason, "{text}: {form}");
        assert!(set.read(&incoming("50001", &form)).is_ok(), "{text}: {form}");
        assert!(form.starts_with(&text[..2]), "{text}: {form}");
    }
    let stray = set.read(&incoming("50001", "pack daily 049123456")).unwrap_err();
    let form = stray.rejection.details.form.unwrap();
    assert!(set.read(&incoming("50001", &form)).is_ok(), "{form}");
    let tried = set.try_text(Some("gas"), "38349111222", "pay 04123456784 5");
    assert!(tried.iter().all(|tried| tried.outcome.is_err()), "the form is the other bank's");
    assert!(
        set.explain("test").unwrap().contains("takes     3.00 for `monthly`")
            || set.explain("test").unwrap().contains("9.00 for `monthly`")
    );
}
