//! What is dialled at an SMSC, however the network tells it, and the answers.

use mbush::domain::{Channel, OutboundSms};
use mbush::smpp::CommandStatus;
use mbush::smpp::pdu::Sm;
use mbush::smpp::tlv::tag;
use rstest::rstest;
use testkit::wait::until;

use crate::smpp_link::spoken::{Fields, SpokenSmsc, listen};
use crate::smpp_link::till::{Till, link_to, reply};

const CODES: &str = "ussd_codes = { \"123\" = \"50005\" }\nshort_codes = [\"50005\"]";
const OPERATION: &str = "0501000101";
const SESSION: &str = "138300022a02";
const REFERENCE: &str = "020400020b0c";

/// Delivers what was dialled; what came of it, and the answer that goes back to the network.
async fn answered(fields: Fields, tail: &str, more: &str) -> (Vec<String>, Sm) {
    let (till, (listener, address)) = (Till::open(), listen().await);
    let link = link_to(address, &till, &format!("{CODES}\n{more}"));
    let mut smsc = SpokenSmsc::bound(&listener).await;
    assert_eq!(smsc.deliver(&fields.body(&hex::decode(tail).unwrap())).await, CommandStatus::OK);
    let taken = till.committed().remove(0);
    assert_eq!((taken.to.as_str(), taken.channel), ("50005", Channel::Ussd));
    until("the way out is ready", || link.outbound().is_ready()).await;
    let answer = OutboundSms { message_key: taken.key, ..reply("5.00 EUR") };
    let (out, submitted) = (link.outbound(), smsc.submitted());
    let (_, sm) = tokio::join!(out.send(&answer), submitted);
    (till.texts(), sm)
}

fn dialled(to: &'static [u8], service_type: &'static [u8], data_coding: u8, text: &'static [u8]) -> Fields {
    Fields { destination: (0, 1, to), service_type, data_coding, text, ..Fields::default() }
}

const STRING: &[u8] = b"*123*049123456*5#";

#[rstest]
#[case::operation(dialled(b"123", b"", 0x0F, STRING), OPERATION, Some(17), "123")]
#[case::service(dialled(b"123", b"USSD", 0x0F, STRING), "", None, "123")]
#[case::service_in_small_letters(dialled(b"123", b"ussd", 0, STRING), "", None, "123")]
#[case::longer_service(dialled(b"123", b"USSD-GW", 0, STRING), "", None, "123")]
#[case::address(dialled(STRING, b"", 0x0F, b""), "", None, "*123#")]
#[case::address_with_operation(dialled(STRING, b"USSD", 0x0F, b""), OPERATION, Some(17), "*123#")]
#[case::address_and_text(dialled(STRING, b"USSD", 0x44, STRING), "", None, "*123#")]
#[case::wide_operation(dialled(b"123", b"USSD", 0, STRING), "0501000400000001", Some(17), "123")]
#[case::german(dialled(b"123", b"USSD", 0x00, STRING), OPERATION, Some(17), "123")]
#[case::spanish(dialled(b"123", b"USSD", 0x04, STRING), OPERATION, Some(17), "123")]
#[case::language_before_the_text(dialled(b"123", b"USSD", 0x10, b"sq\r*123*049123456*5#"), OPERATION, Some(17), "123")]
#[case::class_1(dialled(b"123", b"USSD", 0xF1, STRING), OPERATION, Some(17), "123")]
#[tokio::test]
async fn what_is_dialled_is_read_and_its_answer_is_of_its_dialogue(
    #[case] fields: Fields,
    #[case] operation: &str,
    #[case] ours: Option<u8>,
    #[case] from: &str,
) {
    let (texts, sm) = answered(fields, &format!("{operation}{SESSION}{REFERENCE}"), "").await;
    assert_eq!(texts, ["049123456 5"]);
    assert!(sm.service_type.to_string().eq_ignore_ascii_case("USSD") || sm.service_type.to_string() == "USSD-");
    assert_eq!(sm.tlvs.octet(tag::USSD_SERVICE_OP), ours);
    assert_eq!(sm.tlvs.get(tag::ITS_SESSION_INFO), Some([0x2A, 0x02].as_slice()));
    assert_eq!(sm.tlvs.get(tag::USER_MESSAGE_REFERENCE), Some([0x0B, 0x0C].as_slice()));
    assert_eq!(
        (sm.source.value.to_string().as_str(), sm.destination.value.to_string().as_str()),
        (from, "38349111222")
    );
}

