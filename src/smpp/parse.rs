//! The primitives that the PDUs are written with: each names its field and the `command_status` that its failure gets.

use nom::IResult;
use nom::bytes::complete::{take, take_till};
use nom::number::complete::{be_u8, be_u32};

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

/// The status that a field's failure gets.
pub(super) const fn status_of(error: &nom::Err<FieldError>) -> CommandStatus {
    match error {
        nom::Err::Incomplete(_) => CommandStatus::INVALID_COMMAND_LENGTH,
        nom::Err::Error(error) | nom::Err::Failure(error) => error.status,
    }
}

/// An integer of one octet.
#[inline]
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
#[inline]
pub(super) fn string<'a, const N: usize>(
    field: &'static str,
    status: CommandStatus,
) -> impl Fn(&'a [u8]) -> Parsed<'a, Octets<N>> {
    move |input| {
        let unterminated = || fail(input, field, Fault::Unterminated(N), status);
        let octets = take_till::<_, _, ()>(|octet| octet == 0)(input.get(..N).unwrap_or(input));
        let (_, octets) = octets.map_err(|_| unterminated())?;
        let string = Octets::before_nul(octets).ok_or_else(unterminated)?;
        // Without a NUL behind the octets there is nothing to skip to.
        let rest = input.get(octets.len() + 1..).ok_or_else(unterminated)?;
        Ok((rest, string))
    }
}

/// `short_message = sm_length:u8, that many octets`
pub(super) fn short_message(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (octets, length) = integer("sm_length")(input)?;
    take::<_, _, ()>(length)(octets).map_err(|_| {
        fail(input, "sm_length", Fault::WrongLength(usize::from(length)), CommandStatus::INVALID_MESSAGE_LENGTH)
    })
}
