//! A bank's own fields, by whole files and whole texts.

use crate::domain::{Amount, FieldValue, Fields, Reason};
use crate::grammar::testing::{bank_of, incoming, load};
use crate::grammar::{GrammarSet, Reading};

/// The kept fields of a text, or the name of the reason.
fn read(set: &GrammarSet, text: &str) -> Result<Vec<(String, String)>, &'static str> {
    let fields = match set.read(&incoming("50001", text)) {
        Ok(Reading::Recharge(request)) => request.fields,
        Ok(Reading::Transfer(request)) => request.fields,
        Ok(other) => panic!("{text}: {other:?}"),
        Err(failure) => return Err(failure.rejection.reason.as_str()),
    };
    Ok(shown(&fields))
}

fn shown(fields: &Fields) -> Vec<(String, String)> {
    fields.iter().map(|field| (field.name.clone(), field.value.to_string())).collect()
}

fn listed(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn refused(file: &str) -> String {
    load(file).map(|set| set.banks().count()).expect_err("the file must be refused")
}

#[test]
fn every_kind_is_read_and_kept_with_its_name() {
    let file = bank_of(&[
        ("meter", "text = \"pay {meter:digits 11..12} {amount}\""),
        ("card", "text = \"card {last:digits 4} {month:number 1-12} {amount}\""),
        ("code", "text = \"code {operator_code:word} {amount}\""),
        ("day", "text = \"day {amount} {since:date}\""),
        ("built in", "text = \"note {amount} {date} {number:1-99} {text}\""),
    ]);
    let set = load(&file).unwrap();
    for (text, kept) in [
        ("pay 01234567890 5", &[("meter", "01234567890")][..]),
        ("pay ٠١٢٣٤٥٦٧٨٩٠ 5", &[("meter", "01234567890")]),
        ("card 4711 07 5", &[("last", "4711"), ("month", "7")]),
        ("code Ab12 5", &[("operator_code", "Ab12")]),
        ("day 5 31.12.2026", &[("since", "2026-12-31")]),
        ("note 5 31.12.2026 7 për Arbenin!", &[("date", "2026-12-31"), ("number", "7"), ("text", "për Arbenin!")]),
    ] {
        assert_eq!(read(&set, text), Ok(listed(kept)), "{text}");
    }
    for text in ["pay 0123456789 5", "card 4711 13 5", "code 5", "day 5 31.02.2026"] {
        assert!(read(&set, text).is_err(), "{text}");
    }
}

#[test]
fn what_is_kept_is_written_out_again() {
    let fields = "[fields.policy]\npattern = \"[a-z]{2}-[0-9]{4,6}\"\nexample = \"AB-1234\"\n";
    let file = bank_of(&[("policy", "text = \"pay {policy} {amount} {date} {month:number 1-12}\"")]);
    let set = load(&file.replacen("\n[[form]]", &format!("\n{fields}\n[[form]]"), 1)).unwrap();
    let message = incoming("50001", "PAY Xy-00417 5 31/12/2026 3");
    let Ok(Reading::Recharge(request)) = set.read(&message) else { panic!("{:?}", set.read(&message)) };
    assert_eq!(set.canonical(&message, &request).as_deref(), Some("pay Xy-00417 5 31.12.2026 3"));
}

#[test]
fn the_same_field_twice_must_be_the_same_value() {
    let file = bank_of(&[
        ("pin", "text = \"pin {pin} {new_pin} {new_pin}\"\naction = \"pin\""),
        ("twice", "text = \"pay {msisdn} {amount} {msisdn}\""),
        ("meter", "text = \"meter {m:digits 4} {m:digits 4} {amount}\""),
    ]);
    let set = load(&file).unwrap();
    assert!(matches!(set.read(&incoming("50001", "pin 1234 4711 4711")), Ok(Reading::Pin(_))));
    let differs = Err(Reason::FieldsDiffer.as_str());
    let failure = set.read(&incoming("50001", "pin 1234 4711 4712")).unwrap_err();
    assert_eq!(failure.rejection.reason, Reason::FieldsDiffer);
    assert_eq!(failure.rejection.details.value, None, "a PIN is not quoted");
    assert_eq!(read(&set, "pay 049123456 5 +383 49 123 456"), Ok(listed(&[])));
    assert_eq!(read(&set, "pay 049123456 5 049123457"), differs);
    assert_eq!(read(&set, "meter 0012 0012 5"), Ok(listed(&[("m", "0012")])));
    assert_eq!(read(&set, "meter 0012 0013 5"), differs);
}

const TABLE: &str = "
[fields.package]
words.weekly = { also = [\"javore\", \"w\"], price = \"3.50\" }
words.monthly = { also = \"mujore\", price = 10 }

[fields.network]
words.ipko = { also = \"ip\", operator = \"ipko\" }
words.vala = { operator = \"vala\" }
";

pub(super) fn with_fields(fields: &str, forms: &[(&str, &str)]) -> String {
    bank_of(forms).replacen("\n[[form]]", &format!("\n{fields}\n[[form]]"), 1)
}

#[test]
fn a_table_gives_words_a_price_and_an_operator_in_every_form() {
    let forms = [
        ("own", "text = \"{package}\""),
        ("other", "text = \"{package} {msisdn}\""),
        ("named", "text = \"{network} {msisdn} {amount}\""),
        ("gift", "text = \"gift {package} {msisdn} {pin}\"\naction = \"transfer\""),
    ];
    let set = load(&with_fields(TABLE, &forms)).unwrap();
    for (text, package, minor) in
        [("Weekly", "weekly", 350), ("w 049123456", "weekly", 350), ("mujore", "monthly", 1000)]
    {
        let Ok(Reading::Recharge(request)) = set.read(&incoming("50001", text)) else { panic!("{text}") };
        assert_eq!(
            (shown(&request.fields), request.amount.map(Amount::minor)),
            (listed(&[("package", package)]), Some(minor))
        );
    }
    let Ok(Reading::Transfer(gift)) = set.read(&incoming("50001", "gift w 049123456 1234")) else { panic!("gift") };
    assert_eq!((gift.amount.minor(), shown(&gift.fields)), (350, listed(&[("package", "weekly")])));
    assert_eq!(read(&set, "ip 049123456 5"), Ok(listed(&[("network", "ipko")])));
    assert_eq!(read(&set, "vala 049123456 5"), Err("operator_not_offered"));
}

#[test]
fn checks_of_digits_have_a_reason_of_their_own() {
    let fields = "[fields.meter]\ndigits = 11\nprefix = [\"04\", \"05\"]\ncheck = \"luhn\"\n[fields.reference_number]\ndigits = \"6-8\"\ncheck = \"mod97\"\n";
    let set = load(&with_fields(
        fields,
        &[("meter", "text = \"pay {meter} {amount}\""), ("iban", "text = \"ref {reference_number} {amount}\"")],
    ))
    .unwrap();
    assert_eq!(read(&set, "pay 04123456784 5"), Ok(listed(&[("meter", "04123456784")])));
    for wrong in ["pay 04123456783 5", "pay 06123456780 5", "ref 123456 5"] {
        let failure = set.read(&incoming("50001", wrong)).unwrap_err();
        assert_eq!(failure.rejection.reason, Reason::FieldInvalid, "{wrong}");
        let shown = failure.rejection.details.form.unwrap();
        assert!(read(&set, &shown).is_ok(), "{wrong}: {shown}");
        assert_eq!(failure.rejection.details.value.as_deref(), wrong.split(' ').nth(1));
    }
}

#[test]
fn a_secret_is_kept_as_stars() {
    let fields = "[fields.passcode]\ndigits = 6\nsecret = true\n";
    let set = load(&with_fields(fields, &[("pay", "text = \"pay {msisdn} {amount} {passcode}\"")])).unwrap();
    let Ok(Reading::Recharge(request)) = set.read(&incoming("50001", "pay 049123456 5 471147")) else { panic!() };
    assert_eq!(
        serde_json::to_string(&request.fields).unwrap(),
        r#"[{"name":"passcode","type":"secret","value":"****"}]"#
    );
    assert!(matches!(&request.fields.iter().next().unwrap().value, FieldValue::Secret(_)));
    assert_eq!(request.fields.secrets().map(|secret| secret.as_str()).collect::<Vec<_>>(), ["471147"]);
}

#[test]
fn a_form_without_a_place_for_a_field_says_that_it_is_not_kept() {
    let ask = |rest: &str| bank_of(&[("points", rest)]);
    let error = refused(&ask("text = \"points {card:digits 4}\"\naction = \"balance\""));
    assert!(
        error.contains("a form of action `balance` keeps no `{card}`") && error.contains("discard = [\"card\"]"),
        "{error}"
    );
    load(&ask("text = \"points {card:digits 4}\"\naction = \"balance\"\ndiscard = [\"card\"]")).unwrap();
    let set = load(&ask("text = \"pay {amount} {date}\"\ndiscard = [\"date\"]")).unwrap();
    assert_eq!(read(&set, "pay 5 31.12.2026"), Ok(listed(&[])));
    let error = refused(&ask("text = \"pay {amount}\"\ndiscard = [\"amount\"]"));
    assert!(error.contains("`amount` cannot be discarded: the form uses its value"), "{error}");
    let error = refused(&ask("text = \"pay {amount}\"\ndiscard = [\"meter\"]"));
    assert!(error.contains("the form has no such field"), "{error}");
}

#[test]
fn a_wrong_field_is_refused_with_its_correction() {
    for (form, message, help) in [
        ("pay {metre} {amount}", "there is no field `metre`", "{metre:digits 11}"),
        ("pay {m:digit 4} {amount}", "`digit 4` is no kind of field", "{name:digits 11-12}"),
        ("pay {m:digits 0} {amount}", "`0` is no width", "from 1 to 32"),
        ("pay {m:digits 40} {amount}", "`40` is no width", "from 1 to 32"),
        ("pay {m:number} {amount}", "`` is no range", "number 1-12"),
        ("pay {m:number 1-9999999999} {amount}", "`1-9999999999` is no range", "at most 999999999"),
        ("pay {M:word} {amount}", "`M` is no name of a field", "a letter first"),
        ("pay {m:digits 2-4}{amount}", "nobody can tell where it ends", "give it a fixed width"),
    ] {
        let error = refused(&bank_of(&[("form", &format!("text = \"{form}\""))]));
        assert!(error.contains(message) && error.contains(help), "{form}:\n{error}");
    }
    for (fields, message) in [
        ("[fields.amount]\ndigits = 4", "`amount` is a field of every grammar"),
        ("[fields.m]\ndigits = 4\nword = 3", "has 2 kinds"),
        ("[fields.m]\npattern = \"[0-9]+\"\nexample = \"1\"", "has no end"),
        ("[fields.m]\npattern = \"[0-9]{0,3}\"\nexample = \"1\"", "matches nothing at all"),
        ("[fields.m]\npattern = \"^[0-9]{3}$\"\nexample = \"123\"", "an anchor or a boundary"),
        ("[fields.m]\npattern = \"(?=a)[0-9]{3}\"\nexample = \"123\"", "is no pattern"),
        ("[fields.m]\npattern = \"[0-9]{3}\"", "has no `example`"),
        ("[fields.m]\npattern = \"a b\"\nexample = \"a b\"", "` ` is in no folded text"),
        ("[fields.m]\nword = \"4\"\nsecret = true", "only 4 to 8 digits are concealed"),
        ("[fields.m]\nword = \"4\"\ncheck = \"luhn\"", "only a field of digits"),
        ("[fields.m]\ndigits = 4\ncheck = \"luhm\"", "did you mean `luhn`?"),
        ("[fields.m]\nwords.a = { price = 1 }\nwords.b = { }", "only some of the words have a price"),
        ("[fields.m]\nwords.a = { also = \"b\" }\nwords.b = { }", "`b` stands in two lines"),
        ("[fields.m]\nwords.a = { operator = \"ipkoo\" }", "there is no operator `ipkoo`"),
    ] {
        let error = refused(&with_fields(fields, &[("form", "text = \"pay {m} {amount}\"")]));
        assert!(error.contains(message), "{fields}:\n{error}");
    }
}

#[test]
fn a_pattern_takes_part_in_the_proof() {
    let fields = "[fields.code]\npattern = \"[a-z]{1,2}[0-9]{2,4}\"\nexample = \"ab12\"\n";
    let overlapping = [("code", "text = \"{code} {amount}\""), ("word", "text = \"x12 {amount}\"")];
    let error = refused(&with_fields(fields, &overlapping));
    assert!(error.contains("a text can be of two forms") && error.contains("x12"), "{error}");
    let apart = [("code", "text = \"{code} {amount}\""), ("word", "text = \"x1 {amount}\"")];
    let set = load(&with_fields(fields, &apart)).unwrap();
    assert_eq!(read(&set, "AB1234 5"), Ok(listed(&[("code", "AB1234")])));
    assert!(read(&set, "ab12345 5").is_err());
}

#[test]
fn an_amount_may_count_thousands_and_have_a_word_that_multiplies_it() {
    let amount = |keys: &str| {
        with_fields(&format!("[amount]\nmin = 1000\nmax = 500000\n{keys}"), &[("own", "text = \"pay {amount}\"")])
    };
    let read = |set: &GrammarSet, text: &str| {
        let message = incoming("50001", text);
        match set.read(&message) {
            Ok(Reading::Recharge(request)) => {
                assert!(set.canonical(&message, &request).is_some(), "{text}");
                Ok(request.amount.unwrap().minor())
            }
            Ok(other) => panic!("{other:?}"),
            Err(failure) => {
                Err((failure.rejection.reason.as_str(), failure.rejection.details.form.unwrap_or_default()))
            }
        }
    };
    let times = load(&amount("times = 1000")).unwrap();
    assert_eq!(read(&times, "pay 20"), Ok(2_000_000));
    assert_eq!(read(&times, "pay 1,5"), Ok(150_000));
    let (reason, form) = read(&times, "pay 900").unwrap_err();
    assert_eq!(reason, "amount_out_of_limits");
    assert!(read(&times, &form).is_ok(), "{form}");
    let words = load(&amount("multipliers = { k = 1000, ribu = 1000 }")).unwrap();
    for text in ["pay 20k", "pay 20 K", "pay 20ribu eur", "pay 20000"] {
        assert_eq!(read(&words, text), Ok(2_000_000), "{text}");
    }
    assert!(read(&words, "pay 20kk").is_err() && read(&words, "pay 20 k 5").is_err());
    let error = refused(&amount("multipliers = { e = 1000 }"));
    assert!(error.contains("`e` is a word for the currency"), "{error}");
    let error = refused(&amount("times = 1"));
    assert!(error.contains("`1` is no factor"), "{error}");
    let form = bank_of(&[("own", "text = \"{amount}\"\namount.times = 1000")]);
    assert!(refused(&form).contains("`times` holds for all forms of a bank"));
}

#[test]
fn a_marker_of_a_repetition_is_no_value() {
    let fields = "[fields.contract]\npattern = \"[a-z][a-z0-9]{3,11}\"\nexample = \"ab12\"\n";
    let file = with_fields(
        fields,
        &[("contract", "text = \"{contract} {amount}\""), ("ref", "text = \"{msisdn} {amount} {reference:4-8}\"")],
    );
    let file = file.replacen("evidence", "repeat = [\"encore\"]\nevidence", 1);
    let set = load(&file).unwrap();
    for text in ["encore 5", "049123456 5 encore"] {
        assert!(set.read(&incoming("50001", text)).is_err(), "{text}");
    }
    assert_eq!(read(&set, "prap 5"), Ok(listed(&[("contract", "prap")])));
}

#[test]
fn a_word_for_fixed_lines_does_not_credit_a_mobile_as_one() {
    let fields = "[fields.kind]\nwords.mob = { service = \"mobile\" }\nwords.fix = { service = \"fixed\" }\n";
    let set = load(&with_fields(
        fields,
        &[("kind", "text = \"{msisdn} {amount} {kind}\""), ("own", "text = \"{amount} {kind}\"")],
    ))
    .unwrap();
    assert_eq!(read(&set, "049123456 5 mob"), Ok(listed(&[("kind", "mob")])));
    assert_eq!(read(&set, "049123456 5 fix"), Err("number_wrong_kind"));
    assert_eq!(read(&set, "5 fix"), Err("number_wrong_kind"));
}
