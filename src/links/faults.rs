//! Limits of the log lines that peers cause: a few lines for each peer, then the number of the rest.
//!
//! A peer that sends nonsense as fast as the network carries it must not fill the disk with lines about it. The first
//! line about a peer opens a window of [`WINDOW`]. Within it, [`LINES_MAX`] lines are written, or only the first if the
//! peer has not proved who it is. The rest are counted. When the window ends, one line gives their number. The next
//! line opens another window.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tracing::warn;

use crate::text::grouped::grouped;

/// The period over which the lines about one peer are counted.
pub const WINDOW: Duration = Duration::from_secs(10);
/// Lines about one peer that a window writes.
pub const LINES_MAX: u64 = 20;
/// Peers with a count of their own. If there are more at once, the others share one count.
const PEERS_MAX: usize = 1_000;
/// The name of the shared count.
const OTHERS: &str = "others";

/// Decides which lines about peers are written. All clones share their counts.
#[derive(Debug, Clone)]
pub struct FaultLog(Arc<Windows>);

/// Lines so far of each peer whose window is open.
#[derive(Debug)]
struct Windows {
    lines_max: u64,
    lines: Mutex<HashMap<String, u64>>,
}

impl Default for FaultLog {
    fn default() -> Self {
        Self::of(LINES_MAX)
    }
}

impl FaultLog {
    /// For peers that have not proved who they are: one line about each address in a window.
    pub fn of_strangers() -> Self {
        Self::of(1)
    }

    fn of(lines_max: u64) -> Self {
        Self(Arc::new(Windows { lines_max, lines: Mutex::default() }))
    }

    /// Returns true if a line about this peer is to be written. `peer` is its address or the name of its link. A line
    /// that is not written is counted, and the count is written when the peer's window ends.
    pub fn admits(&self, peer: &str) -> bool {
        // Outside of a runtime, no task could end the window.
        let Ok(runtime) = Handle::try_current() else { return true };
        let mut windows = self.0.lock();
        let known = windows.contains_key(peer) || windows.len() < PEERS_MAX;
        let peer = if known { peer } else { OTHERS };
        if let Some(lines) = windows.get_mut(peer) {
            *lines = lines.saturating_add(1);
            return *lines <= self.0.lines_max;
        }
        windows.insert(peer.to_owned(), 1);
        drop(windows);
        runtime.spawn(end(Arc::downgrade(&self.0), peer.to_owned()));
        true
    }

    /// [`FaultLog::admits`] for a peer that is known only by its address.
    pub fn admits_from(&self, address: IpAddr) -> bool {
        self.admits(&address.to_canonical().to_string())
    }
}

async fn end(windows: Weak<Windows>, peer: String) {
    tokio::time::sleep(WINDOW).await;
    if let Some(windows) = windows.upgrade() {
        let lines = windows.lock().remove(&peer);
        windows.tell(&peer, lines.unwrap_or_default());
    }
}

impl Windows {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        // Each change is one call: the map is whole even after a panic elsewhere.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs the number of lines that a window left out.
    fn tell(&self, peer: &str, lines: u64) {
        let left_out = lines.saturating_sub(self.lines_max);
        if left_out > 0 {
            metrics::counter!("mbush_log_lines_left_out_total").increment(left_out);
            warn!(peer, left_out, "and {} more lines about this peer", grouped(left_out));
        }
    }
}

/// Logs the numbers of all open windows when the program stops.
impl Drop for Windows {
    fn drop(&mut self) {
        let lines = std::mem::take(&mut *self.lock());
        for (peer, lines) in lines {
            self.tell(&peer, lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Keeps what is logged.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(octets);
            Ok(octets.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Paper {
        fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
        }
    }

    fn logging() -> (Paper, tracing::subscriber::DefaultGuard) {
        let paper = Paper::default();
        let writer = paper.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        (paper, tracing::subscriber::set_default(log))
    }

    fn written(log: &FaultLog, peer: &str, lines: usize) -> usize {
        (0..lines).filter(|_| log.admits(peer)).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_has_a_few_lines_and_the_others_are_counted() {
        let (paper, _logging) = logging();
        let (log, most) = (FaultLog::default(), usize::try_from(LINES_MAX).unwrap());
        assert_eq!(written(&log, "10.0.0.1", most + 12_345), most);
        assert_eq!(written(&log.clone(), "10.0.0.2", most), most, "each peer has its own");
        assert_eq!(paper.take(), "");
        tokio::time::sleep(WINDOW * 2).await;
        let told = paper.take();
        assert!(told.contains("and 12,345 more") && told.contains("10.0.0.1"), "{told}");
        assert_eq!(told.lines().count(), 1, "of who had a few there is nothing to say: {told}");
        assert_eq!(written(&log, "10.0.0.1", most + 1), most, "another window");
    }

    #[tokio::test(start_paused = true)]
    async fn ever_new_peers_are_counted_together_and_cost_no_memory() {
        let log = FaultLog::default();
        let written: usize = (0..PEERS_MAX * 3).map(|peer| written(&log, &peer.to_string(), 1)).sum();
        assert_eq!(written, PEERS_MAX + usize::try_from(LINES_MAX).unwrap());
        assert_eq!(log.0.lock().len(), PEERS_MAX + 1);
        tokio::time::sleep(WINDOW * 2).await;
        assert_eq!(log.0.lock().len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stranger_has_one_line() {
        let (paper, _logging) = logging();
        let log = FaultLog::of_strangers();
        assert_eq!(written(&log, "10.0.0.1", 500), 1);
        tokio::time::sleep(WINDOW * 2).await;
        assert!(paper.take().contains("and 499 more lines"));
    }

    #[tokio::test]
    async fn what_was_not_said_is_said_when_the_program_stops() {
        let (paper, _logging) = logging();
        let log = FaultLog::default();
        written(&log, "ipko", 30);
        drop(log);
        assert!(paper.take().contains("and 10 more lines"));
    }
}
