//! Records the version of the compiler, on which the counts depend.

use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").expect("cargo sets it");
    let output = Command::new(rustc).arg("--version").output().expect("the compiler starts");
    let version = String::from_utf8(output.stdout).expect("it is UTF-8");
    println!("cargo::rustc-env=RUSTC_VERSION={}", version.trim());
    println!("cargo::rerun-if-changed=build.rs");
}
