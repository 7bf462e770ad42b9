//! Reports to peers that submit to us, in the terms of the protocol: the reading of `registered_delivery`, the state
//! for `query_sm`, and the delivery receipt.

use super::settings::address;
use crate::domain::{Ending, Numbering, OutboundSms, Report, ReportWanted};
use crate::smpp::address::Address;
use crate::smpp::message::Message;
use crate::smpp::octets::InvalidOctets;
use crate::smpp::pdu::Sm;
use crate::smpp::receipt::{Issue, MessageState};

/// Bits 1 and 0 of `registered_delivery` (5.0 section 4.7.21; 3.4 knows the first two).
const WHENEVER: u8 = 0x01;
const AFTER_FAILURE: u8 = 0x02;
const AFTER_SUCCESS: u8 = 0x03;
/// Type of number of a sender with an alphanumeric name.
const NAMED: (u8, u8) = (5, 0);

/// Returns the outcomes for which the sender of a message asks for a receipt. Acknowledgements by a phone and
/// intermediate notifications, which the other bits ask for, are not supported: a message ends here, and at once.
pub(super) fn wanted(message: &Message) -> ReportWanted {
    let (on_success, on_failure) = match message.registered_delivery & 0x03 {
        WHENEVER => (true, true),
        AFTER_FAILURE => (false, true),
        AFTER_SUCCESS => (true, false),
        _ => return ReportWanted::default(),
    };
    let numbering = Numbering { from: message.from_numbering, to: message.to_numbering };
    ReportWanted { on_success, on_failure, numbering: Some(numbering) }
}

/// Returns the state of a message after its outcome. Only a message that moved money is `DELIVERED`. A duplicate is
/// rejected: otherwise, its sender would book two top-ups for one.
pub(super) const fn state(ending: Ending) -> MessageState {
    match ending {
        Ending::Applied => MessageState::Delivered,
        Ending::Informed => MessageState::Accepted,
        Ending::Duplicate | Ending::Refused => MessageState::Rejected,
        Ending::Quarantined => MessageState::Undeliverable,
    }
}

/// The identifier of a message for its peer: the key without the link's name.
pub(super) fn message_id(key: &str) -> &str {
    key.split_once(':').map_or(key, |(_, id)| id)
}

/// Builds the receipt from the short code to the sender of the message, with the same numbering as the message had.
/// `short_code` and `number` are the numbering for messages of earlier versions, which did not store it.
///
/// # Errors
/// The reason that the receipt cannot be written as a `deliver_sm`.
pub(super) fn receipt(
    sms: &OutboundSms,
    report: &Report,
    short_code: (u8, u8),
    number: (u8, u8),
) -> Result<Sm, String> {
    let unfit = |error: InvalidOctets| error.to_string();
    let date = "%y%m%d%H%M";
    let (submitted, done) = (report.submitted_at.format(date).to_string(), report.done_at.format(date).to_string());
    let issue = Issue {
        message_id: message_id(&sms.message_key),
        state: state(report.ending),
        error_code: report.error_code,
        submitted: &submitted,
        done: &done,
        text: &sms.text,
    };
    let sm = issue.sm().ok_or("the identifier of the message is longer than a receipt can tell")?;
    let (source, destination) = match report.numbering {
        Some(Numbering { from, to }) => (Address::new(to.0, to.1, &sms.from), Address::new(from.0, from.1, &sms.to)),
        None => (address(short_code.0, short_code.1, &sms.from), sender(number, &sms.to)),
    };
    Ok(Sm { source: source.map_err(unfit)?, destination: destination.map_err(unfit)?, ..sm })
}

fn sender((ton, npi): (u8, u8), value: &str) -> Result<Address, InvalidOctets> {
    let is_number = value.strip_prefix('+').unwrap_or(value).bytes().all(|octet| octet.is_ascii_digit());
    if is_number { address(ton, npi, value) } else { Address::new(NAMED.0, NAMED.1, value) }
}
