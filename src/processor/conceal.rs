//! A card's code is money: it is hashed on the task that reads its message, and goes no further. What is stored, shown to
//! staff, traced or sent back has stars in its place.

use zeroize::Zeroize;

use super::intake::Read;
use crate::domain::voucher::{Keys, mask_codes, mask_octets};
use crate::domain::{Body, Command, InboundSms};

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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::{Channel, Reason, Rejection};

    const CODE: &str = "7401582000319520";

    fn message(body: Body) -> InboundSms {
        InboundSms {
            key: "ipko:1".into(),
            link: "ipko".into(),
            from: "38349111222".into(),
            to: "123".into(),
            body,
            received_at: DateTime::UNIX_EPOCH,
            session_since: None,
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
}
