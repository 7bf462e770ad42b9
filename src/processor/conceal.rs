//! A card's code is money: it is hashed on the task that reads its message, and goes no further. What is stored, shown to
//! staff, traced or sent back has stars in its place.

use zeroize::Zeroize;

use super::intake::Read;
use super::pins::Pins;
use crate::domain::voucher::{Keys, mask_codes, mask_octets};
use crate::domain::{Body, Command, ContentHash, Fingerprint, InboundSms};
use crate::text::normalise::normalise;
use crate::text::unseen::is_unseen;

/// Digits that a PIN may have.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// Takes what may be a code out of a message and of what was read of it. Of what was read otherwise, numbers may be long
/// and are kept: a bank's reference is no code.
pub(super) fn conceal(message: &mut InboundSms, read: &mut Read, keys: &Keys) {
    match read {
        Read::Command(command) if matches!(**command, Command::Redeem(_)) => {}
        Read::Failed { rejection, trace, .. } => {
            *trace = mask_codes(trace);
            let details = &mut rejection.details;
            for text in [&mut details.value, &mut details.form, &mut details.keyword].into_iter().flatten() {
                *text = mask_codes(text);
            }
        }
        Read::Command(_) | Read::Inquiry { .. } => return,
    }
    let content = message.content_hash();
    match &mut message.body {
        Body::Text(text) => {
            let masked = mask_codes(text);
            if masked == *text {
                return;
            }
            text.zeroize();
            // The oldest key: what was said under a key is known again after a newer one has come. Without a key no code
            // is worth anything, and what was masked is all there is to tell.
            let content = keys.iter().next().map(|key| hex::encode(key.content(content).0));
            let content = content.unwrap_or_else(|| masked.clone());
            message.body = Body::Masked { text: masked, content };
        }
        Body::Undecodable { hex, .. } => {
            let masked = mask_octets(hex);
            hex.zeroize();
            *hex = masked;
        }
        Body::Order(_) | Body::Masked { .. } => {}
    }
}

/// Takes PINs out of a message that holds some, and of one that was not read whatever may be one: digits in one piece, too few
/// for a number and too many for an amount.
/// What is kept to tell two such messages apart is `hashed` with a key: a plain hash would let the PINs be found by trying.
pub(super) fn conceal_pins(
    message: &mut InboundSms,
    read: &mut Read,
    pins: &Pins,
    hashed: impl Fn(ContentHash) -> Option<ContentHash>,
) {
    let known: Vec<&str> = [&pins.now, &pins.new].into_iter().flatten().map(|pin| pin.as_str()).collect();
    if known.is_empty() && !pins.may_be_there {
        return;
    }
    let hidden = |piece: &str| {
        if known.is_empty() {
            PIN_DIGITS.contains(&piece.chars().filter(|c| c.is_numeric()).count())
        } else {
            known.contains(&plain(piece).as_str())
        }
    };
    let content = hashed(message.content_hash());
    match read {
        Read::Command(command) => {
            if let (Command::ChangePin(change), Some(content)) = (&mut **command, content) {
                change.print = Fingerprint(content.0);
            }
        }
        Read::Failed { rejection, trace, .. } => {
            *trace = mask(trace, hidden);
            let details = &mut rejection.details;
            for text in [&mut details.value, &mut details.keyword].into_iter().flatten() {
                *text = mask(text, hidden);
            }
        }
        Read::Inquiry { .. } => return,
    }
    match &mut message.body {
        Body::Text(text) => {
            let masked = mask(text, hidden);
            if masked != *text {
                text.zeroize();
                let content = content.map_or_else(|| masked.clone(), |content| hex::encode(content.0));
                message.body = Body::Masked { text: masked, content };
            }
        }
        // A card's code was in it, too. Without a key, what tells it apart is the text itself.
        Body::Masked { text, content } => {
            let masked = mask(text, hidden);
            if content == text {
                content.zeroize();
                content.clone_from(&masked);
            }
            text.zeroize();
            *text = masked;
        }
        Body::Undecodable { .. } | Body::Order(_) => {}
    }
}

