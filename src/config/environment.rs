//! Variables that override keys: `MBUSH_STORE__URL` is `url` of `[store]`.

use config::builder::DefaultState;
use config::{ConfigBuilder, Environment, File, FileFormat};

/// Prefix of all variables.
const PREFIX: &str = "MBUSH_";
/// Sections that are lists. A variable without a key sets such a list.
const LISTS: [&str; 2] = ["MBUSH_ROUTES", "MBUSH_BONUS"];

/// The variable of a key, given by the parts of its path.
pub(super) fn name(path: impl Iterator<Item = String>) -> String {
    format!("{PREFIX}{}", path.collect::<Vec<_>>().join("__").to_uppercase())
}

/// Adds the values of the variables to the builder, after the present sources.
pub(super) fn add(
    builder: ConfigBuilder<DefaultState>,
    variables: impl Iterator<Item = (String, String)>,
) -> ConfigBuilder<DefaultState> {
    // Only variables that name a section belong to the program: MBUSH_STORE__URL does, MBUSH_HOME does not.
    let ours = variables.filter(|(name, _)| name.contains("__") || LISTS.contains(&name.as_str()));
    let mut texts = config::Map::new();
    let mut builder = builder;
    for (name, value) in ours {
        match as_list(&name, &value) {
            Some(document) => builder = builder.add_source(File::from_str(&document, FileFormat::Toml)),
            None => drop(texts.insert(name, value)),
        }
    }
    builder.add_source(Environment::with_prefix("MBUSH").prefix_separator("_").separator("__").source(Some(texts)))
}

/// Returns a list or a table in the form of the file as a TOML document. All other values are texts; a secret is a text
/// whatever its first character is.
fn as_list(name: &str, value: &str) -> Option<String> {
    let path: Vec<String> = name.strip_prefix(PREFIX)?.split("__").map(str::to_lowercase).collect();
    let key = path.last()?;
    if !value.trim_start().starts_with(['[', '{']) || key.ends_with("password") || key.ends_with("secret") {
        return None;
    }
    let quoted: Vec<String> = path.iter().map(|part| format!("\"{part}\"")).collect();
    let document = format!("{} = {value}", quoted.join("."));
    document.parse::<toml::Table>().is_ok().then_some(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> config::Config {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let file = "[links.k]\nshort_codes = [\"1\"]\nsecret = \"s\"\n[life]\nwarn_days = [7]";
        let file = config::Config::builder().add_source(File::from_str(file, FileFormat::Toml));
        add(file, variables).build().unwrap()
    }

    #[test]
    fn a_list_and_a_table_are_written_as_in_the_file() {
        let read = read(&[
            ("MBUSH_LINKS__K__SHORT_CODES", "[\"50005\", \"50333\"]"),
            ("MBUSH_LIFE__WARN_DAYS", "[3, 1]"),
            ("MBUSH_LINKS__K__USSD_CODES", "{ \"123\" = \"50005\" }"),
            ("MBUSH_ROUTES", "[{ prefix = \"38344\", link = \"k\" }]"),
            ("MBUSH_STORE__URL", "sqlite://x.db"),
        ]);
        assert_eq!(read.get::<Vec<String>>("links.k.short_codes").unwrap(), ["50005", "50333"]);
        assert_eq!(read.get::<Vec<u16>>("life.warn_days").unwrap(), [3, 1]);
        assert_eq!(read.get_string("links.k.ussd_codes.123").unwrap(), "50005");
        assert_eq!(read.get_string("routes[0].prefix").unwrap(), "38344");
        assert_eq!(read.get_string("store.url").unwrap(), "sqlite://x.db");
    }

    #[test]
    fn a_secret_is_a_text_however_it_begins() {
        let read =
            read(&[("MBUSH_LINKS__K__SECRET", "[1]"), ("MBUSH_LOG__FILTER", "[span]=debug"), ("MBUSH_HOME", "x")]);
        assert_eq!(read.get_string("links.k.secret").unwrap(), "[1]");
        assert_eq!(read.get_string("log.filter").unwrap(), "[span]=debug");
        assert!(read.get_string("home").is_err());
    }
}
