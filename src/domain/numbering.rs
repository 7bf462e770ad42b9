//! The numbering plan as data: the valid numbers with their kind and operator, and their spellings.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Msisdn;

mod file;
mod head;
mod phone;
mod shapes;

use file::LegacyFile;
use head::Head;
pub use shapes::WrittenNumbers;

const KOSOVO: &str = include_str!("../../countries/xk/numbering/kosovo.toml");

/// Kind of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineKind {
    Mobile,
    Fixed,
}

/// A number of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub msisdn: Msisdn,
    pub kind: LineKind,
    /// Identifier of the operator, if one is published (`ipko`).
    pub operator: Option<Arc<str>>,
}

/// Digits are not a number of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberProblem {
    /// The prefix belongs to no range of the plan, or to another country.
    NotInPlan,
    /// The prefix belongs to a range, but the number of digits is wrong.
    WrongLength,
}

/// A numbering file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPlan {
    /// Not TOML, or keys or values of the wrong type.
    #[error("numbering plan: {0}")]
    Toml(#[from] toml::de::Error),
    /// Parts of it contradict each other.
    #[error("numbering plan: {place}: {problem}")]
    Content {
        /// The table or key.
        place: String,
        /// The problem and its remedy.
        problem: String,
    },
}

#[derive(Debug)]
struct Range {
    prefix: String,
    head: Head,
    kind: LineKind,
    digits: Vec<usize>,
    operator: Option<Arc<str>>,
}

/// Ranges, operators, ported numbers and old prefixes of one country.
#[derive(Debug)]
pub struct NumberingPlan {
    country_code: String,
    trunk_prefix: String,
    international_prefix: String,
    operators: BTreeMap<Arc<str>, String>,
    /// Prefix and length of each range of mobile numbers, in the order of the file.
    mobiles: Vec<(String, usize)>,
    /// Longest prefix first, so that the first match is the most specific.
    ranges: Vec<Range>,
    legacy: Vec<LegacyFile>,
    ported: HashMap<Msisdn, Arc<str>>,
}

impl NumberingPlan {
    /// The built-in plan of Kosovo (`countries/xk/numbering/kosovo.toml`).
    ///
    /// # Errors
    /// Never in a released program: a test loads the same text.
    pub fn kosovo() -> Result<Self, InvalidPlan> {
        Self::from_toml(KOSOVO)
    }

    /// Reads a plan in the format of `countries/xk/numbering/kosovo.toml`.
    ///
    /// # Errors
    /// [`InvalidPlan`] with the key and the remedy.
    pub fn from_toml(text: &str) -> Result<Self, InvalidPlan> {
        file::read(text)
    }

    /// Reads a number without separators in any usual spelling: international after `+` (`plus`), the international
    /// prefix or a bare country code, with or without a trunk prefix after it; national with the trunk prefix; a mobile
    /// number without it; an old prefix with the country code of a neighbour.
    ///
    /// # Errors
    /// The digits belong to no range, or their number is wrong for the range. A wrong length is never corrected.
    pub fn read(&self, digits: &str, plus: bool) -> Result<Line, NumberProblem> {
        if plus {
            return self.read_international(digits);
        }
        if let Some(rest) = digits.strip_prefix(self.international_prefix.as_str()) {
            return self.read_international(rest);
        }
        if let Some(national) = digits.strip_prefix(self.trunk_prefix.as_str()) {
            return self.read_national(national);
        }
        let international = self.read_international(digits);
        if international.is_ok() {
            return international;
        }
        match self.read_national(digits) {
            Ok(line) if line.kind == LineKind::Mobile => Ok(line),
            Err(NumberProblem::WrongLength) if self.range_of(digits).is_some_and(|r| r.kind == LineKind::Mobile) => {
                Err(NumberProblem::WrongLength)
            }
            _ => international,
        }
    }

    /// The data of an international number in the plan; `None` if it belongs to no range.
    pub fn line(&self, msisdn: Msisdn) -> Option<Line> {
        self.read_international(&msisdn.digits()).ok()
    }

    /// The national spelling: `049123456`; a foreign number keeps its `+`.
    pub fn national(&self, msisdn: Msisdn) -> String {
        let digits = msisdn.digits();
        match digits.strip_prefix(self.country_code.as_str()) {
            Some(national) => format!("{}{national}", self.trunk_prefix),
            None => msisdn.to_string(),
        }
    }

    /// Name of an operator for people: `IPKO`.
    pub fn operator_name(&self, operator: &str) -> Option<&str> {
        self.operators.get(operator).map(String::as_str)
    }

    /// Identifiers of all operators, in alphabetical order.
    pub fn operators(&self) -> impl Iterator<Item = &str> {
        self.operators.keys().map(AsRef::as_ref)
    }

    /// The prefix of national numbers: `0`.
    pub fn trunk_prefix(&self) -> &str {
        &self.trunk_prefix
    }

    /// A mobile number of the plan for examples: of the first range of its file, with these digits, as often as needed.
    /// `None` if the plan has no mobile numbers.
    pub fn sample_mobile(&self, digits: &str) -> Option<Msisdn> {
        self.mobiles.iter().find_map(|(prefix, length)| {
            let rest: String = digits.chars().cycle().take(length.saturating_sub(prefix.len())).collect();
            let msisdn = parse_parts(&self.country_code, &format!("{prefix}{rest}"))?;
            self.line(msisdn).filter(|line| line.kind == LineKind::Mobile).map(|line| line.msisdn)
        })
    }

