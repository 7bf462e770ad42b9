//! Where replies go.

use mbush::simulator::Text;
use mbush::simulator::esme;
use mbush::smpp::address::Address;
use mbush::smpp::pdu::{Body, Sm};
use serde_json::json;

use crate::customers::world::{World, dialled, from, submitted};

/// A phone as networks write it, and its number.
const SOURCES: [(u8, u8, &str, &str); 8] = [
    (1, 1, "0038349830101", "38349830101"),
    (2, 1, "049830102", "38349830102"),
    (2, 1, "49830103", "38349830103"),
    (0, 0, "49830104", "38349830104"),
    (1, 1, "+38349830105", "38349830105"),
    (0, 1, "38349830106", "38349830106"),
    (1, 1, "383049830107", "38349830107"),
    (0, 1, "00355691234567", "355691234567"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_goes_to_the_number_in_international_form() {
    let world = World::start("", "").await;
    let mut requests = world.smsc.requests();
    for (ton, npi, value, number) in SOURCES {
        world.deliver((ton, npi, value), "50005", "049123456 5").await;
        let (to_ton, to_npi, to, text) = submitted(&mut requests).await;
        assert_eq!((to_ton, to_npi, to.as_str()), (1, 1, number), "{value}: {text}");
        assert!(text.contains("5.00"), "{value}: {text}");
    }
    // What cannot be read, and what is dialled, is answered there too.
    world.deliver((2, 1, "49830108"), "50005", "hm").await;
    assert_eq!(submitted(&mut requests).await.2, "38349830108");
    world.deliver_sm(dialled((2, 1, "049830109"), "123", "*123*gjendja#")).await;
    assert_eq!(submitted(&mut requests).await.2, "38349830109");
    world.deliver_sm(dialled((2, 1, "049830110"), "123", "*123#")).await;
    let (ton, _, to, screen) = submitted(&mut requests).await;
    assert_eq!((ton, to.as_str()), (1, "38349830110"), "{screen}");
    assert!(screen.contains("Balance"), "a menu's screens too: {screen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_goes_to_the_very_address_where_the_link_says_so() {
    let world = World::start("reply_address = \"as_received\"\n", "").await;
    let mut requests = world.smsc.requests();
    for (ton, npi, value, number) in SOURCES {
        world.deliver((ton, npi, value), "50005", "049123456 5").await;
        let (to_ton, to_npi, to, text) = submitted(&mut requests).await;
        assert_eq!((to_ton, to_npi, to.as_str()), (ton, npi, value), "{text}");
        assert!(text.contains("5.00"), "{number}: {text}");
    }
    world.deliver_sm(dialled((2, 9, "049830110"), "123", "*123#")).await;
    let (ton, npi, to, screen) = submitted(&mut requests).await;
    assert_eq!((ton, npi, to.as_str()), (2, 9, "049830110"), "{screen}");
    // A long text's parts keep the address, too.
    let long = Text { from: "38349830111".into(), to: "50005".into(), text: "x".repeat(200) };
    for part in parts(&long) {
        world.deliver_sm(Sm { source: Address::new(2, 8, "49830111").unwrap(), ..part }).await;
    }
    let (ton, npi, to, _) = submitted(&mut requests).await;
    assert_eq!((ton, npi, to.as_str()), (2, 8, "49830111"));
}

/// The parts of a long text as an SMSC delivers them.
fn parts(long: &Text) -> Vec<Sm> {
    let half = long.text.len() / 2;
    let of = |number: u8, said: &str| {
        let octets = [&[5, 0, 3, 7, 2, number][..], said.as_bytes()].concat();
        esme::message(long, octets, 0, 0x40).unwrap()
    };
    vec![of(1, &long.text[..half]), of(2, &long.text[half..])]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credited_phone_of_another_link_is_not_written_to_at_the_senders_address() {
    let world = World::start(
        "reply_address = \"as_received\"\n",
        "[links.other]\nkind = \"http\"\nsecret = \"o\"\nurl = \"http://127.0.0.1:9/\"\nreply_address = \"as_received\"\n",
    )
    .await;
    let mut requests = world.smsc.requests();
    world.deliver_sm(from((2, 1, "049830101"), "50005", "049830102 5")).await;
    let first = submitted(&mut requests).await;
    assert_eq!((first.0, first.2.as_str()), (2, "049830101"));
    let answer = world.post("/v1/sms", &json!({"id": "1", "from": "049830101", "to": "50005", "text": "6"})).await;
    assert_eq!(answer["outcome"], "applied", "{answer}");
    assert!(!matches!(requests.try_recv(), Ok(Body::SubmitSm(_))), "a gateway's customer is answered by the gateway");
}
