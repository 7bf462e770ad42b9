//! CPU time and memory of processes, by the kernel's count.

use std::collections::BTreeMap;
use std::fs;

/// The kernel counts in hundredths of a second.
const TICKS_A_SECOND: f64 = 100.0;

/// Named parts of a stack: each is some processes with all that they started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts(BTreeMap<&'static str, Vec<u32>>);

impl Parts {
    pub(crate) fn add(&mut self, name: &'static str, process: u32) {
        self.0.entry(name).or_default().push(process);
    }

    /// CPU seconds of each part so far.
    pub(crate) fn cpu(&self) -> BTreeMap<&'static str, f64> {
        let all = Stat::of_all();
        self.0.iter().map(|(name, roots)| (*name, roots.iter().map(|root| tree_seconds(*root, &all)).sum())).collect()
    }

    /// The most memory that was resident at any moment, of each part's own processes. Their children are PostgreSQL's,
    /// which share most of theirs.
    pub(crate) fn rss_peak_mib(&self) -> BTreeMap<&'static str, f64> {
        self.0.iter().map(|(name, roots)| (*name, roots.iter().map(|root| peak_mib(*root)).sum())).collect()
    }
}

/// CPU seconds of this process, and of those that it started and that have ended.
pub(crate) fn own_seconds() -> f64 {
    Stat::of("self").map_or(0.0, |stat| seconds(stat.own + stat.ended))
}

/// Resident memory now, in MiB.
pub(crate) fn rss_mib(process: u32) -> f64 {
    status_mib(process, "VmRSS:")
}

pub(crate) fn peak_mib(process: u32) -> f64 {
    status_mib(process, "VmHWM:")
}

fn status_mib(process: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1024.0
}

struct Stat {
    parent: u32,
    own: u64,
    /// Of children that have ended.
    ended: u64,
}

impl Stat {
    fn of(process: &str) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name in brackets may hold anything; numbers follow, from the third field on.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        let parent = u32::try_from(number(4)?).ok()?;
        Some(Self { parent, own: number(14)? + number(15)?, ended: number(16)? + number(17)? })
    }

    fn of_all() -> BTreeMap<u32, Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let process = |name: &str| Some((name.parse().ok()?, Self::of(name)?));
        entries.filter_map(|entry| process(&entry.file_name().to_string_lossy())).collect()
    }
}

fn tree_seconds(root: u32, all: &BTreeMap<u32, Stat>) -> f64 {
    let Some(stat) = all.get(&root) else { return 0.0 };
    let children = all.iter().filter(|(_, stat)| stat.parent == root);
    seconds(stat.own + stat.ended) + children.map(|(child, _)| tree_seconds(*child, all)).sum::<f64>()
}

fn seconds(ticks: u64) -> f64 {
    f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) / TICKS_A_SECOND
}
