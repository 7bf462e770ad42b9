//! Reading one `[links.NAME]`, whose `kind` says what it holds.

use garde::Validate;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Link;
use super::load::{check, explain};

#[derive(Debug, Deserialize)]
struct Kind {
    kind: String,
}

pub(super) fn read_link(source: &config::Config, name: &str) -> Result<Link, String> {
    let place = format!("links.{name}");
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(format!("{place}: a link's name has letters, digits, `-` and `_` only"));
    }
    let Kind { kind } = get(source, &place)
        .map_err(|_| format!("{place}: kind is missing: write kind = \"smpp\", \"esme\" or \"http\""))?;
    match kind.as_str() {
        "smpp" => {
            let link: super::link::SmppLink = valid(source, &place)?;
            link.password().map_err(|problem| format!("{place}.{problem}"))?;
            Ok(Link::Smpp(link))
        }
        "esme" => {
            let esme: super::smpp_server::Esme = valid(source, &place)?;
            esme.password().map_err(|problem| format!("{place}.{problem}"))?;
            Ok(Link::Esme(esme))
        }
        "http" => {
            let gateway: super::gateway::HttpGateway = valid(source, &place)?;
            gateway.secret().map_err(|problem| format!("{place}.{problem}"))?;
            gateway.reply_secret().map_err(|problem| format!("{place}.{problem}"))?;
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
