//! Builds everything that a start needs, except its sockets. `serve` continues with the result, `check` reports the
//! findings. All findings are collected, not only the first.
//!
//! - [`Draft`]: the parts that could be built, and the findings; [`Prepared`]: all parts, ready to start
//! - [`database`]: checks of the configuration against the database
//! - `amounts`: forms whose amounts are all refused; `listeners`: addresses of servers; `names`: misspelt names

pub(super) mod amounts;
pub(super) mod database;
pub(super) mod listeners;
mod names;

use std::fmt::Display;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use secrecy::SecretString;

use super::links::PreparedLinks;
use super::{audit_key, bank_pins, languages, log, reach, resources};
use crate::config::{Config, Examined};
use crate::domain::NumberingPlan;
use crate::domain::voucher::Keys;
use crate::gateway::Gateways;
use crate::grammar::GrammarSet;
use crate::jobs::Webhook;
use crate::links::clients::Roster;
use crate::links::iso8583::{PreparedSwitches, Switches};
use crate::menus::Menus;
use crate::processor::{BankPins, PinKey};
use crate::store::HeadKey;
use crate::text::templates::Templates;

/// Findings: a start is refused because of errors, but not because of warnings.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// Replaces a part that could not be built. The reason is among the findings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missing;

/// A part of a start, if it could be built.
type Part<T> = Result<T, Missing>;

/// The part, or that it is missing.
fn present<T>(part: &Part<T>) -> Part<&T> {
    part.as_ref().map_err(|missing| *missing)
}

impl Findings {
    /// Adds an error, without duplicates.
    fn refuse(&mut self, error: String) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Returns the value, or adds the error.
    fn take<T, E: Display>(&mut self, result: Result<T, E>) -> Part<T> {
        result.map_err(|problem| {
            self.refuse(format!("{problem:#}"));
            Missing
        })
    }

    /// Returns the value, or adds the errors.
    fn take_all<T, E: Display>(&mut self, result: Result<T, Vec<E>>) -> Part<T> {
        result.map_err(|problems| {
            for problem in &problems {
                self.refuse(problem.to_string());
            }
            Missing
        })
    }
}

impl Findings {
    /// The menus, where grammars and texts come together: both have to have the same languages.
    fn menus(&mut self, config: &Config, grammars: Part<&GrammarSet>, templates: Part<&Templates>) -> Part<Menus> {
        self.errors.extend(templates.ok().and_then(|templates| languages::without_texts(config, templates)));
        let (grammars, templates) = (grammars?, templates?);
        self.errors.extend(languages::unspoken(grammars, templates));
        self.take(resources::menus(config, grammars, templates))
    }
}

impl Findings {
    /// Addresses that are used twice, and secrets that are easy to guess.
    fn exposed(&mut self, examined: &Examined) {
        self.errors.extend(listeners::twice(&examined.named.listeners));
        self.warnings.extend(examined.config.weak_secrets());
    }

    /// The links. Without the formats of gateways, they cannot be built; without grammars, some are built less strictly.
    fn links(&mut self, config: &Config, grammars: Part<&GrammarSet>, formats: Part<&Gateways>) -> Part<PreparedLinks> {
        let formats = formats?;
        self.take_all(PreparedLinks::of(config, grammars.ok(), formats))
    }
}

/// The parts of a start that could be built.
pub(super) struct Draft {
    pub(super) findings: Findings,
    pub(super) plan: Part<Arc<NumberingPlan>>,
    pub(super) grammars: Part<GrammarSet>,
    pub(super) menus: Part<Menus>,
    pub(super) templates: Part<Templates>,
    pub(super) voucher_keys: Part<Keys>,
    pub(super) audit_key: Part<Option<HeadKey>>,
    pin_key: Part<PinKey>,
    bank_pins: Part<BankPins>,
    roster: Part<Roster>,
    links: Part<PreparedLinks>,
    formats: Part<Gateways>,
    switches: Part<Option<PreparedSwitches>>,
    admin_secret: Part<Option<SecretString>>,
    webhooks: Part<Vec<Webhook>>,
}

