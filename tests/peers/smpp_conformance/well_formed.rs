//! PDUs of every kind with fields as the specification has them: names within its lengths, in ASCII.

use bytes::Bytes;
use mbush::smpp::address::Address;
use mbush::smpp::octets::Octets;
use mbush::smpp::pdu::submit_multi::{Destination, Destinations, Unsuccessful};
use mbush::smpp::pdu::{
    AlertNotification, Bind, BindMode, BindResp, Body, CancelSm, DataSm, MessageResp, Outbind, QuerySm, QuerySmResp,
    ReplaceSm, ShortMessage, Sm, SubmitMulti, SubmitMultiResp,
};
use mbush::smpp::tlv::{Tlvs, tag};
use mbush::smpp::{CommandStatus, Pdu};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A tag that only `alert_notification` has; the product does not read it.
pub(crate) const MS_AVAILABILITY_STATUS: u16 = 0x0422;
pub(crate) const ADDITIONAL_STATUS_INFO_TEXT: u16 = 0x001D;

type Parameter = (u16, Vec<u8>);

/// At most `limit` characters, whatever the field would hold beyond that.
fn text<const N: usize>(limit: usize) -> impl Strategy<Value = Octets<N>> {
    vec(0x20..0x7F_u8, 0..=limit).prop_map(|octets| Octets::new(&octets).unwrap())
}

fn address<const N: usize>() -> impl Strategy<Value = Address<N>> {
    let npi = select(vec![0, 1, 3, 4, 6, 8, 9, 10, 14, 18]);
    (0..=6_u8, npi, vec(0x20..0x7F_u8, 1..N)).prop_map(|(ton, npi, value)| Address {
        ton,
        npi,
        value: Octets::new(&value).unwrap(),
    })
}

fn time() -> impl Strategy<Value = Octets<17>> {
    select(vec!["", "000002000000000R", "261122172500004+"]).prop_map(|time| Octets::from_text(time).unwrap())
}

fn identifier(limit: usize) -> impl Strategy<Value = Bytes> {
    vec(0x20..0x7F_u8, 0..=limit).prop_map(Bytes::from)
}

fn octets<const FROM: usize, const TO: usize>(value: &Octets<FROM>) -> Octets<TO> {
    Octets::new(value.as_bytes()).unwrap()
}

fn tlvs_of(parameters: &[Parameter]) -> Tlvs {
    parameters.iter().fold(Tlvs::default(), |tlvs, (tag, value)| tlvs.with(*tag, value).unwrap())
}

/// Not empty: rusmpp reads an empty value as none at all, and could not be compared.
fn vendor() -> impl Strategy<Value = Parameter> {
    (0x1400..=0x3FFF_u16, vec(any::<u8>(), 1..20)).prop_filter("known tags lie there too", |(tag, _)| *tag != 0x1383)
}

fn shared() -> impl Strategy<Value = Parameter> {
    let word = select(vec![tag::USER_MESSAGE_REFERENCE, tag::SOURCE_PORT, tag::DESTINATION_PORT]);
    prop_oneof![
        vendor(),
        (word, any::<[u8; 2]>()).prop_map(|(tag, value)| (tag, value.to_vec())),
        any::<u8>().prop_map(|operation| (tag::USSD_SERVICE_OP, vec![operation])),
        any::<[u8; 2]>().prop_map(|value| (tag::ITS_SESSION_INFO, value.to_vec())),
    ]
}

fn place_in_long_message() -> impl Strategy<Value = Vec<Parameter>> {
    let place = (1..=255_u8).prop_flat_map(|total| (any::<[u8; 2]>(), Just(total), 1..=total));
    prop_oneof![
        Just(Vec::new()),
        place.prop_map(|(reference, total, sequence)| vec![
            (tag::SAR_MSG_REF_NUM, reference.to_vec()),
            (tag::SAR_TOTAL_SEGMENTS, vec![total]),
            (tag::SAR_SEGMENT_SEQNUM, vec![sequence]),
        ]),
    ]
}

/// A text in `short_message`, or in `message_payload`, and other optional parameters.
fn said(parameter: impl Strategy<Value = Parameter>) -> impl Strategy<Value = (ShortMessage, Tlvs)> {
    let short = vec(any::<u8>(), 0..=255).prop_map(|octets| (octets, None));
    let payload = vec(any::<u8>(), 1..1_000).prop_map(|octets| (Vec::new(), Some((tag::MESSAGE_PAYLOAD, octets))));
    let text = prop_oneof![short, payload];
    (text, vec(parameter, 0..4), place_in_long_message()).prop_map(|((short, payload), others, place)| {
        let all: Vec<Parameter> = others.into_iter().chain(payload).chain(place).collect();
        (ShortMessage::new(short.into()).unwrap(), tlvs_of(&all))
    })
}

