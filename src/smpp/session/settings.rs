//! Windows and timers of a session.

use std::time::Duration;

use crate::smpp::octets::Octets;

/// The version of SMPP that we speak.
pub const INTERFACE_VERSION: u8 = 0x34;

/// Which side of the session we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// We bind.
    Esme,
    /// We are bound to.
    Smsc,
}

/// Windows and timers. Every one is a limit: none can be switched off but inactivity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which side we are.
    pub role: Role,
    /// Our name in a `bind_resp`.
    pub system_id: Octets<16>,
    /// Messages of ours that may wait for an answer at once.
    pub window: usize,
    /// Requests of the peer's that may wait for ours at once; more are refused with 0x14 (queue full).
    pub peer_window: usize,
    /// From the connection to the bind (section 7.2, `session_init_timer`); usual are 5–30 s.
    pub session_init: Duration,
    /// Silence of the peer's until we ask whether it lives (`enquire_link_timer`).
    pub enquire_link: Duration,
    /// How long an answer may take (`response_timer`).
    pub response: Duration,
    /// Time without a message until the session is unbound (`inactivity_timer`).
    pub inactivity: Option<Duration>,
    /// How long a PDU may take from its first octet to its last.
    pub partial_pdu: Duration,
    /// How long what is in flight may take once the session is to end.
    pub drain: Duration,
}

impl Settings {
    /// Usual values: windows of 10 and 1,000, 10 s to bind, `enquire_link` every 30 s, 10 s to answer.
    pub fn new(role: Role) -> Self {
        Self {
            role,
            system_id: Octets::default(),
            window: 10,
            peer_window: 1_000,
            session_init: Duration::from_secs(10),
            enquire_link: Duration::from_secs(30),
            response: Duration::from_secs(10),
            inactivity: None,
            partial_pdu: Duration::from_secs(10),
            drain: Duration::from_secs(10),
        }
    }
}
