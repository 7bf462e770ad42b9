//! Switches of cash machines over ISO 8583.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use mbush::iso8583::{Codec, Framer, Framing, Message, Mti, Spec};
use mbush::links::iso8583::Switches;
use mbush::simulator::{Atm, AtmSettings, Customers};
use rstest::rstest;
use testkit::wait::{DEADLINE, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::clients::harness::{Bank, Kind};
use crate::said::echo;

fn settings(switches: &Switches) -> AtmSettings {
    AtmSettings {
        server: switches.address().to_string(),
        framing: Framing::Binary2,
        acquirer: "12345".into(),
        terminal: "ATM00042".into(),
        currency: "978".into(),
        patience: DEADLINE,
    }
}

/// The bank's clock is the test's: so are the times in messages.
fn at(bank: &Bank, mut message: Message) -> Message {
    message.set(7, bank.node.clock.now().format("%m%d%H%M%S").to_string());
    message
}

async fn signed_on(switches: &Switches) -> Atm {
    let atm = Atm::connect(settings(switches)).await.unwrap();
    assert_eq!(atm.sign_on().await.as_deref(), Some("00"));
    atm
}

/// Asks, and says the response code.
async fn code(atm: &Atm, request: &Message) -> String {
    let answer = within("an answer", atm.ask(request)).await.expect("it comes");
    assert_eq!(
        (Some(answer.mti), answer.get(11), answer.get(41)),
        (request.mti.answer(), request.get(11), request.get(41))
    );
    answer.get(39).unwrap_or_default().to_owned()
}

/// Asks for what is refused: the code, and the words of field 63.
async fn refusal(atm: &Atm, request: &Message) -> (String, String) {
    let answer = within("an answer", atm.ask(request)).await.expect("it comes");
    let field = |number: u8| answer.get(number).unwrap_or_default().to_owned();
    (field(39), field(63))
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_recharge_is_done_once_repeated_reversed_and_a_late_one_prevented(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let switches = bank.switches("").await;
    let atm = signed_on(&switches).await;
    assert_eq!(echo(&atm).await.as_deref(), Some("00"));
    let request = at(&bank, atm.top_up("049123456", 500));
    let answer = atm.ask(&request).await.unwrap();
    assert_eq!((answer.mti.to_string().as_str(), answer.get(39), answer.get(4)), ("0210", Some("00"), request.get(4)));
    let receipt = answer.get(62).unwrap();
    assert!(receipt.len() == 10 && receipt.ends_with(answer.get(38).unwrap()), "{receipt}");
    let repeat = Message::new(request.mti.repeat());
    let repeat = request.fields().fold(repeat, |message, (field, text)| message.with(field, text));
    let again = atm.ask(&repeat).await.unwrap();
    assert_eq!((again.get(39), again.get(62)), (Some("00"), Some(receipt)), "the first answer");
    let (told, words) = refusal(&atm, &request.clone().with(4, "000000000600")).await;
    assert!(told == "94" && words.contains("number or amount"), "another amount under the same key: {words}");
    assert_eq!((bank.balance("38349123456").await, bank.clearing("bkt").await), (500, 500));

    let reversal = at(&bank, atm.reversal(&request));
    assert_eq!(code(&atm, &reversal).await, "00");
    let mut repeated = reversal.clone();
    repeated.mti = reversal.mti.repeat();
    bank.node.turn_clock(3_600);
    assert_eq!(code(&atm, &repeated).await, "00", "0421 an hour later");
    let (told, words) = refusal(&atm, &repeat).await;
    assert!(told == "21" && !words.is_empty(), "it was done, and is taken back");
    assert_eq!((bank.balance("38349123456").await, bank.clearing("bkt").await), (0, 0));

    let late = at(&bank, atm.top_up("049123456", 500));
    assert_eq!(code(&atm, &at(&bank, atm.reversal(&late))).await, "00", "nothing to be taken back yet");
    let (told, words) = refusal(&atm, &late).await;
    assert!(told == "21" && !words.is_empty(), "and nothing to be done any more");
    assert_eq!(bank.balance("38349123456").await, 0);
    bank.assert_sound().await;
    switches.stop().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn requests_and_reversals_of_two_connections_at_once_leave_nothing(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let switches = bank.switches("").await;
    let (atm, other) = join(signed_on(&switches), signed_on(&switches)).await;
    let pairs = (0..40).map(|round| {
        let (atm, other, bank) = (&atm, &other, &bank);
        async move {
            let request = at(bank, atm.top_up(&format!("0491234{:02}", round % 7), 500));
            let reversal = at(bank, other.reversal(&request).with(11, format!("9{round:05}")));
            let (made, reversed) = join(code(atm, &request), code(other, &reversal)).await;
            assert_eq!(reversed, "00");
            assert!(["00", "21"].contains(&made.as_str()), "{made}");
        }
    });
    join_all(pairs).await;
    assert_eq!((bank.clearing("bkt").await, bank.node.store.totals().await.unwrap().balances_minor), (0, 0));
    bank.assert_sound().await;
    switches.stop().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_switch_that_loses_answers_ends_with_what_it_believes(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    // Its messages have the time of the machine.
    bank.node.turn_clock((chrono::Utc::now() - bank.node.clock.now() + TimeDelta::seconds(1)).num_seconds());
    let switches = bank.switches("window = 3").await;
    let atm = signed_on(&switches).await;
    let customers = Customers { number: "049123456".into(), amount_minor: 500, count: 50, window: 8, lose_percent: 30 };
    let report = within("all customers", atm.serve(&customers)).await;
    let (approved, lost) = (report.top_ups["00"], report.top_ups["lost"]);
    assert_eq!((approved + lost, report.reversals.get("00")), (50, Some(&lost)), "{report:?}");
    assert!(lost > 5 && report.repeats > 0, "{report:?}");
    assert_eq!(bank.balance("38349123456").await, i64::from(approved) * 500);
    assert_eq!(bank.clearing("bkt").await, i64::from(approved) * 500);
    bank.assert_sound().await;
    switches.stop().await;
}

#[tokio::test]
async fn each_refusal_has_its_code_and_the_customers_words() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let switches = bank.switches("").await;
    let atm = Atm::connect(settings(&switches)).await.unwrap();
    let good = || at(&bank, atm.top_up("049123456", 500));
    assert_eq!(code(&atm, &good()).await, "58", "not signed on");
    assert_eq!(atm.sign_on().await.as_deref(), Some("00"));
    for (field, text, expected) in [
        (4, "000000000000", "13"),
        (4, "000000000499", "13"),
        (48, "04912345", "14"),
        (48, "050123456", "14"),
        (48, "038712345", "57"),
        (3, "010000", "12"),
        (49, "840", "12"),
        (7, "1332000000", "30"),
        (32, "777", "58"),
        (32, "999", "58"),
    ] {
        let answer = within("an answer", atm.ask(&good().with(field, text))).await.unwrap();
        assert_eq!(answer.get(39), Some(expected), "field {field} = {text}");
        assert!(answer.get(63).is_some_and(|words| !words.is_empty()), "{expected} has no words");
    }
    let refused = atm.ask(&good().with(4, "000000000499")).await.unwrap();
    assert!(refused.get(63).is_some_and(|text| text.contains("40.00")), "{:?}", refused.get(63));
    let lacking = Message::new(Mti::FINANCIAL).with(7, good().get(7).unwrap()).with(11, "999999");
    assert_eq!(refusal(&atm, &lacking).await, ("30".into(), "field 32 is missing".into()));
    let part = at(&bank, atm.reversal(&good())).with(95, format!("{:012}{:030}", 200, 0));
    let (told, words) = refusal(&atm, &part).await;
    assert!(told == "12" && words.contains("field 95"), "a part is not taken back: {words}");
    let (told, words) = refusal(&atm, &atm.message("0100".parse().unwrap())).await;
    assert!(told == "12" && words.contains("0100"), "no authorisation here: {words}");
    let (told, words) = refusal(&atm, &atm.message("0202".parse().unwrap())).await;
    assert!(told == "12" && words.contains("0202"), "an acquirer's requests are 0200 and 0201: {words}");
    let (told, words) = refusal(&atm, &atm.message(Mti::NETWORK).with(70, "999")).await;
    assert!(told == "12" && words.contains("999"), "{words}");
    assert_eq!(code(&atm, &atm.message(Mti::NETWORK).with(70, "002")).await, "00");
    assert_eq!(refusal(&atm, &good()).await, ("58".into(), "sign on first".into()), "signed off");
    assert_eq!(bank.balance("38349123456").await, 0);
    switches.stop().await;
}

/// Another bank's switch, at the same address.
const NEIGHBOUR: &str = "[clients.neighbour]\nbank = \"procredit\"\nchannel = \"atm\"\nacquirer_id = \"888\"\n";

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_sign_on_binds_the_connection_to_its_acquirer(#[case] kind: Kind) {
    let Some(bank) = Bank::start_with(kind, NEIGHBOUR).await else { return };
    let switches = bank.switches("").await;
    let (atm, other) = (signed_on(&switches).await, AtmSettings { acquirer: "888".into(), ..settings(&switches) });
    let other = Atm::connect(other).await.unwrap();
    assert_eq!(other.sign_on().await.as_deref(), Some("00"));
    let recharge = at(&bank, atm.top_up("049123456", 500));
    assert_eq!(code(&atm, &recharge).await, "00");
    let foreign = at(&bank, other.top_up("049123457", 500));
    assert_eq!(code(&other, &foreign).await, "00");
    for (what, request) in [
        ("a recharge as another", at(&bank, atm.top_up("049123458", 500)).with(32, "888")),
        ("another's reversal", at(&bank, atm.reversal(&foreign))),
        ("another's reversal as another", at(&bank, atm.reversal(&foreign)).with(32, "888")),
        ("one's own reversal as another", at(&bank, atm.reversal(&recharge)).with(32, "888")),
        ("an echo as another", atm.message(Mti::NETWORK).with(70, "301").with(32, "888")),
        ("a sign-off as another", atm.message(Mti::NETWORK).with(70, "002").with(32, "888")),
    ] {
        let (told, words) = refusal(&atm, &request).await;
        assert!(told == "58" && words.contains("12345"), "{what}: {told} {words}");
    }
    assert_eq!((bank.balance("38349123456").await, bank.balance("38349123457").await), (500, 500));
    assert_eq!(code(&atm, &at(&bank, atm.reversal(&recharge))).await, "00", "its own it may take back");
    let unnamed = Atm::connect(settings(&switches)).await.unwrap();
    let sign_on = Message::new(Mti::NETWORK).with(7, "1122180900").with(11, "000001").with(70, "001");
    let answer = within("an answer", unnamed.ask(&sign_on)).await.unwrap();
    assert_eq!(answer.get(39), Some("58"), "several acquirers are at this address: which of them?");
    bank.assert_sound().await;
    switches.stop().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_a_reversal_says_of_its_recharge_has_to_be_so(#[case] kind: Kind) {
    let Some(bank) = Bank::start(kind).await else { return };
    let switches = bank.switches("").await;
    let atm = signed_on(&switches).await;
    let recharge = at(&bank, atm.top_up("049123456", 500));
    assert_eq!(code(&atm, &recharge).await, "00");
    let reversal = || at(&bank, atm.reversal(&recharge));
    let typed = |mti: &str| format!("{mti}{}", &reversal().get(90).unwrap()[4..]);
    for (field, text, expected) in [
        (4, "000000000300", "64"),
        (4, "000000000501", "64"),
        (4, "000000000000", "64"),
        (48, "049123457", "12"),
        (48, "04912345", "14"),
        (49, "840", "12"),
        (3, "010000", "12"),
        (90, &typed("0800"), "12"),
        (90, &typed("0420"), "12"),
        (90, &typed("0202"), "12"),
        (90, &typed("1200"), "12"),
        (90, &typed("0100"), "12"),
        (95, &format!("{:012}{:030}", 200, 0), "12"),
    ] {
        let (told, words) = refusal(&atm, &reversal().with(field, text)).await;
        assert!(told == expected && !words.is_empty(), "field {field} = {text}: {told} {words}");
    }
    assert_eq!((bank.balance("38349123456").await, bank.clearing("bkt").await), (500, 500), "nothing moved");
    let right = reversal().with(3, "560000").with(48, "+383 49 123 456").with(95, "0".repeat(42));
    assert_eq!((right.get(4), right.get(49)), (Some("000000000500"), Some("978")), "as switches send it");
    assert_eq!(code(&atm, &right).await, "00", "the right one is not held up by the wrong ones");
    assert_eq!((bank.balance("38349123456").await, bank.clearing("bkt").await), (0, 0));
    assert_eq!(refusal(&atm, &reversal().with(4, "000000000300")).await.0, "64", "also when it is taken back");
    bank.assert_sound().await;
    switches.stop().await;
}

/// A client that is a switch and calls the API has one space of keys.
#[tokio::test]
async fn the_keys_of_switches_and_of_the_api_are_one_space() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    bank.cards(&["7401582000319520"]).await;
    let switches = bank.switches("").await;
    let atm = signed_on(&switches).await;
    let request = at(&bank, atm.top_up("049123456", 500));
    let key = format!("{}-{}-ATM00042-12345", bank.node.clock.now().format("%Y%m%d%H%M%S"), request.get(11).unwrap());
    let card = serde_json::json!({ "number": "049123457", "code": "7401582000319520" });
    let (_, done) = bank.call("/vouchers/redeem", Some(&key), card).await;
    assert_eq!(done["state"], "applied", "{done}");
    assert_eq!(code(&atm, &request).await, "94", "its key was used for a card");
    let (told, words) = refusal(&atm, &at(&bank, atm.reversal(&request)).with(4, "000000001000")).await;
    assert!(told == "12" && !words.is_empty(), "a card is not taken back: {told} {words}");
    assert_eq!((bank.balance("38349123456").await, bank.balance("38349123457").await), (0, 1_000));
    switches.stop().await;
}

/// What the switches says to octets, as a message; `None` where it closes.
async fn told(stream: &mut TcpStream, octets: &[u8]) -> Option<Message> {
    stream.write_all(&Framing::Binary2.frame(octets).unwrap()).await.unwrap();
    let mut length = [0; 2];
    within("an answer or an end", stream.read_exact(&mut length)).await.ok()?;
    let mut frame = vec![0; usize::from(u16::from_be_bytes(length))];
    within("the rest", stream.read_exact(&mut frame)).await.ok()?;
    Some(Spec::builtin().unwrap().decode(&frame).unwrap())
}

#[tokio::test]
async fn what_is_malformed_is_answered_where_there_is_somebody_to_answer() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let switches = bank.switches("").await;
    let spec = Spec::builtin().unwrap();
    let mut stream = TcpStream::connect(switches.address()).await.unwrap();
    let echo =
        spec.encode(&Message::new(Mti::NETWORK).with(7, "1122180900").with(11, "000007").with(70, "301")).unwrap();
    let answer = told(&mut stream, &[&echo[..], b"x"].concat()).await.unwrap();
    assert_eq!((answer.mti.to_string().as_str(), answer.get(39), answer.get(11)), ("0810", Some("30"), Some("000007")));
    stream.write_all(&[0, 0]).await.unwrap();
    assert_eq!(told(&mut stream, &echo).await.unwrap().get(39), Some("00"), "it goes on, also after an empty message");
    let answer_of_theirs =
        spec.encode(&Message::new("0810".parse().unwrap()).with(11, "000001").with(39, "00")).unwrap();
    stream.write_all(&Framing::Binary2.frame(&answer_of_theirs).unwrap()).await.unwrap();
    assert_eq!(told(&mut stream, &echo).await.unwrap().get(39), Some("00"), "an answer is left alone");
    assert_eq!(told(&mut stream, b"GET / HTTP/1.1").await, None, "who speaks another language is closed");
    let mut long = TcpStream::connect(switches.address()).await.unwrap();
    long.write_all(&[0xff, 0xff]).await.unwrap();
    assert!(!matches!(within("an end", long.read(&mut [0; 1])).await, Ok(1..)));
    switches.stop().await;
}

/// So many answers of a stream, by their trace numbers; empty for one that has none. They may come in any order.
async fn answers(stream: &mut TcpStream, framing: Framing, count: usize) -> BTreeMap<String, Message> {
    let (spec, mut framer, mut read) = (Spec::builtin().unwrap(), Framer::new(framing, 4_096), BTreeMap::new());
    let mut octets = [0; 4_096];
    while read.len() < count {
        let some = within("an answer", stream.read(&mut octets)).await.unwrap();
        assert!(some > 0, "it was closed after {} of {count} answers: {read:?}", read.len());
        framer.push(&octets[..some]);
        while let Some(frame) = framer.next_frame().unwrap() {
            let answer = spec.decode(&frame).unwrap();
            read.insert(answer.get(11).unwrap_or_default().to_owned(), answer);
        }
    }
    read
}

/// A message with other octets in the place of these.
fn spoilt(message: &Message, own: &str, other: &str) -> Vec<u8> {
    let octets = Spec::builtin().unwrap().encode(message).unwrap();
    let at = octets.windows(own.len()).position(|part| part == own.as_bytes()).expect("it is there");
    [&octets[..at], other.as_bytes(), &octets[at + own.len()..]].concat()
}

#[rstest]
#[case::binary(Framing::Binary2, "binary2")]
#[case::long_binary(Framing::Binary4, "binary4")]
#[case::digits(Framing::Ascii4, "ascii4")]
#[tokio::test]
async fn one_bad_field_costs_nobody_behind_it_an_answer(#[case] framing: Framing, #[case] name: &str) {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let switches = bank.switches(&format!("framing = \"{name}\"")).await;
    let atm = Atm::connect(AtmSettings { framing, ..settings(&switches) }).await.unwrap();
    let framed = |octets: &[u8]| framing.frame(octets).unwrap();
    let spec = Spec::builtin().unwrap();
    let mut done = 0;
    for (own, other, trace) in [
        ("000000000500", "ABCDEFGHIJKL", true),
        ("000000000500", "            ", true),
        ("560000", "ABCDEF", true),
        ("0812345678", "08abcdefgh", true),
        ("1122180900", "ABCDEFGHIJ", true),
        ("000777", "ABCDEF", false),
    ] {
        let mut stream = TcpStream::connect(switches.address()).await.unwrap();
        let sign_on = Message::new(Mti::NETWORK).with(7, "1122180900").with(11, "000001").with(32, "12345");
        stream.write_all(&framed(&spec.encode(&sign_on.with(70, "001")).unwrap())).await.unwrap();
        assert_eq!(answers(&mut stream, framing, 1).await["000001"].get(39), Some("00"));
        let good: Vec<Message> = (0..5).map(|_| at(&bank, atm.top_up("049123456", 500))).collect();
        let bad = atm.top_up("049123456", 500).with(2, "12345678").with(7, "1122180900").with(11, "000777");
        let mut octets: Vec<Vec<u8>> = good.iter().map(|message| spec.encode(message).unwrap()).collect();
        octets.insert(3, spoilt(&bad, own, other));
        let written: Vec<u8> = octets.iter().flat_map(|octets| framed(octets)).collect();
        stream.write_all(&written).await.unwrap();
        let told = answers(&mut stream, framing, 6).await;
        for message in &good {
            assert_eq!(told[message.get(11).unwrap()].get(39), Some("00"), "{other:?}: {told:?}");
        }
        let malformed = &told[if trace { "000777" } else { "" }];
        assert_eq!((malformed.mti.to_string().as_str(), malformed.get(39)), ("0210", Some("30")), "{other:?}");
        assert!(malformed.get(63).is_some_and(|words| words.contains("does not belong there")), "{other:?}");
        assert_eq!(malformed.get(41), Some("ATM00042"), "who sent it finds it again");
        done += 5;
        bank.node.turn_clock(1);
    }
    assert_eq!(bank.balance("38349123456").await, done * 500);
    for (own, other) in [("0812345678", "x812345678"), ("0812345678", "2512345678"), ("0200", "02x0")] {
        let mut stream = TcpStream::connect(switches.address()).await.unwrap();
        let bad = atm.top_up("049123456", 500).with(2, "12345678");
        stream.write_all(&framed(&spoilt(&bad, own, other))).await.unwrap();
        let end = within("an end", stream.read(&mut [0; 1])).await;
        assert!(!matches!(end, Ok(1..)), "{other}: nobody knows where field 11 is");
    }
    bank.assert_sound().await;
    switches.stop().await;
}

#[tokio::test]
async fn slow_and_silent_switches_are_closed_and_others_are_served() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let switches = bank.switches("partial_seconds = 1\nidle_seconds = 5").await;
    let mut slow = TcpStream::connect(switches.address()).await.unwrap();
    let atm = signed_on(&switches).await;
    let mut silent = TcpStream::connect(switches.address()).await.unwrap();
    within("the end of who dribbles", async {
        // A message of 256 octets, which never gets them.
        slow.write_all(&[1]).await.unwrap();
        while slow.write_all(&[0]).await.is_ok() {
            assert_eq!(echo(&atm).await.as_deref(), Some("00"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    within("the end of who is silent", async {
        let mut octet = [0; 1];
        tokio::select! {
            ended = silent.read(&mut octet) => assert!(!matches!(ended, Ok(1..))),
            () = async { loop { echo(&atm).await; tokio::time::sleep(Duration::from_millis(200)).await; } } => {}
        }
    })
    .await;
    assert_eq!(code(&atm, &at(&bank, atm.top_up("049123456", 500))).await, "00");
    switches.stop().await;
}

#[tokio::test]
async fn who_has_signed_on_takes_a_place_and_the_next_is_closed() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let switches = bank.switches("connections_max = 10\nconnections_per_address_max = 2").await;
    let impatient = AtmSettings { patience: Duration::from_secs(2), ..settings(&switches) };
    let first = Atm::connect(impatient).await.unwrap();
    assert_eq!(first.sign_on().await.as_deref(), Some("00"));
    let _second = signed_on(&switches).await;
    let mut outside = TcpStream::connect(switches.address()).await.unwrap();
    assert!(!matches!(within("an end", outside.read(&mut [0; 1])).await, Ok(1..)), "above the cap");
    assert_eq!(code(&first, &first.message(Mti::NETWORK).with(70, "002")).await, "00");
    signed_on(&switches).await;
    assert!(within("an end or an answer", echo(&first)).await.is_none(), "who has signed off makes room");
    switches.stop().await;
}

#[tokio::test]
async fn who_does_not_sign_on_in_time_is_closed_whatever_it_says() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let switches = bank.switches("sign_on_seconds = 1").await;
    let mut silent = TcpStream::connect(switches.address()).await.unwrap();
    let impatient = AtmSettings { patience: Duration::from_secs(2), ..settings(&switches) };
    let echoing = Atm::connect(impatient).await.unwrap();
    let atm = signed_on(&switches).await;
    assert_eq!(code(&atm, &atm.message(Mti::NETWORK).with(70, "002")).await, "00", "signed off for the night");
    within("the end of who only echoes", async {
        while echo(&echoing).await.is_some() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert!(!matches!(within("an end", silent.read(&mut [0; 1])).await, Ok(1..)));
    assert_eq!(echo(&atm).await.as_deref(), Some("00"), "who had signed on may wait");
    switches.stop().await;
}

#[tokio::test]
async fn who_signs_on_as_others_waits() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let switches = bank.switches("sign_on_backoff_first_ms = 60000\nsign_on_backoff_max_ms = 60000").await;
    let atm = Atm::connect(settings(&switches)).await.unwrap();
    let sign_on = |acquirer: &str| atm.message(Mti::NETWORK).with(32, acquirer).with(70, "001");
    for stranger in ["1", "2", "3", "4", "5"] {
        assert_eq!(code(&atm, &sign_on(stranger)).await, "58");
    }
    assert_eq!(code(&atm, &sign_on("12345")).await, "58", "its address waits");
    switches.stop().await;
}

#[tokio::test]
async fn what_is_under_way_is_answered_when_the_door_closes() {
    let Some(bank) = Bank::start(Kind::Sqlite).await else { return };
    let switches = bank.switches("").await;
    let atm = signed_on(&switches).await;
    let requests: Vec<Message> = (0..30).map(|_| at(&bank, atm.top_up("049123456", 500))).collect();
    let asked = join_all(requests.iter().map(|request| atm.ask(request)));
    let (answers, ()) = join(within("answers or an end", asked), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        switches.stop().await;
    })
    .await;
    let approved = answers.iter().flatten().filter(|answer| answer.get(39) == Some("00")).count();
    let refused = answers.iter().flatten().filter(|answer| answer.get(39) == Some("91")).count();
    let messages = bank.node.store.totals().await.unwrap().applied;
    assert_eq!(
        i64::try_from(approved).unwrap(),
        messages,
        "what was done was answered ({refused} were told to come again)"
    );
    bank.assert_sound().await;
}
