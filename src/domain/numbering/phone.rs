//! The phone of a source address.

use super::super::source::AddressType;
use super::super::{InvalidMsisdn, Msisdn};
use super::{Line, NumberProblem, NumberingPlan};

/// Fewest digits of a foreign number without a type. A shorter number is a short code.
const UNLABELLED_DIGITS_MIN: usize = 8;

impl NumberingPlan {
    /// Returns the phone with this source address; `None` if it is empty, a name, or a short code. The number is read
    /// as a national spelling, otherwise as international, of any country.
    ///
    /// `labelled` is the type from the network. A national number (type 2) may lack its trunk prefix, even for a fixed
    /// line. Many networks use type 1 for every address, so a national number with it is read as national. A name (type
    /// 5) is never a phone. An address of the network (types 3 and 6) is one only if it is a number of the plan.
    pub fn phone(&self, address: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        // Some gateways group the digits.
        let grouped: String;
        let address = if address.contains([' ', '-', '(', ')', '/', '.']) {
            grouped = address.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '/' | '.')).collect();
            grouped.as_str()
        } else {
            address
        };
        let digits = address.strip_prefix('+').unwrap_or(address);
        let plus = digits.len() < address.len();
        if digits.is_empty() || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
            return None;
        }
        let ton = labelled.map(|labelled| labelled.ton);
        if ton == Some(AddressType::ALPHANUMERIC) {
            return None;
        }
        if let Some(line) = self.own(digits, plus, ton) {
            return Some(line.msisdn);
        }
        if ton.is_some_and(|ton| AddressType::OF_NETWORKS.contains(&ton)) {
            return None;
        }
        self.foreign(digits, plus || ton == Some(AddressType::INTERNATIONAL)).ok()
    }

    fn own(&self, digits: &str, plus: bool, ton: Option<u8>) -> Option<Line> {
        if ton == Some(AddressType::NATIONAL) && !plus {
            let national = digits.strip_prefix(self.trunk_prefix()).unwrap_or(digits);
            if let Ok(line) = self.read_national(national) {
                return Some(line);
            }
        }
        let read: Result<Line, NumberProblem> = self.read(digits, plus);
        read.ok()
    }

    /// A number outside of the plan: complete, with its country code.
    fn foreign(&self, digits: &str, is_labelled: bool) -> Result<Msisdn, InvalidMsisdn> {
        let digits = match digits.strip_prefix(self.international_prefix.as_str()) {
            Some(rest) => rest,
            None if is_labelled || digits.len() >= UNLABELLED_DIGITS_MIN => digits,
            None => return Err(InvalidMsisdn::Length(digits.len())),
        };
        digits.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(address: &str, ton: Option<u8>) -> Option<String> {
        let plan = NumberingPlan::kosovo().unwrap();
        plan.phone(address, ton.map(|ton| AddressType { ton, npi: 1 })).map(Msisdn::digits)
    }

    #[test]
    fn every_spelling_of_a_phone_is_one_number() {
        for (address, ton) in [
            ("38349111222", None),
            ("+38349111222", None),
            ("+383 49 111-222", None),
            ("(049) 111/222", None),
            ("0038349111222", None),
            ("049111222", None),
            ("49111222", None),
            ("383049111222", None),
            ("38649111222", Some(1)),
            ("38349111222", Some(0)),
            ("38349111222", Some(1)),
            ("38349111222", Some(2)),
            ("0038349111222", Some(1)),
            ("049111222", Some(1)),
            ("49111222", Some(1)),
            ("+38349111222", Some(1)),
            ("+38349111222", Some(2)),
            ("049111222", Some(2)),
            ("49111222", Some(2)),
            ("38349111222", Some(3)),
            ("38349111222", Some(6)),
        ] {
            assert_eq!(phone(address, ton).as_deref(), Some("38349111222"), "{address} {ton:?}");
        }
        assert_eq!(phone("38712345", Some(2)).as_deref(), Some("38338712345"), "a fixed line without its trunk prefix");
    }

    #[test]
    fn a_phone_of_another_country_is_one_too() {
        for (address, ton) in [("355691234567", None), ("+355691234567", None), ("00355691234567", Some(0))] {
            assert_eq!(phone(address, ton).as_deref(), Some("355691234567"), "{address}");
        }
        assert_eq!(phone("6834123", Some(1)).as_deref(), Some("6834123"));
    }

    #[test]
    fn names_and_short_codes_are_no_phones() {
        for (address, ton) in [
            ("", None),
            ("", Some(1)),
            ("+", None),
            ("IPKO", None),
            ("50005", None),
            ("50005", Some(1)),
            ("5000512", Some(0)),
            ("38349111222", Some(5)),
            ("12345678", Some(3)),
            ("355691234567", Some(6)),
            ("0123456789", None),
            ("1234567890123456", None),
            ("٣٨٣٤٩١١١٢٢٢", None),
        ] {
            assert_eq!(phone(address, ton), None, "{address} {ton:?}");
        }
    }
}
