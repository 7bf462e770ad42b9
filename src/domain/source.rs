//! The source address of a message, as received.

use serde::{Deserialize, Serialize};

/// Type of number and numbering plan indicator of an address (SMPP 3.4, sections 5.2.5 and 5.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressType {
    /// Type of number: 0 unknown, 1 international, 2 national, 3 network specific, 5 alphanumeric, 6 abbreviated.
    pub ton: u8,
    /// Numbering plan: 0 unknown, 1 ISDN (E.164).
    pub npi: u8,
}

impl AddressType {
    /// The type of a name.
    pub const ALPHANUMERIC: u8 = 5;
    /// The type of a number with its country code.
    pub const INTERNATIONAL: u8 = 1;
    /// The type of a number without its country code.
    pub const NATIONAL: u8 = 2;
    /// Types of addresses that a network assigns.
    pub const OF_NETWORKS: [u8; 2] = [3, 6];
}

/// A source address exactly as received, for a reply to the same address.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Digits, or a name.
    pub value: String,
    /// Type from the network; `None` if the protocol has none.
    #[serde(flatten)]
    pub labelled: Option<AddressType>,
}

/// Masked, because numbers must not be logged.
impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = super::mask_number(&self.value);
        f.debug_struct("Source").field("value", &value).field("labelled", &self.labelled).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_json_with_or_without_its_label() {
        for labelled in [None, Some(AddressType { ton: 2, npi: 1 })] {
            let source = Source { value: "049111222".into(), labelled };
            let json = serde_json::to_string(&source).unwrap();
            assert_eq!(serde_json::from_str::<Source>(&json).unwrap(), source, "{json}");
            assert!(!format!("{source:?}").contains("049111222"));
        }
    }
}
