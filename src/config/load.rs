//! Reading the file and the environment, and saying what is wrong with them: which key, which value, what to do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use garde::Validate;
use serde::Deserialize;

use super::limits::Limits;
use super::section::{self, Bank, Subscribers, ValiditySection};
use super::{Config, Link, environment, read_link, sections};
use crate::domain::Rules;

/// Everything that is wrong with a configuration, one line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    fn one(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }

    /// The lines.
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    store: section::Store,
    http: super::http::Http,
    grammars: section::Grammars,
    numbering: section::Numbering,
    subscribers: Subscribers,
    validity: ValiditySection,
    limits: Limits,
    products: super::products::Products,
    bonus: Vec<super::bonus::Bonus>,
    redelivery: section::RedeliverySection,
    replies: super::replies::Replies,
    routes: Vec<super::routes::Route>,
    banks: BTreeMap<String, Bank>,
    processor: section::Processor,
    dispatch: section::Dispatch,
    quarantine: section::Quarantine,
    life: super::upkeep::Life,
    audit: super::upkeep::Audit,
    vouchers: super::voucher::Vouchers,
    pins: super::credit_transfer::Pins,
    credit_transfer: super::credit_transfer::CreditTransfer,
    dealers: super::dealers::Dealers,
    staff: super::staff::Staff,
    log: section::Log,
    smpp_server: super::smpp_server::SmppServer,
    iso8583: super::iso8583::Iso8583,
    clients: BTreeMap<String, super::client::Client>,
    /// Read one by one, because their `kind` says what they hold.
    links: BTreeMap<String, serde_json::Value>,
}

/// A configuration as far as it can be read, and all that is wrong with it. What is wrong keeps its default, so that the
/// rest can be looked at too.
#[derive(Debug)]
pub struct Examined {
    /// What was read; good for a start only where there is no problem.
    pub config: Config,
    /// What is wrong, one line each, with its key and the remedy.
    pub problems: Vec<String>,
}

impl Config {
    /// What holds where nothing is configured.
    pub fn defaults() -> Self {
        let examined = Self::build(File::default(), BTreeMap::new());
        debug_assert!(examined.problems.is_empty(), "the defaults are valid: {:?}", examined.problems);
        examined.config
    }

    /// Reads this file; without one, `mbush.toml` of the working folder where there is one, or the defaults.
    /// A variable `MBUSH_STORE__URL` overrides `url` of `[store]`, `MBUSH_LINKS__IPKO__PASSWORD` that of `[links.ipko]`.
    ///
    /// # Errors
    /// Every problem that was found, each with its key and remedy.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::examine(file)?.good()
    }

    /// As [`Config::load`], for whoever wants to know of all that is wrong beside the configuration too.
    ///
    /// # Errors
    /// Nothing can be read at all: there is no such file, or it is not TOML.
    pub fn examine(file: Option<&Path>) -> Result<Examined, ConfigError> {
        let mut builder = config::Config::builder();
        if let Some(path) = Self::file(file) {
            builder = builder.add_source(config::File::from(path.as_path()).format(config::FileFormat::Toml));
        }
        Self::from_source(environment::add(builder, std::env::vars()))
    }

    /// The file that [`Config::load`] reads where this one is named, or none.
    pub fn file(named: Option<&Path>) -> Option<PathBuf> {
        let usual = || Some(PathBuf::from("mbush.toml")).filter(|usual| usual.exists());
        named.map(Path::to_path_buf).or_else(usual)
    }

    /// Reads a configuration from text alone, without the environment.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let text = config::File::from_str(text, config::FileFormat::Toml);
        Self::from_source(config::Config::builder().add_source(text))?.good()
    }

    fn from_source(builder: config::ConfigBuilder<config::builder::DefaultState>) -> Result<Examined, ConfigError> {
        let source = builder.build().map_err(|error| ConfigError::one(format!("configuration: {error}")))?;
        let (file, mut problems) = sections::read::<File>(&source).map_err(ConfigError)?;
        let mut links = BTreeMap::new();
        for name in file.links.keys() {
            match read_link::read_link(&source, name) {
                Ok(link) => drop(links.insert(name.clone(), link)),
                Err(problem) => problems.push(problem),
            }
        }
        let examined = Self::build(file, links);
        problems.extend(examined.problems);
        Ok(Examined { config: examined.config, problems })
    }

    fn build(file: File, links: BTreeMap<String, Link>) -> Examined {
        let mut problems = problems(&file);
        let mut rules = rules(&file).unwrap_or_else(|problem| {
            problems.push(problem);
            // cannot fail: the defaults are constants, and a test builds them.
            self::rules(&File::default()).expect("the defaults are valid")
        });
        (rules.courtesies, rules.links) = (file.replies.build(), super::replies::link_rules(&links));
        problems.extend(super::client::build(&file.clients, &file.links, &mut rules));
        problems.extend(warnings_problem(&file.life, &rules));
        let config = Self {
            store: file.store,
            http: file.http,
            grammars: file.grammars,
            numbering: file.numbering,
            rules,
            processor: file.processor,
            dispatch: file.dispatch,
            quarantine: file.quarantine,
            life: file.life,
            audit: file.audit,
            vouchers: file.vouchers,
            pins: file.pins,
            dealers: file.dealers,
            staff: file.staff,
            log: file.log,
            smpp_server: file.smpp_server,
            iso8583: file.iso8583,
            clients: file.clients,
            links,
        };
        problems.extend(config.secret_problems());
        Examined { config, problems }
    }
}

