//! `[country]`: the folder of a country. Its file `country.toml` has the currency, the time zone and the languages, and
//! defaults for the sections of business rules. The file of the configuration overrides them.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use config::{FileFormat, FileSourceString};
use serde::Deserialize;

use crate::domain::Language;
use crate::domain::locale::{Currency, Locale};

/// Sections of the configuration that the file of a country may have.
const RULES: [&str; 11] = [
    "accounts",
    "bonus",
    "credit_transfer",
    "dealers",
    "life",
    "limits",
    "pins",
    "products",
    "subscribers",
    "validity",
    "vouchers",
];

/// Keys that every other country than the built-in one has to give, because their defaults are sums of euros.
const SUMS: [&str; 12] = [
    "limits.amount_min",
    "limits.amount_max",
    "validity.tiers",
    "vouchers.denominations",
    "credit_transfer.amount_min",
    "credit_transfer.amount_max",
    "credit_transfer.fee",
    "credit_transfer.balance_min",
    "credit_transfer.remaining_min",
    "credit_transfer.day_amount_max",
    "credit_transfer.month_amount_max",
    "dealers.low_stock",
];

/// `[country]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Section {
    /// The folder; `None` for Kosovo, which is built in.
    pub folder: Option<PathBuf>,
}

/// The country of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// The folder; `None` for the built-in one.
    pub folder: Option<PathBuf>,
    /// The code of ISO 3166-1, two capital letters.
    pub code: String,
    pub name: String,
    /// The languages of replies; the first is the default.
    pub languages: Vec<Language>,
}

/// `country.toml`, without the sections of rules.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    code: String,
    name: String,
    time_zone: Tz,
    languages: Vec<Language>,
    currency: CurrencyFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CurrencyFile {
    code: String,
    words: Vec<String>,
}

/// Kosovo.
impl Default for Country {
    fn default() -> Self {
        let languages = ["sq", "sr", "en"].iter().filter_map(|code| code.parse().ok()).collect();
        Self { folder: None, code: "XK".to_owned(), name: "Kosovo".to_owned(), languages }
    }
}

/// A country that was read.
pub(super) struct Chosen {
    pub(super) country: Country,
    /// Its rules as a source of configuration.
    pub(super) rules: Option<config::File<FileSourceString, FileFormat>>,
}

/// Reads the country that the configuration names, and fixes its currency and time zone for the process.
///
/// # Errors
/// All that is wrong with its file; or the process counts in the money of another country already.
pub(super) fn chosen(source: &config::Config) -> Result<Chosen, Vec<String>> {
    let folder = match source.get::<Section>("country") {
        Ok(section) => section.folder,
        // A mistake in the section is reported where all sections are read.
        Err(_) => None,
    };
    let Some(folder) = folder else { return Ok(Chosen { country: Country::default(), rules: None }) };
    let (country, locale, rules) = read(&folder)?;
    locale.fix().map_err(|error| vec![format!("country.folder = \"{}\": {error}", folder.display())])?;
    Ok(Chosen { country, rules: Some(config::File::from_str(&rules, FileFormat::Toml)) })
}

/// Reads the file `country.toml` of a folder. Each problem begins with the path of the file.
fn read(folder: &Path) -> Result<(Country, Locale, String), Vec<String>> {
    let path = folder.join("country.toml");
    let problem = |what: String| format!("{}: {what}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|error| {
        vec![problem(format!(
            "{error}: `country.folder` has to name a folder with this file; `mbush country new FOLDER --like COUNTRY --code CODE --name NAME` makes one"
        ))]
    })?;
    of_text(&text, folder).map_err(|problems| problems.into_iter().map(problem).collect())
}

