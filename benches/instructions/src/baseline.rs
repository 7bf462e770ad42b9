//! The committed counts, and the comparison with them.

use std::fmt::Write;

use crate::callgrind::Counts;

/// Where the baseline is, from the top level of the project.
pub(crate) const FILE: &str = "benches/instructions/baseline.txt";
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/baseline.txt");

const HEAD: &str = "\
# Instructions of the program's own code for one message, by case; `scripts/instructions` compares them.
# Written by `scripts/instructions --accept`.
";

/// A count may differ from its baseline by so many hundredths.
const TOLERANCE: u64 = 5;

#[derive(Default)]
pub(crate) struct Baseline {
    /// The compiler and the architecture that the counts were taken with.
    built: String,
    counts: Counts,
}

pub(crate) struct Verdict {
    pub(crate) passes: bool,
    pub(crate) words: String,
}

fn built() -> String {
    format!("{}, {}", env!("RUSTC_VERSION"), std::env::consts::ARCH)
}

/// A line of the file: a count, and the name of its case.
fn count(line: &str) -> Option<(String, u64)> {
    let (count, name) = line.trim().split_once(' ')?;
    Some((name.to_owned(), count.parse().ok()?))
}

impl Baseline {
    pub(crate) fn of(counts: Counts) -> Self {
        Self { built: built(), counts }
    }

    pub(crate) fn read() -> Result<Self, String> {
        let text = std::fs::read_to_string(PATH)
            .map_err(|error| format!("{FILE} cannot be read ({error}); write it: scripts/instructions --accept"))?;
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let built = lines.next().unwrap_or_default().to_owned();
        let counts: Result<Counts, &str> = lines.map(|line| count(line).ok_or(line)).collect();
        let counts = counts.map_err(|line| format!("{FILE}: `{line}` is not a count and the name of a case"))?;
        Ok(Self { built, counts })
    }

    pub(crate) fn write(&self) -> Result<(), String> {
        let mut text = format!("{HEAD}{}\n", self.built);
        for (name, count) in &self.counts {
            let _ = writeln!(text, "{count:>8} {name}");
        }
        std::fs::write(PATH, text).map_err(|error| format!("{FILE} cannot be written: {error}"))
    }

    fn known(&self, case: &str) -> Option<u64> {
        self.counts.iter().find(|(name, _)| name == case).map(|(_, count)| *count)
    }

    /// A table of all cases.
    pub(crate) fn table(&self, counts: &Counts) -> String {
        let mut table = format!("{:<24}{:>14}{:>12}{:>9}\n", "case", "instructions", "baseline", "ratio");
        for (name, count) in counts {
            let (known, ratio) = self.known(name).map_or(("none".to_owned(), String::new()), |known| {
                let thousandths = count * 1_000 / known.max(1);
                (known.to_string(), format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000))
            });
            let _ = writeln!(table, "{name:<24}{count:>14}{known:>12}{ratio:>9}");
        }
        table
    }

    /// Compares counts with the baseline.
    pub(crate) fn verdict(&self, counts: &Counts) -> Verdict {
        let mut words = String::new();
        if self.built != built() {
            let _ = writeln!(words, "The baseline was taken with {}; this is {}.", self.built, built());
        }
        if !self.built.ends_with(std::env::consts::ARCH) {
            let _ = writeln!(words, "instructions: not compared, because architectures have other instructions");
            return Verdict { passes: true, words };
        }
        let those = |is: fn(u64, u64) -> bool| -> Vec<&str> {
            let known = |name: &str| self.known(name).unwrap_or_default();
            counts.iter().filter(|(name, count)| is(*count, known(name))).map(|(name, _)| name.as_str()).collect()
        };
        let more = those(|count, known| count * 100 > known * (100 + TOLERANCE));
        let fewer = those(|count, known| count * 100 < known * (100 - TOLERANCE));
        let gone = self.counts.iter().map(|(name, _)| name).filter(|gone| counts.iter().all(|(name, _)| name != *gone));
        for name in gone {
            let _ = writeln!(words, "The baseline has a case `{name}` that is no longer there.");
        }
        if !fewer.is_empty() {
            let _ = writeln!(words, "More than {TOLERANCE} % fewer instructions than in {FILE}: {}.", fewer.join("; "));
            words.push_str("To keep that, write a new baseline: scripts/instructions --accept\n");
        }
        if !more.is_empty() {
            let _ = writeln!(words, "More than {TOLERANCE} % more instructions than in {FILE}: {}.", more.join("; "));
            words.push_str(
                "Make it cheaper or, if it is worth that, write a new baseline: scripts/instructions --accept\n",
            );
        }
        Verdict { passes: more.is_empty(), words }
    }
}
