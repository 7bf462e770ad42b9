//! The files of the gateways that are built in, and their fixtures.

use rust_embed::RustEmbed;

/// The folder of formats within the files.
pub(super) const FORMATS: &str = "";
/// The folder of fixtures within the files.
const FIXTURES: &str = "fixtures/";

#[derive(RustEmbed)]
#[folder = "gateways/"]
struct Files;

/// The files of a folder, without those of folders in it, sorted by name.
pub(super) fn files(folder: &str) -> Vec<(String, String)> {
    let is_in = |path: &str| {
        path.strip_prefix(folder).and_then(|name| name.strip_suffix(".toml")).is_some_and(|name| !name.contains('/'))
    };
    let mut paths: Vec<_> = Files::iter().filter(|path| is_in(path)).collect();
    paths.sort();
    paths.iter().filter_map(|path| Some((path.to_string(), text(path)?))).collect()
}

/// The fixtures of a gateway that is built in.
pub(super) fn fixtures(gateway: &str) -> Option<String> {
    text(&format!("{FIXTURES}{gateway}.toml"))
}

fn text(path: &str) -> Option<String> {
    Files::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}
