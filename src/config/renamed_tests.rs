//! Each renamed key is an error that says what to write, and its value still counts.

use super::*;
use crate::config::{Config, Examined};

fn examined(text: &str, variables: &[(&str, &str)]) -> Examined {
    let file = config::File::from_str(text, config::FileFormat::Toml);
    let names = variables.iter().map(|(name, _)| (*name).to_owned()).collect();
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let builder = environment::add(config::Config::builder().add_source(file), variables);
    Config::from_source(builder, &names).unwrap()
}

/// A file with one key, in a section whose names and places in lists are `a` and 0.
fn file(key: &Renamed, name: &str, value: &str) -> String {
    let mut line = format!("{name} = {value}");
    let mut names: Vec<&str> = key.section.split('.').collect();
    let required: &[(&str, &str)] = match key.section {
        "bonus.*" if key.new == "fixed" => &[("name", "\"a\"")],
        "bonus.*" => &[("name", "\"a\""), ("percent", "5")],
        // The default of the day is higher than the value of the test.
        "credit_transfer" if key.new == "month_amount_max" => &[("day_amount_max", "\"1.00\"")],
        "dealers.commission.*" if key.new == "fixed" => &[("name", "\"a\""), ("level", "0")],
        "dealers.commission.*" => &[("name", "\"a\""), ("level", "0"), ("percent", "5")],
        "clients.*" => &[("bank", "\"b\""), ("channel", "\"atm\""), ("confirm_link", "\"l\"")],
        "validity.tiers.*" => &[("days", "10")],
        _ => &[],
    };
    for (key, value) in required {
        line.extend(["\n", key, " = ", value]);
    }
    let open = match names.as_slice() {
        [.., "*"] if ["bonus", "commission", "tiers"].contains(&names[names.len() - 2]) => {
            names.pop();
            format!("[[{}]]", names.join("."))
        }
        _ => format!(
            "[{}]",
            names
                .join(".")
                .replace("channels.*", "channels.ussd")
                .replace("products.*", "products.tv")
                .replace('*', "a")
        ),
    };
    let gateway = "[links.l]\nkind = \"http\"\nurl = \"http://127.0.0.1/\"\nsecret = \"s\"\n";
    let client =
        if key.section.starts_with("clients.*.") { "[clients.a]\nbank = \"b\"\nchannel = \"atm\"\n" } else { "" };
    format!("{gateway}{client}{open}\n{line}\n")
}

#[test]
fn every_old_key_is_an_error_that_names_the_new_one_with_the_value() {
    for key in KEYS {
        let (old, new) = match (key.unit, key.old) {
            (_, "denominations_cents") => ("[150, 2000]", "[\"1.50\", \"20.00\"]"),
            (Unit::Cents, _) => ("150", "\"1.50\""),
            (Unit::Euros, _) => ("3", "\"3.00\""),
            (Unit::Same(example), _) => (example, example),
        };
        let problems = examined(&file(key, key.old, old), &[]).problems;
        assert_eq!(problems.len(), 1, "{}.{}: {problems:#?}", key.section, key.old);
        let written = format!("write {} = {new}", key.new);
        assert!(problems[0].ends_with(&written), "{} is not in {}", written, problems[0]);
        assert!(problems[0].contains(&format!(".{} is now ", key.old)), "{}", problems[0]);
        let mended = examined(&file(key, key.new, new), &[]).problems;
        assert_eq!(mended, Vec::<String>::new(), "{written}");
    }
}

#[test]
fn all_old_keys_of_a_file_are_told_at_once_with_its_other_problems() {
    let text = "[limits]\namount_min_cents = 150\namount_max_cents = 2000\n[limits.banks.teb]\namount_min_cents = 200\n\
        [[bonus]]\nname = \"a\"\nfixed_cents = 5\n[staff]\nnotify_from = \"IPKO\"\n[products.tv]\nprice_cents = 0\n[processor]\nbatch_max = 0\n";
    assert_eq!(
        examined(text, &[]).problems[..6],
        [
            "bonus[0].fixed_cents is now bonus[0].fixed: write fixed = \"0.05\"",
            "limits.amount_max_cents is now limits.amount_max: write amount_max = \"20.00\"",
            "limits.amount_min_cents is now limits.amount_min: write amount_min = \"1.50\"",
            "limits.banks.teb.amount_min_cents is now limits.banks.teb.amount_min: write amount_min = \"2.00\"",
            "products.tv.price_cents is now products.tv.price: write price = \"0.00\"",
            "staff.notify_from is now staff.notify_sender: write notify_sender = \"IPKO\"",
        ]
    );
    let rest = examined(text, &[]).problems[6..].to_vec();
    let parts = ["products.tv.price: lower than 0.01", "processor.batch_max"];
    assert!(rest.len() == 2 && parts.iter().all(|part| rest.iter().any(|line| line.contains(part))), "{rest:#?}");
}

