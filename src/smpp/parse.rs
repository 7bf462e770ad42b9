//! The primitives that the PDUs are written with: each names its field and the `command_status` that its failure gets.

use nom::bytes::complete::{tag, take, take_while_m_n};
use nom::number::complete::{be_u8, be_u32};
use nom::sequence::terminated;
use nom::{IResult, Parser};

use super::error::Fault;
use super::octets::Octets;
use super::status::CommandStatus;

/// A field that could not be read, with the octets that were left where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FieldError {
    pub field: &'static str,
    pub left: usize,
    pub fault: Fault,
    pub status: CommandStatus,
}

pub(super) type Parsed<'a, T> = IResult<&'a [u8], T, FieldError>;

/// The error of a field that begins at `input`.
pub(super) fn fail(input: &[u8], field: &'static str, fault: Fault, status: CommandStatus) -> nom::Err<FieldError> {
    nom::Err::Failure(FieldError { field, left: input.len(), fault, status })
}

/// An integer of one octet.
pub(super) fn integer<'a>(field: &'static str) -> impl Fn(&'a [u8]) -> Parsed<'a, u8> {
    move |input| {
        be_u8::<_, ()>(input).map_err(|_| fail(input, field, Fault::Truncated, CommandStatus::INVALID_COMMAND_LENGTH))
    }
}

/// An integer of four octets.
pub(super) fn integer_of_four<'a>(field: &'static str) -> impl Fn(&'a [u8]) -> Parsed<'a, u32> {
    move |input| {
        be_u32::<_, ()>(input).map_err(|_| fail(input, field, Fault::Truncated, CommandStatus::INVALID_COMMAND_LENGTH))
    }
}

/// `string = up to N-1 octets that are not NUL, NUL`
pub(super) fn string<'a, const N: usize>(
    field: &'static str,
    status: CommandStatus,
) -> impl Fn(&'a [u8]) -> Parsed<'a, Octets<N>> {
    move |input| {
        let unterminated = |_| fail(input, field, Fault::Unterminated(N), status);
        let mut rule = terminated(take_while_m_n(0, N - 1, |octet| octet != 0), tag::<_, _, ()>([0].as_slice()));
        let (rest, octets) = rule.parse(input).map_err(unterminated)?;
        let octets = Octets::new(octets).map_err(|_| fail(input, field, Fault::Unterminated(N), status))?;
        Ok((rest, octets))
    }
}

/// `short_message = sm_length:u8, that many octets`
pub(super) fn short_message(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (octets, length) = integer("sm_length")(input)?;
    take::<_, _, ()>(length)(octets).map_err(|_| {
        fail(input, "sm_length", Fault::WrongLength(usize::from(length)), CommandStatus::INVALID_MESSAGE_LENGTH)
    })
}
