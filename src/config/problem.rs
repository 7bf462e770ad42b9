//! Problems of a configuration, one line each, with the key.

use garde::Validate;

/// Everything that is wrong with a configuration, one line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    pub(super) const fn of(problems: Vec<String>) -> Self {
        Self(problems)
    }

    pub(super) fn one(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }

    /// The lines.
    pub fn problems(&self) -> &[String] {
        &self.0
    }
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
