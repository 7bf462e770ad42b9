//! What banks submit, and when it is answered.

use std::sync::Arc;

use mbush::config::smpp_server::SmppServer as Settings;
use mbush::domain::{Body as Content, Numbering, ReportWanted};
use mbush::links::smpp::Accepted;
use mbush::simulator::esme::message;
use mbush::simulator::{Esme, EsmeSettings, LongStyle, Text};
use mbush::smpp::address::Address;
use mbush::smpp::octets::Octets;
use mbush::smpp::pdu::submit_multi::{Destination, Destinations};
use mbush::smpp::pdu::{Body, CancelSm, DataSm, QuerySm, ReplaceSm, ShortMessage, Sm, SubmitMulti};
use mbush::smpp::session::Completion;
use mbush::smpp::tlv::{Tlvs, tag};
use mbush::smpp::{CommandStatus, Pdu};
use testkit::wait::within;

use super::bank::{at, bank, server, settings};
use crate::smpp_link::till::{Till, text};

fn sm(content: &str) -> Sm {
    message(&text(content), content.as_bytes().to_vec(), 0, 0).unwrap()
}

async fn ask(bank: &Esme, body: Body) -> Pdu {
    match bank.request(body).await {
        Completion::Answered(pdu) => *pdu,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_text_is_taken_once_and_answered_with_its_identifier() {
    let till = Till::open();
    let server = server(settings(), &till, "throttle_segments_per_second = 100000\nwindow = 100").await;
    let bank = Esme::bind(&EsmeSettings { window: 100, ..at(&server) }).await.unwrap();
    let texts: Vec<String> = (0..500).map(|number| format!("text {number:03}")).collect();
    let submitting = texts.iter().map(|one| {
        let (bank, one) = (&bank, text(one));
        async move { bank.submit(&one).await.unwrap() }
    });
    let answers = futures_util::future::join_all(submitting).await;
    assert!(answers.iter().all(|answer| answer.status.is_ok()));
    let mut ids: Vec<_> = answers.into_iter().flat_map(|answer| answer.ids).map(|id| format!("teb:{id}")).collect();
    let mut keys: Vec<_> = till.committed().into_iter().map(|sms| sms.key).collect();
    ids.sort();
    keys.sort();
    assert_eq!(ids, keys);
    assert_eq!(till.texts(), texts);
    assert!(till.committed().iter().all(|sms| sms.link == "teb" && sms.to == "50005" && sms.from == "38349111222"));
}

#[tokio::test]
async fn what_is_not_committed_in_time_is_answered_whatever_asks_for_it() {
    let till = Till::closed();
    let server = server(Settings { response_timeout_seconds: 1, ..settings() }, &till, "").await;
    let bank = bank(&server).await;
    let submitted = within("an answer without the database", bank.submit(&text("late"))).await.unwrap();
    assert_eq!(submitted.status, CommandStatus::SYSTEM_ERROR);
    let many = ["50005", "50333"].map(|code| Destination::Address(Address::new(0, 0, code).unwrap()));
    let many = SubmitMulti {
        source: Address::new(1, 1, "38349111222").unwrap(),
        destinations: Destinations::new(many.to_vec()).unwrap(),
        short_message: ShortMessage::new(b"5".as_slice().into()).unwrap(),
        ..SubmitMulti::default()
    };
    let answer = within("an answer to many", ask(&bank, Body::SubmitMulti(many))).await;
    assert_eq!(answer.status, CommandStatus::SYSTEM_ERROR);
    assert_eq!(till.committed(), []);
}

/// A dialogue is of one address: nothing of one is taken for many, and nothing that says so is read as an SMS.
#[tokio::test]
async fn steps_of_dialogues_are_refused_for_many_addresses() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    for (operation, text, status) in [
        (0x11, "5", CommandStatus::INVALID_TLV_VALUE),
        (0x01, "*123#", CommandStatus::INVALID_TLV_VALUE),
        (0x12, "5", CommandStatus::INVALID_TLV_VALUE),
        (0x02, "", CommandStatus::OK),
    ] {
        let to = Destination::Address(Address::new(0, 1, "50005").unwrap());
        let multi = SubmitMulti {
            source: Address::new(1, 1, "38349111222").unwrap(),
            destinations: Destinations::new(vec![to]).unwrap(),
            short_message: ShortMessage::new(text.to_owned().into()).unwrap(),
            tlvs: Tlvs::default().with(tag::USSD_SERVICE_OP, &[operation]).unwrap(),
            ..SubmitMulti::default()
        };
        let answer = ask(&bank, Body::SubmitMulti(multi)).await;
        assert_eq!(answer.status, status, "{operation:#x} {text}: {answer:?}");
        if let Body::SubmitMultiResp(resp) = answer.body {
            assert!(resp.message_id.is_empty(), "nothing is kept, so nothing is named");
        }
    }
    assert_eq!(till.committed(), []);
}

#[tokio::test]
async fn a_submission_is_answered_after_its_commit_and_not_before() {
    let till = Till::closed();
    let server = server(settings(), &till, "").await;
    let bank = Arc::new(bank(&server).await);
    let submitting = [text("first"), text("second")].map(|one| {
        let bank = bank.clone();
        tokio::spawn(async move { bank.submit(&one).await.unwrap().status })
    });
    till.arrived(2).await;
    assert_eq!(till.registry.report()[0].answered_ok, 0);
    till.commit(2);
    for answer in submitting {
        assert_eq!(answer.await.unwrap(), CommandStatus::OK);
    }
}

#[tokio::test]
async fn what_was_not_taken_is_answered_so() {
    let till = Till::open();
    let server = server(settings(), &till, "short_codes = [\"50005\"]").await;
    let bank = bank(&server).await;
    for (verdict, status) in [
        (Accepted::Busy, CommandStatus::QUEUE_FULL),
        (Accepted::Unavailable, CommandStatus::SYSTEM_ERROR),
        (Accepted::Refused, CommandStatus::SUBMIT_FAILED),
        (Accepted::Committed, CommandStatus::OK),
    ] {
        till.answer_with(verdict);
        let answer = bank.submit(&text("5")).await.unwrap();
        assert_eq!((answer.status, answer.ids.len()), (status, usize::from(status.is_ok())));
    }
    let foreign = Text { to: "50333".to_owned(), ..text("5") };
    assert_eq!(bank.submit(&foreign).await.unwrap().status, CommandStatus::INVALID_DESTINATION);
    assert_eq!(till.committed().len(), 4, "the foreign short code's was not offered");
}

#[tokio::test]
async fn above_its_rate_a_bank_is_throttled() {
    let till = Till::open();
    let server = server(settings(), &till, "throttle_segments_per_second = 5").await;
    let bank = bank(&server).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(bank.submit(&text("5")).await.unwrap().status);
    }
    assert!(statuses.iter().all(|status| status.is_ok()), "{statuses:?}");
    // As many more as a second's worth cannot all fit what is left of that second.
    let mut throttled = 0;
    for _ in 0..50 {
        throttled += usize::from(bank.submit(&text("5")).await.unwrap().status == CommandStatus::THROTTLED);
    }
    assert!(throttled > 0);
    let payload = Tlvs::default().with(tag::MESSAGE_PAYLOAD, &[b'x'; 1_000]).unwrap();
    let long = Sm { short_message: ShortMessage::default(), tlvs: payload, ..sm("") };
    let answer = ask(&bank, Body::SubmitSm(long)).await;
    assert_eq!(answer.status, CommandStatus::THROTTLED, "eight segments are more than five a second");
}

