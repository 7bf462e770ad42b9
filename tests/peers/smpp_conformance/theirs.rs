//! One of our PDUs as rusmpp's command with the same fields.

use mbush::smpp::Pdu;
use mbush::smpp::address::Address;
use mbush::smpp::octets::Octets;
use mbush::smpp::pdu::submit_multi::Destination;
use mbush::smpp::pdu::{Bind, BindMode, BindResp, Body, DataSm, ReplaceSm, Sm, SubmitMulti, SubmitMultiResp};
use mbush::smpp::tlv::{Tlvs, tag};
use rusmpp::pdus as theirs;
use rusmpp::tlvs::{
    MessageDeliveryRequestTlvValue, MessageDeliveryResponseTlvValue, MessageSubmissionRequestTlvValue,
    MessageSubmissionResponseTlvValue, TlvTag,
};
use rusmpp::types::{AnyOctetString, COctetString, EmptyOrFullCOctetString, OctetString};
use rusmpp::values::{
    DestAddress, DistributionListName, ItsSessionInfo, MessagePayload, ServiceType, SmeAddress, UnsuccessSme,
    UserMessageReference,
};

use crate::smpp_conformance::well_formed::{ADDITIONAL_STATUS_INFO_TEXT, MS_AVAILABILITY_STATUS};

/// The same in rusmpp's types.
pub(crate) fn command(pdu: &Pdu) -> rusmpp::Command {
    rusmpp::Command::new(pdu.status.0.into(), pdu.sequence, body(&pdu.body))
}

fn body(body: &Body) -> rusmpp::Pdu {
    match body {
        Body::SubmitSm(sm) => submit_sm(sm),
        Body::DeliverSm(sm) => deliver_sm(sm),
        Body::DataSm(data) => data_sm(data),
        Body::SubmitMulti(multi) => submit_multi(multi),
        Body::SubmitSmResp(resp) => {
            theirs::SubmitSmResp::new(string(&resp.message_id), all(&resp.tlvs, submission_resp)).into()
        }
        Body::DeliverSmResp(resp) => {
            theirs::DeliverSmResp::new(string(&resp.message_id), all(&resp.tlvs, delivery_resp)).into()
        }
        Body::DataSmResp(resp) => {
            theirs::DataSmResp::new(string(&resp.message_id), all(&resp.tlvs, delivery_resp)).into()
        }
        Body::SubmitMultiResp(resp) => submit_multi_resp(resp),
        Body::Bind(ours) => bind(ours),
        Body::BindResp(resp) => bind_resp(resp),
        Body::Outbind(outbind) => theirs::Outbind::new(field(&outbind.system_id), field(&outbind.password)).into(),
        Body::AlertNotification(alert) => {
            let (from, to) = (&alert.source, &alert.esme);
            let status = alert.tlvs.octet(MS_AVAILABILITY_STATUS).map(Into::into);
            let (ton, npi) = (to.ton.into(), to.npi.into());
            let source = (from.ton.into(), from.npi.into(), field(&from.value));
            theirs::AlertNotification::new(source.0, source.1, source.2, ton, npi, field(&to.value), status).into()
        }
        _ => about_earlier_messages(body),
    }
}

fn about_earlier_messages(body: &Body) -> rusmpp::Pdu {
    match body {
        Body::QuerySm(query) => {
            let (ton, npi) = (query.source.ton.into(), query.source.npi.into());
            theirs::QuerySm::new(field(&query.message_id), ton, npi, field(&query.source.value)).into()
        }
        Body::QuerySmResp(resp) => {
            let (id, date) = (field(&resp.message_id), time(&resp.final_date));
            theirs::QuerySmResp::new(id, date, resp.message_state.into(), resp.error_code).into()
        }
        Body::CancelSm(cancel) => {
            let (from, to) = (&cancel.source, &cancel.destination);
            theirs::CancelSm::new(
                service(cancel.service_type),
                field(&cancel.message_id),
                from.ton.into(),
                from.npi.into(),
                field(&from.value),
                to.ton.into(),
                to.npi.into(),
                field(&to.value),
            )
            .into()
        }
        Body::ReplaceSm(replace) => replace_sm(replace),
        Body::Unbind => rusmpp::Pdu::Unbind,
        Body::UnbindResp => rusmpp::Pdu::UnbindResp,
        Body::EnquireLink => rusmpp::Pdu::EnquireLink,
        Body::EnquireLinkResp => rusmpp::Pdu::EnquireLinkResp,
        Body::GenericNack => rusmpp::Pdu::GenericNack,
        Body::CancelSmResp => rusmpp::Pdu::CancelSmResp,
        Body::ReplaceSmResp => rusmpp::Pdu::ReplaceSmResp,
        other => panic!("{other:?} is translated by the caller"),
    }
}

