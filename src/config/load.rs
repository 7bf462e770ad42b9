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
    staff: super::staff::Staff,
    log: section::Log,
    smpp_server: super::smpp_server::SmppServer,
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
        let mut problems = Vec::new();
        check("store", &file.store, &mut problems);
        check("http", &file.http, &mut problems);
        check("validity", &file.validity, &mut problems);
        check("limits", &file.limits, &mut problems);
        check("products", &file.products, &mut problems);
        check("redelivery", &file.redelivery, &mut problems);
        check("processor", &file.processor, &mut problems);
        check("dispatch", &file.dispatch, &mut problems);
        check("quarantine", &file.quarantine, &mut problems);
        check("life", &file.life, &mut problems);
        check("audit", &file.audit, &mut problems);
        check("vouchers", &file.vouchers, &mut problems);
        check("pins", &file.pins, &mut problems);
        check("credit_transfer", &file.credit_transfer, &mut problems);
        check("staff", &file.staff, &mut problems);
        if let Some(link) = file.staff.notify_link.as_ref().filter(|link| !file.links.contains_key(*link)) {
            problems.push(format!("staff.notify_link = \"{link}\": there is no [links.{link}]"));
        }
        check("log", &file.log, &mut problems);
        check("smpp_server", &file.smpp_server, &mut problems);
        for (place, bonus) in file.bonus.iter().enumerate() {
            check(&format!("bonus[{place}]"), bonus, &mut problems);
        }
        problems.extend(super::routes::problems(&file.routes, &file.links));
        for (id, bank) in &file.banks {
            check(&format!("banks.{id}"), bank, &mut problems);
        }
        file.clients.iter().for_each(|(name, client)| check(&format!("clients.{name}"), client, &mut problems));
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
            banks: &file.banks,
        });
        let mut rules = rules.map_err(|error| ConfigError::one(error.to_string()))?;
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
            staff: file.staff,
            log: file.log,
            smpp_server: file.smpp_server,
            clients: file.clients,
            links,
        })
    }
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
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Config::from_toml(text).unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_valid() {
        let config = Config::defaults();
        assert_eq!(config.rules.amount_max.cents(), 5_000);
        assert!(config.links.is_empty());
    }

    fn names(text: &str, parts: &[&str]) {
        let problem = problem(text);
        for part in parts {
            assert!(problem.contains(part), "`{part}` is not in: {problem}");
        }
    }

    #[test]
    fn every_error_names_the_key_and_the_remedy() {
        for (text, parts) in [
            ("[store]\nurl = \"mysql://x\"", &["store.url", "sqlite://PATH"][..]),
            ("[stor]\nurl = \"sqlite://x\"", &["stor", "store"]),
            ("[http]\nlisten = \"nowhere\"", &["http.listen", "socket address"]),
            ("[processor]\nbatch_max = 0", &["processor.batch_max", "1"]),
            ("[processor]\nbatch_max = \"many\"", &["processor.batch_max", "many"]),
            ("[limits]\namount_min_cents = 500\namount_max_cents = 100", &["limits.amount_max_cents", "500"]),
            ("[validity]\ntiers = []", &["validity.tiers", "at least one"]),
            (
                "[banks.ekonomike]\nduplicate_window_seconds = 90000",
                &["banks.ekonomike.duplicate_window_seconds", "86400"],
            ),
            ("[links.ipko]\nhosts = []", &["links.ipko", "kind"]),
            ("[links.ipko]\nkind = \"fax\"", &["links.ipko.kind", "fax", "smpp"]),
            ("[links.k]\nkind = \"http\"\nurl = \"http://127.0.0.1/\"", &["links.k", "secret_file"]),
            ("[links.k]\nkind = \"http\"\nurl = \"ftp://x\"\nsecret = \"s\"", &["links.k.url", "http://"]),
            ("[links.teb]\nkind = \"esme\"\nsystem_id = \"teb\"", &["links.teb", "password_file"]),
            (
                "[links.teb]\nkind = \"esme\"\nsystem_id = \"teb\"\npassword = \"s\"\naddresses = [\"here\"]",
                &["links.teb", "here", "network"],
            ),
            (
                "[clients.9]\nbank = \"b\"\nchannel = \"atm\"\nconfirm_link = \"x\"\nconfirm_from = \"y\"",
                &["clients.9", "begins with a letter", "[links.x]"],
            ),
            ("[clients.a]\nbank = \"b\"\nchannel = \"sms\"", &["clients.a.channel", "ebanking"]),
            ("[clients.a]\nbank = \"b\"\nchannel = \"atm\"\nservices = [\"tv\"]", &["clients.a.services[0]", "mobile"]),
            (
                "[clients.a]\nbank = \"b\"\nchannel = \"atm\"\nconfirm_from = \"y\"",
                &["clients.a.confirm_from", "together"],
            ),
            (
                "[clients.a]\nbank = \"b\"\nchannel = \"atm\"\n[clients.a.amounts]\namount_min_cents = 6000",
                &["clients.a.amounts", "at least 60.00 EUR and at most 50.00"],
            ),
            ("[smpp_server]\nsession_init_seconds = 60", &["smpp_server.session_init_seconds", "30"]),
            ("[life]\nwarn_link = \"ipko\"", &["life.warn_link", "[links.ipko]"]),
            ("[life]\nwarn_days = [0]", &["life.warn_days[0]", "1"]),
            ("[life]\ntext_from = \"21:00:00\"", &["life.text_from", "text_until"]),
            (
                "[life]\nwarn_days = [10]\nwarn_link = \"k\"\n[links.k]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1/\"",
                &["life.warn_days", "10"],
            ),
            ("[audit]\ntrusted_keys = [\"abc\"]", &["audit.trusted_keys[0]", "64 hexadecimal"]),
            ("[audit]\nseal_after_minutes = 0", &["audit.seal_after_minutes", "5"]),
            ("[subscribers]\nunknown = \"maybe\"", &["unknown", "maybe", "create"]),
        ] {
            names(text, parts);
        }
    }

    #[test]
    fn errors_in_rules_of_top_ups_name_the_key_and_the_remedy() {
        for (text, parts) in [
            ("[limits.channels.fax]\namount_max_cents = 1", &["fax", "ussd"][..]),
            (
                "[limits.banks.teb]\namount_min_cents = 9\namount_max_cents = 8",
                &["limits.banks.teb.amount_max_cents", "9"],
            ),
            (
                "[limits.banks.teb]\namount_max_cents = 50",
                &["through bank `teb`", "at least 1.00 EUR and at most 0.50"],
            ),
            ("[limits.payer]\nday_count_max = 0", &["limits.payer.day_count_max", "1"]),
            (
                "[limits.payer]\nday_amount_max_cents = 500\nmonth_amount_max_cents = 400",
                &["limits.payer.month_amount_max_cents", "500"],
            ),
            (
                "[limits.target]\nvelocity = [{ count_max = 101, minutes = 1 }]",
                &["limits.target.velocity[0].count_max", "100"],
            ),
            ("[products.tv]\nprice_cents = 0", &["products.tv.price_cents", "1"]),
            ("[products.fax]\nprice_cents = 1", &["fax", "duotv"]),
            ("[[bonus]]\nname = \"a\"", &["bonus `a`", "percent", "fixed_cents"]),
            ("[[bonus]]\nname = \"a b\"\npercent = 5", &["bonus[0].name", "new-year"]),
            ("[[bonus]]\nname = \"a\"\npercent = 5\nservices = [\"tv\"]", &["bonus[0].services[0]", "mobile"]),
            (
                "[[bonus]]\nname = \"a\"\npercent = 5\nfrom = \"2026-12-02\"\nuntil = \"2026-12-01\"",
                &["bonus `a`", "until is before from"],
            ),
            (
                "[[bonus]]\nname = \"a\"\npercent = 5\n[[bonus]]\nname = \"a\"\nfixed_cents = 5",
                &["bonus `a`", "another rule"],
            ),
        ] {
            names(text, parts);
        }
    }

    #[test]
    fn the_example_loads_and_says_the_defaults() {
        let example = Config::from_toml(include_str!("../../mbush.example.toml")).unwrap();
        let defaults = Config::defaults();
        assert_eq!(format!("{:?}", example.store), format!("{:?}", defaults.store));
        assert_eq!(format!("{:?}", example.dispatch), format!("{:?}", defaults.dispatch));
        assert_eq!(format!("{:?}", example.smpp_server), format!("{:?}", defaults.smpp_server));
        assert_eq!(example.vouchers.lock_minutes, defaults.vouchers.lock_minutes);
        assert_eq!(example.vouchers.denominations_cents, defaults.vouchers.denominations_cents);
        assert_eq!(format!("{:?}", example.processor), format!("{:?}", defaults.processor));
        assert_eq!(format!("{:?}", example.life), format!("{:?}", defaults.life));
        assert_eq!(format!("{:?}", example.audit), format!("{:?}", defaults.audit));
        assert_eq!(example.rules.validity, defaults.rules.validity);
        assert_eq!(example.links.keys().collect::<Vec<_>>(), ["gateway", "ipko", "teb"]);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let problem = problem("[processor]\nbatch_max = 0\n[dispatch]\nconcurrency = 0\n[links.x]\nkind = \"fax\"");
        for part in ["processor.batch_max", "dispatch.concurrency", "links.x.kind"] {
            assert!(problem.contains(part), "{problem}");
        }
    }

    #[test]
    fn a_secret_never_shows_in_debug() {
        let text = "[links.k]\nkind = \"http\"\nurl = \"http://127.0.0.1/\"\nsecret = \"topsecret\"";
        assert!(!format!("{:?}", Config::from_toml(text).unwrap()).contains("topsecret"));
    }
}