#[tokio::test]
async fn data_sm_and_long_texts_are_messages_too() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    let payload = Tlvs::default().with(tag::MESSAGE_PAYLOAD, b"049123456 5").unwrap();
    let (source, destination) = (Address::new(1, 1, "38349111222").unwrap(), Address::new(0, 1, "50005").unwrap());
    let data = DataSm { source, destination, tlvs: payload.clone(), ..DataSm::default() };
    let answer = ask(&bank, Body::DataSm(data)).await;
    assert!(answer.status.is_ok() && matches!(answer.body, Body::DataSmResp(resp) if !resp.message_id.is_empty()));
    let in_payload = Sm { short_message: ShortMessage::default(), tlvs: payload, ..sm("") };
    assert!(ask(&bank, Body::SubmitSm(in_payload)).await.status.is_ok());
    let long = "Përshëndetje 😀! ".repeat(12);
    let parts = bank.submit(&text(&long)).await.unwrap();
    assert!(parts.status.is_ok() && parts.ids.len() > 2);
    assert!(parts.ids.iter().all(|id| *id == parts.ids[0]), "the parts are one message: {:?}", parts.ids);
    assert_eq!(till.texts(), ["049123456 5", "049123456 5", long.as_str()]);
}

#[tokio::test]
async fn parts_by_sar_parameters_come_in_any_order_and_twice() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    let part = |number: u8, content: &str| {
        let tlvs = Tlvs::default().with(tag::SAR_MSG_REF_NUM, &[1, 44]).unwrap();
        let tlvs = tlvs.with(tag::SAR_TOTAL_SEGMENTS, &[3]).unwrap().with(tag::SAR_SEGMENT_SEQNUM, &[number]).unwrap();
        ask(&bank, Body::SubmitSm(Sm { tlvs, ..sm(content) }))
    };
    let answers =
        futures_util::future::join_all([part(3, " 5"), part(1, "0491"), part(1, "0491"), part(2, "23456")]).await;
    assert!(answers.iter().all(|answer| answer.status.is_ok()));
    assert_eq!(till.texts(), ["049123456 5"]);
}

