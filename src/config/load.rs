//! Reads the file and the environment, and explains errors: key, value, remedy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::examined::{Examined, is_whole};
use super::limits::Limits;
use super::problem::{ConfigError, check, worded};
use super::rules::{RuleSections, rules};
use super::section::{self, Subscribers, ValiditySection};
use super::{Config, Link, Named, environment, read_link, renamed, sections};
use crate::domain::{Rules, is_account_kind};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    country: super::country::Section,
    store: section::Store,
    http: super::http::Http,
    grammars: section::Grammars,
    gateways: super::gateway::Formats,
    numbering: section::Numbering,
    subscribers: Subscribers,
    validity: ValiditySection,
    limits: Limits,
    products: super::products::Products,
    bonus: Vec<super::bonus::Bonus>,
    redelivery: section::RedeliverySection,
    replies: super::replies::Replies,
    routes: Vec<super::routes::Route>,
    banks: BTreeMap<String, super::bank::Bank>,
    accounts: BTreeMap<String, section::Accounts>,
    processor: section::Processor,
    dispatch: section::Dispatch,
    quarantine: section::Quarantine,
    life: super::jobs::Life,
    audit: super::jobs::Audit,
    vouchers: super::voucher::Vouchers,
    pins: super::credit_transfer::Pins,
    credit_transfer: super::credit_transfer::CreditTransfer,
    dealers: super::dealers::Dealers,
    staff: super::staff::Staff,
    log: section::Log,
    smpp_server: super::smpp_server::SmppServer,
    iso8583: super::iso8583::Iso8583,
    clients: BTreeMap<String, super::client::Client>,
    forward: BTreeMap<String, super::forward::Forward>,
    /// Read one by one, because the keys depend on `kind`.
    links: BTreeMap<String, serde_json::Value>,
}

impl Default for Config {
    /// The settings of an empty file.
    fn default() -> Self {
        let mut problems = Vec::new();
        let config = Self::build(File::default(), BTreeMap::new(), &BTreeSet::new(), &mut problems);
        debug_assert!(problems.is_empty(), "the defaults are valid: {problems:?}");
        config
    }
}

impl Config {
    /// Reads `file`; without one, `mbush.toml` of the working directory if it exists, or the defaults. A variable
    /// `MBUSH_STORE__URL` overrides `url` of `[store]`, `MBUSH_LINKS__IPKO__PASSWORD` that of `[links.ipko]`.
    ///
    /// # Errors
    /// All problems, each with its key and its remedy.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::examine(file)?.good()
    }

    /// As [`Config::load`], but returns the configuration together with its problems.
    ///
    /// # Errors
    /// The file does not exist or is not TOML.
    pub fn examine(file: Option<&Path>) -> Result<Examined, ConfigError> {
        let mut builder = config::Config::builder();
        if let Some(path) = Self::file(file) {
            can_be_read(&path).map_err(ConfigError::one)?;
            builder = builder.add_source(config::File::from(path.as_path()).format(config::FileFormat::Toml));
        }
        let variables = std::env::vars().map(|(name, _)| name.to_uppercase()).collect();
        Self::from_source(environment::add(builder, std::env::vars()), &variables)
    }

    /// The file that [`Config::load`] reads for this argument, if any.
    pub fn file(named: Option<&Path>) -> Option<PathBuf> {
        let usual = || Some(PathBuf::from("mbush.toml")).filter(|usual| usual.exists());
        named.map(Path::to_path_buf).or_else(usual)
    }

    /// Reads a configuration from a text, without the environment.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        Self::examine_text(text)?.good()
    }

    /// As [`Config::from_toml`], but returns the configuration together with its problems.
    ///
    /// # Errors
    /// The text is not TOML.
    pub fn examine_text(text: &str) -> Result<Examined, ConfigError> {
        let text = config::File::from_str(text, config::FileFormat::Toml);
        Self::from_source(config::Config::builder().add_source(text), &BTreeSet::new())
    }

    /// `variables` are the names of the variables of the environment.
    pub(super) fn from_source(
        builder: config::ConfigBuilder<config::builder::DefaultState>,
        variables: &BTreeSet<String>,
    ) -> Result<Examined, ConfigError> {
        let unread = |error: config::ConfigError| ConfigError::one(format!("configuration: {error}"));
        let mut source = builder.build().map_err(unread)?;
        let country = super::country::chosen(&source).map_err(ConfigError::of)?;
        if let Some(rules) = &country.rules {
            let rules = config::Config::builder().add_source(rules.clone());
            source = rules.add_source(source).build().map_err(unread)?;
        }
        let mut problems = renamed::mend(&mut source.cache, variables);
        let sections::Read { file, problems: unread, broken } = match sections::read::<File>(&source) {
            Ok(read) => read,
            Err(unread) => {
                return Err(ConfigError::of(problems.into_iter().chain(unread.into_iter().map(worded)).collect()));
            }
        };
        problems.extend(unread.into_iter().map(worded));
        let mut links = BTreeMap::new();
        for name in file.links.keys() {
            links.extend(read_link::read_link(&source, name, &mut problems).map(|link| (name.clone(), link)));
        }
        let config = Self { country: country.country, ..Self::build(file, links, &broken, &mut problems) };
        let named = Named::of(&config, &source.try_deserialize().unwrap_or_default(), broken);
        Ok(Examined { config, problems, named })
    }

    fn build(file: File, links: BTreeMap<String, Link>, broken: &BTreeSet<String>, problems: &mut Vec<String>) -> Self {
        let mut of_keys = problems_of_keys(&file);
        let mut rules = file.rules(&mut of_keys);
        (rules.courtesies, rules.links) = (file.replies.build(), super::replies::link_rules(&links));
        rules.answered_later = super::forward::answered_later(&file.forward);
        // A section that could not be read has its default, which is not compared with others.
        let is_whole = |section: &str| is_whole(section, broken, &of_keys);
        let (has_limits, has_days) = (is_whole("limits"), is_whole("validity") && is_whole("life"));
        let of_clients = super::client::build(&file.clients, &file.links, &mut rules, has_limits);
        problems.extend(of_keys);
        problems.extend(of_clients);
        problems.extend(has_days.then(|| warnings_problem(&file.life, &rules)).flatten());
        let config = Self {
            country: super::country::Country::default(),
            store: file.store,
            http: file.http,
            grammars: file.grammars,
            gateways: file.gateways,
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
            pin_checks: file.banks.into_iter().filter_map(|(id, bank)| Some((id, bank.pin_check?))).collect(),
            staff: file.staff,
            log: file.log,
            smpp_server: file.smpp_server,
            iso8583: file.iso8583,
            clients: file.clients,
            forward: file.forward,
            links,
        };
        problems.extend(config.secret_problems());
        config
    }
}

