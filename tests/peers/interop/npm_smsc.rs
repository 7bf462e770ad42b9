//! Our link binds to an SMSC made of npm's smpp.

use crate::interop::center::{
    link_comes_back, receipt_finds_its_reply, refused_link_binds_later, smsc_is_served, throttled_reply_comes_again,
    wrong_way_is_refused,
};
use crate::interop::scripted::NPM_SMPP;

#[test]
fn a_text_over_a_transceiver_is_credited_and_confirmed() {
    smsc_is_served(NPM_SMPP, ("text", "transceiver"), 1, 1_000);
}

#[test]
fn a_text_over_a_receiver_is_confirmed_over_a_transmitter() {
    smsc_is_served(NPM_SMPP, ("text", "pair"), 1, 1_000);
}

#[test]
fn a_link_that_is_refused_at_first_binds_later() {
    refused_link_binds_later(NPM_SMPP);
}

#[test]
fn a_text_in_ucs_2_is_read() {
    smsc_is_served(NPM_SMPP, ("ucs2", "transceiver"), 1, 1_000);
}

#[test]
fn a_long_text_in_parts_behind_a_udh_is_read_whole() {
    smsc_is_served(NPM_SMPP, ("long", "transceiver"), 2, 500);
}

#[test]
fn parts_of_a_long_text_that_come_by_turns_are_read_whole() {
    smsc_is_served(NPM_SMPP, ("by turns", "transceiver"), 2, 500);
}

#[test]
fn a_long_text_in_parts_by_sar_parameters_is_read_whole() {
    smsc_is_served(NPM_SMPP, ("sar", "transceiver"), 2, 500);
}

#[test]
fn a_long_text_as_message_payload_is_read() {
    smsc_is_served(NPM_SMPP, ("payload", "transceiver"), 1, 500);
}

#[test]
fn an_odd_type_of_number_is_tolerated() {
    smsc_is_served(NPM_SMPP, ("borne", "transceiver"), 1, 1_000);
}

#[test]
fn a_request_that_only_an_esme_may_make_is_refused_and_the_session_goes_on() {
    wrong_way_is_refused(NPM_SMPP);
}

#[test]
fn a_receipt_in_other_letters_than_the_answer_finds_its_reply() {
    receipt_finds_its_reply(NPM_SMPP);
}

#[test]
fn a_throttled_reply_is_sent_again() {
    throttled_reply_comes_again(NPM_SMPP);
}

#[test]
fn an_smsc_that_unbinds_is_bound_to_again() {
    link_comes_back(NPM_SMPP);
}
