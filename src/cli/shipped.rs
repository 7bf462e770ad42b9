//! The countries that come with the program.

use std::path::Path;

use anyhow::{Context, anyhow};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "countries/"]
struct Files;

/// The facts of a country that comes with the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shipped {
    /// Its name in the folder `countries`: `rs`.
    pub(super) folder: String,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) currency: String,
    pub(super) languages: Vec<String>,
}

/// All of them, sorted by folder.
pub(super) fn all() -> anyhow::Result<Vec<Shipped>> {
    let folders = Files::iter().filter_map(|path| path.strip_suffix("/country.toml").map(str::to_owned));
    let mut shipped: Vec<Shipped> = folders.map(|folder| facts(&folder)).collect::<Result<_, _>>()?;
    shipped.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(shipped)
}

/// The country of this name, code or folder, in any letter case.
pub(super) fn find(name: &str) -> anyhow::Result<Shipped> {
    let all = all()?;
    let wanted = name.trim();
    let is_it = |country: &&Shipped| {
        [&country.folder, &country.code, &country.name].iter().any(|known| known.eq_ignore_ascii_case(wanted))
    };
    all.iter().find(is_it).cloned().ok_or_else(|| {
        let names: Vec<String> = all.iter().map(|country| format!("{} ({})", country.name, country.folder)).collect();
        anyhow!(
            "there is no country `{name}`: the program comes with {}; or name a folder that has a country.toml",
            names.join(", ")
        )
    })
}

fn facts(folder: &str) -> anyhow::Result<Shipped> {
    let text = text(&format!("{folder}/country.toml")).unwrap_or_default();
    let table: toml::Table = toml::from_str(&text).with_context(|| format!("countries/{folder}/country.toml"))?;
    let word = |value: Option<&toml::Value>| value.and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    let currency = table.get("currency").and_then(|currency| currency.get("code"));
    let languages = table.get("languages").and_then(toml::Value::as_array);
    Ok(Shipped {
        folder: folder.to_owned(),
        code: word(table.get("code")),
        name: word(table.get("name")),
        currency: word(currency),
        languages: languages.into_iter().flatten().map(|language| word(Some(language))).collect(),
    })
}

fn text(path: &str) -> Option<String> {
    Files::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

impl Shipped {
    /// The paths of its files in its folder, each with its text, sorted.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let within = |path: &str| path.strip_prefix(&format!("{}/", self.folder)).map(str::to_owned);
        let is_of_a_country = |path: &String| Path::new(path).extension().is_some_and(|end| end == "toml");
        let mut paths: Vec<String> = Files::iter().filter_map(|path| within(&path)).filter(is_of_a_country).collect();
        paths.sort();
        let file = |path: String| Some((path.clone(), text(&format!("{}/{path}", self.folder))?));
        paths.into_iter().filter_map(file).collect()
    }

    /// Writes its files into a folder.
    pub(super) fn write_to(&self, folder: &Path) -> anyhow::Result<()> {
        for (path, text) in self.files() {
            put(&folder.join(path), &text)?;
        }
        Ok(())
    }
}

/// Writes a file, with the folders that it is in.
pub(super) fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, text)).with_context(|| path.display().to_string())
}
