//! Fields that name accounts, by whole files and whole texts.

use crate::domain::{Amount, OtherAccount, Reason, Request, Service, Target};
use crate::grammar::testing::{bank_of, incoming, load};
use crate::grammar::{Fixture, GrammarSet, Reading};

const METER: &str = "[fields.meter]\ndigits = 11\nprefix = [\"04\"]\ncheck = \"luhn\"\naccount = true\n";
const CONTRACT: &str =
    "[fields.contract_number]\npattern = \"[a-z]{2}-?[0-9]{2,4}\"\nexample = \"AB-12\"\naccount = \"contract\"\n";

fn with_fields(fields: &str, forms: &[(&str, &str)]) -> String {
    bank_of(forms).replacen("\n[[form]]", &format!("\n{fields}\n[[form]]"), 1)
}

fn request(set: &GrammarSet, text: &str) -> Request {
    match set.read(&incoming("50001", text)) {
        Ok(Reading::Recharge(request)) => request,
        other => panic!("{text}: {other:?}"),
    }
}

fn refused(fields: &str, form: &str) -> String {
    let error = load(&with_fields(fields, &[("form", form)])).map(|set| set.banks().count());
    error.expect_err("the file must be refused")
}

#[test]
fn a_field_names_the_account_of_its_kind() {
    let forms = [
        ("meter", "text = \"pay {meter} {amount}[ ref {reference}][ {date}]\""),
        ("contract", "text = \"contract {contract_number} {amount}\""),
        ("own", "text = \"{amount}\""),
    ];
    let set = load(&with_fields(&format!("{METER}{CONTRACT}"), &forms)).unwrap();
    assert_eq!(set.account_kinds(), ["contract", "meter"]);
    for (text, account) in [
        ("pay 04123456784 5", "meter:04123456784"),
        ("PAY \u{660}\u{664}\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}\u{667}\u{668}\u{664} 5", "meter:04123456784"),
        ("contract ab12 5", "contract:AB12"),
        ("Contract AB12 5", "contract:AB12"),
        ("contract Ab-12 5", "contract:AB-12"),
    ] {
        let request = request(&set, text);
        assert_eq!(request.target, Target::Account(account.parse().unwrap()), "{text}");
        assert_eq!((request.service, request.fields.is_empty()), (Service::Account, true), "{text}");
        assert!(set.has_identifier(&account.parse::<OtherAccount>().unwrap()), "{account}");
        let again = set.canonical(&incoming("50001", text), &request).unwrap();
        assert_eq!(self::request(&set, &again), request, "{again}");
    }
    assert!(matches!(request(&set, "5").target, Target::Line(_)));
    let more = request(&set, "pay 04123456784 5 ref A1 31.12.2026");
    assert_eq!((more.reference.as_deref(), more.fields.iter().count()), (Some("A1"), 1));
    for wrong in ["meter:04123456783", "meter:0412345678", "meter:04123456784 ", "wallet:04123456784", "contract:A12"] {
        let account = wrong.split_once(':').map(|(kind, identifier)| OtherAccount::new(kind, identifier)).unwrap();
        assert!(!set.has_identifier(&account), "{wrong}");
    }
}

#[test]
fn a_wrong_identifier_is_refused_and_never_another_account() {
    let forms = [("meter", "text = \"pay {meter} {amount}\""), ("any", "text = \"top {wallet} {amount}\"")];
    let wallet = "[fields.wallet]\nword = \"4-12\"\naccount = true\n";
    let set = load(&with_fields(&format!("{METER}{wallet}"), &forms)).unwrap();
    for (text, reason) in [
        ("pay 04123456783 5", Reason::FieldInvalid),
        ("pay 05123456782 5", Reason::FieldInvalid),
        ("pay 04123456784 500", Reason::AmountOutOfLimits),
        // A letter without a plain spelling would be another account to its reader than to the ledger.
        ("top \u{3b1}\u{3b2}\u{3b3}\u{3b4} 5", Reason::FieldInvalid),
    ] {
        let failure = set.read(&incoming("50001", text)).expect_err(text);
        assert_eq!(failure.rejection.reason, reason, "{text}");
    }
    let failure = set.read(&incoming("50001", "pay 04123456783 5")).unwrap_err();
    assert_eq!(failure.rejection.details.value.as_deref(), Some("04123456783"));
    assert_eq!(failure.rejection.details.form.as_deref(), Some("pay 04123456784 5"));
    for (text, value) in
        [("pay 0412345678 5", "0412345678"), ("pay 041234567844 5", "041234567844"), ("top a1 5", "a1")]
    {
        let failure = set.read(&incoming("50001", text)).unwrap_err();
        assert_eq!(failure.rejection.reason, Reason::FieldInvalid, "{text}");
        assert_eq!(failure.rejection.details.value.as_deref(), Some(value), "{text}");
    }
    for text in ["top up my phone today", "pay", "pay the bill"] {
        let failure = set.read(&incoming("50001", text)).unwrap_err();
        assert_ne!(failure.rejection.reason, Reason::FieldInvalid, "{text}");
    }
}