#[tokio::test]
async fn a_header_of_elements_that_are_not_known_is_no_text_of_a_part() {
    for header in ["050a03000500", "03220100", "027000", "031f0100", "062104000501 02", "00", "0500032a0201"] {
        let (till, header) = (Till::open(), hex::decode(header.replace(' ', "")).unwrap());
        let server = server(settings(), &till, "").await;
        let bank = bank(&server).await;
        for (number, content) in [(2, "0588 5"), (1, "04940")] {
            let tlvs = Tlvs::default().with(tag::SAR_MSG_REF_NUM, &[1, 44]).unwrap();
            let tlvs =
                tlvs.with(tag::SAR_TOTAL_SEGMENTS, &[2]).unwrap().with(tag::SAR_SEGMENT_SEQNUM, &[number]).unwrap();
            // A header that tells of parts itself tells of this one.
            let header = match header.split_last() {
                Some((_, head)) if header.get(1..3) == Some(&[0, 3]) => [head, &[number]].concat(),
                _ => header.clone(),
            };
            let octets = [header, content.as_bytes().to_vec()].concat();
            let short_message = ShortMessage::new(octets.into()).unwrap();
            let part = Sm { esm_class: 0x40, short_message, tlvs, ..sm("") };
            assert!(ask(&bank, Body::SubmitSm(part)).await.status.is_ok());
        }
        assert_eq!(till.texts(), ["049400588 5"], "{header:02x?}");
    }
}

#[tokio::test]
async fn a_message_can_be_asked_about_and_no_longer_be_changed() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    let id = bank.submit(&text("5")).await.unwrap().ids.remove(0);
    let message_id = Octets::from_text(&id).unwrap();
    let source = Address::new(1, 1, "38349111222").unwrap();
    let answer = ask(&bank, Body::QuerySm(QuerySm { message_id, source })).await;
    let Body::QuerySmResp(resp) = answer.body else { panic!() };
    assert_eq!((answer.status, resp.message_id, resp.message_state), (CommandStatus::OK, message_id, 2));
    assert_eq!(resp.final_date.as_bytes().len(), 16, "it is done, and says when");
    let unknown = QuerySm { message_id: Octets::from_text("4711").unwrap(), source };
    assert_eq!(ask(&bank, Body::QuerySm(unknown)).await.status, CommandStatus::QUERY_FAILED);
    let asked: Vec<_> = till.reports_wanted();
    assert_eq!(asked, [ReportWanted::default()], "nobody asked for a receipt");
    let cancel = CancelSm { message_id, source, ..CancelSm::default() };
    assert_eq!(ask(&bank, Body::CancelSm(cancel)).await.status, CommandStatus::CANCEL_FAILED);
    let replace = ReplaceSm { message_id, source, ..ReplaceSm::default() };
    assert_eq!(ask(&bank, Body::ReplaceSm(replace)).await.status, CommandStatus::REPLACE_FAILED);
}

