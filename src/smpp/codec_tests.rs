//! PDUs there and back: the octets under `fixtures/smpp/`, and whatever proptest makes up.

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;

use super::pdu::*;
use super::tlv::{Tlvs, tag};
use super::*;
use crate::smpp::address::Address;
use crate::smpp::octets::Octets;
use crate::smpp::pdu::submit_multi::{Destination, Destinations, Unsuccessful};
use crate::text::data_coding::DefaultAlphabet;

fn encoded(pdu: &Pdu) -> Bytes {
    let mut out = BytesMut::new();
    encode(pdu, &mut out).unwrap();
    out.freeze()
}

fn fixture(name: &str) -> Bytes {
    let path = format!("{}/fixtures/smpp/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
    hex::decode(digits).unwrap().into()
}

fn decoded(name: &str) -> Pdu {
    decode(&Frame::new(fixture(name)).unwrap()).unwrap()
}

fn message(name: &str) -> Message {
    Message::of(&decoded(name).body).unwrap()
}

#[test]
fn every_fixture_is_read_and_written_back_octet_for_octet() {
    let folder = format!("{}/fixtures/smpp", env!("CARGO_MANIFEST_DIR"));
    let mut commands = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap().replace(".hex", "");
        let pdu = decoded(&name);
        commands.insert(pdu.command());
        assert!(name.starts_with(pdu.command().name()), "{name} is a {}", pdu.command());
        assert_eq!(encoded(&pdu), fixture(&name), "{name}");
    }
    assert!(commands.len() >= 24, "only {commands:?}");
}

#[test]
fn a_text_is_found_wherever_a_peer_puts_it() {
    let plain = message("deliver_sm");
    assert_eq!((plain.from.as_str(), plain.to.as_str()), ("38349111222", "50005"));
    assert_eq!((plain.octets.as_ref(), plain.data_coding), (b"049123456 5".as_slice(), 0));
    assert_eq!(message("deliver_sm_payload").octets, plain.octets);
    assert_eq!(message("deliver_sm_payload").tlvs.get(0x1401), Some([0xCA, 0xFE].as_slice()), "unknown TLVs are kept");
    assert_eq!(message("data_sm").octets, b"5".as_slice());
    assert!(message("deliver_sm_udh").has_udh);
    let sar = message("deliver_sm_sar").sar.unwrap();
    assert_eq!((sar.reference, sar.total, sar.sequence), (0x2A, 2, 1));
    assert_eq!(message("deliver_sm_latin1_sender").from, "Café");
}

#[test]
fn only_texts_of_people_are_messages() {
    assert_eq!(message("deliver_sm").kind, MessageKind::Message);
    assert_eq!(message("deliver_sm_udh").kind, MessageKind::Message);
    assert_eq!(message("deliver_sm_receipt").kind, MessageKind::Receipt);
    let read = receipt::Receipt::read(&message("deliver_sm_receipt"), DefaultAlphabet::default()).unwrap();
    assert_eq!((read.message_id.as_str(), read.state), ("0195F0C7", receipt::MessageState::Delivered));
}

#[test]
fn debug_shows_neither_passwords_nor_texts() {
    for (name, secret) in [("bind_transceiver", "secret"), ("outbind", "secret"), ("deliver_sm", "0491")] {
        assert!(!format!("{:?}", decoded(name)).contains(secret), "{name}");
    }
}

#[test]
fn a_pdu_above_the_limit_is_not_written() {
    let tlvs = Tlvs::default().with(tag::MESSAGE_PAYLOAD, &vec![0; 65_535]).unwrap();
    let pdu = Pdu::request(1, Body::SubmitSm(Sm { tlvs, ..Sm::default() }));
    let mut out = BytesMut::from("before".as_bytes());
    assert!(encode(&pdu, &mut out).is_err());
    assert_eq!(out, "before".as_bytes());
    assert!(Tlvs::default().with(1, &vec![0; 65_536]).is_err());
}

fn octets<const N: usize>() -> impl Strategy<Value = Octets<N>> {
    vec(1_u8.., 0..N).prop_map(|octets| Octets::new(&octets).unwrap())
}

fn address<const N: usize>() -> impl Strategy<Value = Address<N>> {
    let npi = prop::sample::select(vec![0, 1, 3, 4, 6, 8, 9, 10, 14, 18]);
    // What an address may have of Latin-1.
    let seen = prop_oneof![0x20..=0x7E_u8, 0xA1..=0xAC_u8, 0xAE..=0xFF_u8];
    (0..=6_u8, npi, vec(seen, 1..N)).prop_map(|(ton, npi, value)| Address {
        ton,
        npi,
        value: Octets::new(&value).unwrap(),
    })
}

