//! `enquire_link`, `unbind` and their responses, `generic_nack`, `cancel_sm_resp` and `replace_sm_resp`: PDUs of a
//! header alone (sections 4.2, 4.3, 4.9.2, 4.10.2 and 4.11).
//!
//! Octets after the header are ignored: some peers fill the body of an error, and these PDUs define no fields.

use super::Body;
use crate::smpp::command::CommandId;

/// The body of a command that has no fields.
pub(in crate::smpp) const fn body(command: CommandId) -> Option<Body> {
    Some(match command {
        CommandId::EnquireLink => Body::EnquireLink,
        CommandId::EnquireLinkResp => Body::EnquireLinkResp,
        CommandId::Unbind => Body::Unbind,
        CommandId::UnbindResp => Body::UnbindResp,
        CommandId::GenericNack => Body::GenericNack,
        CommandId::CancelSmResp => Body::CancelSmResp,
        CommandId::ReplaceSmResp => Body::ReplaceSmResp,
        _ => return None,
    })
}
