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
        problems.extend(report.iter().map(|(path, error)| format!("{place}.{path}: {}", bounded(&error.to_string()))));
    }
}

/// The validator's errors about bounds say what to write.
fn bounded(error: &str) -> String {
    let remedy =
        |words, remedy: &str| error.strip_prefix(words).map(|bound| format!("{error}: write {remedy} {bound}"));
    let bound = remedy("lower than ", "at least").or_else(|| remedy("greater than ", "at most"));
    bound.unwrap_or_else(|| error.to_owned())
}

/// End of each error of the library.
const SEE: &str = "; mbush.example.toml shows every key with its meaning";

/// The library's errors name the key within the section that was asked for; the section goes before it.
pub(super) fn explain(place: &str, error: &config::ConfigError) -> String {
    let place = if place.is_empty() { WHOLE } else { place };
    format!("{place}: {error}{SEE}")
}

/// Place of an error that concerns no section.
const WHOLE: &str = "configuration";

const TIME: &str = "this is not a time: write a time of day as \"09:00\", and a day as \"2026-12-01\"";

/// Errors of libraries that do not say what to write, and what to write.
const REMEDIES: &[(&str, &str)] = &[
    ("invalid socket address syntax", "this is not an address with a port: write for example \"127.0.0.1:8080\""),
    ("premature end of input", TIME),
    ("trailing input", TIME),
    ("input is out of range", TIME),
    ("input contains invalid characters", TIME),
    ("expected a sequence", "expected a list: write [\"…\"]"),
    ("expected struct", "expected a section with keys of its own"),
];

/// An error of [`explain`] as it is shown: the whole key first, then what is wrong with it and what to write.
pub(super) fn worded(problem: String) -> String {
    let Some((place, rest)) = problem.split_once(": ") else { return problem };
    let Some((what, key)) = rest.strip_suffix(SEE).unwrap_or(rest).rsplit_once(" for key `") else { return problem };
    let place = if place == WHOLE { String::new() } else { format!("{place}.") };
    format!("{place}{}: {}{SEE}", dotted(key.trim_end_matches('`')), remedied(what))
}

/// The library leaves out the dot behind a place of a list: `tiers[0]from`.
fn dotted(key: &str) -> String {
    let mut dotted = String::with_capacity(key.len() + 1);
    for c in key.chars() {
        if dotted.ends_with(']') && c != '.' && c != '[' {
            dotted.push('.');
        }
        dotted.push(c);
    }
    dotted
}

/// The words of the library are replaced together with the rest, which concerns its types.
fn remedied(what: &str) -> String {
    let known = REMEDIES.iter().find_map(|(words, remedy)| Some((what.split_once(words)?.0, remedy)));
    known.map_or_else(|| what.to_owned(), |(before, remedy)| format!("{before}{remedy}"))
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn an_error_names_the_key_first_and_says_what_to_write() {
        for (text, begin, remedy) in [
            ("[http]\nlisten = \"127.0.0.1\"", "http.listen: ", "write for example \"127.0.0.1:8080\""),
            ("[life]\nhours_from = \"9\"", "life.hours_from: ", "a time of day as \"09:00\""),
            ("[life]\nhours_from = \"25:00\"", "life.hours_from: ", "a time of day as \"09:00\""),
            ("[limits]\namount_max = 5000", "limits.amount_max: ", "as in \"1.00\""),
            ("[[bonus]]\nname = \"b\"\nfrom = 25", "bonus[0].from: ", "a day as"),
            ("[limits]\npayer = 5", "limits.payer: ", "expected a section with keys of its own; "),
            ("[links.a]\nkind = \"smsc\"\nhosts = \"h:1\"", "links.a.hosts: ", "write [\"…\"]"),
            ("[smpp_server]\nsession_init_seconds = 3", "smpp_server.session_init_seconds: ", "write at least 5"),
        ] {
            let problems = Config::from_toml(text).unwrap_err().problems().to_vec();
            let of_key = problems.iter().find(|problem| problem.starts_with(begin));
            assert!(of_key.is_some_and(|problem| problem.contains(remedy)), "{text}: {problems:#?}");
        }
    }
}
