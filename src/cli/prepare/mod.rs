//! Everything that a start needs, up to its sockets: built once, by `serve`, which goes on with it, and by `check`, which
//! tells what was found. All findings are collected, not the first alone.
//!
//! - [`Draft`]: what could be built, and what is wrong; [`Prepared`]: the whole of it, with which a start goes on
//! - [`database`]: what the database says of the configuration
//! - `doors`: addresses that are listened on; `names`: what is misspelt

pub(super) mod database;
pub(super) mod doors;
mod names;

use std::fmt::Display;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use secrecy::SecretString;

use super::links::PreparedLinks;
use super::{app, audit_key, log, reach, resources};
use crate::config::Examined;
use crate::domain::NumberingPlan;
use crate::domain::voucher::Keys;
use crate::grammar::GrammarSet;
use crate::links::clients::Roster;
use crate::links::iso8583::{PreparedDoor, Switches};
use crate::menus::Menus;
use crate::processor::PinKey;
use crate::store::HeadKey;
use crate::text::templates::Templates;

/// Findings: errors, with which a start is refused, and warnings, with which it is not.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// In the place of what could not be built: why not is among the findings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told;

/// A part of a start, where it could be built.
type Part<T> = Result<T, Told>;

impl Findings {
    /// Keeps an error, once.
    fn refuse(&mut self, error: String) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// The value, or the finding why there is none.
    fn take<T, E: Display>(&mut self, result: Result<T, E>) -> Part<T> {
        result.map_err(|problem| {
            self.refuse(format!("{problem:#}"));
            Told
        })
    }

    /// The value, or the findings why there is none.
    fn take_all<T, E: Display>(&mut self, result: Result<T, Vec<E>>) -> Part<T> {
        result.map_err(|problems| {
            for problem in &problems {
                self.refuse(problem.to_string());
            }
            Told
        })
    }
}

/// As much of a start as could be built.
pub(super) struct Draft {
    pub(super) findings: Findings,
    pub(super) plan: Part<Arc<NumberingPlan>>,
    pub(super) grammars: Part<GrammarSet>,
    pub(super) menus: Part<Menus>,
    pub(super) templates: Part<Templates>,
    pub(super) voucher_keys: Part<Keys>,
    pub(super) audit_key: Part<Option<HeadKey>>,
    pin_key: Part<PinKey>,
    roster: Part<Roster>,
    links: Part<PreparedLinks>,
    door: Part<Option<PreparedDoor>>,
    admin_secret: Part<Option<SecretString>>,
}

/// All that a start needs before it opens the database and its sockets.
pub(super) struct Prepared {
    pub(super) warnings: Vec<String>,
    pub(super) plan: Arc<NumberingPlan>,
    pub(super) grammars: GrammarSet,
    pub(super) menus: Menus,
    pub(super) templates: Templates,
    pub(super) voucher_keys: Keys,
    pub(super) audit_key: Option<HeadKey>,
    pub(super) pin_key: PinKey,
    pub(super) roster: Roster,
    pub(super) links: PreparedLinks,
    pub(super) door: Option<PreparedDoor>,
    pub(super) admin_secret: Option<SecretString>,
}

impl Prepared {
    /// Builds it.
    ///
    /// # Errors
    /// Everything that a start is refused for, as far as it is known without the database.
    pub(super) fn of(examined: &Examined) -> anyhow::Result<Self> {
        Draft::of(examined).whole()
    }
}

impl Draft {
    /// Builds what can be built.
    pub(super) fn of(examined: &Examined) -> Self {
        let Examined { config, problems, named } = examined;
        let mut findings = Findings { errors: problems.clone(), warnings: Vec::new() };
        drop(findings.take(log::filter(&config.log)));
        let plan = findings.take(resources::plan(config));
        let grammars = match &plan {
            Ok(plan) => findings.take(resources::grammars(config, plan)),
            Err(told) => Err(*told),
        };
        let menus = match &grammars {
            Ok(grammars) => findings.take(resources::menus(config, grammars)),
            Err(told) => Err(*told),
        };
        let links = PreparedLinks::of(config, grammars.as_ref().ok());
        let has_switch = config.clients.values().any(|client| client.acquirer_id.is_some());
        let door = has_switch.then(|| Switches::prepare(&config.iso8583)).transpose();
        findings.errors.extend(doors::twice(&named.doors));
        findings.warnings.extend(config.weak_secrets());
        // If the folder is not known, the built-in grammars take its place; names are not checked against them.
        if let Ok(grammars) = &grammars
            && examined.is_whole("grammars")
        {
            findings.warnings.extend(names::misspelt(config, named, grammars));
            findings.warnings.extend(names::unknown(config, named, grammars));
            findings.warnings.extend(reach::forgeable(config, grammars));
        }
        Self {
            templates: findings.take(app::templates()),
            voucher_keys: if named.broken.contains("vouchers") {
                Err(Told)
            } else {
                findings.take(config.vouchers.keys())
            },
            audit_key: findings.take(audit_key::read(&config.audit)),
            pin_key: findings.take(app::pin_key(config)),
            roster: findings.take_all(Roster::new(&config.clients)),
            links: findings.take_all(links),
            door: findings.take_all(door),
            admin_secret: findings.take(config.http.admin_secret().map_err(|problem| anyhow!("http.{problem}"))),
            plan,
            grammars,
            menus,
            findings,
        }
    }

    /// The whole, where nothing is wrong.
    ///
    /// # Errors
    /// Everything that is.
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
                roster: self.roster?,
                links: self.links?,
                door: self.door?,
                admin_secret: self.admin_secret?,
            })
        };
        parts().map_err(|Told| anyhow!("the server cannot start with this configuration"))
    }
}
