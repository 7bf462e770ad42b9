//! `command_status`: the result of a request (SMPP 3.4 section 5.1.3, SMPP 5.0 section 4.7.6).

use std::fmt;

/// A `command_status`. Codes that are not listed (0x400–0x4FF belong to vendors) are kept as received.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct CommandStatus(pub u32);

macro_rules! statuses {
    ($($code:literal $constant:ident $name:literal $meaning:literal;)*) => {
        impl CommandStatus {
            $(#[doc = $meaning] pub const $constant: Self = Self($code);)*

            /// Name in the specification; `None` for other codes.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($name),)*
                    _ => None,
                }
            }

            /// Short description for logs and people.
            pub const fn meaning(self) -> &'static str {
                match self.0 {
                    $($code => $meaning,)*
                    0x400..=0x4FF => "error of this SMSC's own",
                    _ => "reserved",
                }
            }
        }
    };
}

statuses! {
    0x00 OK "ESME_ROK" "no error";
    0x01 INVALID_MESSAGE_LENGTH "ESME_RINVMSGLEN" "invalid message length";
    0x02 INVALID_COMMAND_LENGTH "ESME_RINVCMDLEN" "invalid command length";
    0x03 INVALID_COMMAND_ID "ESME_RINVCMDID" "invalid command id";
    0x04 WRONG_BIND_STATUS "ESME_RINVBNDSTS" "incorrect bind status for the command";
    0x05 ALREADY_BOUND "ESME_RALYBND" "already bound";
    0x06 INVALID_PRIORITY "ESME_RINVPRTFLG" "invalid priority flag";
    0x07 INVALID_REGISTERED_DELIVERY "ESME_RINVREGDLVFLG" "invalid registered delivery flag";
    0x08 SYSTEM_ERROR "ESME_RSYSERR" "system error";
    0x0A INVALID_SOURCE "ESME_RINVSRCADR" "invalid source address";
    0x0B INVALID_DESTINATION "ESME_RINVDSTADR" "invalid destination address";
    0x0C INVALID_MESSAGE_ID "ESME_RINVMSGID" "invalid message id";
    0x0D BIND_FAILED "ESME_RBINDFAIL" "bind failed";
    0x0E INVALID_PASSWORD "ESME_RINVPASWD" "invalid password";
    0x0F INVALID_SYSTEM_ID "ESME_RINVSYSID" "invalid system id";
    0x11 CANCEL_FAILED "ESME_RCANCELFAIL" "cancel failed";
    0x13 REPLACE_FAILED "ESME_RREPLACEFAIL" "replace failed";
    0x14 QUEUE_FULL "ESME_RMSGQFUL" "message queue full";
    0x15 INVALID_SERVICE_TYPE "ESME_RINVSERTYP" "invalid service type";
    0x33 INVALID_DESTINATION_COUNT "ESME_RINVNUMDESTS" "invalid number of destinations";
    0x34 INVALID_LIST_NAME "ESME_RINVDLNAME" "invalid distribution list name";
    0x40 INVALID_DESTINATION_FLAG "ESME_RINVDESTFLAG" "invalid destination flag";
    0x42 INVALID_SUBMIT_WITH_REPLACE "ESME_RINVSUBREP" "invalid submit with replace";
    0x43 INVALID_ESM_CLASS "ESME_RINVESMCLASS" "invalid ESM class";
    0x44 NO_DISTRIBUTION_LISTS "ESME_RCNTSUBDL" "cannot submit to a distribution list";
    0x45 SUBMIT_FAILED "ESME_RSUBMITFAIL" "submit failed";
    0x48 INVALID_SOURCE_TON "ESME_RINVSRCTON" "invalid type of number of the source";
    0x49 INVALID_SOURCE_NPI "ESME_RINVSRCNPI" "invalid numbering plan of the source";
    0x50 INVALID_DESTINATION_TON "ESME_RINVDSTTON" "invalid type of number of the destination";
    0x51 INVALID_DESTINATION_NPI "ESME_RINVDSTNPI" "invalid numbering plan of the destination";
    0x53 INVALID_SYSTEM_TYPE "ESME_RINVSYSTYP" "invalid system type";
    0x54 INVALID_REPLACE_FLAG "ESME_RINVREPFLAG" "invalid flag to replace if present";
    0x55 INVALID_NUMBER_OF_MESSAGES "ESME_RINVNUMMSGS" "invalid number of messages";
    0x58 THROTTLED "ESME_RTHROTTLED" "throttled: above the allowed rate";
    0x61 INVALID_SCHEDULE "ESME_RINVSCHED" "invalid scheduled delivery time";
    0x62 INVALID_EXPIRY "ESME_RINVEXPIRY" "invalid validity period";
    0x63 INVALID_DEFAULT_MESSAGE "ESME_RINVDFTMSGID" "predefined message not found";
    0x64 TEMPORARY_APPLICATION_ERROR "ESME_RX_T_APPN" "receiver: temporary error";
    0x65 PERMANENT_APPLICATION_ERROR "ESME_RX_P_APPN" "receiver: permanent error";
    0x66 MESSAGE_REFUSED "ESME_RX_R_APPN" "receiver: message refused";
    0x67 QUERY_FAILED "ESME_RQUERYFAIL" "query failed";
    0xC0 INVALID_TLV_STREAM "ESME_RINVTLVSTREAM" "broken optional parameters";
    0xC1 TLV_NOT_ALLOWED "ESME_RTLVNOTALLWD" "optional parameter not allowed";
    0xC2 INVALID_TLV_LENGTH "ESME_RINVTLVLEN" "wrong length of an optional parameter";
    0xC3 MISSING_TLV "ESME_RMISSINGTLV" "optional parameter missing";
    0xC4 INVALID_TLV_VALUE "ESME_RINVTLVVAL" "invalid value of an optional parameter";
    0xFE DELIVERY_FAILURE "ESME_RDELIVERYFAILURE" "delivery failure";
    0xFF UNKNOWN_ERROR "ESME_RUNKNOWNERR" "unknown error";
    0x100 SERVICE_TYPE_UNAUTHORISED "ESME_RSERTYPUNAUTH" "service type not authorised";
    0x101 PROHIBITED "ESME_RPROHIBITED" "operation prohibited";
    0x102 SERVICE_TYPE_UNAVAILABLE "ESME_RSERTYPUNAVAIL" "service type unavailable";
    0x103 SERVICE_TYPE_DENIED "ESME_RSERTYPDENIED" "service type denied";
    0x104 INVALID_DATA_CODING "ESME_RINVDCS" "invalid data coding";
}