/// Everything that a start needs before it opens the database and its sockets.
pub(super) struct Prepared {
    pub(super) warnings: Vec<String>,
    pub(super) plan: Arc<NumberingPlan>,
    pub(super) grammars: GrammarSet,
    pub(super) menus: Menus,
    pub(super) templates: Templates,
    pub(super) voucher_keys: Keys,
    pub(super) audit_key: Option<HeadKey>,
    pub(super) pin_key: PinKey,
    pub(super) bank_pins: BankPins,
    pub(super) roster: Roster,
    pub(super) links: PreparedLinks,
    pub(super) formats: Gateways,
    pub(super) switches: Option<PreparedSwitches>,
    pub(super) admin_secret: Option<SecretString>,
    pub(super) webhooks: Vec<Webhook>,
}

impl Prepared {
    ///
    /// # Errors
    /// Every error that prevents a start, except those of the database.
    pub(super) fn of(examined: &Examined) -> anyhow::Result<Self> {
        Draft::of(examined).whole()
    }
}

/// Settings that the grammars have no use for, and forms that their surroundings make doubtful.
fn doubts(examined: &Examined, grammars: &GrammarSet) -> Vec<String> {
    let Examined { config, named, .. } = examined;
    let mut doubts = names::misspelt(config, named, grammars);
    doubts.extend(names::unknown(config, named, grammars));
    doubts.extend(names::forwards(config, grammars));
    doubts.extend(names::kinds(config, grammars));
    doubts.extend(reach::forgeable(config, grammars));
    doubts.extend(bank_pins::doubtful(config, grammars));
    doubts
}

impl Draft {
    /// Builds as many parts as possible.
    pub(super) fn of(examined: &Examined) -> Self {
        let Examined { config, problems, named } = examined;
        let mut findings = Findings { errors: problems.clone(), warnings: Vec::new() };
        drop(findings.take(log::filter(&config.log)));
        let plan = findings.take(resources::plan(config));
        let templates = findings.take(resources::templates(config));
        let grammars = present(&plan).and_then(|plan| findings.take(resources::grammars(config, plan)));
        findings.errors.extend(grammars.iter().flat_map(|grammars| bank_pins::unverified(config, grammars)));
        let menus = findings.menus(config, present(&grammars), present(&templates));
        let formats = findings.take_all(resources::gateways(config));
        let has_switch = config.clients.values().any(|client| client.acquirer_id.is_some());
        let switches = has_switch.then(|| Switches::prepare(&config.iso8583)).transpose();
        findings.exposed(examined);
        // If the folder could not be read, the built-in grammars are used instead; names are not checked against them.
        if let Ok(grammars) = &grammars
            && examined.is_whole("grammars")
        {
            if ["limits", "credit_transfer", "banks"].iter().all(|section| examined.is_whole(section)) {
                findings.errors.extend(amounts::refused(config, grammars));
            }
            findings.warnings.extend(doubts(examined, grammars));
        }
        Self {
            templates,
            voucher_keys: if named.broken.contains("vouchers") {
                Err(Missing)
            } else {
                findings.take(config.vouchers.keys())
            },
            audit_key: findings.take(audit_key::read(&config.audit)),
            pin_key: findings.take(resources::pin_key(config)),
            bank_pins: findings.take_all(bank_pins::banks(config)),
            roster: findings.take_all(Roster::new(&config.clients)),
            links: findings.links(config, present(&grammars), present(&formats)),
            formats,
            switches: findings.take_all(switches),
            admin_secret: findings.take(config.http.admin_secret().map_err(|problem| anyhow!("http.{problem}"))),
            webhooks: findings.take_all(resources::webhooks(config)),
            plan,
            grammars,
            menus,
            findings,
        }
    }

    /// Returns all parts, if there is no error.
    ///
    /// # Errors
    /// All errors.
    pub(super) fn whole(self) -> anyhow::Result<Prepared> {
        let Findings { errors, warnings } = self.findings;
        if !errors.is_empty() {
            bail!("the server cannot start with this configuration:\n{}", errors.join("\n"));
        }
        let parts = || -> Part<Prepared> {
            Ok(Prepared {
                warnings,
                plan: self.plan?,
                grammars: self.grammars?,
                menus: self.menus?,
                templates: self.templates?,
                voucher_keys: self.voucher_keys?,
                audit_key: self.audit_key?,
                pin_key: self.pin_key?,
                bank_pins: self.bank_pins?,
                roster: self.roster?,
                links: self.links?,
                formats: self.formats?,
                switches: self.switches?,
                admin_secret: self.admin_secret?,
                webhooks: self.webhooks?,
            })
        };
        parts().map_err(|Missing| anyhow!("the server cannot start with this configuration"))
    }
}
