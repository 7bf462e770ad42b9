//! CPU time and memory of processes and their descendants, from `/proc`.

use std::collections::BTreeSet;
use std::path::Path;

use super::plan::Watched;
use super::report::Usage;

/// Clock ticks a second of CPU times in `/proc`, on every common system.
const TICKS_PER_SECOND: f64 = 100.0;
const KIB_PER_MIB: f64 = 1_024.0;

#[derive(Debug, thiserror::Error)]
pub enum NotWatched {
    #[error("--watch needs /proc, which only Linux has")]
    System,
    #[error("--watch {name}={pid}: there is no such process")]
    Process { name: String, pid: u32 },
}

/// Refuses processes that cannot be watched.
pub(super) fn check(watched: &[Watched]) -> Result<(), NotWatched> {
    if watched.is_empty() {
        return Ok(());
    }
    if stat(std::process::id()).is_none() {
        return Err(NotWatched::System);
    }
    let gone = watched.iter().find(|process| stat(process.pid).is_none());
    gone.map_or(Ok(()), |Watched { name, pid }| Err(NotWatched::Process { name: name.clone(), pid: *pid }))
}

/// Values of a process in `/proc/PID/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    pid: u32,
    parent: u32,
    /// CPU time, in ticks: its own, and that of its children that have ended.
    ticks: u64,
}

impl Stat {
    /// The name stands in parentheses and may hold any character.
    fn read(text: &str) -> Option<Self> {
        let (pid, rest) = text.split_once(' ')?;
        let (_, rest) = rest.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        // The state is the first field after the name.
        let field = |number: usize| fields.get(number).and_then(|field| field.parse::<u64>().ok());
        let times = [11, 12, 13, 14].map(field).into_iter().sum::<Option<u64>>()?;
        Some(Self { pid: pid.parse().ok()?, parent: u32::try_from(field(1)?).ok()?, ticks: times })
    }
}

fn stat(pid: u32) -> Option<Stat> {
    Stat::read(&std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?)
}

fn all() -> Vec<Stat> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(stat).collect()
}

/// A process and its descendants.
fn tree(root: u32, all: &[Stat]) -> Vec<Stat> {
    let mut pids = BTreeSet::from([root]);
    loop {
        let before = pids.len();
        pids.extend(all.iter().filter(|stat| pids.contains(&stat.parent)).map(|stat| stat.pid).collect::<Vec<_>>());
        if pids.len() == before {
            break;
        }
    }
    all.iter().filter(|stat| pids.contains(&stat.pid)).copied().collect()
}

/// Resident memory in KiB.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0)
}

/// A number of ticks or KiB; those of a run are far below the limit.
fn small(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// CPU time of this program so far, in seconds.
fn own() -> Option<f64> {
    stat(std::process::id()).map(|stat| small(stat.ticks) / TICKS_PER_SECOND)
}

/// Measures from its start to its last sample.
#[derive(Debug, Default)]
pub(super) struct Watch {
    watched: Vec<Watched>,
    own: [Option<f64>; 2],
    /// Ticks at the start and at the last sample, and the peak of the memory in KiB.
    samples: Vec<[u64; 3]>,
}

impl Watch {
    pub(super) fn start(watched: &[Watched]) -> Self {
        let samples = vec![[0; 3]; watched.len()];
        let mut watch = Self { watched: watched.to_vec(), own: [own(); 2], samples };
        watch.sample();
        for sample in &mut watch.samples {
            sample[0] = sample[1];
        }
        watch
    }

    pub(super) fn sample(&mut self) {
        self.own[1] = own();
        let all = if self.watched.is_empty() { Vec::new() } else { all() };
        for (process, [_, ticks, peak]) in self.watched.iter().zip(&mut self.samples) {
            let tree = tree(process.pid, &all);
            // A process that has ended keeps its last sample.
            *ticks = tree.iter().map(|stat| stat.ticks).sum::<u64>().max(*ticks);
            *peak = tree.iter().map(|stat| resident(stat.pid)).sum::<u64>().max(*peak);
        }
    }

    pub(super) fn own_cpu_seconds(&self) -> Option<f64> {
        let [start, end] = self.own;
        end.zip(start).map(|(end, start)| end - start)
    }

    pub(super) fn usage(&self) -> Vec<Usage> {
        let usage = |(process, [start, end, peak]): (&Watched, &[u64; 3])| Usage {
            name: process.name.clone(),
            cpu_seconds: small(end - start) / TICKS_PER_SECOND,
            rss_peak_mib: small(*peak) / KIB_PER_MIB,
        };
        self.watched.iter().zip(&self.samples).map(usage).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pid: u32, parent: u32) -> Stat {
        Stat { pid, parent, ticks: 1 }
    }

    #[test]
    fn a_name_may_look_like_fields() {
        let text = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 99 1 1";
        assert_eq!(Stat::read(text), Some(Stat { pid: 42, parent: 7, ticks: 100 }));
        assert_eq!(Stat::read("42 (a) S 7"), None);
    }

    #[test]
    fn descendants_are_found_in_any_order() {
        let all = [of(5, 4), of(4, 3), of(3, 1), of(6, 1), of(1, 0)];
        let pids: Vec<u32> = tree(3, &all).iter().map(|stat| stat.pid).collect();
        assert_eq!(pids, [5, 4, 3]);
        assert!(tree(9, &all).is_empty());
    }
}
