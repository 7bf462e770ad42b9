//! A program under observation: every line it prints, in order, and its end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use crate::DEADLINE;

/// Killed when dropped, by its own handle.
pub struct Process {
    name: String,
    child: Child,
    output: Arc<Output>,
}

/// Lines of standard output and standard error together.
#[derive(Default)]
struct Output {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    streams_closed: usize,
}

impl Process {
    /// Starts it with no standard input.
    pub fn start(name: &str, command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let output = Arc::new(Output::default());
        if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
            output.follow(stdout);
            output.follow(stderr);
        }
        Self { name: name.to_owned(), child, output }
    }

    /// The first line that matches, waiting for it.
    pub fn line(&self, what: &str, matches: impl Fn(&str) -> bool) -> String {
        self.lines(1, what, matches).remove(0)
    }

    /// At least `count` lines that match, waiting for them; all of those there are by then.
    pub fn lines(&self, count: usize, what: &str, matches: impl Fn(&str) -> bool) -> Vec<String> {
        let end = Instant::now() + DEADLINE;
        let mut state = self.output.lock();
        loop {
            let found: Vec<String> = state.lines.iter().filter(|line| matches(line)).cloned().collect();
            if found.len() >= count {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            let printed = state.lines.join("\n  ");
            let (name, seen) = (&self.name, found.len());
            assert!(state.streams_closed < 2, "{name} ended with {seen} of {count} {what}:\n  {printed}");
            assert!(!left.is_zero(), "{name} printed {seen} of {count} {what}:\n  {printed}");
            (state, _) = self.output.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Its process identifier.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything printed so far.
    pub fn printed(&self) -> Vec<String> {
        self.output.lock().lines.clone()
    }

    /// Asks it to end, as an init system does, and waits until it has.
    pub fn terminate(mut self) -> (ExitStatus, Vec<String>) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "{} was gone already:\n{:#?}", self.name, self.printed());
        self.wait()
    }

    /// Waits until it has ended by itself.
    pub fn wait(&mut self) -> (ExitStatus, Vec<String>) {
        let end = Instant::now() + DEADLINE;
        let mut state = self.output.lock();
        while state.streams_closed < 2 {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} does not end:\n{:#?}", self.name, state.lines);
            (state, _) = self.output.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        let lines = state.lines.clone();
        drop(state);
        (self.child.wait().expect("a child that was started can be waited for"), lines)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow(self: &Arc<Self>, stream: impl Read + Send + 'static) {
        let output = Arc::clone(self);
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                output.lock().lines.push(text);
                output.changed.notify_all();
            }
            output.lock().streams_closed += 1;
            output.changed.notify_all();
        });
    }
}
