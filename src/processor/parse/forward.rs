//! Requests that are handed on.

use uuid::Uuid;
use zeroize::Zeroizing;

use super::parsed::{Asked, Read};
use crate::domain::{Command, ContentHash, FieldValue, Fields, ForwardCommand, InboundSms, Msisdn};
use crate::grammar::ForwardRequest;
use crate::processor::conceal::WrittenPins;
use crate::processor::pins::PinKey;

/// Digits in each group of a code that is written in groups.
const GROUP: usize = 4;

/// The field of a PIN, which every form verifies before the request is done.
const PIN: &str = "pin";

/// The command of a request; its secrets are put into `pins`.
pub(super) fn command(
    message: &InboundSms,
    sender: Option<Msisdn>,
    pin_key: &PinKey,
    request: ForwardRequest,
    pins: &mut WrittenPins,
) -> Read {
    let InboundSms { from, received_at, redelivery_doubt_since, .. } = message;
    for secret in request.fields.secrets() {
        pins.known.push(secret.clone());
        pins.known.extend(groups(secret));
    }
    let secret_print = secret_print(&request.fields, pin_key);
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

/// A long code may have been written in groups, each of which is hidden then.
fn groups(secret: &Zeroizing<String>) -> Vec<Zeroizing<String>> {
    let is_grouped = secret.len() > GROUP && secret.len().is_multiple_of(GROUP) && secret.is_ascii();
    let groups = is_grouped.then(|| secret.as_bytes().chunks(GROUP));
    groups.into_iter().flatten().map(|group| Zeroizing::new(String::from_utf8_lossy(group).into_owned())).collect()
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
