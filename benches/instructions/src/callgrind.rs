//! Runs the cases under callgrind and reads its counts.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cases::Case;

/// Calls of each case that are counted.
const ROUNDS: u64 = 100;

/// The function as callgrind names it.
const COUNTED: &str = "mbush_instructions::callgrind::counted";

/// Instructions for one message, by case, in the order of the cases.
pub(crate) type Counts = Vec<(String, u64)>;

/// Callgrind counts while this function runs, and writes a file at its end.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    for _ in 0..ROUNDS {
        work();
    }
}

/// Runs all cases and prints the name of each and its number of messages.
pub(crate) fn run(cases: Vec<Case>) {
    for mut case in cases {
        // The first call may initialise what later ones use.
        (case.work)();
        counted(&mut *case.work);
        println!("{}\t{}", case.name, case.messages * ROUNDS);
    }
}

pub(crate) fn count() -> Result<Counts, String> {
    let program = std::env::current_exe().map_err(|error| format!("the path of this program is not known: {error}"))?;
    let folder = program.with_extension("callgrind");
    empty(&folder).map_err(|error| format!("{} cannot be written: {error}", folder.display()))?;
    let out = folder.join("out");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--compress-strings=no", "--compress-pos=no"])
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!("--dump-after={COUNTED}"))
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(&program)
        .arg("cases")
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("valgrind failed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    let cases = printed.lines().filter_map(|line| line.split_once('\t'));
    cases.zip(1..).map(|((name, messages), number)| counts_of(&program, &out, number, name, messages)).collect()
}

fn empty(folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)
}

fn counts_of(program: &Path, out: &Path, number: usize, name: &str, messages: &str) -> Result<(String, u64), String> {
    let file = PathBuf::from(format!("{}.{number}", out.display()));
    let profile = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let messages: u64 = messages.parse().map_err(|error| format!("{name}: {error}"))?;
    let instructions = own_instructions(&profile, program)?;
    if instructions == 0 || messages == 0 {
        return Err(format!("{name}: callgrind has counted nothing in {COUNTED}"));
    }
    Ok((name.to_owned(), instructions / messages))
}

/// Sums the costs of the functions of one object file. The line after `calls=` has the cost of a called function, which
/// is counted where that function stands.
fn own_instructions(profile: &str, program: &Path) -> Result<u64, String> {
    let program = program.display().to_string();
    let (mut sum, mut is_own, mut is_call) = (0, false, false);
    for line in profile.lines() {
        if let Some(object) = line.strip_prefix("ob=") {
            is_own = object == program;
        } else if line.starts_with("calls=") {
            is_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit()) && !std::mem::take(&mut is_call) && is_own {
            let cost = line.split_ascii_whitespace().nth(1).unwrap_or("0");
            sum += cost.parse::<u64>().map_err(|error| format!("callgrind wrote `{line}`: {error}"))?;
        }
    }
    Ok(sum)
}