fn sm(
    esm_class: Vec<u8>,
    parameter: impl Strategy<Value = Parameter>,
    time: impl Strategy<Value = Octets<17>>,
) -> impl Strategy<Value = Sm> {
    let addresses = (text(5), address(), address());
    let flags = (select(esm_class), any::<u8>(), 0..=3_u8, 0..=0x1F_u8, 0..=1_u8, any::<u8>(), any::<u8>());
    (addresses, flags, time, said(parameter)).prop_map(
        |((service_type, source, destination), flags, validity_period, (short_message, tlvs))| {
            let (esm_class, protocol_id, priority_flag, registered_delivery, replace_if_present_flag, ..) = flags;
            let (.., data_coding, sm_default_msg_id) = flags;
            Sm {
                service_type,
                source,
                destination,
                esm_class,
                protocol_id,
                priority_flag,
                schedule_delivery_time: Octets::default(),
                validity_period,
                registered_delivery,
                replace_if_present_flag,
                data_coding,
                sm_default_msg_id,
                short_message,
                tlvs,
            }
        },
    )
}

fn submit_sm() -> impl Strategy<Value = Sm> {
    (sm(vec![0, 1, 2, 3, 0x40, 0x43, 0x80, 0xC0], shared(), time()), time())
        .prop_map(|(sm, schedule_delivery_time)| Sm { schedule_delivery_time, ..sm })
}

/// Its times are empty, and a receipt's parameters may be with it.
fn deliver_sm() -> impl Strategy<Value = Sm> {
    let receipt = prop_oneof![
        shared(),
        (1..=8_u8).prop_map(|state| (tag::MESSAGE_STATE, vec![state])),
        vec(0x20..0x7F_u8, 0..64).prop_map(|id| (tag::RECEIPTED_MESSAGE_ID, [id, vec![0]].concat())),
    ];
    sm(vec![0, 0x04, 0x20, 0x40, 0x44, 0x80], receipt, Just(Octets::default()))
}

fn submit_multi() -> impl Strategy<Value = SubmitMulti> {
    let destination = prop_oneof![address().prop_map(Destination::Address), text(20).prop_map(Destination::List)];
    (submit_sm(), vec(destination, 1..10)).prop_map(|(sm, destinations)| SubmitMulti {
        service_type: sm.service_type,
        source: sm.source,
        destinations: Destinations::new(destinations).unwrap(),
        esm_class: sm.esm_class,
        protocol_id: sm.protocol_id,
        priority_flag: sm.priority_flag,
        schedule_delivery_time: sm.schedule_delivery_time,
        validity_period: sm.validity_period,
        registered_delivery: sm.registered_delivery,
        replace_if_present_flag: sm.replace_if_present_flag,
        data_coding: sm.data_coding,
        sm_default_msg_id: sm.sm_default_msg_id,
        short_message: sm.short_message,
        tlvs: sm.tlvs,
    })
}

fn data_sm() -> impl Strategy<Value = DataSm> {
    let flags = (select(vec![0, 1, 3, 0x40, 0x80]), 0..=0x1F_u8, any::<u8>());
    // SMPP 3.4 allows 64 characters in its addresses, SMPP 5.0 and rusmpp 20.
    let longer = |short: Address| Address { ton: short.ton, npi: short.npi, value: octets(&short.value) };
    (text(5), address(), address(), flags, said(shared())).prop_map(
        move |(service_type, source, destination, (esm_class, registered_delivery, data_coding), (_, tlvs))| DataSm {
            service_type,
            source: longer(source),
            destination: longer(destination),
            esm_class,
            registered_delivery,
            data_coding,
            tlvs,
        },
    )
}

fn mode() -> impl Strategy<Value = BindMode> {
    select(vec![BindMode::Transmitter, BindMode::Receiver, BindMode::Transceiver])
}

fn bind() -> impl Strategy<Value = Bind> {
    let names = (text(15), text(8), text(12), text(40));
    (mode(), names, any::<u8>(), 0..=6_u8, select(vec![0, 1, 8, 18])).prop_map(
        |(mode, (system_id, password, system_type, address_range), interface_version, addr_ton, addr_npi)| Bind {
            mode,
            system_id,
            password,
            system_type,
            interface_version,
            addr_ton,
            addr_npi,
            address_range,
        },
    )
}