#[test]
fn a_field_that_names_no_account_is_refused_with_its_correction() {
    let form = "text = \"pay {m} {amount}\"";
    for (field, message) in [
        ("number = \"1-9\"\naccount = true", "only digits, a word or a pattern names an account"),
        ("date = true\naccount = true", "only digits, a word or a pattern names an account"),
        ("words.a = { price = 1 }\naccount = true", "only digits, a word or a pattern names an account"),
        ("digits = 4\nsecret = true\naccount = true", "a secret names no account"),
        ("digits = 4\naccount = \"subscriber\"", "`subscriber` is no kind of account"),
        ("digits = 4\naccount = \"Gas Meter\"", "`Gas Meter` is no kind of account"),
        ("digits = 4\naccount = 1", "`account` is true or a text"),
        ("pattern = \"[a-z0-9]{33}\"\nexample = \"A\"\naccount = true", "an identifier of more than 32 characters"),
        ("pattern = \"a~[0-9]\"\nexample = \"a~1\"\naccount = true", "`~` cannot stand in an identifier"),
    ] {
        let error = refused(&format!("[fields.m]\n{field}\n"), form);
        assert!(error.contains(message), "{field}:\n{error}");
    }
    let error = refused("[fields.dealer]\ndigits = 4\naccount = true\n", "text = \"pay {dealer} {amount}\"");
    assert!(error.contains("`dealer` is no kind of account") && error.contains("account = \"meter\""), "{error}");
}

#[test]
fn a_form_with_an_account_has_nothing_else_to_top_up() {
    let wallet = "[fields.wallet]\nword = 8\naccount = true\n[fields.network]\nwords.ipko = { operator = \"ipko\" }\n";
    for (form, message) in [
        ("text = \"pay {meter} {msisdn} {amount}\"", "keep one of {meter}, {msisdn}"),
        ("text = \"pay {meter} {wallet} {amount}\"", "keep one of {meter}, {wallet}"),
        ("text = \"pay {meter} {amount}\"\ntarget = \"own\"", "names its target, and has a `target`"),
        ("text = \"pay {meter} {amount}\"\nservice = \"mobile\"", "a service in a form that tops up `{meter}`"),
        ("text = \"pay {meter} {amount}\"\noperators = [\"ipko\"]", "an operator in a form that tops up `{meter}`"),
        ("text = \"pay {network} {meter} {amount}\"", "an operator in a form that tops up `{meter}`"),
        ("text = \"pay {meter} {voucher}\"", "a scratch card in a form that tops up `{meter}`"),
        ("text = \"pay {meter}\"", "a top-up without an amount"),
        (
            "text = \"pay {meter} {amount}\"\ndiscard = [\"meter\"]",
            "`meter` cannot be discarded: the form uses its value",
        ),
        (
            "text = \"give {meter} {msisdn} {amount} {pin}\"\naction = \"transfer\"",
            "a form of action `transfer` tops up no account",
        ),
        ("text = \"read {meter}\"\naction = \"balance\"", "a form of action `balance` keeps no `{meter}`"),
    ] {
        let error = refused(&format!("{METER}{wallet}"), form);
        assert!(error.contains(message), "{form}:\n{error}");
    }
    let twice = "text = \"pay {meter} {meter} {amount}\"";
    let set = load(&with_fields(METER, &[("twice", twice)])).unwrap();
    assert!(matches!(request(&set, "pay 04123456784 04123456784 5").target, Target::Account(_)));
    let differs = set.read(&incoming("50001", "pay 04123456784 04000000002 5")).unwrap_err();
    assert_eq!(differs.rejection.reason, Reason::FieldsDiffer);
    let priced = load(&with_fields(METER, &[("priced", "text = \"light {meter}\"\nprice = 10")])).unwrap();
    assert_eq!(request(&priced, "light 04123456784").amount.map(Amount::minor), Some(1000));
}

#[test]
fn a_fixture_names_the_account() {
    let set = load(&with_fields(METER, &[("meter", "text = \"pay {meter} {amount}\"")])).unwrap();
    let case = |account: &str| {
        let text = "short_code = \"50001\"\nfrom = \"38349111222\"\n[[read]]\ntext = \"pay 04123456784 5\"\namount = \"5.00\"\n";
        Fixture::from_toml("fixture.toml", &format!("{text}{account}")).unwrap().check(&set)
    };
    assert_eq!(case("account = \"meter:04123456784\""), Vec::<String>::new());
    assert_eq!(case(""), ["line 4: `pay 04123456784 5` has as account `meter:04123456784`, not none"]);
    let explained = set.explain("test").unwrap();
    assert!(explained.contains("credit on the meter that the text names"), "{explained}");
}
