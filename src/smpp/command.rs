//! `command_id`: the kind of a PDU (SMPP 3.4 section 5.1.2.1).

use std::fmt;

/// Bit 31 of a `command_id` marks a response.
pub const RESPONSE_BIT: u32 = 0x8000_0000;

macro_rules! commands {
    ($($code:literal $variant:ident $name:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u32)]
        pub enum CommandId {
            $(#[doc = concat!("`", $name, "`")] $variant = $code,)*
        }

        impl CommandId {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the command of this code, or `None` if it is unknown.
            pub const fn from_code(code: u32) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Name in the specification.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

commands! {
    0x8000_0000 GenericNack "generic_nack";
    0x0000_0001 BindReceiver "bind_receiver";
    0x8000_0001 BindReceiverResp "bind_receiver_resp";
    0x0000_0002 BindTransmitter "bind_transmitter";
    0x8000_0002 BindTransmitterResp "bind_transmitter_resp";
    0x0000_0003 QuerySm "query_sm";
    0x8000_0003 QuerySmResp "query_sm_resp";
    0x0000_0004 SubmitSm "submit_sm";
    0x8000_0004 SubmitSmResp "submit_sm_resp";
    0x0000_0005 DeliverSm "deliver_sm";
    0x8000_0005 DeliverSmResp "deliver_sm_resp";
    0x0000_0006 Unbind "unbind";
    0x8000_0006 UnbindResp "unbind_resp";
    0x0000_0007 ReplaceSm "replace_sm";
    0x8000_0007 ReplaceSmResp "replace_sm_resp";
    0x0000_0008 CancelSm "cancel_sm";
    0x8000_0008 CancelSmResp "cancel_sm_resp";
    0x0000_0009 BindTransceiver "bind_transceiver";
    0x8000_0009 BindTransceiverResp "bind_transceiver_resp";
    0x0000_000B Outbind "outbind";
    0x0000_0015 EnquireLink "enquire_link";
    0x8000_0015 EnquireLinkResp "enquire_link_resp";
    0x0000_0021 SubmitMulti "submit_multi";
    0x8000_0021 SubmitMultiResp "submit_multi_resp";
    0x0000_0102 AlertNotification "alert_notification";
    0x0000_0103 DataSm "data_sm";
    0x8000_0103 DataSmResp "data_sm_resp";
}

impl CommandId {
    pub const fn code(self) -> u32 {
        // The discriminants are the codes.
        self as u32
    }

    /// Returns true for a response or a `generic_nack`, which are never answered.
    pub const fn is_response(self) -> bool {
        self.code() & RESPONSE_BIT != 0
    }

    /// The response to this command; `None` for a response, an outbind or an `alert_notification`, which have none.
    pub const fn response(self) -> Option<Self> {
        match self {
            Self::Outbind | Self::AlertNotification => None,
            _ if self.is_response() => None,
            _ => Self::from_code(self.code() | RESPONSE_BIT),
        }
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_but_two_has_a_response_of_its_own() {
        for &command in CommandId::ALL {
            assert_eq!(CommandId::from_code(command.code()), Some(command));
            let answered =
                !command.is_response() && !matches!(command, CommandId::Outbind | CommandId::AlertNotification);
            assert_eq!(command.response().is_some(), answered, "{command}");
        }
        assert_eq!(CommandId::SubmitSm.response(), Some(CommandId::SubmitSmResp));
        assert_eq!(CommandId::from_code(0x111), None);
    }
}