#[tokio::test]
async fn a_link_may_name_operations_to_a_network_that_names_none_and_answers_in_its_coding() {
    let (_, sm) = answered(dialled(b"123", b"USSD", 0x0F, STRING), "", "ussd_service_op = true").await;
    assert_eq!((sm.tlvs.octet(tag::USSD_SERVICE_OP), sm.data_coding), (Some(17), 0x0F));
    let (_, sm) = answered(dialled(b"123", b"USSD", 0x08, b"\0*\x001\x002\x003\0*\x005\0#"), OPERATION, "").await;
    assert_eq!(sm.data_coding, 0);
}

/// Delivers a step; the screen that is shown for it, and its operation.
async fn screen(smsc: &mut SpokenSmsc, fields: Fields, tail: &str) -> (String, Option<u8>) {
    assert_eq!(smsc.deliver(&fields.body(&hex::decode(tail).unwrap())).await, CommandStatus::OK);
    let sm = smsc.submitted().await;
    assert_eq!(sm.service_type.to_string(), "USSD");
    (String::from_utf8_lossy(sm.short_message.octets()).into_owned(), sm.tlvs.octet(tag::USSD_SERVICE_OP))
}

#[tokio::test]
async fn a_menu_is_walked_where_the_network_names_no_operations() {
    let (till, (listener, address)) = (Till::open(), listen().await);
    let _link = link_to(address, &till, "");
    let mut smsc = SpokenSmsc::bound(&listener).await;
    let step = |to, text| dialled(to, b"USSD", 0x0F, text);
    let (shown, operation) = screen(&mut smsc, step(b"*123#", b""), SESSION).await;
    assert!(shown.starts_with("Please choose:") && operation.is_none(), "{shown}");
    let (shown, _) = screen(&mut smsc, step(b"123", b"4"), "138300022a04").await;
    assert!(shown.starts_with("Language:"), "{shown}");
    assert_eq!(smsc.deliver(&step(b"123", b"3").body(&hex::decode("138300022a06").unwrap())).await, CommandStatus::OK);
    assert_eq!(till.texts(), ["english"]);
    // An answer in a dialogue that nobody knows is no request.
    let (shown, _) = screen(&mut smsc, step(b"123", b"1"), "138300020102").await;
    assert!(shown.starts_with("Please choose:"), "{shown}");
    assert_eq!(till.committed().len(), 1);
}

#[rstest]
#[case::ucs_2(0x08, 0)]
#[case::ucs_2_of_cell_broadcast(0x48, 0)]
#[case::with_a_header(0x98, 0)]
#[case::reserved(0x14, 0)]
#[case::reserved_too(0xE4, 0)]
#[case::a_header_is_promised(0x00, 0x40)]
#[tokio::test]
async fn keys_are_read_whatever_coding_is_named(#[case] data_coding: u8, #[case] esm_class: u8) {
    for text in [STRING, b"*123*049123456*5#\0"] {
        let fields = Fields { esm_class, ..dialled(b"123", b"USSD", data_coding, text) };
        let (texts, sm) = answered(fields, &format!("{OPERATION}{SESSION}"), "").await;
        assert_eq!((texts, sm.tlvs.octet(tag::USSD_SERVICE_OP)), (vec!["049123456 5".to_owned()], Some(17)));
    }
}

