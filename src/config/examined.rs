//! A configuration with errors.

use std::collections::BTreeSet;

use super::problem::ConfigError;
use super::{Config, Named};

/// The readable part of a configuration, and all of its errors. A part with an error has its default, so that the rest
/// can be checked too.
#[derive(Debug)]
pub struct Examined {
    /// The configuration. It may be used only if there are no problems.
    pub config: Config,
    /// The problems, one per line, each with its key and its remedy.
    pub problems: Vec<String>,
    /// The names in the file, including those of parts that could not be read.
    pub named: Named,
}

impl From<Config> for Examined {
    /// A configuration without problems.
    fn from(config: Config) -> Self {
        let named = Named::of(&config, &serde_json::Value::Null, BTreeSet::new());
        Self { config, problems: Vec::new(), named }
    }
}

impl Examined {
    /// Returns true if no part of a section has an error, so that no value is an unintended default.
    pub fn is_whole(&self, section: &str) -> bool {
        is_whole(section, &self.named.broken, &self.problems)
    }

    /// Returns the configuration if there are no problems.
    ///
    /// # Errors
    /// All problems.
    pub fn good(self) -> Result<Config, ConfigError> {
        if self.problems.is_empty() { Ok(self.config) } else { Err(ConfigError::of(self.problems)) }
    }
}

/// Returns true if all of a section could be read and no problem concerns it.
pub(super) fn is_whole(section: &str, broken: &BTreeSet<String>, problems: &[String]) -> bool {
    let is_of =
        |problem: &String| problem.strip_prefix(section).is_some_and(|rest| rest.starts_with(['.', ':', '[', ' ']));
    !broken.contains(section) && !problems.iter().any(is_of)
}
