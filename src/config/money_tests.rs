//! A sum of money is a text with all decimals of the currency, in the file and in variables; everything else says what to write.

use super::*;
use crate::config::Config;

fn problem(value: &str) -> String {
    Config::from_toml(&format!("[limits]\namount_min = {value}")).unwrap_err().to_string()
}

#[test]
fn a_text_with_two_decimals_is_read_to_the_cent() {
    for (text, minor) in
        [("0.00", 0), ("0.01", 1), ("0.30", 30), ("1.00", 100), ("12.99", 1_299), ("1000000.00", 100_000_000)]
    {
        let money: Money = serde_json::from_value(text.into()).unwrap();
        assert_eq!((money.minor(), money.to_string().as_str()), (minor, text));
    }
}

#[test]
fn what_is_not_such_a_text_is_answered_with_what_to_write() {
    for (value, part) in [
        ("\"1\"", "`1` is not a sum of money: write EUR with all decimals, \"1.00\""),
        ("\"1.5\"", "write EUR with all decimals, \"1.50\""),
        ("\"1,50\"", "\"1.50\""),
        ("\"01.50\"", "\"1.50\""),
        ("\"1.005\"", "\"1.00\""),
        ("\"-1.00\"", "`-1.00` is not a sum of money"),
        ("\"-0.00\"", "`-0.00` is not a sum of money"),
        ("\"1.00 EUR\"", "\"1.00\""),
        ("\"\"", "\"1.00\""),
        ("\"99999999999999999999.00\"", "\"1.00\""),
        ("150", "as in \"1.00\""),
        ("1.5", "as in \"1.00\""),
        ("true", "as in \"1.00\""),
        ("[\"1.00\"]", "as in \"1.00\""),
        ("\"0.00\"", "lower than 0.01"),
        ("\"10000000000000.01\"", "greater than 10000000000000.00"),
    ] {
        let problem = problem(value);
        assert!(problem.contains("limits.amount_min") && problem.contains(part), "{value}: {problem}");
    }
}

#[test]
fn a_sum_of_a_list_and_of_an_optional_key_is_read_alike() {
    for (text, place) in [
        ("[vouchers]\ndenominations = [\"5.00\", 10]", "vouchers.denominations[1]"),
        ("[limits.payer]\nday_amount_max = 100", "limits.payer.day_amount_max"),
        ("[validity]\ntiers = [{ from = 1, days = 10 }]", "validity.tiers[0].from: "),
        ("[validity]\ntiers = [{ from = \"0.00\", days = 10 }]", "validity.tiers[0].from: lower than 0.01"),
        (
            "[[dealers.commission]]\nname = \"a\"\nlevel = 0\nfixed = \"0.00\"",
            "dealers.commission[0].fixed: lower than 0.01",
        ),
    ] {
        let problem = Config::from_toml(text).unwrap_err().to_string();
        assert!(problem.contains(place), "`{place}` is not in: {problem}");
    }
}
