//! Reads one `[links.NAME]`. Its keys depend on `kind`.

use config::Value;
use garde::Validate;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::{check, explain, worded};
use super::{Link, sections};

#[derive(Debug, Deserialize)]
struct Kind {
    kind: String,
}

/// Reads a link and adds its problems. A link with wrong values is returned too, so that it can be compared with
/// others; one that cannot be read or prepared is not.
pub(super) fn read_link(source: &config::Config, name: &str, problems: &mut Vec<String>) -> Option<Link> {
    let place = format!("links.{name}");
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        problems.push(format!("{place}: a link's name has letters, digits, `-` and `_` only"));
        return None;
    }
    let Ok(Kind { kind }) = source.get(&place) else {
        problems.push(format!("{place}: kind is missing: write kind = \"smsc\", \"esme\" or \"http\""));
        return None;
    };
    let before = problems.len();
    match kind.as_str() {
        "smsc" | "smpp" => {
            if kind == "smpp" {
                problems.push(format!("{place}: kind = \"smpp\" is now kind = \"smsc\""));
            }
            let link: super::link::Smsc = valid(source, &place, problems)?;
            problems.extend(link.password().err().map(|problem| format!("{place}.{problem}")));
            Some(Link::Smsc(link))
        }
        "esme" => {
            let esme: super::smpp_server::Esme = valid(source, &place, problems)?;
            problems.extend(esme.password().err().map(|problem| format!("{place}.{problem}")));
            Some(Link::Esme(esme))
        }
        "http" => {
            let gateway: super::gateway::HttpGateway = valid(source, &place, problems)?;
            let of_secrets = [gateway.secret().err(), gateway.reply_secret().err()];
            problems.extend(of_secrets.into_iter().flatten().map(|problem| format!("{place}.{problem}")));
            (problems.len() == before).then_some(Link::Http(gateway))
        }
        other => {
            problems.push(format!("{place}.kind = \"{other}\": write \"smsc\", \"esme\" or \"http\""));
            None
        }
    }
}

/// The section without the keys that are wrong.
fn valid<T>(source: &config::Config, place: &str, problems: &mut Vec<String>) -> Option<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    let keys = source.get_table(place).ok()?;
    let read = |value: &Value| value.clone().try_deserialize::<T>().map_err(|error| explain(place, &error));
    let mut unread = Vec::new();
    let read = sections::peeled(keys, "", read, &mut unread);
    problems.extend(unread.into_iter().map(worded));
    let (_, value) = read?;
    check(place, &value, problems);
    Some(value)
}
