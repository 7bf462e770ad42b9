//! The primitives that the PDUs are written with: each names its field and the `command_status` that its failure gets.

use nom::IResult;
use nom::bytes::complete::{take, take_till};
use nom::number::complete::{be_u8, be_u32};

use super::fault::Fault;
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

/// Who reads a message, and how strictly.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// What an ESME submits: every field must be one that the specification allows, so that its maker hears what is wrong.
    Submit,
    /// What an SMSC delivers: a customer's message is not refused for what leaves its text, its sender and its parts certain.
    Deliver,
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

/// Most octets of a string that is cut to its field.
const CUT_MAX: usize = 32;

/// As [`string`], but what is longer than its field is cut to it by [`Rules::Deliver`]: of a field that decides nothing. A
/// control character would be of the next field, behind a NUL that is missing.
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
