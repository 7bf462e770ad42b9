//! Decodes a frame into a PDU.

use bytes::Bytes;

use super::command::CommandId;
use super::error::Recoverable;
use super::fault::Fault;
use super::frame::Frame;
use super::header::{HEADER_LENGTH, Header};
use super::parse::{Parsed, Rules, fail};
use super::pdu::{
    AlertNotification, Bind, BindMode, BindResp, Body, CancelSm, DataSm, MessageResp, Outbind, Pdu, QuerySm,
    QuerySmResp, ReplaceSm, SubmitMulti, SubmitMultiResp, deliver_sm, header_only, submit_sm,
};
use super::status::CommandStatus;

/// Decodes a PDU. Its strings and texts share the frame's memory. A `data_sm` is decoded by the rules for ESMEs.
///
/// # Errors
/// The first field that cannot be read, with its place and the `command_status` to answer.
pub fn decode(frame: &Frame) -> Result<Pdu, Recoverable> {
    decode_by(Rules::Submit, frame)
}

/// As [`decode`], for a PDU that an SMSC sent: its `data_sm` is decoded as leniently as its `deliver_sm`.
///
/// # Errors
/// As above.
pub fn decode_delivered(frame: &Frame) -> Result<Pdu, Recoverable> {
    decode_by(Rules::Deliver, frame)
}

fn decode_by(data_sm: Rules, frame: &Frame) -> Result<Pdu, Recoverable> {
    let header = *frame.header();
    let fault = |field, offset, fault, status| Recoverable { header, field, offset, fault, status };
    let Some(command) = header.known() else {
        return Err(fault("command_id", 4, Fault::UnknownCommand, CommandStatus::INVALID_COMMAND_ID));
    };
    let body = frame.body();
    match decode_body(data_sm, &header, command, (frame.octets(), body)) {
        Ok((_, body)) => Ok(Pdu { status: header.status, sequence: header.sequence, body }),
        // The parsers get whole bodies, so they never need more input.
        Err(nom::Err::Incomplete(_)) => {
            Err(fault("body", HEADER_LENGTH, Fault::Truncated, CommandStatus::INVALID_COMMAND_LENGTH))
        }
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            let offset = (HEADER_LENGTH + body.len()).saturating_sub(error.left);
            Err(fault(error.field, offset, error.fault, error.status))
        }
    }
}

fn decode_body<'a>(
    data_sm: Rules,
    header: &Header,
    command: CommandId,
    (frame, body): (&Bytes, &'a [u8]),
) -> Parsed<'a, Body> {
    if let Some(known) = header_only::body(command) {
        return Ok((&[], known));
    }
    if let Some(mode) = BindMode::of(command) {
        return if command.is_response() {
            Ok((&[], Body::BindResp(BindResp::decode(mode, frame, body))))
        } else {
            whole(|input| Bind::decode(mode, input), Body::Bind, body)
        };
    }
    match command {
        CommandId::SubmitSm => whole(|input| submit_sm::decode(frame, input), Body::SubmitSm, body),
        CommandId::DeliverSm => whole(|input| deliver_sm::decode(frame, input), Body::DeliverSm, body),
        CommandId::DataSm => whole(|input| DataSm::decode(data_sm, frame, input), Body::DataSm, body),
        CommandId::SubmitSmResp => Ok((&[], Body::SubmitSmResp(MessageResp::decode(frame, body)))),
        CommandId::DeliverSmResp => Ok((&[], Body::DeliverSmResp(MessageResp::decode(frame, body)))),
        CommandId::DataSmResp => Ok((&[], Body::DataSmResp(MessageResp::decode(frame, body)))),
        _ => decode_rare(command, header.status, frame, body),
    }
}

fn decode_rare<'a>(command: CommandId, status: CommandStatus, frame: &Bytes, body: &'a [u8]) -> Parsed<'a, Body> {
    match command {
        // Some peers leave the body of an error empty, others fill it.
        _ if command.is_response() && !status.is_ok() => Ok((&[], Body::refusal(command))),
        CommandId::SubmitMulti => whole(|input| SubmitMulti::decode(frame, input), Body::SubmitMulti, body),
        CommandId::SubmitMultiResp => whole(|input| SubmitMultiResp::decode(frame, input), Body::SubmitMultiResp, body),
        CommandId::QuerySm => whole(QuerySm::decode, Body::QuerySm, body),
        CommandId::QuerySmResp => whole(QuerySmResp::decode, Body::QuerySmResp, body),
        CommandId::CancelSm => whole(CancelSm::decode, Body::CancelSm, body),
        CommandId::ReplaceSm => whole(|input| ReplaceSm::decode(frame, input), Body::ReplaceSm, body),
        CommandId::Outbind => whole(Outbind::decode, Body::Outbind, body),
        CommandId::AlertNotification => {
            whole(|input| AlertNotification::decode(frame, input), Body::AlertNotification, body)
        }
        // The caller handles all other commands.
        _ => Ok((&[], Body::GenericNack)),
    }
}

/// A body must account for every octet: octets that are left over belong to no parameter of the command.
#[inline]
fn whole<'a, T>(
    rule: impl FnOnce(&'a [u8]) -> Parsed<'a, T>,
    wrap: impl FnOnce(T) -> Body,
    body: &'a [u8],
) -> Parsed<'a, Body> {
    match rule(body) {
        Ok((rest, _)) if !rest.is_empty() => {
            let leftover = Fault::WrongLength(rest.len());
            Err(fail(rest, "end of the PDU", leftover, CommandStatus::INVALID_COMMAND_LENGTH))
        }
        Ok((rest, fields)) => Ok((rest, wrap(fields))),
        Err(error) => Err(error),
    }
}
