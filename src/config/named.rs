//! Names in a file, whether or not the rest of their sections could be read. A section with an error must not make a
//! reference to it an error, and must not hide two equal addresses.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::Value;

use super::{Config, Link};

/// The names, and the addresses that a server would listen on.
#[derive(Debug, Clone, Default)]
pub struct Named {
    pub links: BTreeSet<String>,
    /// Banks of `[banks.ID]`.
    pub banks: BTreeSet<String>,
    /// Banks of clients; `None` for a client whose bank could not be read.
    pub banks_of_clients: BTreeSet<Option<String>>,
    /// The addresses, each with its key. An address that could not be read is left out.
    pub listeners: Vec<(&'static str, SocketAddr)>,
    /// Sections in which a part could not be read and has its default.
    pub broken: BTreeSet<String>,
}

impl Named {
    /// The names of a configuration together with those of its file, which may have more.
    pub(super) fn of(config: &Config, file: &Value, broken: BTreeSet<String>) -> Self {
        let below_section = |section: &str| below(file, section).map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        let mut named =
            Self { links: below_section("links"), banks: below_section("banks"), broken, ..Self::default() };
        named.links.extend(config.links.keys().cloned());
        named.banks.extend(config.rules.banks.keys().cloned());
        let read = config.clients.values().map(|client| Some(client.bank.clone()));
        let written = below(file, "clients").map(|(_, client)| client["bank"].as_str().map(str::to_owned));
        named.banks_of_clients = read.chain(written).collect();
        named.listeners = listeners(config, file);
        named
    }

    /// Returns true if a client may belong to this bank.
    pub fn has_client_of(&self, bank: &str) -> bool {
        self.banks_of_clients.iter().any(|known| known.as_deref().is_none_or(|known| known == bank))
    }
}

fn below<'a>(file: &'a Value, section: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    file[section].as_object().into_iter().flatten()
}

/// The addresses that a server would listen on. Those for ESMEs and switches are included if one is configured.
fn listeners(config: &Config, file: &Value) -> Vec<(&'static str, SocketAddr)> {
    let has_esme = config.links.values().any(|link| matches!(link, Link::Esme(_)))
        || below(file, "links").any(|(_, link)| link["kind"] == "esme");
    let has_switch = config.clients.values().any(|client| client.acquirer_id.is_some())
        || below(file, "clients").any(|(_, client)| !client["acquirer_id"].is_null());
    let is_read = |section: &str| {
        let listen = &file[section]["listen"];
        listen.is_null() || listen.as_str().is_some_and(|text| text.parse::<SocketAddr>().is_ok())
    };
    [
        ("http.listen", "http", config.http.listen, true),
        ("smpp_server.listen", "smpp_server", config.smpp_server.listen, has_esme),
        ("iso8583.listen", "iso8583", config.iso8583.listen, has_switch),
    ]
    .into_iter()
    .filter(|(_, section, _, is_open)| *is_open && is_read(section))
    .map(|(key, _, address, _)| (key, address))
    .collect()
}