#[tokio::test]
async fn questions_count_against_the_rate_too() {
    let till = Till::open();
    let server = server(settings(), &till, "throttle_segments_per_second = 5").await;
    let bank = bank(&server).await;
    let query = || QuerySm { message_id: Octets::from_text("4711").unwrap(), source: Address::default() };
    let mut throttled = 0;
    for _ in 0..50 {
        throttled += usize::from(ask(&bank, Body::QuerySm(query())).await.status == CommandStatus::THROTTLED);
    }
    assert!((1..=45).contains(&throttled), "{throttled} of 50");
}

#[tokio::test]
async fn whoever_asks_for_a_receipt_is_promised_one() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    for registered_delivery in [0, 1, 2, 3, 0x1D] {
        let sm = Sm { registered_delivery, ..sm("5") };
        assert!(ask(&bank, Body::SubmitSm(sm)).await.status.is_ok());
    }
    let payload = Tlvs::default().with(tag::MESSAGE_PAYLOAD, b"5").unwrap();
    let destination = Address::new(0, 1, "50005").unwrap();
    let data = DataSm { registered_delivery: 1, destination, tlvs: payload, ..DataSm::default() };
    assert!(ask(&bank, Body::DataSm(data)).await.status.is_ok());
    let expected = [(false, false), (true, true), (false, true), (true, false), (true, true), (true, true)];
    let asked: Vec<_> = till.reports_wanted().iter().map(|wanted| (wanted.on_success, wanted.on_failure)).collect();
    assert_eq!(asked, expected);
    let phone = Numbering { from: (1, 1), to: (0, 1) };
    let nobody = Numbering { from: (0, 0), to: (0, 1) };
    let numbering: Vec<_> = till.reports_wanted().iter().map(|wanted| wanted.numbering).collect();
    assert_eq!(numbering, [None, Some(phone), Some(phone), Some(phone), Some(phone), Some(nobody)]);
}

#[tokio::test]
async fn one_text_to_many_is_one_message_for_each() {
    let till = Till::open();
    let server = server(settings(), &till, "short_codes = [\"50005\", \"50333\"]").await;
    let bank = bank(&server).await;
    let to = |number: &str| Destination::Address(Address::new(0, 1, number).unwrap());
    let multi = |destinations: Vec<Destination>| SubmitMulti {
        source: Address::new(1, 1, "38349111222").unwrap(),
        destinations: Destinations::new(destinations).unwrap(),
        short_message: ShortMessage::new(b"5".as_slice().into()).unwrap(),
        ..SubmitMulti::default()
    };
    let list = Destination::List(Octets::from_text("friends").unwrap());
    let all = ask(&bank, Body::SubmitMulti(multi(vec![to("50005"), to("50333"), to("999"), list]))).await;
    let Body::SubmitMultiResp(resp) = all.body else { panic!() };
    let refused: Vec<_> = resp.unsuccessful.all().iter().map(|(to, status)| (to.value.to_string(), *status)).collect();
    assert_eq!(
        refused,
        [
            ("999".to_owned(), CommandStatus::INVALID_DESTINATION),
            ("friends".to_owned(), CommandStatus::INVALID_LIST_NAME)
        ]
    );
    assert!(all.status.is_ok() && !resp.message_id.is_empty());
    assert_eq!(till.committed().into_iter().map(|sms| sms.to).collect::<Vec<_>>(), ["50005", "50333"]);
    let none = ask(&bank, Body::SubmitMulti(multi(vec![to("999")]))).await;
    assert_eq!(none.status, CommandStatus::INVALID_DESTINATION);
}