#[test]
fn an_old_key_that_cannot_be_converted_is_told_with_an_example() {
    for value in ["\"much\"", "1.5", "-1", "true"] {
        let problems = examined(&format!("[limits]\namount_min_cents = {value}"), &[]).problems;
        let remedy = "write amount_min = a sum with all decimals in quotation marks, as in \"1.00\"";
        assert_eq!(problems[0], format!("limits.amount_min_cents is now limits.amount_min: {remedy}"));
        assert!(problems[1..].iter().all(|problem| problem.contains("limits.amount_min")), "{problems:#?}");
    }
    let both = examined("[limits]\namount_min_cents = 150\namount_min = \"2.00\"", &[]);
    assert_eq!(
        both.problems,
        [
            "limits.amount_min_cents is now limits.amount_min: remove limits.amount_min_cents, because limits.amount_min is set too"
        ]
    );
    assert_eq!(both.config.rules.amount_min.minor(), 200);
}

#[test]
fn an_old_variable_is_told_by_its_name() {
    let variables = [
        ("MBUSH_LIMITS__AMOUNT_MIN_CENTS", "150"),
        ("MBUSH_LIMITS__BANKS__TEB__AMOUNT_MAX_CENTS", "2000"),
        ("MBUSH_VOUCHERS__DENOMINATIONS_CENTS", "[500, 1000]"),
        ("MBUSH_LIFE__TEXT_FROM", "08:00:00"),
        ("MBUSH_STAFF__NOTIFY_FROM", "IPKO Mbush"),
        ("MBUSH_BONUS", "[{ name = \"a\", fixed_cents = 5 }]"),
    ];
    assert_eq!(
        examined("", &variables).problems,
        [
            "MBUSH_LIFE__TEXT_FROM is now MBUSH_LIFE__HOURS_FROM: write MBUSH_LIFE__HOURS_FROM=08:00:00",
            "MBUSH_LIMITS__AMOUNT_MIN_CENTS is now MBUSH_LIMITS__AMOUNT_MIN: write MBUSH_LIMITS__AMOUNT_MIN=1.50",
            "MBUSH_LIMITS__BANKS__TEB__AMOUNT_MAX_CENTS is now MBUSH_LIMITS__BANKS__TEB__AMOUNT_MAX: \
             write MBUSH_LIMITS__BANKS__TEB__AMOUNT_MAX=20.00",
            "MBUSH_STAFF__NOTIFY_FROM is now MBUSH_STAFF__NOTIFY_SENDER: write MBUSH_STAFF__NOTIFY_SENDER='IPKO Mbush'",
            "MBUSH_VOUCHERS__DENOMINATIONS_CENTS is now MBUSH_VOUCHERS__DENOMINATIONS: \
             write MBUSH_VOUCHERS__DENOMINATIONS='[\"5.00\", \"10.00\"]'",
            "bonus[0].fixed_cents is now bonus[0].fixed: write fixed = \"0.05\"",
        ]
    );
}

#[test]
fn an_old_variable_overrides_the_file() {
    let variables = [("MBUSH_LIMITS__AMOUNT_MIN_CENTS", "150")];
    let examined = examined("[limits]\namount_min = \"2.00\"", &variables);
    let told = "MBUSH_LIMITS__AMOUNT_MIN_CENTS is now MBUSH_LIMITS__AMOUNT_MIN: write MBUSH_LIMITS__AMOUNT_MIN=1.50";
    assert_eq!(examined.problems, [told]);
    assert_eq!(examined.config.rules.amount_min.minor(), 150);
}

#[test]
fn a_sum_in_a_variable_is_read_digit_by_digit() {
    let variables = [
        ("MBUSH_LIMITS__AMOUNT_MIN", "0.10"),
        ("MBUSH_LIMITS__AMOUNT_MAX", "0.30"),
        ("MBUSH_VOUCHERS__DENOMINATIONS", "[\"5.00\"]"),
        ("MBUSH_CREDIT_TRANSFER__FEE", "0.29"),
    ];
    let examined = examined("[limits]\namount_max = \"50.00\"", &variables);
    assert_eq!(examined.problems, Vec::<String>::new());
    let rules = &examined.config.rules;
    assert_eq!((rules.amount_min.minor(), rules.amount_max.minor()), (10, 30));
    assert_eq!(rules.credit_transfer.fee.map(crate::domain::Amount::minor), Some(29));
    assert_eq!(examined.config.vouchers.denominations.len(), 1);
    for (wrong, right) in [("100", "100.00"), ("1,00", "1.00"), ("1.5", "1.50"), ("0x10", "1.00")] {
        let problems = self::examined("", &[("MBUSH_LIMITS__AMOUNT_MIN", wrong)]).problems;
        assert_eq!(problems.len(), 1, "{problems:#?}");
        let parts = ["limits.amount_min", &format!("`{wrong}`"), &format!("\"{right}\"")];
        assert!(parts.iter().all(|part| problems[0].contains(part)), "{problems:#?}");
    }
}
