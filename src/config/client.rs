//! `[clients.NAME]`: a bank's cash machines, pages or app, which order top-ups under idempotency keys.

use std::collections::BTreeMap;
use std::path::PathBuf;

use garde::Validate;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::limits::{Amounts, Usage};
use super::secret::Carrier;
use super::smpp_server::networks;
use super::values;
use crate::domain::limits::ClientLimits;
use crate::domain::{CURRENCY, Channel, DealerName, InvalidAmount, Rules, Service};

#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The bank that owes the amounts of the top-ups.
    #[garde(length(min = 1, max = 64))]
    pub bank: String,
    /// The dealer that it sells for. The dealer's wallet pays instead of the bank.
    #[serde(default, deserialize_with = "dealer")]
    #[garde(skip)]
    pub dealer: Option<DealerName>,
    /// Channel that rules know it as.
    #[serde(deserialize_with = "super::word")]
    #[garde(custom(|channel: &Channel, _context: &()| machine(*channel)))]
    pub channel: Channel,
    /// Bearer secret for `/v1`.
    #[garde(skip)]
    secret: Option<SecretString>,
    /// File with the secret.
    #[garde(skip)]
    secret_file: Option<PathBuf>,
    /// Identifier as an acquiring institution (field 32 of ISO 8583), without leading zeros. Required for ISO 8583.
    #[garde(custom(|id: &Option<String>, _context: &()| institution(id.as_ref())))]
    pub acquirer_id: Option<String>,
    /// Addresses and networks that its switch may connect from; empty for all.
    #[serde(default, deserialize_with = "networks")]
    #[garde(skip)]
    pub addresses: Vec<IpNet>,
    /// Services that it may top up: `mobile`, `fixed`.
    #[serde(default = "default_services", deserialize_with = "super::words")]
    #[garde(length(min = 1), inner(custom(|service: &Service, _context: &()| credit(*service))))]
    pub services: Vec<Service>,
    /// Lowest and highest amount of one top-up, within the limits of its channel and its bank.
    #[serde(default)]
    #[garde(dive)]
    pub amounts: Amounts,
    /// Limits on the sum of its top-ups.
    #[serde(default)]
    #[garde(dive)]
    pub limits: Usage,
    /// Name of the link for the SMS to the number that was topped up; `None` for no SMS.
    #[garde(skip)]
    pub confirm_link: Option<String>,
    /// Source address of that SMS: a short code or a name.
    #[garde(inner(custom(values::sender)), custom(|from: &Option<String>, _context: &()| with_its_link(self.confirm_link.as_ref(), from.as_ref())))]
    pub confirm_sender: Option<String>,
}

fn dealer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DealerName>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    name.map(|name| name.parse().map_err(serde::de::Error::custom)).transpose()
}

fn institution(id: Option<&String>) -> garde::Result {
    let good =
        |id: &String| (1..=11).contains(&id.len()) && !id.starts_with('0') && id.bytes().all(|b| b.is_ascii_digit());
    if id.is_none_or(good) { Ok(()) } else { Err(garde::Error::new("must be 1 to 11 digits without leading zeros")) }
}

fn default_services() -> Vec<Service> {
    vec![Service::Mobile]
}

fn machine(channel: Channel) -> garde::Result {
    if channel.is_of_clients() {
        return Ok(());
    }
    let words: Vec<&str> =
        Channel::ALL.iter().filter(|channel| channel.is_of_clients()).map(|channel| channel.as_str()).collect();
    Err(garde::Error::new(format!("`{channel}` is not a channel of clients: write {}", words.join(" or "))))
}

fn credit(service: Service) -> garde::Result {
    if service.is_product() {
        return Err(garde::Error::new(format!("`{service}` is not topped up by amount: write mobile or fixed")));
    }
    Ok(())
}

fn with_its_link(link: Option<&String>, from: Option<&String>) -> garde::Result {
    if link.is_some() == from.is_some() {
        return Ok(());
    }
    Err(garde::Error::new("give confirm_link and confirm_sender together"))
}

impl Client {
    /// The file with the secret, if one is configured.
    pub(super) fn secret_file(&self) -> Option<&std::path::Path> {
        self.secret_file.as_deref()
    }

    /// The secret; `None` for a client that does not call `/v1`.
    ///
    /// # Errors
    /// Both the secret and its file are given, or the file cannot be read.
    pub fn secret(&self) -> Result<Option<SecretString>, String> {
        if self.secret.is_none() && self.secret_file.is_none() {
            return Ok(None);
        }
        super::secret::resolve(Carrier::Header, "secret", self.secret.clone(), self.secret_file.as_ref()).map(Some)
    }

    fn limits(&self) -> Result<ClientLimits, InvalidAmount> {
        Ok(ClientLimits { amounts: self.amounts.build()?, usage: self.limits.build()? })
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Adds the clients to the rules. Returns the problems, one per line. Amounts are compared with those of `[limits]` if
/// these could be read.
pub(super) fn build<L>(
    clients: &BTreeMap<String, Client>,
    links: &BTreeMap<String, L>,
    rules: &mut Rules,
    has_limits: bool,
) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, client) in clients {
        let place = format!("clients.{name}");
        // A name of digits could be taken for a phone number, and the name of a link for that link's messages.
        if !is_name(name) {
            problems.push(format!(
                "{place}: a client's name begins with a letter and has letters, digits, `-` and `_` only"
            ));
        }
        if links.contains_key(name) {
            problems.push(format!("{place}: there is a [links.{name}] too: give one of them another name"));
        }
        if let Some(link) = client.confirm_link.as_ref().filter(|link| !links.contains_key(*link)) {
            problems.push(format!("{place}.confirm_link = \"{link}\": there is no [links.{link}]"));
        }
        let same = |other: &(&String, &Client)| other.0 < name && other.1.acquirer_id == client.acquirer_id;
        if let Some((other, _)) = clients.iter().filter(|_| client.acquirer_id.is_some()).find(same) {
            problems.push(format!("{place}.acquirer_id: clients.{other} has the same: give each its own"));
        }
        problems.extend(client.secret().err().map(|problem| format!("{place}.{problem}")));
        match client.limits() {
            Ok(limits) => drop(rules.limits.clients.insert(name.clone(), limits)),
            Err(problem) => problems.push(format!("{place}: {problem}")),
        }
        let (min, max) = rules.limits.amounts_of(rules.amounts(client.channel, &client.bank), Some(name));
        if has_limits && min > max {
            problems.push(format!(
                "{place}.amounts: a top-up would have to be at least {min} {CURRENCY} and at most {max} {CURRENCY}: \
                 mend them, or those of its channel or bank in [limits]"
            ));
        }
    }
    problems
}
