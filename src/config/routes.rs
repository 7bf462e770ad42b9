//! `[[routes]]`: replies that are sent by another link than their message came from.

use std::collections::BTreeMap;

use garde::Validate;
use serde::Deserialize;

use crate::domain::{Route as Rule, Routes};

/// One of `[[routes]]`.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Short code that the message was sent to; `None` for any.
    #[serde(default)]
    #[garde(inner(custom(|value: &str, _context: &()| digits(value, "write the digits of a short code: 50005"))))]
    pub short_code: Option<String>,
    /// Beginning of the phone's number in international digits (`38344`); `None` for any.
    #[serde(default)]
    #[garde(inner(custom(|value: &str, _context: &()| country_prefix(value))))]
    pub prefix: Option<String>,
    #[garde(skip)]
    pub link: String,
}

fn digits(value: &str, remedy: &str) -> garde::Result {
    if !value.is_empty() && value.bytes().all(|octet| octet.is_ascii_digit()) {
        return Ok(());
    }
    Err(garde::Error::new(remedy))
}

/// No country code begins with 0.
fn country_prefix(value: &str) -> garde::Result {
    let remedy = "write the first digits of numbers with their country code and without +: 38344";
    digits(value, remedy)?;
    if value.starts_with('0') { Err(garde::Error::new(remedy)) } else { Ok(()) }
}

/// Returns the problems of routes, and of the links that they name.
pub(super) fn problems<L>(routes: &[Route], links: &BTreeMap<String, L>) -> Vec<String> {
    let mut problems = Vec::new();
    for (place, route) in routes.iter().enumerate() {
        if let Err(report) = route.validate() {
            problems.extend(report.iter().map(|(key, error)| format!("routes[{place}].{key}: {error}")));
        }
        if !links.contains_key(&route.link) {
            problems.push(format!("routes[{place}].link = \"{0}\": there is no [links.{0}]", route.link));
        }
        if route.short_code.is_none() && route.prefix.is_none() {
            problems.push(format!("routes[{place}]: the route matches no reply: write short_code, prefix or both"));
        }
    }
    problems
}

pub(super) fn build(routes: &[Route]) -> Routes {
    let rule = |Route { short_code, prefix, link }: &Route| Rule {
        short_code: short_code.clone(),
        prefix: prefix.clone(),
        link: link.clone(),
    };
    Routes::new(routes.iter().map(rule).collect())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_wrong_route_is_refused_with_its_key_and_the_remedy() {
        for (text, parts) in [
            ("prefix = \"+38344\"\nlink = \"vala\"", &["routes[0].prefix", "38344", "[links.vala]"][..]),
            ("prefix = \"049\"\nlink = \"vala\"", &["routes[0].prefix", "38344"]),
            ("short_code = \"50005x\"\nlink = \"vala\"", &["routes[0].short_code", "50005"]),
            ("short_code = \"\"\nlink = \"vala\"", &["routes[0].short_code", "digits"]),
            ("link = \"vala\"", &["routes[0]", "short_code, prefix"]),
        ] {
            let problem = Config::from_toml(&format!("[[routes]]\n{text}")).unwrap_err().to_string();
            for part in parts {
                assert!(problem.contains(part), "`{part}` is not in: {problem}");
            }
        }
    }
}
