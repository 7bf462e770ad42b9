//! Masks card codes and PINs in messages. A code is worth money and a PIN spends it: stars replace them in everything
//! that is stored, shown to staff, traced or sent back.
//!
//! They are masked on the task that parses the message, before any other step.
//!
//! - `code`: codes of scratch cards
//! - `secret_pin`: PINs
//! - [`Echo`]: the text of the message in its refusal

mod code;
mod echo;
mod secret_pin;

pub(super) use code::conceal_codes;
pub(super) use echo::Echo;
pub(super) use secret_pin::{WrittenPins, conceal_pins};

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::voucher::{Keys, mask_codes};
    use crate::domain::{Body, Channel, ContentHash, InboundSms, NumberingPlan, Reason, Rejection};
    use crate::text::normalise::{NormaliseError, normalise};

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

    /// The refusal of a text that could not be parsed.
    struct Refused {
        rejection: Rejection,
        trace: String,
    }

    impl Refused {
        fn echo(&mut self) -> Echo<'_> {
            Echo { rejection: &mut self.rejection, trace: &mut self.trace }
        }
    }

    fn refused() -> Refused {
        let rejection = Rejection::new(Reason::Leftover).with(|details| details.value = Some(CODE.into()));
        Refused { rejection, trace: format!("{CODE} x\n{:>18}", "^") }
    }

    fn known(pin: &str) -> WrittenPins {
        WrittenPins { known: vec![pin.to_owned().into()], may_be_there: false }
    }

    const NOT_READ: WrittenPins = WrittenPins { known: Vec::new(), may_be_there: true };

    fn keys() -> Keys {
        Keys::new([("old", &[1; 32][..]), ("new", &[2; 32][..])]).unwrap()
    }

    fn hashed(content: ContentHash) -> Option<ContentHash> {
        keys().iter().next().map(|key| key.content(content))
    }

    fn plan() -> NumberingPlan {
        NumberingPlan::kosovo().unwrap()
    }

    fn concealed(text: &str, keys: &Keys) -> (InboundSms, Refused) {
        let (mut message, mut refused) = (message(Body::Text(text.into())), refused());
        conceal_codes(&mut message, Some(refused.echo()), keys, &plan());
        (message, refused)
    }

    #[test]
    fn nothing_of_a_failed_message_shows_a_code() {
        let (message, refused) = concealed(&format!("{CODE} x"), &keys());
        let Body::Masked { text, .. } = &message.body else { panic!("{:?}", message.body) };
        assert_eq!(text, "74************20 x");
        assert_eq!(refused.rejection.details.value.as_deref(), Some("74************20"));
        assert_eq!(refused.trace, format!("74************20 x\n{:>18}", "^"), "the caret keeps its place");
        let hexadecimal = hex::encode(CODE);
        let mut octets = self::message(Body::Undecodable { hex: hexadecimal.clone(), data_coding: 8, why: "x".into() });
        conceal_codes(&mut octets, Some(self::refused().echo()), &keys(), &plan());
        assert!(matches!(&octets.body, Body::Undecodable { hex, .. } if *hex != hexadecimal));
    }

    #[test]
    fn a_right_form_that_is_suggested_can_be_copied() {
        let (mut message, mut refused) =
            (message(Body::Text("1000 049123456 hello 740158200031952".into())), refused());
        for form in ["1000 049123456", "1234567890123456 049123456"] {
            refused.rejection.details.form = Some(form.into());
            conceal_codes(&mut message, Some(refused.echo()), &keys(), &plan());
            assert_eq!(refused.rejection.details.form.as_deref(), Some(form));
        }
        let Body::Masked { text, .. } = &message.body else { panic!("{:?}", message.body) };
        assert_eq!(text, "1000 049123456 hello 74***********52");
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
        let pins = known("4711");
        for (text, masked) in [
            ("049123456 5 4711", "049123456 5 ****"),
            ("transfer 049 123 456 5 ٤٧١١", "transfer 049 123 456 5 ****"),
            ("049124711 5 4711", "049124711 5 ****"),
            ("049123456 5 47\u{200b}11", "049123456 5 *****"),
            ("049123456 5 4\u{206a}7\u{3164}11\u{200b}", "049123456 5 ******\u{200b}"),
        ] {
            let mut message = message(Body::Text(text.into()));
            conceal_pins(&mut message, None, &pins, hashed);
            let Body::Masked { text, .. } = &message.body else { panic!("{text}") };
            assert_eq!(text, masked);
        }
    }

    #[test]
    fn of_what_was_not_read_whatever_may_be_a_pin_is_hidden() {
        let mut message = message(Body::Text("049123456 5 4711 x 12 123456789".into()));
        conceal_pins(&mut message, Some(refused().echo()), &NOT_READ, |_| None);
        let Body::Masked { text, .. } = &message.body else { panic!("{:?}", message.body) };
        assert_eq!(text, "049123456 5 **** x 12 123456789");
        let mut unseen = self::message(Body::Text("049123456 5 47\u{200b}11 1\u{2060}2".into()));
        conceal_pins(&mut unseen, None, &NOT_READ, |_| None);
        let Body::Masked { text, .. } = &unseen.body else { panic!("{:?}", unseen.body) };
        assert_eq!(text, "049123456 5 ***** 1\u{2060}2");
        let mut other = self::message(Body::Text("049123456 5 4711".into()));
        conceal_pins(&mut other, None, &WrittenPins::default(), |_| None);
        assert_eq!(other.body, Body::Text("049123456 5 4711".into()), "a bank's own PIN is the bank's to see");
    }

    #[test]
    fn beside_a_pin_that_is_known_another_secret_is_still_guessed() {
        let mut message = message(Body::Text("049123456 5 123 4711 0815".into()));
        conceal_pins(&mut message, None, &WrittenPins { may_be_there: true, ..known("123") }, hashed);
        let Body::Masked { text, .. } = &message.body else { panic!("{:?}", message.body) };
        assert_eq!(text, "049123456 5 *** **** ****");
    }

    #[test]
    fn a_pin_beside_a_cards_code_is_hidden_too() {
        for keys in [keys(), Keys::default()] {
            let (mut message, mut refused) = concealed(&format!("{CODE} 0000 4711"), &keys);
            conceal_pins(&mut message, Some(refused.echo()), &NOT_READ, |_| None);
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
            let masked = mask_codes(&format!("74015{c}82000319524"), &|_| false);
            assert!(masked.ends_with("*********24"), "U+{:04X}", u32::from(c));
        }
    }
}