fn tlvs() -> impl Strategy<Value = Tlvs> {
    // Vendors' own tags: any value goes.
    vec((0x1400..=0x3FFF_u16, vec(any::<u8>(), 0..20)), 0..4)
        .prop_map(|all| all.into_iter().fold(Tlvs::default(), |tlvs, (tag, value)| tlvs.with(tag, &value).unwrap()))
}

fn short_message() -> impl Strategy<Value = ShortMessage> {
    vec(any::<u8>(), 0..=255).prop_map(|octets| ShortMessage::new(octets.into()).unwrap())
}

fn name() -> impl Strategy<Value = Bytes> {
    vec(1_u8.., 0..80).prop_map(Bytes::from)
}

prop_compose! {
    fn sm()(
        (service_type, source, destination) in (octets(), address(), address()),
        esm_class in prop::sample::select(vec![0, 1, 3, 0x40, 0x43, 0x80]),
        (protocol_id, priority_flag, registered_delivery) in (any::<u8>(), 0..=4_u8, 0..=0x1F_u8),
        (replace_if_present_flag, data_coding, sm_default_msg_id) in (0..=1_u8, any::<u8>(), any::<u8>()),
        validity in prop::sample::select(vec!["", "000002000000000R", "261122172500004+"]),
        (short_message, tlvs) in (short_message(), tlvs()),
    ) -> Sm {
        let validity_period = Octets::from_text(validity).unwrap();
        Sm {
            service_type, source, destination, esm_class, protocol_id, priority_flag, validity_period,
            schedule_delivery_time: Octets::default(), registered_delivery, replace_if_present_flag, data_coding,
            sm_default_msg_id, short_message, tlvs,
        }
    }
}

prop_compose! {
    fn bind()(
        mode in prop::sample::select(vec![BindMode::Transmitter, BindMode::Receiver, BindMode::Transceiver]),
        (system_id, password, system_type) in (octets(), octets(), octets()),
        (interface_version, addr_ton, addr_npi, address_range) in (any::<u8>(), any::<u8>(), any::<u8>(), octets()),
    ) -> Bind {
        Bind { mode, system_id, password, system_type, interface_version, addr_ton, addr_npi, address_range }
    }
}

prop_compose! {
    fn multi()(
        sm in sm(),
        destinations in vec(prop_oneof![
            address().prop_map(Destination::Address),
            octets().prop_map(Destination::List),
        ], 1..6),
    ) -> SubmitMulti {
        SubmitMulti {
            service_type: sm.service_type, source: sm.source, destinations: Destinations::new(destinations).unwrap(),
            esm_class: sm.esm_class, protocol_id: sm.protocol_id, priority_flag: sm.priority_flag,
            schedule_delivery_time: sm.schedule_delivery_time, validity_period: sm.validity_period,
            registered_delivery: sm.registered_delivery, replace_if_present_flag: sm.replace_if_present_flag,
            data_coding: sm.data_coding, sm_default_msg_id: sm.sm_default_msg_id, short_message: sm.short_message,
            tlvs: sm.tlvs,
        }
    }
}

fn resp() -> impl Strategy<Value = MessageResp> {
    (name(), tlvs()).prop_map(|(message_id, tlvs)| MessageResp { message_id, tlvs })
}

