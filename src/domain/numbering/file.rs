//! The file of a numbering plan.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;

use super::{Head, InvalidPlan, LineKind, NumberingPlan, Range};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    #[serde(rename = "country")]
    _country: String,
    #[serde(rename = "source")]
    _source: String,
    country_code: String,
    trunk_prefix: String,
    international_prefix: String,
    operators: BTreeMap<String, OperatorFile>,
    ranges: Vec<RangeFile>,
    #[serde(default)]
    legacy: Vec<LegacyFile>,
    #[serde(default)]
    ported: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OperatorFile {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeFile {
    kind: KindFile,
    prefixes: Vec<String>,
    digits: Vec<usize>,
    operator: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindFile {
    Mobile,
    Fixed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LegacyFile {
    pub(super) prefix: String,
    pub(super) becomes: String,
}

/// Reads a plan in the format of `countries/xk/numbering/kosovo.toml`.
pub(super) fn read(text: &str) -> Result<NumberingPlan, InvalidPlan> {
    let file: PlanFile = toml::from_str(text)?;
    for (key, value) in [("country_code", &file.country_code), ("international_prefix", &file.international_prefix)] {
        only_digits(key, value)?;
    }
    let operators: BTreeMap<Arc<str>, String> =
        file.operators.into_iter().map(|(id, operator)| (Arc::from(id), operator.name)).collect();
    let mut ranges = read_ranges(file.ranges, &operators)?;
    let mobiles = ranges.iter().filter(|range| range.kind == LineKind::Mobile);
    let mobiles = mobiles.filter_map(|range| Some((range.prefix.clone(), *range.digits.first()?))).collect();
    ranges.sort_by_key(|range| std::cmp::Reverse(range.prefix.len()));
    let mut ported = HashMap::new();
    for (number, operator) in file.ported {
        let place = format!("ported.{number}");
        let msisdn = number.parse().map_err(|error| content(&place, &format!("{error}")))?;
        ported.insert(msisdn, known_operator(&place, &operator, &operators)?);
    }
    Ok(NumberingPlan {
        country_code: file.country_code,
        trunk_prefix: file.trunk_prefix,
        international_prefix: file.international_prefix,
        operators,
        mobiles,
        ranges,
        legacy: file.legacy,
        ported,
    })
}

fn read_ranges(files: Vec<RangeFile>, operators: &BTreeMap<Arc<str>, String>) -> Result<Vec<Range>, InvalidPlan> {
    let mut ranges: Vec<Range> = Vec::new();
    for (index, file) in files.into_iter().enumerate() {
        let place = format!("ranges[{index}]");
        let kind = match file.kind {
            KindFile::Mobile => LineKind::Mobile,
            KindFile::Fixed => LineKind::Fixed,
        };
        let operator = file.operator.map(|id| known_operator(&place, &id, operators)).transpose()?;
        if file.digits.is_empty() || file.digits.iter().any(|&digits| !(4..=12).contains(&digits)) {
            return Err(content(&place, "digits: give one or more lengths of a national number, from 4 to 12"));
        }
        for prefix in file.prefixes {
            only_digits(&place, &prefix)?;
            if ranges.iter().any(|range| range.prefix == prefix) {
                return Err(content(&place, &format!("prefix {prefix} is listed twice: keep one")));
            }
            ranges.push(Range {
                head: Head::of(&prefix),
                prefix,
                kind,
                digits: file.digits.clone(),
                operator: operator.clone(),
            });
        }
    }
    Ok(ranges)
}

fn known_operator(place: &str, id: &str, operators: &BTreeMap<Arc<str>, String>) -> Result<Arc<str>, InvalidPlan> {
    operators.get_key_value(id).map(|(known, _)| known.clone()).ok_or_else(|| {
        let names: Vec<&str> = operators.keys().map(AsRef::as_ref).collect();
        content(place, &format!("operator `{id}` is not under [operators]; known: {}", names.join(", ")))
    })
}

fn only_digits(place: &str, value: &str) -> Result<(), InvalidPlan> {
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(content(place, &format!("`{value}` must be digits only")))
}

fn content(place: &str, problem: &str) -> InvalidPlan {
    InvalidPlan::Content { place: place.to_owned(), problem: problem.to_owned() }
}