#[tokio::test]
async fn what_is_not_offered_is_refused_with_its_own_status() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    let later = Octets::from_text("261122172500000+").unwrap();
    for (sm, status) in [
        (Sm { schedule_delivery_time: later, ..sm("5") }, CommandStatus::INVALID_SCHEDULE),
        (Sm { sm_default_msg_id: 7, ..sm("5") }, CommandStatus::INVALID_DEFAULT_MESSAGE),
        (Sm { esm_class: 0x04, ..sm("5") }, CommandStatus::INVALID_ESM_CLASS),
        (Sm { source: Address { ton: 9, ..sm("5").source }, ..sm("5") }, CommandStatus::INVALID_SOURCE_TON),
    ] {
        assert_eq!(ask(&bank, Body::SubmitSm(sm)).await.status, status);
    }
    assert!(ask(&bank, Body::SubmitSm(Sm { validity_period: later, ..sm("5") })).await.status.is_ok());
    assert_eq!(till.committed().len(), 1);
}

/// An OK with an identifier says that a message is kept and will have an ending.
#[tokio::test]
async fn what_is_no_message_is_refused_in_every_operation() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    let to = Address::new(0, 1, "50005").unwrap();
    let receipt = "id:abc123 sub:001 dlvrd:001 submit date:2611221725 done date:2611221726 stat:DELIVRD err:000 text:";
    let mut refused: Vec<(Sm, CommandStatus)> = [0x04, 0x08, 0x10, 0x18, 0x20, 0x24, 0x3C, 0x48, 0x50, 0x0B]
        .map(|esm_class| (Sm { esm_class, ..sm("049123456 5") }, CommandStatus::INVALID_ESM_CLASS))
        .into();
    refused.push((sm(receipt), CommandStatus::INVALID_ESM_CLASS));
    let notice = Tlvs::default().with(tag::USSD_SERVICE_OP, &[19]).unwrap();
    for (sm, status) in refused {
        let short_message = sm.short_message.clone();
        assert_eq!(ask(&bank, Body::SubmitSm(sm.clone())).await.status, status, "submit_sm {:#04x}", sm.esm_class);
        let multi = SubmitMulti {
            destinations: Destinations::new(vec![Destination::Address(to)]).unwrap(),
            esm_class: sm.esm_class,
            short_message: short_message.clone(),
            ..SubmitMulti::default()
        };
        assert_eq!(ask(&bank, Body::SubmitMulti(multi)).await.status, status, "submit_multi {:#04x}", sm.esm_class);
        let tlvs = Tlvs::default().with(tag::MESSAGE_PAYLOAD, short_message.octets()).unwrap();
        let destination = Address::new(0, 1, "50005").unwrap();
        let data = DataSm { destination, esm_class: sm.esm_class, tlvs, ..DataSm::default() };
        assert_eq!(ask(&bank, Body::DataSm(data)).await.status, status, "data_sm {:#04x}", sm.esm_class);
    }
    let with_text = Sm { tlvs: notice.clone(), ..sm("049123456 5") };
    assert_eq!(ask(&bank, Body::SubmitSm(with_text)).await.status, CommandStatus::INVALID_TLV_VALUE);
    // A confirmation without a text has nothing to keep: the answer names nothing.
    let empty = ask(&bank, Body::SubmitSm(Sm { tlvs: notice, ..sm("") })).await;
    assert!(empty.status.is_ok() && matches!(empty.body, Body::SubmitSmResp(resp) if resp.message_id.is_empty()));
    assert_eq!(till.committed(), []);
    for esm_class in [0x00, 0x01, 0x02, 0x03, 0x80] {
        assert!(ask(&bank, Body::SubmitSm(Sm { esm_class, ..sm("5") })).await.status.is_ok(), "{esm_class:#04x}");
    }
    assert_eq!(till.committed().len(), 5);
}