impl CommandStatus {
    pub const fn is_ok(self) -> bool {
        self.0 == Self::OK.0
    }

    /// Returns true if the same request may succeed later without a change.
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::SYSTEM_ERROR
                | Self::QUEUE_FULL
                | Self::THROTTLED
                | Self::TEMPORARY_APPLICATION_ERROR
                | Self::SERVICE_TYPE_UNAVAILABLE
        )
    }

    /// Returns true if the peer asks to wait before the next request.
    pub const fn asks_to_slow_down(self) -> bool {
        matches!(self, Self::THROTTLED | Self::QUEUE_FULL)
    }
}

impl fmt::Display for CommandStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{:#04x} {name}", self.0),
            None => write!(f, "{:#04x}", self.0),
        }
    }
}

impl fmt::Debug for CommandStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_its_name_and_whether_to_try_again() {
        assert_eq!(CommandStatus::THROTTLED.to_string(), "0x58 ESME_RTHROTTLED");
        assert_eq!(CommandStatus(0x412).meaning(), "error of this SMSC's own");
        assert_eq!(CommandStatus(0x412).to_string(), "0x412");
        for transient in [0x08, 0x14, 0x58, 0x64, 0x102] {
            assert!(CommandStatus(transient).is_transient(), "{transient:#x}");
        }
        for permanent in [0x00, 0x01, 0x0A, 0x0B, 0x45, 0x65, 0x66, 0xC0, 0x412] {
            assert!(!CommandStatus(permanent).is_transient(), "{permanent:#x}");
        }
    }
}
