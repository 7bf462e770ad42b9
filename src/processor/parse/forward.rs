//! Requests that are handed on.

use uuid::Uuid;

use super::parsed::{Asked, Read};
use crate::domain::{Command, ForwardCommand, InboundSms, Msisdn};
use crate::grammar::ForwardRequest;
use crate::processor::pins::PinKey;

/// The command of a request.
pub(super) fn command(message: &InboundSms, sender: Option<Msisdn>, pin_key: &PinKey, request: ForwardRequest) -> Read {
    let InboundSms { from, received_at, redelivery_doubt_since, .. } = message;
    let content = message.content_hash();
    let secret_print = request.fields.secrets().next().and_then(|_| pin_key.content(content));
    Read::command(Command::Forward(Box::new(ForwardCommand {
        id: Uuid::now_v7(),
        bank: request.bank,
        form: request.form,
        name: request.name,
        phone: sender,
        from: sender.map_or_else(|| from.clone(), Msisdn::digits),
        fields: request.fields,
        replies: request.replies,
        repeat: request.repeat,
        secret_print,
        language: request.language,
        received_at: *received_at,
        redelivery_doubt_since: *redelivery_doubt_since,
    })))
}

/// Returns whether the message has secrets that are handed on as stars.
pub(super) fn has_secrets(asked: &Asked) -> bool {
    match asked {
        Asked::Read(Read::Command(command)) => match &**command {
            Command::Forward(forward) => forward.fields.secrets().next().is_some(),
            _ => false,
        },
        _ => false,
    }
}