/// Digits of whatever script as ASCII, without what nobody sees between them.
fn plain(piece: &str) -> String {
    let digits: String = piece.chars().filter(|c| c.is_numeric()).collect();
    normalise(&digits).map(|text| text.folded().to_owned()).unwrap_or_default()
}

/// Stars in place of the pieces of digits that are `hidden`; every character keeps its place. What nobody sees within a piece
/// does not part it.
fn mask(text: &str, hidden: impl Fn(&str) -> bool) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let numeric = first.is_numeric();
        let end = if numeric { piece(rest) } else { rest.find(char::is_numeric).unwrap_or(rest.len()) };
        let (piece, behind) = rest.split_at(end);
        if numeric && hidden(piece) {
            masked.extend(piece.chars().map(|_| '*'));
        } else {
            masked.push_str(piece);
        }
        rest = behind;
    }
    masked
}

/// Octets of the piece of digits that a text begins with.
fn piece(text: &str) -> usize {
    let within = text.char_indices().take_while(|(_, c)| c.is_numeric() || is_unseen(*c));
    let last = within.filter(|(_, c)| c.is_numeric()).last();
    last.map_or(0, |(at, c)| at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::{Channel, Reason, Rejection};
    use crate::text::normalise::NormaliseError;

    const CODE: &str = "7401582000319520";

    fn message(body: Body) -> InboundSms {
        InboundSms {
            key: "ipko:1".into(),
            link: "ipko".into(),
            from: "38349111222".into(),
            from_type: None,
            to: "123".into(),
            body,
            received_at: DateTime::UNIX_EPOCH,
            redelivery_doubt_since: None,
            channel: Channel::Sms,
        }
    }

    fn failed() -> Read {
        let rejection = Rejection::new(Reason::Leftover).with(|details| details.value = Some(CODE.into()));
        Read::Failed { rejection, bank: None, trace: format!("{CODE} x\n{:>18}", "^") }
    }

    fn keys() -> Keys {
        Keys::new([("old", &[1; 32][..]), ("new", &[2; 32][..])]).unwrap()
    }

    fn hashed(content: ContentHash) -> Option<ContentHash> {
        keys().iter().next().map(|key| key.content(content))
    }

    fn concealed(text: &str, keys: &Keys) -> (InboundSms, Read) {
        let (mut message, mut read) = (message(Body::Text(text.into())), failed());
        conceal(&mut message, &mut read, keys);
        (message, read)
    }

    #[test]
    fn nothing_of_a_failed_message_shows_a_code() {
        let (message, read) = concealed(&format!("{CODE} x"), &keys());
        let Body::Masked { text, .. } = &message.body else { panic!("{:?}", message.body) };
        assert_eq!(text, "74************20 x");
        let Read::Failed { rejection, trace, .. } = read else { panic!("it failed") };
        assert_eq!(rejection.details.value.as_deref(), Some("74************20"));
        assert_eq!(trace, format!("74************20 x\n{:>18}", "^"), "the caret keeps its place");
        let hexadecimal = hex::encode(CODE);
        let mut octets = self::message(Body::Undecodable { hex: hexadecimal.clone(), data_coding: 8, why: "x".into() });
        conceal(&mut octets, &mut failed(), &keys());
        assert!(matches!(&octets.body, Body::Undecodable { hex, .. } if *hex != hexadecimal));
    }

    #[test]
    fn two_codes_are_two_messages_and_one_stays_one_under_a_newer_key() {
        let content = |text, keys: &Keys| concealed(text, keys).0.content_hash();
        assert_ne!(content(CODE, &keys()), content("7401582000319120", &keys()), "they look the same with stars");
        let older = Keys::new([("old", &[1; 32][..])]).unwrap();
        assert_eq!(content(CODE, &older), content(CODE, &keys()));
        assert_eq!(content(CODE, &Keys::default()), content(CODE, &Keys::default()));
    }

    #[test]
    fn what_is_no_code_is_kept() {
        let (message, _) = concealed("049123456 5 x", &keys());
        assert_eq!(message.body, Body::Text("049123456 5 x".into()));
    }

    #[test]
    fn a_pin_is_hidden_and_the_number_before_it_is_not() {
        let pins = Pins { now: Some("4711".to_owned().into()), ..Pins::default() };
        for (text, masked) in [
            ("049123456 5 4711", "049123456 5 ****"),
            ("transfer 049 123 456 5 ٤٧١١", "transfer 049 123 456 5 ****"),
            ("049124711 5 4711", "049124711 5 ****"),
            ("049123456 5 47\u{200b}11", "049123456 5 *****"),
            ("049123456 5 4\u{206a}7\u{3164}11\u{200b}", "049123456 5 ******\u{200b}"),
        ] {
            let mut message = message(Body::Text(text.into()));
            let read = Reason::TransferOff;
            let mut read = Read::Failed { rejection: Rejection::new(read), bank: None, trace: String::new() };
            conceal_pins(&mut message, &mut read, &pins, hashed);
            let Body::Masked { text, .. } = &message.body else { panic!("{text}") };
            assert_eq!(text, masked);
        }
    }

    #[test]
    fn of_what_was_not_read_whatever_may_be_a_pin_is_hidden() {
        let pins = Pins { may_be_there: true, ..Pins::default() };
        let (mut message, mut read) = (message(Body::Text("049123456 5 4711 x 12 123456789".into())), failed());
        conceal_pins(&mut message, &mut read, &pins, |_| None);
        let Body::Masked { text, .. } = &message.body else { panic!("{:?}", message.body) };
        assert_eq!(text, "049123456 5 **** x 12 123456789");
        let mut unseen = self::message(Body::Text("049123456 5 47\u{200b}11 1\u{2060}2".into()));
        conceal_pins(&mut unseen, &mut read, &pins, |_| None);
        let Body::Masked { text, .. } = &unseen.body else { panic!("{:?}", unseen.body) };
        assert_eq!(text, "049123456 5 ***** 1\u{2060}2");
        let mut other = self::message(Body::Text("049123456 5 4711".into()));
        conceal_pins(&mut other, &mut read, &Pins::default(), |_| None);
        assert_eq!(other.body, Body::Text("049123456 5 4711".into()), "a bank's own PIN is the bank's to see");
    }

    #[test]
    fn a_pin_beside_a_cards_code_is_hidden_too() {
        let pins = Pins { may_be_there: true, ..Pins::default() };
        for keys in [keys(), Keys::default()] {
            let (mut message, mut read) = concealed(&format!("{CODE} 0000 4711"), &keys);
            conceal_pins(&mut message, &mut read, &pins, |_| None);
            let Body::Masked { text, content } = &message.body else { panic!("{:?}", message.body) };
            assert_eq!(text, "74************20 **** ****");
            assert!(!content.contains("4711"), "{content}");
        }
    }

    #[test]
    fn whatever_nobody_sees_within_a_code_hides_none_of_it() {
        let is_unseen = |c: &char| match normalise(&format!("1{c}1")) {
            Ok(text) => text.folded() == "11",
            Err(error) => matches!(error, NormaliseError::Unseen { .. }),
        };
        let unseen: Vec<char> = ('\0'..=char::MAX).filter(is_unseen).collect();
        assert!(['\u{200b}', '\u{202d}', '\u{3164}', '\u{e000}', '\x07'].iter().all(|c| unseen.contains(c)));
        for c in unseen {
            let masked = mask_codes(&format!("74015{c}82000319524"));
            assert!(masked.ends_with("*********24"), "U+{:04X}", u32::from(c));
        }
    }
}
