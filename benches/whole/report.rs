//! Tables of the medians and ranges of each stack on each rung, and the ratios between them.

use std::collections::BTreeMap;

use crate::machine::OTHERS_CORES_MAX;
use crate::rungs::{Run, Rung};
use crate::spread::{Spread, number, print_table};
use crate::store::Stored;

/// Everything that was measured.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) runs: Vec<Run>,
    pub(crate) stored: Vec<Stored>,
}

/// The runs of one stack on one rung.
struct Summary {
    stack: String,
    rate: Spread,
    cpu: Spread,
    parts: BTreeMap<&'static str, f64>,
    answer: [f64; 2],
    reply: [f64; 2],
    rss: BTreeMap<&'static str, f64>,
    sync: f64,
}

impl Summary {
    fn of(runs: &[&Run]) -> Self {
        let median = |of: &dyn Fn(&Run) -> f64| Spread::of(runs.iter().map(|run| of(run))).median;
        let names = || runs[0].cpu_ms.keys().copied();
        Self {
            stack: runs[0].stack.clone(),
            rate: Spread::of(runs.iter().map(|run| run.rate())),
            cpu: Spread::of(runs.iter().map(|run| run.cpu_ms.values().sum())),
            parts: names().map(|name| (name, median(&|run| run.cpu_ms[name]))).collect(),
            answer: [median(&|run| run.report.answer_ms.p50), median(&|run| run.report.answer_ms.p99)],
            reply: [median(&|run| run.reply().p50), median(&|run| run.reply().p99)],
            rss: names().map(|name| (name, median(&|run| run.rss_peak_mib[name]))).collect(),
            sync: median(&|run| run.sync_ms),
        }
    }

    fn row(&self) -> Vec<String> {
        let parts = |of: &BTreeMap<&str, f64>, without: &str| {
            let parts = of.iter().filter(|(name, _)| **name != without);
            parts.map(|(name, value)| format!("{name} {}", number(*value))).collect::<Vec<_>>().join(", ")
        };
        vec![
            self.stack.clone(),
            self.rate.to_string(),
            self.answer.map(number).join(" / "),
            self.reply.map(number).join(" / "),
            self.cpu.to_string(),
            parts(&self.parts, ""),
            // Most of its memory is the cache that it was given.
            parts(&self.rss, "PostgreSQL"),
        ]
    }
}

impl Results {
    fn summaries(&self, rung: Rung) -> Vec<Summary> {
        let mut stacks: Vec<&str> = Vec::new();
        for run in self.runs.iter().filter(|run| run.rung == rung) {
            if !stacks.contains(&run.stack.as_str()) {
                stacks.push(&run.stack);
            }
        }
        let of =
            |stack: &str| self.runs.iter().filter(|run| run.rung == rung && run.stack == stack).collect::<Vec<_>>();
        stacks.into_iter().map(|stack| Summary::of(&of(stack))).collect()
    }

    fn stored(&self, database: &str) -> Option<(Spread, Spread)> {
        let of = || self.stored.iter().filter(|stored| stored.database == database);
        let rate = || Spread::of(of().map(|stored| stored.top_ups_per_second));
        (of().count() > 0).then(|| (rate(), Spread::of(of().map(|stored| stored.cpu_ms))))
    }

    pub(crate) fn print(&self) {
        self.print_store();
        for rung in Rung::ALL {
            let summaries = self.summaries(rung);
            if !summaries.is_empty() {
                println!("\n{}", rung.title());
                print_table(&[vec![headings()], summaries.iter().map(Summary::row).collect()].concat());
            }
        }
        let ratios = self.ratios();
        if !ratios.is_empty() {
            println!("\nratios of the medians");
            print_table(&ratios);
        }
        self.print_troubles();
    }

    fn print_store(&self) {
        let row = |database: &str| {
            let (rate, cpu) = self.stored(database)?;
            Some(vec![database.to_owned(), rate.to_string(), cpu.to_string()])
        };
        let rows: Vec<_> = ["SQLite", "PostgreSQL"].into_iter().filter_map(row).collect();
        if !rows.is_empty() {
            println!("\nthe store alone: top-ups in batches of 256");
            let headings = ["", "top-ups/s", "CPU ms for 1,000"].map(str::to_owned).to_vec();
            print_table(&[vec![headings], rows].concat());
        }
    }

