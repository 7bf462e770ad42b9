//! Parts as one message.

use crate::domain::{Body, Channel, InboundSms, ReportWanted};
use crate::store::Part;
use crate::text::data_coding::{Coded, DefaultAlphabet, decode_parts};
use crate::text::national::Tables;
use crate::text::udh::UserData;

/// The text of these parts, or their octets if they cannot be decoded; `incomplete` says why parts are missing.
pub fn body(parts: Vec<Coded>, data_coding: u8, incomplete: Option<String>) -> Body {
    let octets: Vec<u8> = parts.iter().flat_map(|part| part.octets.iter().copied()).collect();
    let undecodable = |why| Body::Undecodable { hex: hex::encode(&octets), data_coding, why };
    if let Some(why) = incomplete {
        return undecodable(why);
    }
    match decode_parts(parts) {
        (text, None) => Body::Text(text),
        (_, Some(error)) => undecodable(error.to_string()),
    }
}

/// The message of these parts, which are in order; and the endings for which its sender wants a report.
pub(super) fn message(parts: &[Part], incomplete: Option<String>) -> Option<(InboundSms, ReportWanted)> {
    let first = parts.first()?;
    let coded = parts.iter().map(coded).collect();
    let sign = &first.whole.sign;
    let message = InboundSms {
        key: first.key.clone(),
        link: sign.link.clone(),
        from: sign.from.clone(),
        from_type: first.from_type,
        to: sign.to.clone(),
        body: body(coded, first.data_coding, incomplete),
        channel: Channel::Sms,
        received_at: parts.iter().map(|part| part.received_at).max()?,
        redelivery_doubt_since: parts.iter().filter_map(|part| part.redelivery_doubt_since).max(),
    };
    Some((message, parts.iter().fold(ReportWanted::default(), |wanted, part| wanted.or(part.report))))
}

fn coded(part: &Part) -> Coded {
    let alphabet = DefaultAlphabet::from_name(&part.alphabet).unwrap_or_default();
    let data = UserData::parse(&part.octets, part.has_header, part.data_coding, alphabet);
    // It was parsed when the part arrived.
    data.map_or_else(
        |_| Coded {
            alphabet: Ok(crate::text::data_coding::Alphabet::Gsm7),
            tables: Tables::default(),
            octets: part.octets.clone(),
        },
        |data| data.body,
    )
}
