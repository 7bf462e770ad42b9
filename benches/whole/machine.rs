//! The machine that is measured on: its hardware, what others do on it meanwhile, and what its disk takes to sync.

use std::fs;
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

/// Others are waited for while they use more than this many cores, and warned about afterwards.
pub(crate) const OTHERS_CORES_MAX: f64 = 0.15;
/// Seconds that others are waited for before a run.
const PATIENCE: u32 = 3;
const SYNCS: usize = 200;
const TICKS_A_SECOND: f64 = 100.0;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    memory_gib: f64,
    kernel: String,
    /// Of the folder for temporary files, in which all databases are.
    file_system: String,
    revision: String,
}

impl Machine {
    pub(crate) fn here() -> Self {
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processors.lines().find_map(|line| line.strip_prefix("model name"));
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
        let kib: f64 = memory.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default();
        let temporary = std::env::temp_dir().display().to_string();
        Self {
            processor: processor.map_or("unknown", |line| line.trim_start_matches([' ', '\t', ':'])).to_owned(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory_gib: (kib / 1024.0 / 102.4).round() / 10.0,
            kernel: said_by("uname", &["-sr"]),
            file_system: said_by("stat", &["-f", "-c", "%T", &temporary]),
            revision: said_by("git", &["describe", "--always", "--dirty"]),
        }
    }

    pub(crate) fn print(&self) {
        let Self { processor, cores, memory_gib, kernel, file_system, revision } = self;
        println!(
            "machine: {cores} cores ({processor}), {memory_gib} GiB, {kernel}; databases on {file_system}; mbush {revision}"
        );
        if file_system == "tmpfs" {
            println!("WARNING: the folder for temporary files is in memory, and no commit reaches a disk: set TMPDIR");
        }
    }
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.ok().filter(|said| !said.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// CPU seconds that all processes and the kernel have used since the start of the machine.
pub(crate) fn busy_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let counts: Vec<u32> =
        stat.lines().next().unwrap_or_default().split(' ').filter_map(|count| count.parse().ok()).collect();
    // user, nice, system; idle and waiting are left out; irq, softirq
    let busy = [0, 1, 2, 5, 6].iter().filter_map(|at| counts.get(*at)).copied();
    busy.map(f64::from).sum::<f64>() / TICKS_A_SECOND
}

/// Waits a while until others leave the machine alone. Returns how many cores they use.
pub(crate) fn quiet() -> f64 {
    let mut used = f64::INFINITY;
    for _ in 0..PATIENCE {
        let (before, begun) = (busy_seconds(), Instant::now());
        thread::sleep(Duration::from_secs(1));
        used = (busy_seconds() - before) / begun.elapsed().as_secs_f64();
        if used <= OTHERS_CORES_MAX {
            break;
        }
    }
    used
}

/// Milliseconds of the median `fdatasync` of 4 KiB that were written within a file, as a database writes its log.
pub(crate) fn sync_ms() -> f64 {
    let file = tempfile::tempfile().expect("a temporary file");
    file.write_all_at(&vec![0; SYNCS * 4096], 0).expect("the disk has room");
    file.sync_all().expect("a file can be synced");
    let sync = |at: usize| {
        file.write_all_at(&[1; 4096], at as u64 * 4096).expect("the disk has room");
        let begun = Instant::now();
        file.sync_data().expect("a file can be synced");
        begun.elapsed().as_secs_f64() * 1e3
    };
    let mut each: Vec<f64> = (0..SYNCS).map(sync).collect();
    each.sort_by(f64::total_cmp);
    each[SYNCS / 2]
}
