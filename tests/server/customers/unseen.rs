//! What nobody sees in a customer's text is named in words: it cannot be quoted.

use mbush::simulator::{Text, esme};
use mbush::smpp::pdu::Sm;

use crate::customers::world::{World, submitted};

/// Fillers, blanks, format characters, private use, noncharacters and what is assigned to nobody.
const UNSEEN: &str = "\u{206a}\u{206f}\u{115f}\u{1160}\u{3164}\u{ffa0}\u{2800}\u{fff9}\u{fffc}\u{180b}\u{17b4}\u{600}\u{1d159}\u{1d173}\
    \u{e000}\u{f8ff}\u{ffff}\u{fdd0}\u{378}\u{e0001}\u{e0fff}\u{100000}";

/// In UCS-2.
fn from(phone: &str, text: &str) -> Sm {
    let octets = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let addresses = Text { from: phone.to_owned(), to: "50005".to_owned(), text: String::new() };
    esme::message(&addresses, octets, 8, 0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_that_nobody_sees_is_named_in_words() {
    let mut world = World::start("", "").await;
    let mut requests = world.smsc.requests();
    let places = |c: char| {
        [
            format!("049400367 5{c}"),
            format!("0494{c}00367 5"),
            format!("049400367{c}5"),
            format!("5{c}"),
            format!("{c}5"),
        ]
    };
    for (index, c) in UNSEEN.chars().enumerate() {
        for text in places(c) {
            world.deliver_sm(from(&format!("383498304{index:02}"), &text)).await;
            let (.., reply) = submitted(&mut requests).await;
            assert!(reply.contains("invisible") && !reply.contains('?'), "U+{:04X}: {reply}", u32::from(c));
        }
    }
    // What changes nothing is passed over, wherever it stands.
    for (index, c) in "\u{ad}\u{200b}\u{2060}\u{feff}\u{fe0f}\u{e0100}".chars().enumerate() {
        world.deliver_sm(from(&format!("383498305{index:02}"), &format!("0494{c}00367 5{c}"))).await;
        let (.., reply) = submitted(&mut requests).await;
        assert!(reply.contains("049400367"), "U+{:04X}: {reply}", u32::from(c));
    }
    world.stop_server().await;
}