impl Examined {
    /// The configuration, where nothing is wrong with it.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn good(self) -> Result<Config, ConfigError> {
        if self.problems.is_empty() { Ok(self.config) } else { Err(ConfigError(self.problems)) }
    }
}

/// What the sections come to together.
fn rules(file: &File) -> Result<Rules, String> {
    let ladder = file.vouchers.ladder()?;
    let rules = section::rules(&section::RuleSections {
        subscribers: &file.subscribers,
        validity: &file.validity,
        limits: &file.limits,
        products: &file.products,
        bonuses: &file.bonus,
        redelivery: &file.redelivery,
        ladder,
        code_rates: file.vouchers.code_rates(),
        pin_rates: file.pins.rates(),
        credit_transfer: &file.credit_transfer,
        routes: &file.routes,
        dealers: &file.dealers,
        banks: &file.banks,
    });
    rules.map_err(|error| error.to_string())
}

/// What is wrong within sections.
fn problems(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    check("store", &file.store, &mut problems);
    check("http", &file.http, &mut problems);
    problems.extend(file.http.admin_secret().err().map(|problem| format!("http.{problem}")));
    check("validity", &file.validity, &mut problems);
    check("limits", &file.limits, &mut problems);
    check("products", &file.products, &mut problems);
    check("redelivery", &file.redelivery, &mut problems);
    check("replies", &file.replies, &mut problems);
    check("processor", &file.processor, &mut problems);
    check("dispatch", &file.dispatch, &mut problems);
    check("quarantine", &file.quarantine, &mut problems);
    check("life", &file.life, &mut problems);
    check("audit", &file.audit, &mut problems);
    check("vouchers", &file.vouchers, &mut problems);
    check("pins", &file.pins, &mut problems);
    check("credit_transfer", &file.credit_transfer, &mut problems);
    check("dealers", &file.dealers, &mut problems);
    check("staff", &file.staff, &mut problems);
    for (key, link) in [
        ("staff.notify_link", &file.staff.notify_link),
        ("life.warn_link", &file.life.warn_link),
        ("dealers.summary_link", &file.dealers.summary_link),
    ] {
        if let Some(link) = link.as_ref().filter(|link| !file.links.contains_key(*link)) {
            problems.push(format!("{key} = \"{link}\": there is no [links.{link}]"));
        }
    }
    check("log", &file.log, &mut problems);
    check("smpp_server", &file.smpp_server, &mut problems);
    check("iso8583", &file.iso8583, &mut problems);
    for (place, bonus) in file.bonus.iter().enumerate() {
        check(&format!("bonus[{place}]"), bonus, &mut problems);
    }
    problems.extend(super::routes::problems(&file.routes, &file.links));
    for (id, bank) in &file.banks {
        check(&format!("banks.{id}"), bank, &mut problems);
    }
    file.clients.iter().for_each(|(name, client)| check(&format!("clients.{name}"), client, &mut problems));
    problems
}

/// What `[life]` says of the tiers of validity.
fn warnings_problem(life: &super::upkeep::Life, rules: &Rules) -> Option<String> {
    life.warn_link.as_ref()?;
    let shortest = rules.validity.days_min();
    let days = life.warn_days.iter().find(|&&days| days >= shortest)?;
    Some(format!(
        "life.warn_days: {days} is not fewer than the {shortest} days of the smallest top-up, who would be warned at once"
    ))
}

pub(super) fn check<T: Validate<Context = ()>>(place: &str, value: &T, problems: &mut Vec<String>) {
    if let Err(report) = value.validate() {
        problems.extend(report.iter().map(|(path, error)| format!("{place}.{path}: {error}")));
    }
}

/// The library's errors name the key within the section that was asked for; the section goes before it.
pub(super) fn explain(place: &str, error: &config::ConfigError) -> String {
    let place = if place.is_empty() { "configuration".to_owned() } else { place.to_owned() };
    format!("{place}: {error}; mbush.example.toml shows every key with its meaning")
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "example_tests.rs"]
mod example;