    /// Each ratio: what it compares, and the number.
    fn ratios(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let mut add = |what: String, one: f64, other: f64| rows.push(vec![what, number(one / other)]);
        for rung in Rung::ALL {
            self.beside_former(rung, &mut add);
            self.beside_incumbent(rung, &mut add);
        }
        for full in self.summaries(Rung::Full) {
            let database = full.stack.rsplit(' ').next().unwrap_or_default();
            let is_mbush = full.stack.starts_with("mbush");
            if let Some((rate, cpu)) = self.stored(database).filter(|_| is_mbush) {
                add(
                    format!("{}, SMPP full load to the store alone: messages a second", full.stack),
                    full.rate.median,
                    rate.median,
                );
                add(
                    format!("{}, SMPP full load to the store alone: CPU of a message", full.stack),
                    full.cpu.median,
                    cpu.median,
                );
            }
            if let Some(http) = self.summaries(Rung::Http).iter().find(|http| http.stack == full.stack) {
                add(
                    format!("{}, HTTP to SMPP, full load: messages a second", full.stack),
                    http.rate.median,
                    full.rate.median,
                );
                add(
                    format!("{}, HTTP to SMPP, full load: CPU of a message", full.stack),
                    http.cpu.median,
                    full.cpu.median,
                );
            }
        }
        for alone in self.summaries(Rung::Alone) {
            add(
                format!("{}, one message: median until the answer to a sync of the disk", alone.stack),
                alone.answer[0],
                alone.sync,
            );
            add(
                format!("{}, one message: median until the reply to a sync of the disk", alone.stack),
                alone.reply[0],
                alone.sync,
            );
        }
        rows
    }

    /// This version beside the former one.
    fn beside_former(&self, rung: Rung, add: &mut dyn FnMut(String, f64, f64)) {
        let summaries = self.summaries(rung);
        for now in summaries.iter().filter(|summary| summary.stack.starts_with("mbush now")) {
            let name = now.stack.replacen("now", "former", 1);
            let Some(former) = summaries.iter().find(|summary| summary.stack == name) else { continue };
            let what = |of: &str| format!("{} to the former version, {}: {of}", now.stack, rung.word());
            add(what("messages a second"), now.rate.median, former.rate.median);
            add(what("CPU of a message"), now.cpu.median, former.cpu.median);
            add(what("median time until the reply"), now.reply[0], former.reply[0]);
        }
    }

    /// Each stack beside the incumbent.
    fn beside_incumbent(&self, rung: Rung, add: &mut dyn FnMut(String, f64, f64)) {
        let summaries = self.summaries(rung);
        let Some(incumbent) = summaries.iter().find(|summary| summary.stack.starts_with("Kannel")) else { return };
        for summary in summaries.iter().filter(|summary| summary.stack != incumbent.stack) {
            let what = |of: &str| format!("{} to {}, {}: {of}", summary.stack, incumbent.stack, rung.word());
            if rung == Rung::Full {
                add(what("messages a second"), summary.rate.median, incumbent.rate.median);
            }
            if rung != Rung::Alone {
                add(what("CPU of a message"), summary.cpu.median, incumbent.cpu.median);
            }
            add(what("median time until the reply"), summary.reply[0], incumbent.reply[0]);
        }
    }

    /// What makes a figure worthless or doubtful.
    fn print_troubles(&self) {
        println!();
        let faulty: Vec<_> = self.runs.iter().filter(|run| !run.faults.is_empty()).collect();
        for run in &faulty {
            println!("ERROR: {}, {}, round {}: {}", run.stack, run.rung.word(), run.round, run.faults.join("; "));
        }
        let runs = self.runs.len();
        match faulty.len() {
            0 => println!("no message missing, repeated or wrong in any of {runs} runs; all ledgers sound"),
            count => println!("{count} of {runs} runs are FAULTY: their figures do not count"),
        }
        let others = || self.runs.iter().map(|run| run.others_cores.max(run.others_before));
        let disturbed = others().filter(|others| *others > OTHERS_CORES_MAX).count();
        if disturbed > 0 {
            let others = Spread::of(others());
            println!("WARNING: others used more than {OTHERS_CORES_MAX} cores in {disturbed} of {runs} runs: {others}");
        }
    }

    pub(crate) fn is_faulty(&self) -> bool {
        self.runs.iter().any(|run| !run.faults.is_empty())
    }
}

fn headings() -> Vec<String> {
    ["", "replies/s", "answer ms p50 / p99", "reply ms p50 / p99", "CPU ms for 1,000", "of which", "RSS peak MiB"]
        .map(str::to_owned)
        .to_vec()
}