#[tokio::test]
async fn addresses_with_characters_that_nobody_sees_are_refused() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    for unseen in ["5\u{1b}[2J", "383\u{1b}]0;x\u{7}", "383\n49", "383\u{7f}", "383\u{9b}31m", "383\u{ad}"] {
        let address = Address::new(1, 1, unseen).unwrap();
        let (from, to) = (Sm { source: address, ..sm("5") }, Sm { destination: address, ..sm("5") });
        assert_eq!(ask(&bank, Body::SubmitSm(from)).await.status, CommandStatus::INVALID_SOURCE, "{unseen:?}");
        assert_eq!(ask(&bank, Body::SubmitSm(to)).await.status, CommandStatus::INVALID_DESTINATION, "{unseen:?}");
    }
    assert_eq!(till.committed(), []);
}

#[tokio::test]
async fn a_banks_own_reference_is_the_key_where_it_is_configured() {
    let till = Till::open();
    let server = server(settings(), &till, &format!("message_id_tlv = {}", tag::USER_MESSAGE_REFERENCE)).await;
    for _ in 0..2 {
        // Again on a new session, with a new sequence number.
        let bank = bank(&server).await;
        let tlvs = Tlvs::default().with(tag::USER_MESSAGE_REFERENCE, &[0x00, 0x07]).unwrap();
        assert!(ask(&bank, Body::SubmitSm(Sm { tlvs, ..sm("5") })).await.status.is_ok());
        bank.unbind().await;
    }
    assert_eq!(till.committed().into_iter().map(|sms| sms.key).collect::<Vec<_>>(), ["teb:0007", "teb:0007"]);
}

#[tokio::test]
async fn each_alphabet_arrives_as_the_text_that_was_written() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let bank = bank(&server).await;
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    for (octets, data_coding, expected) in [
        (vec![0x00, 0x1B, 0x65, 0x35], 0x00, "@€5"),
        (b"a@b".to_vec(), 0x01, "a@b"),
        (vec![0xEB, 0x35], 0x03, "ë5"),
        (utf16("Për 😀"), 0x08, "Për 😀"),
        // Class 0, a flash, in either alphabet.
        (b"5".to_vec(), 0xF0, "5"),
        (b"5".to_vec(), 0x10, "5"),
        (utf16("5"), 0x18, "5"),
    ] {
        assert!(ask(&bank, Body::SubmitSm(message(&text(""), octets, data_coding, 0).unwrap())).await.status.is_ok());
        let Content::Text(read) = till.committed().pop().unwrap().body else { panic!("{expected}") };
        assert_eq!(read, expected, "data_coding {data_coding:#04x}");
    }
    // Turkish single shift (3GPP TS 23.038 A.2.1): an escape and `s` are an s with cedilla.
    let shifted = message(&text(""), vec![3, 0x24, 1, 1, 0x1B, 0x73], 0, 0x40).unwrap();
    assert!(ask(&bank, Body::SubmitSm(shifted)).await.status.is_ok());
    assert!(matches!(till.committed().pop().unwrap().body, Content::Text(read) if read == "ş"));
}

#[tokio::test]
async fn a_packed_text_is_read_where_the_bank_packs() {
    let till = Till::open();
    let server = server(settings(), &till, "default_alphabet = \"gsm7_packed\"").await;
    let bank = bank(&server).await;
    // "hellohello" of 3GPP TS 23.038 6.1.2: 9 octets.
    let packed = hex::decode("e8329bfd4697d9ec37").unwrap();
    assert!(ask(&bank, Body::SubmitSm(message(&text(""), packed, 0, 0).unwrap())).await.status.is_ok());
    assert_eq!(till.texts(), ["hellohello"]);
}

#[tokio::test]
async fn a_long_text_is_one_message_in_each_style() {
    let till = Till::open();
    let server = server(settings(), &till, "").await;
    let long = "mbush ".repeat(70).trim_end().to_owned();
    let styles = [LongStyle::Udh8, LongStyle::Udh16, LongStyle::Sar, LongStyle::Payload];
    for style in styles {
        let bank = Esme::bind(&EsmeSettings { long: style, ..at(&server) }).await.unwrap();
        assert_eq!(bank.submit(&text(&long)).await.unwrap().status, CommandStatus::OK, "{style:?}");
        bank.unbind().await;
    }
    assert_eq!(till.texts(), [long.as_str(); 4]);
}
