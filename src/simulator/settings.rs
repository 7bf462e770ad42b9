//! Settings of the simulated SMSC and of the simulated bank.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::faults::ReceiptStyle;
use super::message::LongStyle;
use crate::links::smpp::tls::ClientTls;
use crate::smpp::octets::{InvalidOctets, Octets};
use crate::smpp::pdu::{Bind, BindMode};
use crate::smpp::session::INTERFACE_VERSION;

/// The setup of a simulated SMSC.
#[derive(Debug, Clone)]
pub struct SmscSettings {
    /// Port 0 takes a free port.
    pub listen: SocketAddr,
    /// Name that clients bind with.
    pub system_id: String,
    /// Password that they bind with.
    pub password: SecretString,
    /// Deliveries to one session that may wait for an answer at once.
    pub window: usize,
    pub response_timeout: Duration,
    /// Silence after which a client is asked whether it lives.
    pub enquire_link: Duration,
    /// The form of the receipts that clients ask for.
    pub receipts: ReceiptStyle,
    /// The form in which long texts are delivered.
    pub long: LongStyle,
}

impl Default for SmscSettings {
    /// Listens on a free port of this machine; name and password are `mbush`; a window of 10.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            system_id: "mbush".to_owned(),
            password: SecretString::from("mbush"),
            window: 10,
            response_timeout: Duration::from_secs(30),
            enquire_link: Duration::from_secs(30),
            receipts: ReceiptStyle::default(),
            long: LongStyle::default(),
        }
    }
}

/// The setup of a simulated bank.
#[derive(Debug, Clone)]
pub struct EsmeSettings {
    /// `host:port` of the server.
    pub host: String,
    pub system_id: String,
    pub password: SecretString,
    pub mode: BindMode,
    /// Submissions that may wait for a response at once.
    pub window: usize,
    /// Longest wait for a response.
    pub response_timeout: Duration,
    /// Form of long texts.
    pub long: LongStyle,
    /// Ask for delivery receipts.
    pub receipts: bool,
    /// `None` for a connection without TLS.
    pub tls: Option<ClientTls>,
}

impl EsmeSettings {
    /// A transceiver named `bank` with the password `secret` and a window of 10.
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            system_id: "bank".to_owned(),
            password: SecretString::from("secret"),
            mode: BindMode::Transceiver,
            window: 10,
            response_timeout: Duration::from_secs(30),
            long: LongStyle::default(),
            receipts: false,
            tls: None,
        }
    }

    pub(super) fn bind(&self) -> Result<Bind, InvalidOctets> {
        Ok(Bind {
            mode: self.mode,
            system_id: Octets::from_text(&self.system_id)?,
            password: Octets::from_text(self.password.expose_secret())?,
            system_type: Octets::default(),
            interface_version: INTERFACE_VERSION,
            addr_ton: 0,
            addr_npi: 0,
            address_range: Octets::default(),
        })
    }
}
