//! Placeholders in samples.

use super::super::testing::plan;
use super::*;

fn told(sample: &str) -> String {
    let Filled { text, values } = filled(sample, &plan()).unwrap_or_else(|error| panic!("{error}"));
    let fields: Vec<String> =
        values.iter().map(|(range, field)| format!("{} {}", field.name(), &text[range.clone()])).collect();
    format!("{text} | {}", fields.join(", "))
}

#[test]
fn placeholders_become_values() {
    for (sample, filled) in [
        ("DOPUNA 064XXXXXXX 500", "DOPUNA 049123456 500 | msisdn 049123456"),
        ("kredi 049XXXXXX AMOUNT", "kredi 049123456 5 | msisdn 049123456, amount 5"),
        ("kredi 049 XXX XXX 5", "kredi 049 123 456 5 | msisdn 049 123 456"),
        ("kredi +383 49 xxx xxx XX", "kredi +383 49 123 456 5 | msisdn +383 49 123 456, amount 5"),
        ("pay <number> <amount>", "pay 049123456 5 | msisdn 049123456, amount 5"),
        ("pay [mobile number]*[Shuma]#", "pay 049123456*5# | msisdn 049123456, amount 5"),
        ("GIFT {number} {amount} {PIN}", "GIFT 049123456 5 1234 | msisdn 049123456, amount 5, pin 1234"),
        ("GIFT NUMBER AMOUNT PIN", "GIFT 049123456 5 1234 | msisdn 049123456, amount 5, pin 1234"),
        ("NUMBER AMOUNT", "049123456 5 | msisdn 049123456, amount 5"),
        ("PIN OLDPIN NEW PIN", "PIN 1234 5678 | pin 1234, new_pin 5678"),
        ("PIN OLD NEW", "PIN 1234 5678 | pin 1234, new_pin 5678"),
        ("TV USERNAME", "TV arben1 | username arben1"),
        ("TOPUP <operator> XXXXXXXXXX XXX", "TOPUP ipko 049123456 5 | operator ipko, msisdn 049123456, amount 5"),
        ("kredi 049123456 XX", "kredi 049123456 5 | amount 5"),
        ("5 XXXXXXXXX", "5 049123456 | msisdn 049123456"),
        ("CARD XXXXXXXXXXXXXXXX", "CARD 1234567891234567 | voucher 1234567891234567"),
    ] {
        assert_eq!(told(sample), filled, "{sample}");
    }
}

#[test]
fn words_and_values_of_customers_stay() {
    for sample in [
        "kredi 049123456 5",
        "PIN 1234 5678",
        "NUMBER 049123456 5",
        "pay number 5",
        "REF A81723",
        "5 x 3",
        "TAX 5",
        "(049) 123456",
    ] {
        assert_eq!(told(sample), format!("{sample} | "));
    }
}

#[test]
fn a_placeholder_that_no_field_is_known_for_is_named() {
    let error = filled("pay <meter reading> 5", &plan()).unwrap_err();
    assert_eq!(error, "no field is known for <meter reading>: write a value in its place, as a customer would");
}
