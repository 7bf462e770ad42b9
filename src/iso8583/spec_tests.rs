//! Specs that are refused, and the one on the page.

use super::tests::PACKED;
use super::*;

#[test]
fn a_spec_that_contradicts_itself_is_refused() {
    let with =
        |line: &str| Spec::from_toml(&PACKED.replace("22 = ", &format!("{line}\n22 = "))).unwrap_err().to_string();
    for (line, part) in [
        ("1 = { name = \"\", kind = \"b\", length = 8, encoding = \"binary\" }", "fields.1"),
        ("129 = { name = \"\", kind = \"n\", length = 8 }", "128"),
        ("5 = { name = \"\", kind = \"n\", length = 100, length_digits = 2 }", "length_digits"),
        ("5 = { name = \"\", kind = \"b\", length = 8 }", "kind b"),
        ("5 = { name = \"\", kind = \"ans\", length = 8, encoding = \"bcd\" }", "bcd"),
        ("5 = { name = \"\", kind = \"n\", length = 0 }", "1 to 999"),
        ("5 = { name = \"\", kind = \"x\", length = 8 }", "kind"),
    ] {
        assert!(with(line).contains(part), "{line}: {}", with(line));
    }
    let places = Spec::from_toml(&PACKED.replace("number = 48", "number = 60")).unwrap_err();
    assert!(places.to_string().contains("places.number = 60"), "{places}");
}

#[test]
fn the_spec_on_the_page_reads_and_writes_what_the_page_describes() {
    let page = include_str!("../../docs/iso8583.md");
    let block = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the page has a spec");
    let spec = Spec::from_toml(block).unwrap().complete().unwrap();
    let message =
        |mti: &str| Message::new(mti.parse().unwrap()).with(7, "1122180900").with(11, "000137").with(32, "12345");
    let recharge = message("0200").with(3, "560000").with(4, "000000000500").with(41, "ATM00042").with(49, "978");
    let original = format!("0200000137112218090000000012345{:011}", 0);
    for written in [
        message("0800").with(70, "001"),
        recharge.clone().with(48, "049123456"),
        message("0210").with(38, "5JXZY9").with(39, "00").with(62, "DC1JZXY9DK"),
        message("0210").with(39, "14").with(63, "words"),
        message("0420").with(41, "ATM00042").with(90, original).with(95, "0".repeat(42)),
    ] {
        let octets = spec.encode(&written).unwrap();
        assert_eq!(spec.decode(&octets).unwrap(), written);
    }
}

#[test]
fn a_spec_that_lacks_what_the_server_needs_is_told_at_once() {
    Spec::builtin().unwrap().complete().unwrap();
    let builtin = include_str!("atm1987.toml");
    for field in [3, 4, 7, 11, 32, 38, 39, 41, 49, 70, 90] {
        let without: Vec<&str> = builtin.lines().filter(|line| !line.starts_with(&format!("{field} = "))).collect();
        let problem = Spec::from_toml(&without.join("\n")).unwrap().complete().unwrap_err().to_string();
        assert!(problem.contains(&format!("has no {field}:")), "{problem}");
    }
    for (place, field) in [("number", 48), ("receipt", 62), ("text", 63)] {
        let without: Vec<&str> = builtin.lines().filter(|line| !line.starts_with(&format!("{field} = "))).collect();
        let problem = Spec::from_toml(&without.join("\n")).unwrap_err().to_string();
        assert!(problem.contains(&format!("places.{place} = {field}")), "{problem}");
    }
    for place in ["receipt = 62", "text = 63"] {
        let octets = builtin.replace(place, &format!("{} = 52", place.split(' ').next().unwrap()));
        let problem = Spec::from_toml(&octets).unwrap().complete().unwrap_err().to_string();
        assert!(problem.contains("holds no text"), "{problem}");
    }
}

#[test]
fn a_spec_by_which_no_recharge_could_work_is_told_at_once() {
    let builtin = include_str!("atm1987.toml");
    for (was, becomes, part) in [
        ("kind = \"n\", length = 12 }", "kind = \"n\", length = 3 }", "fields.4"),
        ("4 = { name = \"amount, in minor units\", kind = \"n\"", "4 = { name = \"\", kind = \"ans\"", "fields.4"),
        (
            "38 = { name = \"approval code\", kind = \"an\", length = 6",
            "38 = { name = \"\", kind = \"an\", length = 5",
            "fields.38",
        ),
        (
            "7 = { name = \"transmission date and time, MMDDhhmmss in UTC\", kind = \"n\", length = 10",
            "7 = { name = \"\", kind = \"n\", length = 8",
            "fields.7",
        ),
        (
            "90 = { name = \"original data elements\", kind = \"n\", length = 42",
            "90 = { name = \"\", kind = \"n\", length = 20",
            "fields.90",
        ),
        ("[\"560000\"]", "[]", "processing_codes"),
        ("[\"560000\"]", "[\"560000\", \"56\"]", "processing_codes: \"56\""),
        ("[\"560000\"]", "[\"56000x\"]", "processing_codes"),
        ("receipt = 62", "receipt = 63", "places.text = 63"),
        ("number = 48", "number = 62", "places.receipt = 62"),
        ("text = 63", "text = 38", "places.text = 38"),
        ("receipt = 62", "receipt = 37", "places.receipt = 37"),
        (
            "62 = { name = \"receipt\", kind = \"ans\", length = 999",
            "62 = { name = \"\", kind = \"ans\", length = 9",
            "places.receipt = 62",
        ),
        (
            "48 = { name = \"number to be topped up\", kind = \"ans\", length = 999",
            "48 = { name = \"\", kind = \"ans\", length = 8",
            "places.number = 48",
        ),
    ] {
        let changed = builtin.replacen(was, becomes, 1);
        assert_ne!(changed, builtin, "{was}");
        let problem = Spec::from_toml(&changed).unwrap().complete().unwrap_err().to_string();
        assert!(problem.contains(part), "{becomes}: {problem}");
    }
}
