//! Where the peers are on this machine.

use std::path::{Path, PathBuf};

/// Debian puts daemons where not every user's `PATH` looks, and test programs where none does.
const FURTHER_FOLDERS: &[&str] = &["/usr/sbin", "/usr/lib/kannel/test"];

const RABBITMQ: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// A program by its name, or nothing if this machine does not have it and may do without.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(FURTHER_FOLDERS.iter().map(PathBuf::from));
    required(name, folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// The interpreter of the private environment that holds the Python peers.
pub(crate) fn python() -> Option<PathBuf> {
    environment("the Python environment of the peers", "venv", "MBUSH_PEERS_VENV")
}

/// The interpreter of the private environment that holds Jasmin, if the servers that it needs are here, too.
pub(crate) fn jasmin() -> Option<PathBuf> {
    program("redis-server")?;
    required("rabbitmq-server", Some(PathBuf::from(RABBITMQ)).filter(|file| file.is_file()))?;
    environment("the Python environment of Jasmin", "jasmin", "MBUSH_PEERS_JASMIN")
}

/// The interpreter of a private environment: of this folder, or of the one that the variable names.
fn environment(name: &str, folder: &str, variable: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers").join(folder);
    let folder = std::env::var_os(variable).map_or(default, PathBuf::from);
    let installed = folder.join("requirements.installed").is_file();
    required(name, installed.then(|| folder.join("bin/python")))
}

/// Node.js and the folder of the packages from npm.
pub(crate) fn node() -> Option<(PathBuf, PathBuf)> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/node");
    let folder = std::env::var_os("MBUSH_PEERS_NODE").map_or(default, PathBuf::from);
    let modules = folder.join("node_modules");
    let installed = modules.join("smpp/package.json").is_file();
    let modules = required("the peers from npm", installed.then_some(modules))?;
    Some((program("node")?, modules))
}

/// A file of this folder.
pub(crate) fn material(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/interop").join(name)
}

fn required(name: &str, found: Option<PathBuf>) -> Option<PathBuf> {
    if found.is_none() {
        let must = std::env::var_os("MBUSH_REQUIRE_PEERS").is_some_and(|value| value == "1");
        assert!(!must, "{name} is not installed, and MBUSH_REQUIRE_PEERS=1 asks for it: run scripts/peers");
        eprintln!("left out: {name} is not installed (scripts/peers installs it)");
    }
    found
}