impl File {
    /// Builds the rules for decisions from all sections.
    fn rules(&self, problems: &mut Vec<String>) -> Rules {
        let sections = RuleSections {
            subscribers: &self.subscribers,
            validity: &self.validity,
            limits: &self.limits,
            products: &self.products,
            bonuses: &self.bonus,
            redelivery: &self.redelivery,
            vouchers: &self.vouchers,
            pins: &self.pins,
            credit_transfer: &self.credit_transfer,
            routes: &self.routes,
            dealers: &self.dealers,
            banks: &self.banks,
            accounts: &self.accounts,
        };
        rules(&sections, problems)
    }
}

/// Refuses a named file that cannot be a configuration. A missing file is reported where it is read.
fn can_be_read(path: &Path) -> Result<(), String> {
    let problem = |what: String| format!("configuration \"{}\": {what}", path.display());
    if path.is_dir() {
        let file = path.join("mbush.toml");
        return Err(problem(format!("it is a folder: name a file, as in {}", file.display())));
    }
    match std::fs::File::open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(problem(format!("{error}: name a file that this user can read")))
        }
        _ => Ok(()),
    }
}

/// The problems within sections.
fn problems_of_keys(file: &File) -> Vec<String> {
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
    problems.extend(unknown_links(file));
    check("log", &file.log, &mut problems);
    check("smpp_server", &file.smpp_server, &mut problems);
    check("iso8583", &file.iso8583, &mut problems);
    for (place, bonus) in file.bonus.iter().enumerate() {
        check(&format!("bonus[{place}]"), bonus, &mut problems);
    }
    problems.extend(super::routes::problems(&file.routes, &file.links));
    for (id, bank) in &file.banks {
        check(&format!("banks.{id}"), bank, &mut problems);
        let secret = bank.pin_check.as_ref().and_then(|asked| asked.secret().err());
        problems.extend(secret.map(|problem| format!("banks.{id}.pin_check.{problem}")));
    }
    problems.extend(super::forward::problems(&file.forward));
    problems.extend(kinds_problems(file));
    file.clients.iter().for_each(|(name, client)| check(&format!("clients.{name}"), client, &mut problems));
    problems
}

/// The settings that name a link without a section.
fn unknown_links(file: &File) -> impl Iterator<Item = String> {
    let named = [
        ("staff.notify_link", &file.staff.notify_link),
        ("life.warn_link", &file.life.warn_link),
        ("dealers.summary_link", &file.dealers.summary_link),
    ];
    named.into_iter().filter_map(|(key, link)| {
        let link = link.as_ref().filter(|link| !file.links.contains_key(*link))?;
        Some(format!("{key} = \"{link}\": there is no [links.{link}]"))
    })
}

/// The sections `[accounts.KIND]` of names that no grammar can declare.
fn kinds_problems(file: &File) -> impl Iterator<Item = String> {
    let wrong = file.accounts.keys().filter(|kind| !is_account_kind(kind));
    wrong.map(|kind| {
        format!(
            "accounts.{kind}: no kind of account of a grammar has this name: it has 1 to 32 of a-z, 0-9 and _, a letter first, \
             and is no kind of the program's own"
        )
    })
}

/// Returns the conflict of `[life]` with the tiers of validity, if there is one.
fn warnings_problem(life: &super::jobs::Life, rules: &Rules) -> Option<String> {
    life.warn_link.as_ref()?;
    let shortest = rules.validity.days_min();
    let days = life.warn_days.iter().find(|&&days| days >= shortest)?;
    Some(format!(
        "life.warn_days: {days} is not fewer than the {shortest} days of the smallest top-up, who would be warned at once"
    ))
}

#[cfg(test)]
#[path = "examined_tests.rs"]
mod examined_tests;

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "example_tests.rs"]
mod example;
