//! Addresses: a number or name, with its type of number and numbering plan.

use bytes::{BufMut, BytesMut};

use super::fault::Fault;
use super::octets::{InvalidOctets, Octets};
use super::parse::{FieldError, Parsed, fail, integer, string};
use super::status::CommandStatus;
use crate::text::address;

/// Type of number and numbering plan indicator, then the address in at most `N` octets with its NUL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Address<const N: usize = 21> {
    /// Type of number: 0 unknown, 1 international, 2 national, 5 alphanumeric, … (section 5.2.5).
    pub ton: u8,
    /// Numbering plan: 0 unknown, 1 ISDN (E.163/E.164), … (section 5.2.6).
    pub npi: u8,
    /// Digits, or a name.
    pub value: Octets<N>,
}

/// The names of an address's fields, and the `command_status` for a failure of each.
pub(super) struct Fields {
    ton: &'static str,
    npi: &'static str,
    value: &'static str,
    status: CommandStatus,
    status_ton: CommandStatus,
    status_npi: CommandStatus,
}

pub(super) const SOURCE: Fields = Fields {
    ton: "source_addr_ton",
    npi: "source_addr_npi",
    value: "source_addr",
    status: CommandStatus::INVALID_SOURCE,
    status_ton: CommandStatus::INVALID_SOURCE_TON,
    status_npi: CommandStatus::INVALID_SOURCE_NPI,
};

pub(super) const DESTINATION: Fields = Fields {
    ton: "dest_addr_ton",
    npi: "dest_addr_npi",
    value: "destination_addr",
    status: CommandStatus::INVALID_DESTINATION,
    status_ton: CommandStatus::INVALID_DESTINATION_TON,
    status_npi: CommandStatus::INVALID_DESTINATION_NPI,
};

impl<const N: usize> Address<N> {
    /// An address of this type and plan.
    ///
    /// # Errors
    /// Too long, or characters that the field cannot hold.
    pub fn new(ton: u8, npi: u8, value: &str) -> Result<Self, InvalidOctets> {
        Ok(Self { ton, npi, value: Octets::from_text(value)? })
    }

    /// `address = ton:u8 npi:u8 string`; characters that are not printable are refused, in both directions
    #[inline]
    pub(super) fn decode<'a>(input: &'a [u8], fields: &Fields) -> Parsed<'a, Self> {
        let (rest, address) = Self::decode_as_it_is(input, fields)?;
        if !address.is_seen() {
            let value = input.get(2..).unwrap_or_default();
            return Err(fail(value, fields.value, Fault::InvalidValue, fields.status));
        }
        Ok((rest, address))
    }

    /// As [`Self::decode`], with any characters: responses are never refused.
    pub(super) fn decode_as_it_is<'a>(input: &'a [u8], fields: &Fields) -> Parsed<'a, Self> {
        let (input, ton) = integer(fields.ton)(input)?;
        let (input, npi) = integer(fields.npi)(input)?;
        let (input, value) = string(fields.value, fields.status)(input)?;
        Ok((input, Self { ton, npi, value }))
    }

    /// Returns true if every character is printable. Nearly all addresses are plain ASCII.
    fn is_seen(&self) -> bool {
        self.value.as_bytes().iter().all(|octet| matches!(octet, b' '..=b'~'))
            || address::check(&self.value.to_string()).is_ok()
    }

    /// Refuses a type or plan that the specification does not have.
    pub(super) fn check(&self, input: &[u8], fields: &Fields) -> Result<(), nom::Err<FieldError>> {
        if self.ton > 6 {
            return Err(fail(input, fields.ton, Fault::InvalidValue, fields.status_ton));
        }
        if !matches!(self.npi, 0 | 1 | 3 | 4 | 6 | 8 | 9 | 10 | 14 | 18) {
            let input = input.get(1..).unwrap_or_default();
            return Err(fail(input, fields.npi, Fault::InvalidValue, fields.status_npi));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn put(&self, out: &mut BytesMut) {
        out.put_slice(&[self.ton, self.npi]);
        put_string(&self.value, out);
    }
}

pub(super) fn put_string<const N: usize>(value: &Octets<N>, out: &mut BytesMut) {
    out.put_slice(value.as_bytes());
    out.put_u8(0);
}
