//! The text of a receipt is distinguished from a customer's text.

use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;

use super::*;

const USUAL: &str =
    "id:abc123 sub:001 dlvrd:001 submit date:2611221725 done date:2611221726 stat:DELIVRD err:000 text:5";

#[rstest]
#[case::usual(USUAL)]
#[case::blanks_behind_colons("id: abc123 stat: DELIVRD err: 000")]
#[case::capitals_and_commas("ID:abc123, SUB:001, DLVRD:001, STAT:DELIVERED, ERR:000, Text:049 5")]
#[case::commas_only("id:abc123,stat:delivered,err:000")]
#[case::quotes("id : \"abc123\" ; stat : 'DELIVRD' ; err : 000")]
#[case::state_first("stat:DELIVRD id:abc123 err:000")]
#[case::without_values("id:abc123 sub: dlvrd: submit date: done date: stat:DELIVRD err:000 text:")]
#[case::times("id:abc123 submit date:2026-11-22 17:25:01 done date:22/11/26 17:26 stat:DELIVRD err:000 text:")]
#[case::lines("  id:abc123\r\nstat:DELIVRD\r\nerr:000\0")]
#[case::own_fields_behind("id:abc123 stat:DELIVRD err:000 nid:41 mccmnc:22101 text:id:7 stat:EXPIRED")]
#[case::own_field_first("mccmnc:22101 id:abc123 stat:DELIVRD err:000 text:")]
#[case::own_number_first("nid:41 id:abc123 sub:001 stat:DELIVRD err:000")]
#[case::own_word_first("message:x id:abc123 stat:DELIVRD err:000")]
#[case::own_label_alone("Receipt: id:abc123 stat:DELIVRD err:000")]
#[case::own_label_in_letters_of_ours("Dërgesë : id:abc123 stat:DELIVRD err:000")]
#[case::own_date_first("ts:2026-11-22 5:25:00 PM id:abc123 stat:DELIVRD err:000")]
#[case::own_field_of_words("id:abc123 stat:DELIVRD err:000 reason:no reason at all text:5")]
#[case::own_label_of_two_words("id:abc123 stat:DELIVRD network code:41 err:000")]
#[case::blanks_in_labels("id:abc123 submit  date:2611221725 done \t date : 2611221726 stat:DELIVRD err:000 text:")]
#[case::error_with_words("id:abc123 stat:DELIVRD err:000 no error")]
#[case::error_with_words_within("id:abc123 err:000 (no error) stat:DELIVRD text:5")]
#[case::half_of_the_day(
    "id:abc123 submit date:11/22/2026 5:25:00 PM done date:11/22/2026 5:26 p.m. stat:DELIVRD err:000"
)]
#[case::narrow_blank("id:abc123 done date:11/22/2026, 5:26:00\u{202f}PM stat:DELIVRD err:000")]
#[case::zone("id:abc123 done date:2026-11-22 17:26:00.000 +01:00 stat:DELIVRD err:000")]
#[case::names("id:abc123 submit date:Sun Nov 22 17:25:00 UTC 2026 done date:22 Nov 2026 17:26 stat:DELIVRD err:000")]
#[case::clock_of_digits("id:abc123 submit date:20261122 172501 done date:261122 1726 stat:DELIVRD err:000")]
#[case::text_without_colon("id:abc123 stat:DELIVRD err:000 text")]
#[case::text_without_colon_behind_a_state("err:000 id:abc123 stat:DELIVRD Text")]
#[case::text_within("id:abc123 text:abc stat:DELIVRD err:000")]
#[case::words_of_text_within("id:abc123 text:049123456 5 stat:DELIVRD err:000")]
#[case::empty_text_within("id:abc123 text: stat:DELIVRD err:000")]
#[case::another_receipt_within("id:abc123 text:id:7 stat:DELIVRD err:000")]
#[case::text_before_the_error("id:abc123 stat:DELIVRD text:some words err:000")]
#[case::text_first("text:Numri id:abc123 stat:DELIVRD err:000")]
fn the_forms_of_a_receipt_are_read(#[case] text: &str) {
    let said = Said::read(text);
    assert_eq!(said.id.as_deref(), Some("abc123"));
    assert_eq!(said.state, Some(MessageState::Delivered));
    assert_eq!(said.error.as_deref(), Some("000"));
    assert!(said.is_whole());
}

#[test]
fn an_error_in_words_is_kept_whole() {
    for (text, error) in [
        ("id:1 stat:UNDELIV err:Absent subscriber", "Absent subscriber"),
        ("id:1 err:Absent subscriber, stat:UNDELIV nid:41", "Absent subscriber"),
        ("id:1 stat:UNDELIV err:\"Absent subscriber\" text:5", "Absent subscriber"),
        ("id:1 stat:UNDELIV err:034 absent subscriber", "034"),
    ] {
        let said = Said::read(text);
        assert!(said.is_whole() && said.error.as_deref() == Some(error), "{text}: {said:?}");
    }
}

