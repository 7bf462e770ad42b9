//! Reading the file and the environment, and saying what is wrong with them: which key, which value, what to do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use garde::Validate;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::limits::Limits;
use super::section::{self, Bank, Subscribers, ValiditySection};
use super::{Config, Link};
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
    http: section::Http,
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

#[derive(Debug, Deserialize)]
struct Kind {
    kind: String,
}

impl Config {
    /// What holds where nothing is configured.
    pub fn defaults() -> Self {
        // cannot fail: the defaults are constants, and a test builds them.
        Self::build(File::default(), BTreeMap::new()).expect("the defaults are valid")
    }

    /// Reads this file; without one, `mbush.toml` of the working folder where there is one, or the defaults.
    /// A variable `MBUSH_STORE__URL` overrides `url` of `[store]`, `MBUSH_LINKS__IPKO__PASSWORD` that of `[links.ipko]`.
    ///
    /// # Errors
    /// Every problem that was found, each with its key and remedy.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let usual = PathBuf::from("mbush.toml");
        // Only variables that name a section are ours: MBUSH_STORE__URL is, MBUSH_HOME is not.
        let variables = std::env::vars().filter(|(name, _)| name.contains("__")).collect();
        let environment =
            config::Environment::with_prefix("MBUSH").prefix_separator("_").separator("__").source(Some(variables));
        let path = match file {
            Some(file) => Some(file),
            None if usual.exists() => Some(usual.as_path()),
            None => None,
        };
        let mut builder = config::Config::builder();
        if let Some(path) = path {
            builder = builder.add_source(config::File::from(path).format(config::FileFormat::Toml));
        }
        Self::from_source(builder.add_source(environment))
    }

    /// Reads a configuration from text alone, without the environment.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        Self::from_source(config::Config::builder().add_source(config::File::from_str(text, config::FileFormat::Toml)))
    }

    fn from_source(builder: config::ConfigBuilder<config::builder::DefaultState>) -> Result<Self, ConfigError> {
        let source = builder.build().map_err(|error| ConfigError::one(format!("configuration: {error}")))?;
        let file: File = source.clone().try_deserialize().map_err(|error| ConfigError::one(explain("", &error)))?;
        let mut problems = Vec::new();
        let mut links = BTreeMap::new();
        for name in file.links.keys() {
            match read_link(&source, name) {
                Ok(link) => drop(links.insert(name.clone(), link)),
                Err(problem) => problems.push(problem),
            }
        }
        match Self::build(file, links) {
            Ok(config) if problems.is_empty() => Ok(config),
            Ok(_) => Err(ConfigError(problems)),
            Err(ConfigError(more)) => Err(ConfigError(problems.into_iter().chain(more).collect())),
        }
    }

    fn build(file: File, links: BTreeMap<String, Link>) -> Result<Self, ConfigError> {
        let problems = problems(&file);
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }
        let ladder = file.vouchers.ladder().map_err(ConfigError::one)?;
        let rules = section::rules(&section::RuleSections {
            subscribers: &file.subscribers,
            validity: &file.validity,
            limits: &file.limits,
            products: &file.products,
            bonuses: &file.bonus,
            redelivery: &file.redelivery,
            ladder,
            credit_transfer: &file.credit_transfer,
            routes: &file.routes,
            dealers: &file.dealers,
            banks: &file.banks,
        });
        let mut rules = rules.map_err(|error| ConfigError::one(error.to_string()))?;
        (rules.courtesies, rules.links) = (file.replies.build(), super::replies::link_rules(&links));
        super::client::build(&file.clients, &file.links, &mut rules).map_err(ConfigError)?;
        if let Some(problem) = warnings_problem(&file.life, &rules, &links) {
            return Err(ConfigError::one(problem));
        }
        Ok(Self {
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
        })
    }
}

/// What is wrong within sections.
fn problems(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    check("store", &file.store, &mut problems);
    check("http", &file.http, &mut problems);
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
    if let Some(link) = file.staff.notify_link.as_ref().filter(|link| !file.links.contains_key(*link)) {
        problems.push(format!("staff.notify_link = \"{link}\": there is no [links.{link}]"));
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

/// What `[life]` says of links and of the tiers of validity.
fn warnings_problem(life: &super::upkeep::Life, rules: &Rules, links: &BTreeMap<String, Link>) -> Option<String> {
    let link = life.warn_link.as_ref()?;
    if !links.contains_key(link) {
        return Some(format!("life.warn_link = \"{link}\": there is no [links.{link}]"));
    }
    let shortest = rules.validity.days_min();
    let days = life.warn_days.iter().find(|&&days| days >= shortest)?;
    Some(format!(
        "life.warn_days: {days} is not fewer than the {shortest} days of the smallest top-up, who would be warned at once"
    ))
}

fn read_link(source: &config::Config, name: &str) -> Result<Link, String> {
    let place = format!("links.{name}");
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(format!("{place}: a link's name has letters, digits, `-` and `_` only"));
    }
    let Kind { kind } = get(source, &place)
        .map_err(|_| format!("{place}: kind is missing: write kind = \"smpp\", \"esme\" or \"http\""))?;
    match kind.as_str() {
        "smpp" => {
            let link: super::link::SmppLink = valid(source, &place)?;
            link.password().map_err(|problem| format!("{place}: {problem}"))?;
            Ok(Link::Smpp(link))
        }
        "esme" => {
            let esme: super::smpp_server::Esme = valid(source, &place)?;
            esme.password().map_err(|problem| format!("{place}: {problem}"))?;
            Ok(Link::Esme(esme))
        }
        "http" => {
            let gateway: super::gateway::HttpGateway = valid(source, &place)?;
            gateway.secret().map_err(|problem| format!("{place}: {problem}"))?;
            gateway.reply_secret().map_err(|problem| format!("{place}: {problem}"))?;
            Ok(Link::Http(gateway))
        }
        other => Err(format!("{place}.kind = \"{other}\": write \"smpp\", \"esme\" or \"http\"")),
    }
}

fn get<T: DeserializeOwned>(source: &config::Config, place: &str) -> Result<T, String> {
    source.get(place).map_err(|error| explain(place, &error))
}

fn valid<T: DeserializeOwned + Validate<Context = ()>>(source: &config::Config, place: &str) -> Result<T, String> {
    let value: T = get(source, place)?;
    let mut problems = Vec::new();
    check(place, &value, &mut problems);
    if problems.is_empty() { Ok(value) } else { Err(problems.join("\n")) }
}

fn check<T: Validate<Context = ()>>(place: &str, value: &T, problems: &mut Vec<String>) {
    if let Err(report) = value.validate() {
        problems.extend(report.iter().map(|(path, error)| format!("{place}.{path}: {error}")));
    }
}

/// The library's errors name the key within the section that was asked for; the section goes before it.
fn explain(place: &str, error: &config::ConfigError) -> String {
    let place = if place.is_empty() { "configuration".to_owned() } else { place.to_owned() };
    format!("{place}: {error}; mbush.example.toml shows every key with its meaning")
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
