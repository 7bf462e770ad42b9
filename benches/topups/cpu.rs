//! CPU time by the kernel's count (`/proc/PID/stat`, in hundredths of a second).

use std::fs;
use std::time::Duration;

/// This process, and a PostgreSQL server where one takes part.
pub(crate) struct Cpu {
    postmaster: Option<u32>,
}

impl Cpu {
    pub(crate) const fn of(postmaster: Option<u32>) -> Self {
        Self { postmaster }
    }

    /// So far.
    pub(crate) fn used(&self) -> Duration {
        let mut ticks = stat("self").map_or(0, |stat| stat.own);
        if let Some(postmaster) = self.postmaster {
            // Its children that have ended are counted with it.
            ticks += stat(&postmaster.to_string()).map_or(0, |stat| stat.own + stat.ended_children);
            for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
                let child = stat(&entry.file_name().to_string_lossy());
                ticks += child.filter(|child| child.parent == postmaster).map_or(0, |child| child.own);
            }
        }
        Duration::from_millis(ticks * 10)
    }
}

/// The process that started this one.
pub(crate) fn parent(process: u32) -> u32 {
    stat(&process.to_string()).unwrap().parent
}

struct Stat {
    parent: u32,
    own: u64,
    ended_children: u64,
}

fn stat(process: &str) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold anything; what follows it are numbers from the third field on.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(4)?).ok()?,
        own: number(14)? + number(15)?,
        ended_children: number(16)? + number(17)?,
    })
}
