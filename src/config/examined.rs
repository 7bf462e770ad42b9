//! A configuration that may be wrong in part.

use std::collections::BTreeSet;

use super::problem::ConfigError;
use super::{Config, Named};

/// A configuration as far as it can be read, and all that is wrong with it. What is wrong keeps its default, so that the
/// rest can be looked at too.
#[derive(Debug)]
pub struct Examined {
    /// The configuration as far as it was read; good for a start only where there is no problem.
    pub config: Config,
    /// The problems, one line each, with its key and the remedy.
    pub problems: Vec<String>,
    /// The names in the file, also of parts that could not be read.
    pub named: Named,
}

impl From<Config> for Examined {
    /// One that is good.
    fn from(config: Config) -> Self {
        let named = Named::of(&config, &serde_json::Value::Null, BTreeSet::new());
        Self { config, problems: Vec::new(), named }
    }
}

impl Examined {
    /// Tells whether a section is as the file has it: nothing of it is wrong, so that nothing of it is a default that was not meant.
    pub fn is_whole(&self, section: &str) -> bool {
        is_whole(section, &self.named.broken, &self.problems)
    }

    /// The configuration, where nothing is wrong with it.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn good(self) -> Result<Config, ConfigError> {
        if self.problems.is_empty() { Ok(self.config) } else { Err(ConfigError::of(self.problems)) }
    }
}

/// Tells whether nothing of a section could not be read, and none of these is about it.
pub(super) fn is_whole(section: &str, broken: &BTreeSet<String>, problems: &[String]) -> bool {
    let is_of =
        |problem: &String| problem.strip_prefix(section).is_some_and(|rest| rest.starts_with(['.', ':', '[', ' ']));
    !broken.contains(section) && !problems.iter().any(is_of)
}
