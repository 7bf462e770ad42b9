//! The program `mbush`; everything is in the library.

use std::process::ExitCode;

/// Memory of this program and of SQLite, for which the allocator of the C library takes an eighth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    mbush::cli::main()
}
