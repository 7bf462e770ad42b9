//! Identifiers that peers give their messages, in an optional parameter of the peer's choice.

use sha2::{Digest, Sha256};

use crate::smpp::message::Message;

/// Longest identifier that is stored unchanged, the length of a `message_id`. Of a longer one, the database key holds
/// only the hash.
const LENGTH_MAX: usize = 64;

/// Returns the identifier in the parameter with this tag: a text unchanged, anything else in hexadecimal. Returns
/// `None` if the parameter is missing or empty.
pub(super) fn given(message: &Message, tag: Option<u16>) -> Option<String> {
    let given = tag.and_then(|tag| message.tlvs.get(tag)).filter(|octets| !octets.is_empty())?;
    // A text may end with a NUL. A number may have zeros anywhere.
    let text = given.strip_suffix(&[0]).unwrap_or(given);
    let is_text = !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
    let shown = if is_text { String::from_utf8_lossy(text).into_owned() } else { hex::encode(given) };
    Some(if shown.len() > LENGTH_MAX { hex::encode(Sha256::digest(given)) } else { shown })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smpp::pdu::{Body, Sm};
    use crate::smpp::tlv::Tlvs;

    const TAG: u16 = 0x1400;

    fn of(octets: &[u8]) -> Option<String> {
        let sm = Sm { tlvs: Tlvs::default().with(TAG, octets).unwrap(), ..Sm::default() };
        given(&Message::of(&Body::DeliverSm(sm)).unwrap(), Some(TAG))
    }

    #[test]
    fn texts_and_numbers_are_identifiers() {
        for (octets, id) in [
            (b"A-17".as_slice(), Some("A-17")),
            (b"A-17\0", Some("A-17")),
            (&[0, 7], Some("0007")),
            (&[0], Some("00")),
            (b"a b", Some("612062")),
            (b"", None),
        ] {
            assert_eq!(of(octets).as_deref(), id, "{octets:?}");
        }
    }

    #[test]
    fn a_long_identifier_is_told_from_others_by_its_hash() {
        let long = |last: &str| format!("{}{last}", "x".repeat(60_000)).into_bytes();
        let (first, second) = (of(&long("1")).unwrap(), of(&long("2")).unwrap());
        assert_eq!((first.len(), of(&long("1"))), (LENGTH_MAX, Some(first.clone())));
        assert_ne!(first, second);
    }
}
