//! What a peer may rely on, point by point, and the tests that show it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A point, its promise, and the names of tests.
type Promise = (&'static str, &'static [&'static str]);

const FRAMING: [Promise; 5] = [
    (
        "A `command_length` below 16 or above 64 KiB is answered `generic_nack` 0x02, and the connection is closed.",
        &["impossible_lengths_are_told_and_the_connection_is_closed", "the_longest_pdu_passes"],
    ),
    (
        "No memory is reserved for a length that was not checked.",
        &["an_impossible_length_ends_the_stream_before_anything_is_reserved"],
    ),
    (
        "A PDU is decoded within its own length. A malformed body does not affect the next PDU.",
        &["a_pdu_cut_short_is_refused_or_read_within_its_end", "a_malformed_pdu_is_answered_and_the_next_one_served"],
    ),
    (
        "An unknown request is answered `generic_nack` 0x03 with its sequence number, and the session continues.",
        &["an_unknown_request_is_nacked_and_an_unknown_response_is_not"],
    ),
    (
        "A response or a `generic_nack` is never answered.",
        &["a_response_to_nothing_or_of_another_command_is_not_answered", "an_smsc_keeps_its_word_whatever_comes"],
    ),
];

const STATE: [Promise; 5] = [
    (
        "A request in the wrong session state is answered with its own response and status 0x04.",
        &[
            "a_second_bind_and_operations_in_the_wrong_state_get_their_own_response",
            "requests_before_the_bind_are_refused_one_by_one",
        ],
    ),
    ("A second bind on a session is answered 0x05.", &["a_second_bind_and_an_unbind_are_answered"]),
    (
        "A wrong name or password is answered 0x0D; with `tell_bind_errors`, 0x0F and 0x0E.",
        &["a_stranger_learns_nothing_from_a_refusal_unless_told_to"],
    ),
    (
        "Transmitters, receivers and transceivers can bind. `sc_interface_version` and other optional parameters are \
         sent to peers of version 3.4 and later only.",
        &[
            "each_mode_binds_and_only_transmitters_submit",
            "a_peer_of_3_4_is_told_our_version_and_one_of_3_3_is_not",
            "a_peer_of_before_3_4_gets_no_optional_parameters",
            "every_text_is_taken_once_by_a_transceiver_and_by_a_pair",
        ],
    ),
    (
        "Requests that arrive together with the bind are served in order after it, an unbind included.",
        &[
            "what_comes_glued_to_the_bind_is_served",
            "a_whole_session_in_one_write_is_answered_in_order",
            "no_more_waits_for_a_bind_than_the_window_holds_but_for_an_unbind",
            "what_an_smsc_sends_before_it_answers_our_bind_is_served_after_it",
        ],
    ),
];

const FIELDS: [Promise; 8] = [
    ("A wrong `sm_length` is answered 0x01.", &["a_submit_sm_is_answered_with_the_fields_own_status"]),
    (
        "A wrong source address is answered 0x0A, a wrong destination address 0x0B. An address with an invisible \
         character is wrong for every sender.",
        &[
            "a_submit_sm_is_answered_with_the_fields_own_status",
            "a_submit_multi_is_read_as_strictly",
            "an_address_with_characters_that_nobody_sees_is_refused_whoever_sends_it",
            "addresses_with_characters_that_nobody_sees_are_refused",
        ],
    ),
    (
        "Unknown types of number and numbering plans are answered 0x48 to 0x51.",
        &[
            "a_submit_sm_is_answered_with_the_fields_own_status",
            "a_submit_multi_is_read_as_strictly",
            "a_submitted_data_sm_is_checked_and_a_delivered_one_is_not",
        ],
    ),
    (
        "A wrong `service_type` is answered 0x15. An `esm_class` that does not indicate a message, or the text of a \
         delivery receipt, is answered 0x43.",
        &[
            "a_submit_sm_is_answered_with_the_fields_own_status",
            "a_submit_multi_is_read_as_strictly",
            "what_is_no_message_is_refused_in_every_operation",
        ],
    ),
    (
        "Every `schedule_delivery_time` is answered 0x61, because the server offers none. A wrong validity period is \
         answered 0x62.",
        &[
            "a_submit_sm_is_answered_with_the_fields_own_status",
            "times_that_can_be",
            "what_is_not_offered_is_refused_with_its_own_status",
        ],
    ),
    (
        "Optional parameters that cannot be separated are answered 0xC0; a wrong length 0xC2; a missing parameter \
         0xC3; a wrong value 0xC4.",
        &["a_submit_sm_is_answered_with_the_fields_own_status"],
    ),
    (
        "Unknown optional parameters are accepted. Latin-1 addresses and error responses with an empty or a filled \
         body are accepted. A deviation in a `deliver_sm` is tolerated if text, sender and parts are certain.",
        &[
            "a_text_is_found_wherever_a_peer_puts_it",
            "a_response_is_taken_however_its_body_looks",
            "a_delivered_message_is_not_refused_for_what_does_not_matter",
            "a_customers_message_is_not_lost_for_what_stands_behind_its_text",
            "what_leaves_a_text_or_its_parts_in_doubt_is_refused",
        ],
    ),
    (
        "A message that cannot be cancelled is answered 0x11, replaced 0x13, found 0x67.",
        &["a_message_can_be_asked_about_and_no_longer_be_changed"],
    ),
];

const FLOW: [Promise; 8] = [
    (
        "Each session has a window (0x14 beyond it) and a rate (0x58 above it). A message that cannot be accepted now \
         is answered 0x08.",
        &[
            "more_requests_than_the_window_are_refused_at_once",
            "our_own_window_is_kept",
            "an_end_of_any_kind_gives_the_place_in_the_window_back",
            "an_answer_of_any_kind_gives_the_peer_its_place_back",
            "above_its_rate_a_bank_is_throttled",
            "what_was_not_taken_is_answered_so",
        ],
    ),
    (
        "Rates count segments. After 0x58 the sending side pauses, and the parts of a text keep their order.",
        &[
            "a_long_text_counts_as_its_segments",
            "a_link_keeps_its_rate_in_parts_and_not_in_texts",
            "a_throttled_link_pauses_and_comes_back",
            "a_part_after_the_first_waits_out_a_pause",
        ],
    ),
    (
        "Status 0x00 in the response to a message or a delivery receipt means that it is committed to disk.",
        &[
            "a_message_is_answered_after_its_commit_and_not_before",
            "a_submission_is_answered_after_its_commit_and_not_before",
            "killed_again_and_again_under_load_it_loses_and_doubles_nothing",
            "the_program_is_killed_and_loses_and_doubles_nothing",
            "what_a_full_disk_cannot_keep_is_refused_until_there_is_room",
            "what_is_neither_a_message_nor_a_receipt_is_not_answered_ok",
        ],
    ),
    (
        "A redelivered message is carried out once, also with another sequence number and on another session.",
        &[
            "what_a_bank_submits_again_is_carried_out_once",
            "what_an_smsc_delivers_again_is_credited_and_confirmed_once",
            "what_an_smsc_delivers_again_after_a_crash_is_known_even_when_the_banks_window_is_over",
        ],
    ),
    (
        "A temporary refusal of a `deliver_sm` is 0x64 or 0x14, a permanent one 0x66. The responses of banks are read \
         in the same way.",
        &[
            "a_message_that_was_not_taken_is_answered_so",
            "a_receipt_that_was_not_kept_is_answered_so",
            "a_banks_refusal_says_whether_to_try_again",
        ],
    ),
    (
        "A request that was sent and not answered has an unknown outcome. A reply by SMS is sent again after \
         `unanswered_wait_seconds` (60), at most `unanswered_resends` times (1), unless the peer took a part of it; a \
         delivery receipt for a bank until it is answered or too old.",
        &[
            "a_submit_without_an_answer_is_unknown",
            "without_an_answer_nobody_knows",
            "silence_is_followed_by_one_more_attempt_after_a_wait_and_then_by_an_ending",
            "a_text_whose_first_parts_were_taken_is_not_sent_again",
            "a_report_is_sent_until_somebody_answers",
        ],
    ),
    (
        "Delivery receipts are recognised in every form, also without a mark and on a transmitter, are matched in \
         every notation of the identifier, and are never answered with an SMS. A receipt that arrives before its \
         response is committed to disk before it is answered. The state of a long text follows from all its parts. \
         Receipts to banks have the addresses of the message that they report on.",
        &[
            "a_receipt_is_known_in_every_form_and_settles_its_reply",
            "a_text_with_one_parameter_of_a_receipt_is_a_customers",
            "a_receipt_on_the_transmitter_of_a_pair_settles_its_reply",
            "a_receipt_that_nothing_marks_settles_its_reply_and_is_never_answered",
            "an_identifier_is_the_whole_of_it_and_neither_its_end_nor_its_beginning",
            "a_receipt_is_addressed_as_the_message_that_it_is_about",
            "one_identifier_in_all_its_spellings",
            "a_receipt_is_answered_when_it_is_kept_and_not_before",
            "a_receipt_that_comes_too_early_waits_for_its_reply",
            "a_receipt_that_was_answered_survives_a_crash",
            "a_long_reply_is_delivered_when_all_its_parts_are",
            "a_replys_state_follows_its_receipt",
        ],
    ),
    (
        "Sequence numbers run from 1 to 0x7FFFFFFF, start again at 1, and skip those of outstanding requests.",
        &["sequence_numbers_wrap_and_pass_over_those_in_flight", "an_esme_keeps_its_word_whatever_comes"],
    ),
];

const TEXT: [Promise; 2] = [
    (
        "`data_coding` 0 is the alphabet that the link's configuration names. An unknown escape sequence is read as \
         its second character. National language tables are read.",
        &[
            "octets_decode_as_the_peer_means_them",
            "a_packed_text_is_read_where_the_bank_packs",
            "escape_sequences_are_the_published_ones_and_all_others_fall_back",
            "locking_shift_tables_are_the_published_ones_with_every_single_shift",
        ],
    ),
    (
        "Long messages are read by user data headers with references of 8 and 16 bits, by `sar_` parameters and in \
         `message_payload`, with parts in any order and redelivered, within limits of time and memory. USSD is \
         recognised by `ussd_service_op`, `service_type` or a dialled string as address.",
        &[
            "a_long_text_is_one_message_in_each_style",
            "parts_by_sar_parameters_come_in_any_order_and_twice",
            "parts_in_any_order_and_repeated_are_one_message",
            "what_does_not_become_whole_is_for_staff_with_what_came",
            "one_peer_cannot_fill_the_table",
            "a_crash_between_the_parts_of_a_message_loses_none_of_them",
            "a_second_text_of_a_phone_with_one_reference_is_credited_though_its_last_part_is_as_before",
            "a_part_that_is_delivered_again_makes_no_message_and_spoils_none",
            "what_is_dialled_is_a_message_and_its_reply_closes_the_dialogue",
            "what_is_dialled_is_read_and_its_answer_is_of_its_dialogue",
        ],
    ),
];

const ABUSE: [Promise; 5] = [
    (
        "A peer that does not bind in time, sends malformed PDUs before a bind, or does not complete a PDU is \
         disconnected.",
        &[
            "who_sends_nonsense_before_a_bind_is_soon_let_go",
            "who_does_not_bind_in_time_is_shown_the_door",
            "a_pdu_that_trickles_in_is_not_waited_for",
            "a_busy_peer_whose_reads_always_end_within_a_pdu_is_not_late",
        ],
    ),
    (
        "`enquire_link` is sent and answered. A peer that does not answer it, or is idle for too long, is \
         disconnected.",
        &["a_silent_peer_is_asked_and_then_left", "an_idle_session_is_unbound", "nobody_waits_for_ever"],
    ),
    (
        "Connections of one address and binds of one name are limited. A dead session is closed in favour of a new \
         one.",
        &[
            "no_more_connections_than_the_limits_are_open_at_once",
            "no_address_takes_all_connections",
            "live_sessions_keep_their_seats_and_dead_ones_give_them_up",
        ],
    ),
    (
        "After a failed bind, the next has to wait, by address and by name. Networks can be restricted, and TLS and \
         mutual TLS required. Passwords are never logged.",
        &[
            "after_a_failure_even_the_right_password_has_to_wait",
            "guessing_names_makes_the_address_wait",
            "the_right_password_from_a_wrong_network_is_refused",
            "neither_side_talks_to_a_stranger",
            "debug_shows_neither_passwords_nor_texts",
        ],
    ),
    (
        "A peer that does not read is disconnected. The octets that wait for it, and the log lines that it causes, are \
         limited.",
        &[
            "a_peer_that_asks_and_does_not_read_is_dropped",
            "idle_sessions_cost_little_memory",
            "peers_that_send_nonsense_do_not_fill_the_log",
        ],
    ),
];

const SHUTDOWN: [Promise; 4] = [
    (
        "A server that is stopping accepts no connection and answers new messages 0x08.",
        &["a_server_that_stops_answers_what_is_in_flight_and_unbinds"],
    ),
    (
        "Outstanding requests are completed and answered within a limited time. Then the server unbinds, waits for the \
         response, and closes the connection.",
        &[
            "a_drain_finishes_what_is_in_flight",
            "a_drain_has_a_deadline",
            "a_stop_does_not_wait_for_an_smsc_that_does_not_answer",
            "a_link_that_stops_finishes_what_is_in_flight_and_unbinds",
        ],
    ),
    (
        "A peer's unbind is answered after its requests, and after the peer has answered ours, within a limited time. \
         Then the connection is closed.",
        &[
            "the_peers_unbind_waits_for_the_answers_that_it_is_owed",
            "the_peers_unbind_waits_for_the_answers_that_it_owes",
            "an_smsc_that_stops_unbinds_us_in_good_order",
        ],
    ),
    (
        "A link that lost its session binds again, after increasing and random waits, and loses no message.",
        &[
            "waits_double_up_to_the_longest_and_begin_again",
            "a_connection_cut_in_mid_window_comes_back_and_loses_nothing",
            "replies_that_were_not_delivered_are_delivered_after_a_restart",
        ],
    ),
];

/// All points in their order.
fn all() -> impl Iterator<Item = &'static Promise> {
    let groups: [&[Promise]; 7] = [&FRAMING, &STATE, &FIELDS, &FLOW, &TEXT, &ABUSE, &SHUTDOWN];
    groups.into_iter().flatten()
}

/// The rows of the table, each test with its file.
pub(crate) fn rows() -> Vec<String> {
    let files = tests();
    let row = |(number, (promise, names)): (usize, &Promise)| {
        let shown: Vec<String> = names.iter().map(|name| format!("`{name}` ({})", file_of(name, &files))).collect();
        format!("| {number} | {promise} | {} |", shown.join(", "))
    };
    (1..).zip(all()).map(row).collect()
}

fn file_of<'a>(name: &str, files: &'a BTreeMap<String, String>) -> &'a str {
    files.get(name).unwrap_or_else(|| panic!("there is no test named `{name}`"))
}

/// Names of tests, with the files that they stand in.
fn tests() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    for folder in ["src", "tests"] {
        walk(&root.join(folder), &mut |path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let file = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
            for name in names(&text) {
                found.insert(name.to_owned(), file.clone());
            }
        });
    }
    found
}

fn walk(folder: &Path, found: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a folder of the project").flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found(&path);
        }
    }
}

/// Functions with an attribute that makes them tests somewhere above, before the function before them ends.
fn names(text: &str) -> Vec<&str> {
    let mut is_test = false;
    let mut names = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") || line.starts_with("#[rstest]") {
            is_test = true;
        } else if let Some(name) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))
            && std::mem::take(&mut is_test)
        {
            names.extend(name.split('(').next());
        }
    }
    names
}

#[test]
fn there_are_37_points() {
    assert_eq!(all().count(), 37);
}

#[test]
fn a_function_that_is_no_test_shows_nothing() {
    let text = "#[test]\nfn shown() {}\nfn helper() {}\n#[rstest]\n#[case(1)]\nfn cases(\n#[tokio::test(x)]\nasync fn waits() {";
    assert_eq!(names(text), ["shown", "cases", "waits"]);
}
