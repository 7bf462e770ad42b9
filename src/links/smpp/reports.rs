//! Reports to those who submit to us, in the terms of the protocol: what `registered_delivery` asks for, the state that
//! `query_sm` is answered with, and the delivery receipt.

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
/// Type of number of a sender that has a name instead of a number: alphanumeric.
const NAMED: (u8, u8) = (5, 0);

/// After which endings the sender of a message wants a receipt. Acknowledgements by a phone and notices on the way, the
/// other bits, are not offered: the message ends here, and at once.
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

/// The state that a message is in after its ending. Only one that moved money is delivered: a duplicate is refused, or
/// its sender would book two where one was done.
pub(super) const fn state(ending: Ending) -> MessageState {
    match ending {
        Ending::Applied => MessageState::Delivered,
        Ending::Informed => MessageState::Accepted,
        Ending::Duplicate | Ending::Refused => MessageState::Rejected,
        Ending::Quarantined => MessageState::Undeliverable,
    }
}

/// What a peer knows a message by: its key without the link's name.
pub(super) fn message_id(key: &str) -> &str {
    key.split_once(':').map_or(key, |(_, id)| id)
}

/// The receipt from the short code to the sender of the message that it is about, addressed as that was; `short_code` and
/// `number` are for messages of before their numbering was kept.
///
/// # Errors
/// Why it cannot be written as a `deliver_sm`.
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