fn message_resp() -> impl Strategy<Value = MessageResp> {
    let told = vec(0x20..0x7F_u8, 0..100).prop_map(|text| (ADDITIONAL_STATUS_INFO_TEXT, [text, vec![0]].concat()));
    (identifier(64), vec(prop_oneof![vendor(), told], 0..3))
        .prop_map(|(message_id, parameters)| MessageResp { message_id, tlvs: tlvs_of(&parameters) })
}

fn replace_sm() -> impl Strategy<Value = ReplaceSm> {
    let payload = prop::option::of(vec(any::<u8>(), 1..300));
    (text(64), submit_sm(), payload).prop_map(|(message_id, sm, payload)| {
        let tlvs = payload.map_or_else(Tlvs::default, |text| tlvs_of(&[(tag::MESSAGE_PAYLOAD, text)]));
        ReplaceSm {
            message_id,
            source: sm.source,
            schedule_delivery_time: sm.schedule_delivery_time,
            validity_period: sm.validity_period,
            registered_delivery: sm.registered_delivery,
            sm_default_msg_id: sm.sm_default_msg_id,
            short_message: if tlvs.is_empty() { sm.short_message } else { ShortMessage::default() },
            tlvs,
        }
    })
}

fn about_sessions() -> impl Strategy<Value = Body> {
    let version = prop::option::of(any::<u8>());
    let alert = prop::option::of(0..=2_u8);
    prop_oneof![
        bind().prop_map(Body::Bind),
        (mode(), identifier(15), version).prop_map(|(mode, system_id, version)| {
            let tlvs: Vec<_> = version.map(|version| (tag::SC_INTERFACE_VERSION, vec![version])).into_iter().collect();
            Body::BindResp(BindResp { mode, system_id, tlvs: tlvs_of(&tlvs) })
        }),
        (text(15), text(8)).prop_map(|(system_id, password)| Body::Outbind(Outbind { system_id, password })),
        select(vec![
            Body::Unbind,
            Body::UnbindResp,
            Body::EnquireLink,
            Body::EnquireLinkResp,
            Body::GenericNack,
            Body::CancelSmResp,
            Body::ReplaceSmResp,
        ]),
        (address(), address(), alert).prop_map(|(source, esme, status)| {
            let tlvs: Vec<_> = status.map(|status| (MS_AVAILABILITY_STATUS, vec![status])).into_iter().collect();
            Body::AlertNotification(AlertNotification { source, esme, tlvs: tlvs_of(&tlvs) })
        }),
    ]
}

fn about_earlier_messages() -> impl Strategy<Value = Body> {
    let answer = (text(64), time(), 1..=8_u8, any::<u8>());
    prop_oneof![
        (text(64), address()).prop_map(|(message_id, source)| Body::QuerySm(QuerySm { message_id, source })),
        answer.prop_map(|(message_id, final_date, message_state, error_code)| Body::QuerySmResp(QuerySmResp {
            message_id,
            final_date,
            message_state,
            error_code
        })),
        (text(5), text(64), address(), address()).prop_map(|(service_type, message_id, source, destination)| {
            Body::CancelSm(CancelSm { service_type, message_id, source, destination })
        }),
        replace_sm().prop_map(Body::ReplaceSm),
    ]
}

fn messages() -> impl Strategy<Value = Body> {
    let refused = vec((address(), any::<u32>().prop_map(CommandStatus)), 0..4);
    let told = vec(vendor(), 0..2);
    let multi_resp = (identifier(64), refused, told).prop_map(|(message_id, refused, parameters)| SubmitMultiResp {
        message_id,
        unsuccessful: Unsuccessful::new(refused).unwrap(),
        tlvs: tlvs_of(&parameters),
    });
    prop_oneof![
        submit_sm().prop_map(Body::SubmitSm),
        deliver_sm().prop_map(Body::DeliverSm),
        data_sm().prop_map(Body::DataSm),
        submit_multi().prop_map(Body::SubmitMulti),
        message_resp().prop_map(Body::SubmitSmResp),
        message_resp().prop_map(Body::DeliverSmResp),
        message_resp().prop_map(Body::DataSmResp),
        multi_resp.prop_map(Body::SubmitMultiResp),
    ]
}

/// A PDU of any kind.
pub(crate) fn pdu() -> impl Strategy<Value = Pdu> {
    let body = prop_oneof![2 => messages(), 1 => about_sessions(), 1 => about_earlier_messages()];
    (1..=0x7FFF_FFFF_u32, body).prop_map(|(sequence, body)| Pdu::request(sequence, body))
}
