//! States of submitted messages, as numbers and as words.

/// Highest number of a state: 9, skipped, of SMPP 5.0.
const CODE_MAX: u8 = 9;

/// State of a submitted message (section 5.2.28).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageState {
    EnRoute,
    Delivered,
    Expired,
    /// Cancelled.
    Deleted,
    Undeliverable,
    /// Accepted by the SMSC on behalf of the receiver.
    Accepted,
    Unknown,
    Rejected,
}

impl MessageState {
    /// Returns the state for a number in `message_state`. A state that only SMPP 5.0 has becomes the closest one of
    /// 3.4: 0 (scheduled) en route, 9 (skipped) undeliverable.
    pub const fn from_code(code: u8) -> Self {
        match code {
            0 | 1 => Self::EnRoute,
            2 => Self::Delivered,
            3 => Self::Expired,
            4 => Self::Deleted,
            5 | 9 => Self::Undeliverable,
            6 => Self::Accepted,
            8 => Self::Rejected,
            _ => Self::Unknown,
        }
    }

    /// Returns the state for the octets of `message_state`: a number of one to four octets. `None` if no version of the
    /// specification has the number.
    pub(super) fn from_octets(octets: &[u8]) -> Option<Self> {
        let (code, zeros) = octets.split_last()?;
        let is_known = *code <= CODE_MAX && zeros.len() < 4 && zeros.iter().all(|&octet| octet == 0);
        is_known.then(|| Self::from_code(*code))
    }

    /// Number in `message_state`.
    pub const fn code(self) -> u8 {
        match self {
            Self::EnRoute => 1,
            Self::Delivered => 2,
            Self::Expired => 3,
            Self::Deleted => 4,
            Self::Undeliverable => 5,
            Self::Accepted => 6,
            Self::Unknown => 7,
            Self::Rejected => 8,
        }
    }

    /// Word after `stat:` in a receipt's text.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::EnRoute => "ENROUTE",
            Self::Delivered => "DELIVRD",
            Self::Expired => "EXPIRED",
            Self::Deleted => "DELETED",
            Self::Undeliverable => "UNDELIV",
            Self::Accepted => "ACCEPTD",
            Self::Unknown => "UNKNOWN",
            Self::Rejected => "REJECTD",
        }
    }

    /// Returns the state for the word after `stat:`: the seven letters of the specification, or the whole word, which
    /// many SMSCs write instead.
    pub(super) fn from_word(word: &str) -> Self {
        let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
        match letters.to_ascii_uppercase().as_str() {
            "ENROUTE" | "ENROUTED" | "SCHEDULED" | "SCHEDLD" | "BUFFERED" | "BUFFRED" | "PENDING" => Self::EnRoute,
            "DELIVRD" | "DELIVERED" | "DELIVERD" | "DELIVRED" => Self::Delivered,
            "EXPIRED" | "EXPIRD" => Self::Expired,
            "DELETED" | "DELETD" | "CANCELLED" | "CANCELED" => Self::Deleted,
            "UNDELIV" | "UNDELIVERABLE" | "UNDELIVERED" | "UNDELIVRD" | "UNDELIVD" | "UNDLVRD" | "FAILED" | "FAIL"
            | "SKIPPED" => Self::Undeliverable,
            "ACCEPTD" | "ACCEPTED" => Self::Accepted,
            "REJECTD" | "REJECTED" => Self::Rejected,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_by_its_number_and_by_each_of_its_words() {
        use MessageState::{Accepted, Deleted, Delivered, EnRoute, Expired, Rejected, Undeliverable, Unknown};
        for (state, words) in [
            (EnRoute, ["enroute", "EN_ROUTE"]),
            (Delivered, ["DELIVRD", "Delivered"]),
            (Expired, ["EXPIRED", "expired"]),
            (Deleted, ["DELETED", "CANCELLED"]),
            (Undeliverable, ["UNDELIVERABLE", "FAILED"]),
            (Accepted, ["ACCEPTD", "ACCEPTED"]),
            (Rejected, ["REJECTD", "REJECTED"]),
            (Unknown, ["UNKNOWN", "DELIVERY_FAILED"]),
        ] {
            assert_eq!(words.map(MessageState::from_word), [state; 2], "{words:?}");
            assert_eq!(MessageState::from_word(state.word()), state);
            assert_eq!(MessageState::from_code(state.code()), state);
        }
    }

    #[test]
    fn a_number_may_have_up_to_four_octets() {
        for octets in [&[2_u8][..], &[0, 2], &[0, 0, 0, 2]] {
            assert_eq!(MessageState::from_octets(octets), Some(MessageState::Delivered));
        }
        assert_eq!(MessageState::from_octets(&[9]), Some(MessageState::Undeliverable));
        for octets in [&[][..], &[1, 2], &[2, 0, 0, 0], &[0, 0, 0, 0, 2], &[10], &[0x32], &[0, 0, 0, 0xFF]] {
            assert_eq!(MessageState::from_octets(octets), None, "{octets:?}");
        }
    }
}
