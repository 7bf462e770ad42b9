//! The program `mbush`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    mbush::cli::main()
}