#[rstest]
fn codings_in_which_a_nul_is_counted(
    #[values(0x00, 0x02, 0x04, 0x05, 0x0F, 0x10, 0x11, 0x40, 0x44, 0x54, 0x94, 0xF0, 0xF4)] data_coding: u8,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (till, (listener, address)) = (Till::open(), listen().await);
        let _link = link_to(address, &till, "");
        let mut smsc = SpokenSmsc::bound(&listener).await;
        let step = |text| dialled(b"123", b"USSD", data_coding, text);
        let (shown, _) = screen(&mut smsc, step(b"*123#\0"), &format!("{OPERATION}138300022a02")).await;
        assert!(shown.contains("Please choose:"), "{shown}");
        let (shown, _) = screen(&mut smsc, step(b"4\0"), "0501000112138300022a04").await;
        assert!(shown.contains("Language:"), "{shown}");
    });
}

#[tokio::test]
async fn a_step_that_cannot_be_decoded_is_answered_in_its_dialogue() {
    let fields = dialled(b"123", b"USSD", 0x01, b"*123*049\xff\xfe#");
    let (_, sm) = answered(fields, &format!("{OPERATION}{SESSION}"), "").await;
    assert_eq!((sm.service_type.to_string().as_str(), sm.tlvs.octet(tag::USSD_SERVICE_OP)), ("USSD", Some(17)));
    assert_eq!(sm.tlvs.get(tag::ITS_SESSION_INFO), Some([0x2A, 0x02].as_slice()));
}

#[tokio::test]
async fn an_answer_that_cannot_be_decoded_is_shown_its_screen_again() {
    let (till, (listener, address)) = (Till::open(), listen().await);
    let _link = link_to(address, &till, "");
    let mut smsc = SpokenSmsc::bound(&listener).await;
    let step = |text| dialled(b"123", b"USSD", 0x01, text);
    let (shown, _) = screen(&mut smsc, step(b"*123#"), &format!("{OPERATION}138300022a02")).await;
    assert!(shown.starts_with("Please choose:"), "{shown}");
    let (shown, operation) = screen(&mut smsc, step(b"\xb1"), "0501000112138300022a04").await;
    assert!(shown.contains("Please choose:") && operation == Some(2), "{shown}");
    let (shown, _) = screen(&mut smsc, step(b"4"), "0501000112138300022a06").await;
    assert!(shown.starts_with("Language:"), "{shown}");
    assert_eq!(till.committed(), []);
}

#[rstest]
#[case::escape(b"*5\x1b[2J#", 0x03)]
#[case::nul_within(b"*12\x003*5#", 0x03)]
#[case::turned_round(b"\0*\x20\x2e\x005\0*\x005\0#", 0x08)]
#[case::too_long(b"*555555555555555555555555555555555555#", 0x01)]
#[tokio::test]
async fn a_dialled_code_is_held_to_the_rules_of_addresses(#[case] text: &'static [u8], #[case] data_coding: u8) {
    let (till, (listener, address)) = (Till::open(), listen().await);
    let _link = link_to(address, &till, "");
    let mut smsc = SpokenSmsc::bound(&listener).await;
    let body = dialled(b"123", b"USSD", data_coding, text).body(&hex::decode(OPERATION).unwrap());
    assert_eq!(smsc.deliver(&body).await, CommandStatus::INVALID_DESTINATION);
    assert_eq!(till.committed(), []);
}

#[tokio::test]
async fn what_was_dialled_is_not_kept_as_an_address_where_its_text_cannot_be_read() {
    let (till, (listener, address)) = (Till::open(), listen().await);
    let _link = link_to(address, &till, CODES);
    let mut smsc = SpokenSmsc::bound(&listener).await;
    let odd = Fields { destination: (0, 1, b"*123*1*4321#"), data_coding: 8, text: b"\x005\x36", ..Fields::default() };
    assert_eq!(smsc.deliver(&odd.body(&[])).await, CommandStatus::OK);
    let taken = till.committed().remove(0);
    assert_eq!(taken.to, "50005");
}
