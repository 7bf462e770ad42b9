//! The digits in which numbers of a plan can be written, for proofs about all numbers.

use std::collections::BTreeSet;

use super::{LineKind, NumberingPlan};

/// Numbers with one spelling: fixed digits, then any digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WrittenNumbers {
    pub beginning: String,
    /// Number of digits that follow.
    pub free: usize,
    /// True if they need a `+`; without it these digits are read in another way, or not at all.
    pub plus: bool,
}

impl NumberingPlan {
    /// Every spelling in which [`NumberingPlan::read`] accepts a number of this kind. Numbers with a longer prefix
    /// within the range of a shorter one are listed with both.
    pub fn written_numbers(&self, kind: LineKind) -> BTreeSet<WrittenNumbers> {
        let mut all = BTreeSet::new();
        for range in self.ranges.iter().filter(|range| range.kind == kind) {
            for free in range.digits.iter().filter_map(|digits| digits.checked_sub(range.prefix.len())) {
                self.add_national(&mut all, &range.prefix, free, kind);
                self.add_international(&mut all, &format!("{}{}", self.country_code, range.prefix), free);
                let with_trunk = format!("{}{}{}", self.country_code, self.trunk_prefix, range.prefix);
                self.add_international(&mut all, &with_trunk, free);
                self.add_legacy(&mut all, &range.prefix, free);
            }
        }
        all
    }

    fn add_national(&self, all: &mut BTreeSet<WrittenNumbers>, prefix: &str, free: usize, kind: LineKind) {
        all.insert(WrittenNumbers { beginning: format!("{}{prefix}", self.trunk_prefix), free, plus: false });
        if kind == LineKind::Mobile {
            all.insert(WrittenNumbers { beginning: prefix.to_owned(), free, plus: false });
        }
    }

    fn add_international(&self, all: &mut BTreeSet<WrittenNumbers>, digits: &str, free: usize) {
        let with_prefix = format!("{}{digits}", self.international_prefix);
        for (beginning, plus) in [(digits.to_owned(), false), (digits.to_owned(), true), (with_prefix, false)] {
            all.insert(WrittenNumbers { beginning, free, plus });
        }
    }

    fn add_legacy(&self, all: &mut BTreeSet<WrittenNumbers>, prefix: &str, free: usize) {
        for old in &self.legacy {
            let Some(becomes) = old.becomes.strip_prefix(self.country_code.as_str()) else { continue };
            if let Some(rest) = prefix.strip_prefix(becomes) {
                self.add_international(all, &format!("{}{rest}", old.prefix), free);
            } else if let Some(taken) = becomes.strip_prefix(prefix)
                && let Some(free) = free.checked_sub(taken.len())
            {
                self.add_international(all, &old.prefix, free);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_number_is_read_as_its_kind() {
        let plan = NumberingPlan::kosovo().unwrap();
        for kind in [LineKind::Mobile, LineKind::Fixed] {
            let all = plan.written_numbers(kind);
            assert!(all.len() > 20, "{}", all.len());
            for written in all {
                let digits = format!("{}{}", written.beginning, &"123456789"[..written.free]);
                assert_eq!(plan.read(&digits, written.plus).map(|line| line.kind), Ok(kind), "{digits}");
            }
        }
    }
}