fn of_text(text: &str, folder: &Path) -> Result<(Country, Locale, String), Vec<String>> {
    let mut table: toml::Table = toml::from_str(text).map_err(|error| vec![error.to_string().trim().to_owned()])?;
    let rules: toml::Table = RULES.iter().filter_map(|&rule| table.remove_entry(rule)).collect();
    let file: File = table.try_into().map_err(|error: toml::de::Error| {
        let sections = RULES.join(", ");
        vec![format!(
            "{}; beside code, name, time_zone, languages and currency it may have {sections}",
            error.message()
        )]
    })?;
    let mut problems = file.problems();
    let known = |key: &str| key.split_once('.').is_some_and(|(section, key)| has(&rules, section, key));
    problems.extend(
        SUMS.iter()
            .filter(|key| !known(key))
            .map(|key| format!("{key} is missing: a country says it, because the built-in value is a sum of euros")),
    );
    let currency = Currency::of(&file.currency.code).map_err(|error| vec![format!("currency.code: {error}")])?;
    let limit = |key: &str| {
        let written = rules.get("limits").and_then(|limits| limits.get(key)).and_then(toml::Value::as_str)?;
        currency.read(written).ok()
    };
    let (Some(lowest), Some(highest)) = (limit("amount_min"), limit("amount_max")) else {
        problems
            .push(format!("limits.amount_min and amount_max are sums in quotation marks, as \"{}\"", currency.one()));
        return Err(problems);
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let File { code, name, time_zone, languages, currency: CurrencyFile { words, .. } } = file;
    let country = Country { folder: Some(folder.to_owned()), code, name, languages };
    Ok((country, Locale { currency, words, time_zone, top_up: (lowest, highest) }, rules.to_string()))
}

fn has(rules: &toml::Table, section: &str, key: &str) -> bool {
    rules.get(section).and_then(|section| section.get(key)).is_some()
}

impl File {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let is_code = self.code.len() == 2 && self.code.bytes().all(|byte| byte.is_ascii_uppercase());
        problems.extend(
            (!is_code).then(|| format!("code = \"{}\": write the two capital letters of ISO 3166-1, as XK", self.code)),
        );
        problems
            .extend(self.name.trim().is_empty().then(|| "name is empty: write the country's English name".to_owned()));
        problems.extend(self.languages.is_empty().then(|| {
            "languages is empty: list the languages of replies, each with a file in the folder texts".to_owned()
        }));
        for (place, language) in self.languages.iter().enumerate() {
            if self.languages[..place].contains(language) {
                problems.push(format!("languages: {language} is listed twice"));
            }
        }
        problems.extend(self.currency.words.is_empty().then(|| {
            "currency.words is empty: list the words and signs that people write with an amount, as [\"€\", \"eur\"]".to_owned()
        }));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn folder(country: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("countries").join(country)
    }

    #[test]
    fn the_folder_of_kosovo_says_what_is_built_in() {
        let (country, locale, _) = read(&folder("xk")).unwrap();
        assert_eq!(Country { folder: None, ..country }, Country::default());
        assert_eq!(locale, Locale::default());
        let text = format!("[country]\nfolder = {:?}", folder("xk"));
        let (named, built_in) = (Config::from_toml(&text).unwrap(), Config::default());
        let rules = |config: &Config| format!("{:?} {:?} {:?}", config.rules, config.vouchers, config.dealers);
        assert_eq!(rules(&named), rules(&built_in));
    }

    #[test]
    fn every_problem_of_a_file_is_told() {
        let whole = std::fs::read_to_string(folder("rs").join("country.toml")).unwrap();
        let told = |from: &str, to: &str| {
            assert!(whole.contains(from), "{from}");
            of_text(&whole.replacen(from, to, 1), Path::new("rs")).unwrap_err().join("\n")
        };
        for (from, to, part) in [
            ("code      = \"RS\"", "code = \"Serbia\"", "code = \"Serbia\": write the two capital letters"),
            ("name      = \"Serbia\"", "name = \" \"", "name is empty"),
            ("Europe/Belgrade", "Europe/Serbia", "Europe/Serbia"),
            ("\"sr-Cyrl\"", "\"sr\"", "languages: sr is listed twice"),
            ("\"sr-Cyrl\"", "\"Serbian\"", "`Serbian` is no code of a language"),
            ("code     = \"RSD\"", "code = \"XAU\"", "`XAU` is not the code of a currency"),
            ("[limits]", "[limit]", "unknown field `limit`"),
            ("amount_min = \"100.00\"", "amount_min = 100", "limits.amount_min and amount_max are sums"),
            ("[dealers]", "[dealers.x]", "dealers.low_stock is missing"),
            ("time_zone", "timezone", "timezone"),
        ] {
            let problem = told(from, to);
            assert!(problem.contains(part), "{to}: {problem}");
        }
        assert!(read(Path::new("nowhere")).unwrap_err().join("").contains("nowhere/country.toml: "));
    }
}
