//! Requests that are handed on.

use uuid::Uuid;

use super::parsed::{Asked, Read};
use crate::domain::{Command, ContentHash, FieldValue, Fields, ForwardCommand, InboundSms, Msisdn};
use crate::grammar::ForwardRequest;
use crate::processor::pins::PinKey;

/// The field of a PIN, which every form verifies before the request is done.
const PIN: &str = "pin";

/// The command of a request.
pub(super) fn command(message: &InboundSms, sender: Option<Msisdn>, pin_key: &PinKey, request: ForwardRequest) -> Read {
    let InboundSms { from, received_at, redelivery_doubt_since, .. } = message;
    let secret_print = secret_print(&request.fields, pin_key);
    Read::command(Command::Forward(Box::new(ForwardCommand {
        id: Uuid::now_v7(),
        bank: request.bank,
        form: request.form,
        name: request.name,
        phone: sender,
        from: sender.map_or_else(|| from.clone(), Msisdn::digits),
        fields: request.fields,
        repeat: request.repeat,
        secret_print,
        language: request.language,
        received_at: *received_at,
        redelivery_doubt_since: *redelivery_doubt_since,
    })))
}

/// Keyed hash of the secrets, in their order; `None` without one. A PIN tells no two requests apart: only the right one
/// lets a request pass.
fn secret_print(fields: &Fields, pin_key: &PinKey) -> Option<ContentHash> {
    let secrets = fields.iter().filter_map(|field| match &field.value {
        FieldValue::Secret(secret) if field.name != PIN => Some(secret.written().as_bytes()),
        _ => None,
    });
    let secrets: Vec<&[u8]> = secrets.collect();
    if secrets.is_empty() { None } else { pin_key.content(ContentHash::of(&secrets)) }
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
