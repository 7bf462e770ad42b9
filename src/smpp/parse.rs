//! Parsers of single fields. Each has the name of its field and the `command_status` for its failure.

use nom::IResult;
use nom::bytes::complete::{take, take_till};
use nom::number::complete::{be_u8, be_u32};

use super::fault::Fault;
use super::octets::Octets;
use super::status::CommandStatus;

/// A field that could not be read, with the input that was left at its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FieldError {
    pub field: &'static str,
    pub left: usize,
    pub fault: Fault,
    pub status: CommandStatus,
}

/// Strictness of the parser, which depends on the sender.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// From an ESME: every field must be allowed by the specification, so that the ESME's developer learns of errors.
    Submit,
    /// From an SMSC: a customer's message is refused only if its text, sender or parts would be uncertain.
    Deliver,
}

pub(super) type Parsed<'a, T> = IResult<&'a [u8], T, FieldError>;

pub(super) fn fail(input: &[u8], field: &'static str, fault: Fault, status: CommandStatus) -> nom::Err<FieldError> {
    nom::Err::Failure(FieldError { field, left: input.len(), fault, status })
}

/// The status for a failure.
pub(super) const fn status_of(error: &nom::Err<FieldError>) -> CommandStatus {
    match error {
        nom::Err::Incomplete(_) => CommandStatus::INVALID_COMMAND_LENGTH,
        nom::Err::Error(error) | nom::Err::Failure(error) => error.status,
    }
}

#[inline]
pub(super) fn integer<'a>(field: &'static str) -> impl Fn(&'a [u8]) -> Parsed<'a, u8> {
    move |input| {
        be_u8::<_, ()>(input).map_err(|_| fail(input, field, Fault::Truncated, CommandStatus::INVALID_COMMAND_LENGTH))
    }
}

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
        // Without a NUL there is nothing after the octets.
        let rest = input.get(octets.len() + 1..).ok_or_else(unterminated)?;
        Ok((rest, string))
    }
}

/// Most octets of a string that is truncated to its field.
const CUT_MAX: usize = 32;

/// As [`string`], but [`Rules::Deliver`] truncates a string that is too long, because the field decides nothing. A
/// control character is not accepted: it would belong to the next field, after a missing NUL.
#[inline]
pub(super) fn string_to_cut<'a, const N: usize>(
    rules: Rules,
    field: &'static str,
    status: CommandStatus,
) -> impl Fn(&'a [u8]) -> Parsed<'a, Octets<N>> {
    move |input| {
        let read = string(field, status)(input);
        if rules == Rules::Submit || read.is_ok() {
            return read;
        }
        let end = input.iter().take(CUT_MAX).position(|octet| *octet < b' ');
        let whole = end.and_then(|end| input.split_at_checked(end)).filter(|(_, rest)| rest.first() == Some(&0));
        match whole {
            Some((octets, rest)) => {
                let cut = octets.get(..Octets::<N>::LIMIT.min(octets.len())).unwrap_or_default();
                Ok((rest.get(1..).unwrap_or_default(), Octets::before_nul(cut).unwrap_or_default()))
            }
            None => read,
        }
    }
}

/// `short_message = sm_length:u8, that many octets`
pub(super) fn short_message(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (octets, length) = integer("sm_length")(input)?;
    take::<_, _, ()>(length)(octets).map_err(|_| {
        fail(input, "sm_length", Fault::WrongLength(usize::from(length)), CommandStatus::INVALID_MESSAGE_LENGTH)
    })
}