/// A NUL-terminated string of at most `MAX` octets.
fn string<const MAX: usize>(octets: &[u8]) -> COctetString<1, MAX> {
    COctetString::from_vec([octets, &[0]].concat()).expect("generated within the specification's lengths")
}

fn field<const N: usize, const MAX: usize>(octets: &Octets<N>) -> COctetString<1, MAX> {
    string(octets.as_bytes())
}

fn time(octets: &Octets<17>) -> EmptyOrFullCOctetString<17> {
    EmptyOrFullCOctetString::from_vec([octets.as_bytes(), &[0]].concat()).expect("generated empty or full")
}

fn service(octets: Octets<6>) -> ServiceType {
    ServiceType::new(field(&octets))
}

fn octets<const MAX: usize>(octets: &[u8]) -> OctetString<0, MAX> {
    OctetString::from_slice(octets).expect("generated within the specification's lengths")
}

fn all<T>(tlvs: &Tlvs, one: impl Fn(u16, &[u8]) -> T) -> Vec<T> {
    tlvs.iter().map(|(tag, value)| one(tag, value)).collect()
}

fn octet(value: &[u8]) -> u8 {
    let [octet] = *value else { panic!("generated as one octet") };
    octet
}

fn word(value: &[u8]) -> u16 {
    u16::from_be_bytes(value.try_into().expect("generated as two octets"))
}

fn payload(value: &[u8]) -> MessagePayload {
    MessagePayload::new(AnyOctetString::from_slice(value))
}

/// rusmpp has a type of parameters for each direction; these are in both.
macro_rules! shared_parameters {
    ($type:ident, $tag:expr, $value:expr $(, $own:pat => $made:expr)*) => {
        match $tag {
            tag::SAR_MSG_REF_NUM => $type::SarMsgRefNum(word($value)),
            tag::SAR_TOTAL_SEGMENTS => $type::SarTotalSegments(octet($value)),
            tag::SAR_SEGMENT_SEQNUM => $type::SarSegmentSeqnum(octet($value)),
            tag::USER_MESSAGE_REFERENCE => $type::UserMessageReference(UserMessageReference::new(word($value))),
            tag::SOURCE_PORT => $type::SourcePort(word($value)),
            tag::DESTINATION_PORT => $type::DestPort(word($value)),
            tag::USSD_SERVICE_OP => $type::UssdServiceOp(octet($value).into()),
            tag::ITS_SESSION_INFO => {
                let [session, sequence] = word($value).to_be_bytes();
                $type::ItsSessionInfo(ItsSessionInfo::new(session, sequence))
            }
            tag::MESSAGE_PAYLOAD => $type::MessagePayload(payload($value)),
            $($own => $made,)*
            other => $type::Other { tag: TlvTag::Other(other), value: AnyOctetString::from_slice($value) },
        }
    };
}

fn submission(tag: u16, value: &[u8]) -> MessageSubmissionRequestTlvValue {
    shared_parameters!(MessageSubmissionRequestTlvValue, tag, value)
}

fn delivery(tag: u16, value: &[u8]) -> MessageDeliveryRequestTlvValue {
    shared_parameters!(
        MessageDeliveryRequestTlvValue, tag, value,
        tag::MESSAGE_STATE => MessageDeliveryRequestTlvValue::MessageState(octet(value).into()),
        tag::RECEIPTED_MESSAGE_ID => {
            let id = COctetString::from_slice(value).expect("generated with its NUL");
            MessageDeliveryRequestTlvValue::ReceiptedMessageId(id)
        }
    )
}

fn submission_resp(tag: u16, value: &[u8]) -> MessageSubmissionResponseTlvValue {
    let said = || COctetString::from_slice(value).expect("generated with its NUL");
    match tag {
        ADDITIONAL_STATUS_INFO_TEXT => MessageSubmissionResponseTlvValue::AdditionalStatusInfoText(said()),
        other => MessageSubmissionResponseTlvValue::Other {
            tag: TlvTag::Other(other),
            value: AnyOctetString::from_slice(value),
        },
    }
}

fn delivery_resp(tag: u16, value: &[u8]) -> MessageDeliveryResponseTlvValue {
    let said = || COctetString::from_slice(value).expect("generated with its NUL");
    match tag {
        ADDITIONAL_STATUS_INFO_TEXT => MessageDeliveryResponseTlvValue::AdditionalStatusInfoText(said()),
        other => MessageDeliveryResponseTlvValue::Other {
            tag: TlvTag::Other(other),
            value: AnyOctetString::from_slice(value),
        },
    }
}

fn submit_sm(sm: &Sm) -> rusmpp::Pdu {
    theirs::SubmitSm::new(
        service(sm.service_type),
        sm.source.ton.into(),
        sm.source.npi.into(),
        field(&sm.source.value),
        sm.destination.ton.into(),
        sm.destination.npi.into(),
        field(&sm.destination.value),
        sm.esm_class.into(),
        sm.protocol_id,
        sm.priority_flag.into(),
        time(&sm.schedule_delivery_time),
        time(&sm.validity_period),
        sm.registered_delivery.into(),
        sm.replace_if_present_flag.into(),
        sm.data_coding.into(),
        sm.sm_default_msg_id,
        octets(sm.short_message.octets()),
        all(&sm.tlvs, submission),
    )
    .into()
}