pub(super) fn any_body() -> impl Strategy<Value = Body> {
    let data = (octets(), address(), address(), any::<[u8; 3]>(), tlvs()).prop_map(
        |(service_type, source, destination, [esm_class, registered_delivery, data_coding], tlvs)| DataSm {
            service_type,
            source,
            destination,
            esm_class,
            registered_delivery,
            data_coding,
            tlvs,
        },
    );
    let refused = vec((address(), any::<u32>().prop_map(CommandStatus)), 0..4);
    let multi_resp = (name(), refused, tlvs()).prop_map(|(message_id, refused, tlvs)| SubmitMultiResp {
        message_id,
        unsuccessful: Unsuccessful::new(refused).unwrap(),
        tlvs,
    });
    let query_resp = (octets(), octets(), any::<u8>(), any::<u8>()).prop_map(
        |(message_id, final_date, message_state, error_code)| QuerySmResp {
            message_id,
            final_date,
            message_state,
            error_code,
        },
    );
    prop_oneof![
        bind().prop_map(Body::Bind),
        (bind(), name(), tlvs())
            .prop_map(|(bind, system_id, tlvs)| { Body::BindResp(BindResp { mode: bind.mode, system_id, tlvs }) }),
        (octets(), octets()).prop_map(|(system_id, password)| Body::Outbind(Outbind { system_id, password })),
        prop::sample::select(vec![
            Body::Unbind,
            Body::UnbindResp,
            Body::EnquireLink,
            Body::EnquireLinkResp,
            Body::GenericNack,
            Body::CancelSmResp,
            Body::ReplaceSmResp,
        ]),
        (address(), address(), tlvs()).prop_map(|(source, esme, tlvs)| Body::AlertNotification(AlertNotification {
            source,
            esme,
            tlvs
        })),
        sm().prop_map(Body::SubmitSm),
        sm().prop_map(Body::DeliverSm),
        resp().prop_map(Body::SubmitSmResp),
        resp().prop_map(Body::DeliverSmResp),
        resp().prop_map(Body::DataSmResp),
        data.prop_map(Body::DataSm),
        multi().prop_map(Body::SubmitMulti),
        multi_resp.prop_map(Body::SubmitMultiResp),
        (octets(), address()).prop_map(|(message_id, source)| Body::QuerySm(QuerySm { message_id, source })),
        query_resp.prop_map(Body::QuerySmResp),
        (octets(), octets(), address(), address()).prop_map(|(service_type, message_id, source, destination)| {
            Body::CancelSm(CancelSm { service_type, message_id, source, destination })
        }),
        (octets(), sm()).prop_map(|(message_id, sm)| Body::ReplaceSm(ReplaceSm {
            message_id,
            source: sm.source,
            schedule_delivery_time: sm.schedule_delivery_time,
            validity_period: sm.validity_period,
            registered_delivery: sm.registered_delivery,
            sm_default_msg_id: sm.sm_default_msg_id,
            short_message: sm.short_message,
            tlvs: sm.tlvs,
        })),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(sequence in any::<u32>(), body in any_body()) {
        let pdu = Pdu::request(sequence, body);
        let frame = Frame::new(encoded(&pdu)).unwrap();
        prop_assert_eq!(decode(&frame), Ok(pdu));
    }

    #[test]
    fn arbitrary_octets_never_panic(
        command in prop::sample::select(CommandId::ALL),
        status in prop::sample::select(vec![0_u32, 0x58]),
        body in vec(prop_oneof![3 => Just(0_u8), 2 => 0..8_u8, 5 => any::<u8>()], 0..120),
    ) {
        let mut octets = Vec::new();
        for word in [u32::try_from(body.len()).unwrap() + 16, command.code(), status, 9] {
            octets.extend(word.to_be_bytes());
        }
        octets.extend(&body);
        match decode(&Frame::new(octets.into()).unwrap()) {
            Ok(pdu) => {
                let _ = Message::of(&pdu.body).map(|message| receipt::Receipt::of_kind(&message, DefaultAlphabet::default()));
                let again = decode(&Frame::new(encoded(&pdu)).unwrap()).unwrap();
                prop_assert_eq!(again, pdu, "what was read can be written and read again");
            }
            Err(error) => {
                prop_assert!((4..=16 + body.len()).contains(&error.offset));
                prop_assert!(!error.status.is_ok());
                prop_assert_eq!(error.reply().map(|pdu| pdu.sequence), (!command.is_response()).then_some(9).filter(
                    |_| command.response().is_some()
                ));
            }
        }
    }

    #[test]
    fn a_pdu_cut_short_is_refused_or_read_within_its_end(body in any_body(), cut in any::<prop::sample::Index>()) {
        let whole = encoded(&Pdu::request(3, body));
        let mut short = whole[..16 + cut.index(whole.len() - 15)].to_vec();
        let length = u32::try_from(short.len()).unwrap();
        short[..4].copy_from_slice(&length.to_be_bytes());
        // Octets of a neighbour stand right behind it in the same buffer.
        let mut framer = Framer::new();
        framer.push(&short);
        framer.push(&[0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 4]);
        let _read_or_refused = decode(&framer.next_frame().unwrap().unwrap());
        let neighbour = decode(&framer.next_frame().unwrap().unwrap()).unwrap();
        prop_assert_eq!(neighbour, Pdu::request(4, Body::EnquireLink));
    }
}
