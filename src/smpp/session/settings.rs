//! Windows and timers of a session.

use std::time::Duration;

use crate::smpp::octets::Octets;

pub const INTERFACE_VERSION: u8 = 0x34;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// We send the bind.
    Esme,
    /// The peer sends the bind.
    Smsc,
}

/// Windows and timers. Every timer but inactivity is required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub role: Role,
    /// Our name in a `bind_resp`.
    pub system_id: Octets<16>,
    /// Our messages that may wait for a response at once.
    pub window: usize,
    /// Requests of the peer that may wait for our response at once; more are refused with 0x14 (queue full).
    pub peer_window: usize,
    /// Time from the connection to the bind (section 7.2, `session_init_timer`); usually 5–30 s.
    pub session_init: Duration,
    /// Silence of the peer after which an `enquire_link` is sent (`enquire_link_timer`).
    pub enquire_link: Duration,
    /// Longest time until a response (`response_timer`).
    pub response: Duration,
    /// Time without a message after which the session is unbound (`inactivity_timer`).
    pub inactivity: Option<Duration>,
    /// Longest time from the first octet of a PDU to its last.
    pub partial_pdu: Duration,
    /// Longest time for requests in flight once the session is to end.
    pub drain: Duration,
}

impl Settings {
    /// Usual values: windows of 10 and 1,000, 10 s to bind, `enquire_link` every 30 s, 10 s to respond.
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
