//! The grammars are built in: a new file among them makes a new program.

fn main() {
    println!("cargo::rerun-if-changed=grammars");
    println!("cargo::rerun-if-changed=migrations");
}