fn deliver_sm(sm: &Sm) -> rusmpp::Pdu {
    theirs::DeliverSm::new(
        service(sm.service_type),
        sm.source.ton.into(),
        sm.source.npi.into(),
        field(&sm.source.value),
        sm.destination.ton.into(),
        sm.destination.npi.into(),
        field(&sm.destination.value),
        sm.esm_class.into(),
        sm.protocol_id,
        sm.priority_flag.into(),
        time(&sm.schedule_delivery_time),
        time(&sm.validity_period),
        sm.registered_delivery.into(),
        sm.replace_if_present_flag.into(),
        sm.data_coding.into(),
        sm.sm_default_msg_id,
        octets(sm.short_message.octets()),
        all(&sm.tlvs, delivery),
    )
    .into()
}

fn data_sm(data: &DataSm) -> rusmpp::Pdu {
    theirs::DataSm::new(
        service(data.service_type),
        data.source.ton.into(),
        data.source.npi.into(),
        field(&data.source.value),
        data.destination.ton.into(),
        data.destination.npi.into(),
        field(&data.destination.value),
        data.esm_class.into(),
        data.registered_delivery.into(),
        data.data_coding.into(),
        all(&data.tlvs, submission),
    )
    .into()
}

fn submit_multi(multi: &SubmitMulti) -> rusmpp::Pdu {
    let destination = |destination: &Destination| match destination {
        Destination::Address(Address { ton, npi, value }) => {
            DestAddress::SmeAddress(SmeAddress::new((*ton).into(), (*npi).into(), field(value)))
        }
        Destination::List(name) => DestAddress::DistributionListName(DistributionListName::new(field(name))),
    };
    theirs::SubmitMulti::new(
        service(multi.service_type),
        multi.source.ton.into(),
        multi.source.npi.into(),
        field(&multi.source.value),
        multi.destinations.all().iter().map(destination).collect(),
        multi.esm_class.into(),
        multi.protocol_id,
        multi.priority_flag.into(),
        time(&multi.schedule_delivery_time),
        time(&multi.validity_period),
        multi.registered_delivery.into(),
        multi.replace_if_present_flag.into(),
        multi.data_coding.into(),
        multi.sm_default_msg_id,
        octets(multi.short_message.octets()),
        all(&multi.tlvs, submission),
    )
    .into()
}

fn submit_multi_resp(resp: &SubmitMultiResp) -> rusmpp::Pdu {
    let refused = resp.unsuccessful.all().iter().map(|(address, status)| {
        UnsuccessSme::new(address.ton.into(), address.npi.into(), field(&address.value), status.0.into())
    });
    theirs::SubmitMultiResp::new(string(&resp.message_id), refused.collect(), all(&resp.tlvs, submission_resp)).into()
}

fn replace_sm(replace: &ReplaceSm) -> rusmpp::Pdu {
    theirs::ReplaceSm::new(
        field(&replace.message_id),
        replace.source.ton.into(),
        replace.source.npi.into(),
        field(&replace.source.value),
        time(&replace.schedule_delivery_time),
        time(&replace.validity_period),
        replace.registered_delivery.into(),
        replace.sm_default_msg_id,
        octets(replace.short_message.octets()),
        replace.tlvs.get(tag::MESSAGE_PAYLOAD).map(payload),
    )
    .into()
}

/// The three binds differ in their names only.
macro_rules! bind_as {
    ($type:ident, $bind:expr) => {
        theirs::$type::new(
            field(&$bind.system_id),
            field(&$bind.password),
            field(&$bind.system_type),
            $bind.interface_version.into(),
            $bind.addr_ton.into(),
            $bind.addr_npi.into(),
            field(&$bind.address_range),
        )
        .into()
    };
}

fn bind(bind: &Bind) -> rusmpp::Pdu {
    match bind.mode {
        BindMode::Transmitter => bind_as!(BindTransmitter, bind),
        BindMode::Receiver => bind_as!(BindReceiver, bind),
        BindMode::Transceiver => bind_as!(BindTransceiver, bind),
    }
}

fn bind_resp(resp: &BindResp) -> rusmpp::Pdu {
    let version = resp.interface_version().map(Into::into);
    match resp.mode {
        BindMode::Transmitter => theirs::BindTransmitterResp::new(string(&resp.system_id), version).into(),
        BindMode::Receiver => theirs::BindReceiverResp::new(string(&resp.system_id), version).into(),
        BindMode::Transceiver => theirs::BindTransceiverResp::new(string(&resp.system_id), version).into(),
    }
}
