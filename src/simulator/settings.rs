//! Settings of the simulated SMSC.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;

use super::faults::ReceiptStyle;
use super::message::LongStyle;

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
