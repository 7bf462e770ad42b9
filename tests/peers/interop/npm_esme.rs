//! npm's smpp binds to `mbush serve` as banks do.

use crate::interop::scripted::{
    NPM_SMPP, bank_gets_receipt, bank_tops_up, odd_field_costs_one_message, stranger_is_refused,
};

#[test]
fn a_text_over_a_transceiver_is_credited_and_confirmed() {
    bank_tops_up(NPM_SMPP, "transceiver", 1_000);
}

#[test]
fn a_text_over_a_transmitter_is_confirmed_over_a_receiver() {
    bank_tops_up(NPM_SMPP, "pair", 1_000);
}

#[test]
fn a_wrong_password_is_refused() {
    stranger_is_refused(NPM_SMPP);
}

#[test]
fn a_text_in_ucs_2_is_read() {
    bank_tops_up(NPM_SMPP, "ucs2", 1_000);
}

#[test]
fn a_long_text_in_parts_behind_a_udh_is_read_whole() {
    bank_tops_up(NPM_SMPP, "long", 500);
}

#[test]
fn parts_of_a_long_text_that_come_by_turns_are_read_whole() {
    bank_tops_up(NPM_SMPP, "by turns", 500);
}

#[test]
fn a_long_text_in_parts_by_sar_parameters_is_read_whole() {
    bank_tops_up(NPM_SMPP, "sar", 500);
}

#[test]
fn a_long_text_as_message_payload_is_read() {
    bank_tops_up(NPM_SMPP, "payload", 500);
}

#[test]
fn an_odd_type_of_number_costs_one_message_and_not_the_session() {
    odd_field_costs_one_message(NPM_SMPP);
}

#[test]
fn a_receipt_that_was_asked_for_names_its_message() {
    bank_gets_receipt(NPM_SMPP);
}
