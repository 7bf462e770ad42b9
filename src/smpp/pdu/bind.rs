//! `bind_transmitter`, `bind_receiver`, `bind_transceiver` and their responses (section 4.1).

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use crate::smpp::address::put_string;
use crate::smpp::command::CommandId;
use crate::smpp::octets::Octets;
use crate::smpp::parse::{Parsed, integer, string};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::{Tlvs, tag};

/// Direction in which a bound session carries messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BindMode {
    Transmitter,
    /// The ESME receives.
    Receiver,
    /// The ESME submits and receives.
    Transceiver,
}

impl BindMode {
    /// `command_id` of the bind request for this mode.
    pub const fn request(self) -> CommandId {
        match self {
            Self::Transmitter => CommandId::BindTransmitter,
            Self::Receiver => CommandId::BindReceiver,
            Self::Transceiver => CommandId::BindTransceiver,
        }
    }

    /// `command_id` of the response for this mode.
    pub const fn response(self) -> CommandId {
        match self {
            Self::Transmitter => CommandId::BindTransmitterResp,
            Self::Receiver => CommandId::BindReceiverResp,
            Self::Transceiver => CommandId::BindTransceiverResp,
        }
    }

    /// Returns the mode of a bind command or of its response.
    pub const fn of(command: CommandId) -> Option<Self> {
        Some(match command {
            CommandId::BindTransmitter | CommandId::BindTransmitterResp => Self::Transmitter,
            CommandId::BindReceiver | CommandId::BindReceiverResp => Self::Receiver,
            CommandId::BindTransceiver | CommandId::BindTransceiverResp => Self::Transceiver,
            _ => return None,
        })
    }

    /// Returns true if the ESME may submit.
    pub const fn transmits(self) -> bool {
        matches!(self, Self::Transmitter | Self::Transceiver)
    }

    /// Returns true if the SMSC may deliver to the ESME.
    pub const fn receives(self) -> bool {
        matches!(self, Self::Receiver | Self::Transceiver)
    }
}

/// A bind request.
///
/// The specification allows passwords of 8 characters and names of 15; operators hand out longer ones.
#[derive(Clone, PartialEq, Eq)]
pub struct Bind {
    pub mode: BindMode,
    pub system_id: Octets<65>,
    /// Never printed.
    pub password: Octets<65>,
    /// A category that the SMSC defines, usually empty.
    pub system_type: Octets<33>,
    /// 0x33, 0x34 or 0x50 for versions 3.3, 3.4 and 5.0.
    pub interface_version: u8,
    /// Type of number of `address_range`.
    pub addr_ton: u8,
    /// Numbering plan of `address_range`.
    pub addr_npi: u8,
    /// Addresses that the ESME serves, usually empty.
    pub address_range: Octets<41>,
}

impl Bind {
    /// `bind = system_id password system_type interface_version:u8 addr_ton:u8 addr_npi:u8 address_range`
    pub(in crate::smpp) fn decode(mode: BindMode, input: &[u8]) -> Parsed<'_, Self> {
        let (input, system_id) = string("system_id", CommandStatus::INVALID_SYSTEM_ID)(input)?;
        let (input, password) = string("password", CommandStatus::INVALID_PASSWORD)(input)?;
        let (input, system_type) = string("system_type", CommandStatus::INVALID_SYSTEM_TYPE)(input)?;
        let (input, interface_version) = integer("interface_version")(input)?;
        let (input, addr_ton) = integer("addr_ton")(input)?;
        let (input, addr_npi) = integer("addr_npi")(input)?;
        let (input, address_range) = string("address_range", CommandStatus::BIND_FAILED)(input)?;
        let bind =
            Self { mode, system_id, password, system_type, interface_version, addr_ton, addr_npi, address_range };
        Ok((input, bind))
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_string(&self.system_id, out);
        put_string(&self.password, out);
        put_string(&self.system_type, out);
        out.put_slice(&[self.interface_version, self.addr_ton, self.addr_npi]);
        put_string(&self.address_range, out);
    }
}

impl fmt::Debug for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bind")
            .field("mode", &self.mode)
            .field("system_id", &self.system_id)
            .field("password", &"***")
            .field("system_type", &self.system_type)
            .field("interface_version", &self.interface_version)
            .field("address_range", &self.address_range)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindResp {
    pub mode: BindMode,
    /// Name of the SMSC.
    pub system_id: Bytes,
    /// `sc_interface_version` and any others.
    pub tlvs: Tlvs,
}

impl BindResp {
    pub(in crate::smpp) fn refusal(mode: BindMode) -> Self {
        Self { mode, system_id: Bytes::new(), tlvs: Tlvs::default() }
    }

    /// Returns `sc_interface_version`. An SMSC that does not send it supports SMPP 3.3.
    pub fn interface_version(&self) -> Option<u8> {
        self.tlvs.octet(tag::SC_INTERFACE_VERSION)
    }

    /// `bind_resp = [ system_id { tlv } ]`; never refused
    pub(in crate::smpp) fn decode(mode: BindMode, frame: &Bytes, input: &[u8]) -> Self {
        let (system_id, tlvs) = super::sm::name_and_tlvs(frame, input);
        Self { mode, system_id, tlvs }
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        super::sm::put_name(&self.system_id, out);
        self.tlvs.put(out);
    }
}
