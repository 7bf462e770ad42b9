//! Counts the instructions that reading a text, deciding it and encoding the reply take, and compares them with
//! `baseline.txt`. `scripts/instructions` builds and starts it.
//!
//! - without arguments: counts, prints a table, and fails if a case takes more than 5 % more than its baseline
//! - `--accept`: counts, prints the table, and writes the baseline
//! - `cases`: runs the cases; the program starts itself in this way under callgrind
//!
//! The counts depend on the compiler and the architecture only. Instructions of the C library are not counted, because
//! its `memcpy` and `memcmp` differ between versions and CPUs; so the program has an allocator of its own.

mod baseline;
mod callgrind;
mod cases;

use std::process::ExitCode;

use baseline::Baseline;
use dlmalloc::GlobalDlmalloc;

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

/// The standard library takes the seeds of hash maps from here. With the same seeds, every run counts the same.
#[unsafe(no_mangle)]
extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: u32) -> isize {
    // SAFETY: the caller passes a buffer of this length.
    unsafe { std::slice::from_raw_parts_mut(buffer, length) }.fill(7);
    isize::try_from(length).unwrap_or(isize::MAX)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => gate(),
        ["--accept"] => accept(),
        ["cases"] => {
            callgrind::run(cases::all());
            Ok(true)
        }
        _ => Err("usage: scripts/instructions [--accept]".to_owned()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("instructions: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Returns false if a case takes too many instructions.
fn gate() -> Result<bool, String> {
    let baseline = Baseline::read()?;
    let counts = callgrind::count()?;
    print!("{}", baseline.table(&counts));
    let verdict = baseline.verdict(&counts);
    print!("{}", verdict.words);
    Ok(verdict.passes)
}

fn accept() -> Result<bool, String> {
    let counts = callgrind::count()?;
    // The first baseline has nothing to be compared with.
    print!("{}", Baseline::read().unwrap_or_default().table(&counts));
    Baseline::of(counts).write()?;
    println!("instructions: {} is written; commit it", baseline::FILE);
    Ok(true)
}