    fn read_international(&self, digits: &str) -> Result<Line, NumberProblem> {
        for legacy in &self.legacy {
            if let Some(rest) = digits.strip_prefix(legacy.prefix.as_str()) {
                let mapped = format!("{}{rest}", legacy.becomes);
                let national = mapped.strip_prefix(self.country_code.as_str()).unwrap_or(&mapped);
                return self.read_national(national);
            }
        }
        let national = digits.strip_prefix(self.country_code.as_str()).ok_or(NumberProblem::NotInPlan)?;
        self.read_national(national.strip_prefix(self.trunk_prefix.as_str()).unwrap_or(national))
    }

    fn read_national(&self, national: &str) -> Result<Line, NumberProblem> {
        let range = self.range_of(national).ok_or(NumberProblem::NotInPlan)?;
        if !range.digits.contains(&national.len()) {
            return Err(NumberProblem::WrongLength);
        }
        let msisdn = parse_parts(&self.country_code, national).ok_or(NumberProblem::WrongLength)?;
        let operator = self.ported.get(&msisdn).or(range.operator.as_ref()).cloned();
        Ok(Line { msisdn, kind: range.kind, operator })
    }

    fn range_of(&self, national: &str) -> Option<&Range> {
        let head = Head::of(national);
        self.ranges.iter().find(|range| range.head.begins(head) && national.starts_with(range.prefix.as_str()))
    }
}

/// Joins country code and national number without an allocation, because every number of every text is looked up.
fn parse_parts(country_code: &str, national: &str) -> Option<Msisdn> {
    let mut number = 0_u64;
    for digit in country_code.bytes().chain(national.bytes()) {
        number = number.checked_mul(10)?.checked_add(u64::from(char::from(digit).to_digit(10)?))?;
    }
    Msisdn::from_u64(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> NumberingPlan {
        NumberingPlan::kosovo().unwrap()
    }

    #[test]
    fn every_way_of_writing_a_mobile_is_the_same_number() {
        let ways = [
            ("049123456", false),
            ("49123456", false),
            ("38349123456", true),
            ("383049123456", true),
            ("38349123456", false),
            ("0038349123456", false),
            ("00383049123456", false),
            ("38649123456", true),
            ("0038649123456", false),
        ];
        for (digits, plus) in ways {
            let line = plan().read(digits, plus).unwrap_or_else(|problem| panic!("{digits}: {problem:?}"));
            assert_eq!(line.msisdn.digits(), "38349123456", "{digits}");
            assert_eq!(line.operator.as_deref(), Some("ipko"));
        }
        assert_eq!(plan().read("37744123456", true).map(|l| l.msisdn.digits()), Ok("38344123456".into()));
    }

    #[test]
    fn ranges_have_their_operators() {
        for (digits, operator) in [
            ("043212345", Some("d3")),
            ("043512345", Some("ipko")),
            ("044123456", Some("vala")),
            ("045112345", Some("vala")),
            ("045512345", Some("zmobile")),
            ("046123456", Some("zmobile")),
            ("047123456", Some("mts")),
            ("048123456", None),
            ("049123456", Some("ipko")),
        ] {
            assert_eq!(
                plan().read(digits, false).map(|l| l.operator.as_deref().map(str::to_owned)),
                Ok(operator.map(str::to_owned)),
                "{digits}"
            );
        }
    }

    #[test]
    fn what_is_not_of_the_plan_is_refused_and_lengths_are_never_repaired() {
        for (digits, plus, problem) in [
            ("04912345", false, NumberProblem::WrongLength),
            ("0491234567", false, NumberProblem::WrongLength),
            ("383491234567", true, NumberProblem::WrongLength),
            ("4912345", false, NumberProblem::WrongLength),
            ("050123456", false, NumberProblem::NotInPlan),
            ("043112345", false, NumberProblem::NotInPlan),
            ("38144123456", true, NumberProblem::NotInPlan),
            ("355691234567", true, NumberProblem::NotInPlan),
            ("38712345", false, NumberProblem::NotInPlan),
            ("", false, NumberProblem::NotInPlan),
        ] {
            assert_eq!(plan().read(digits, plus).map(|l| l.msisdn.digits()), Err(problem), "{digits}");
        }
    }

    #[test]
    fn fixed_lines_have_eight_or_nine_digits() {
        for digits in ["038712345", "0387123456", "028012345", "0280123456", "029123456", "039012345"] {
            assert_eq!(plan().read(digits, false).map(|l| l.kind), Ok(LineKind::Fixed), "{digits}");
        }
    }

    #[test]
    fn a_ported_number_has_its_new_operator() {
        let text = format!("{KOSOVO}\n[ported]\n38349000001 = \"vala\"\n");
        let plan = NumberingPlan::from_toml(&text).unwrap();
        assert_eq!(
            plan.read("049000001", false).map(|l| l.operator.as_deref().map(str::to_owned)),
            Ok(Some("vala".into()))
        );
    }

    #[test]
    fn an_unknown_operator_is_named_with_the_known_ones() {
        let text = KOSOVO.replacen("operator = \"ipko\"", "operator = \"ipco\"", 1);
        let error = NumberingPlan::from_toml(&text).unwrap_err().to_string();
        assert!(error.contains("`ipco`") && error.contains("ipko"), "{error}");
    }
}