#[rstest]
#[case::nothing("")]
#[case::request("049123456 5")]
#[case::label_only("id:")]
#[case::labels_only("id: stat:")]
#[case::identifier_only("id:5")]
#[case::identifier_and_request("049123456 5 id:7")]
#[case::identifier_before_a_request("id:7 049123456 5")]
#[case::state_only("stat:DELIVRD")]
#[case::a_receipt_in_a_text("text:id:1 stat:DELIVRD")]
#[case::request_first("5 id:1 stat:DELIVRD")]
#[case::request_in_a_text("text:049123456 5 id:1 stat:DELIVRD")]
#[case::request_behind("id:1 stat:DELIVRD 049123456 5")]
#[case::request_behind_an_error("id:1 stat:DELIVRD err:000 049123456")]
#[case::request_behind_words("id:1 stat:DELIVRD err:no error 049123456 5")]
#[case::request_behind_a_date("id:1 stat:DELIVRD done date:2611221725 049123456 5")]
#[case::number_behind_a_date("id:1 stat:DELIVRD done date:2611221725 049123456")]
#[case::amount_behind_a_date("id:1 stat:DELIVRD done date:22 Nov 2026 5")]
#[case::amount_with_minor_behind_a_date("id:1 stat:DELIVRD done date:2611221725 5.50")]
#[case::groups_behind_a_date("id:1 stat:DELIVRD done date:2611221725 49-123-456")]
#[case::request_in_an_own_field("nid:049123456 5 id:1 stat:DELIVRD")]
#[case::number_with_a_colon("049123456:5 id:1 stat:DELIVRD")]
#[case::user_name_behind("id:1 stat:DELIVRD tv arben1")]
#[case::sentence("my id:1, and the stat:DELIVRD?")]
#[case::greeting("Hello: I have id:1 and stat:DELIVRD")]
#[case::other_labels("identification:1 status:DELIVRD")]
#[case::faces("049123456 5 :) :)")]
fn what_a_customer_writes_is_no_receipt(#[case] text: &str) {
    assert!(!Said::read(text).is_whole());
}

/// Unknown fields that SMSCs add.
fn own() -> impl Strategy<Value = String> {
    let label = "[a-zA-Z][a-z_]{0,8}".prop_filter("one of ours", |label| label_of(label).is_none());
    (label, "[A-Za-z0-9]{0,6}").prop_map(|(label, value)| format!("{label}:{value}"))
}

fn label_of(word: &str) -> Option<Label> {
    label(&format!("{word}:")).map(|(label, _)| label)
}

/// All fields of a receipt but its text, in any order.
fn fields() -> impl Strategy<Value = Vec<String>> {
    let id = "id ?: ?[a-zA-Z0-9-]{1,20}";
    let stat = select(vec!["stat:DELIVRD", "STAT: Undeliverable", "Stat : expired"]).prop_map(str::to_owned);
    let date = "(submit|done) {1,2}date:(26112217(25)?|2026-11-22 17:25:01|11/22/2026 5:25:00 [AP]M)?";
    let err = "(?i)err:([0-9a-f]{1,4}( no error)?|absent subscriber)?";
    (id, stat, prop::collection::vec(prop_oneof![date, err, "(sub|dlvrd):00[01]", own()], 0..6))
        .prop_flat_map(|(id, stat, others)| Just([vec![id, stat], others].concat()).prop_shuffle())
}

proptest! {
    #[test]
    fn a_text_of_fields_is_a_receipt_whatever_their_order(fields in fields(), by in select(vec![" ", ", ", "\r\n", " ; "])) {
        let text = fields.join(by);
        let said = Said::read(&text);
        prop_assert!(said.is_whole(), "{text}: {said:?}");
    }

    #[test]
    fn with_a_request_before_or_behind_it_it_is_none(
        fields in fields(),
        request in "(04[3-9][0-9]{6}|\\+383 4[3-9] [0-9]{3}-[0-9]{3}) (1|5|10|5,50|20 euro)",
    ) {
        let text = fields.join(" ");
        let (before, behind) = (format!("{request} {text}"), format!("{text} {request}"));
        prop_assert!(!Said::read(&before).is_whole(), "{before}");
        prop_assert!(!Said::read(&behind).is_whole(), "{behind}");
    }

    #[test]
    fn without_an_identifier_or_a_state_nothing_is_a_receipt(words in prop::collection::vec("\\PC{0,12}", 0..12)) {
        let text = words.join(" ");
        let lower = text.to_lowercase();
        prop_assert!(!Said::read(&text).is_whole() || (lower.contains("id") && lower.contains("stat")), "{text}");
    }
}
