//! Descriptions and values of all metrics.

use std::sync::{Mutex, PoisonError};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Sizes of a batch, in messages.
const BATCH_BUCKETS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
/// Times of a commit, in seconds.
const COMMIT_BUCKETS: &[f64] = &[0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// The recorder of the program's metrics. There is one in a process.
#[derive(Debug, Clone)]
pub struct Recorder(PrometheusHandle);

impl Recorder {
    /// Installs the recorder in this process. Later calls return the same recorder.
    ///
    /// # Errors
    /// Another recorder is installed in this process.
    pub fn install() -> Result<Self, BuildError> {
        static INSTALLED: Mutex<Option<Recorder>> = Mutex::new(None);
        // It is written once, as a whole.
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(recorder) = &*installed {
            return Ok(recorder.clone());
        }
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("mbush_batch_messages".to_owned()), BATCH_BUCKETS)?
            .set_buckets_for_metric(Matcher::Full("mbush_commit_seconds".to_owned()), COMMIT_BUCKETS)?
            .install_recorder()?;
        describe();
        Ok(installed.insert(Self(handle)).clone())
    }

    /// Returns all metrics in the text format of Prometheus.
    pub(super) fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

fn describe() {
    metrics::describe_counter!("mbush_messages_total", "Messages committed; `bank` is empty if none was recognised");
    metrics::describe_counter!(
        "mbush_messages_not_stored_total",
        "Messages that could not be stored and stay with their senders"
    );
    metrics::describe_counter!("mbush_replies_total", "Attempts to send a reply, by link and result");
    metrics::describe_counter!(
        "mbush_replies_withheld_total",
        "Replies withheld from senders of texts that were not understood, by reason"
    );
    metrics::describe_counter!(
        "mbush_texts_unrendered_total",
        "Texts that could not be rendered or were empty; nothing was sent, or a reply of one word"
    );
    metrics::describe_counter!("mbush_life_numbers_total", "Numbers examined by sweeps");
    metrics::describe_counter!("mbush_life_changes_total", "Changes in the life of numbers recorded by sweeps");
    metrics::describe_counter!("mbush_life_warnings_total", "Warnings sent before the end of a validity");
    metrics::describe_counter!("mbush_days_sealed_total", "Business days sealed");
    describe_backlog();
    describe_interfaces();
    describe_connections();
    describe_smpp();
    metrics::describe_counter!("mbush_iso8583_answers_total", "ISO 8583 answers, by response code");
    metrics::describe_counter!("mbush_iso8583_malformed_total", "ISO 8583 messages that could not be read");
    metrics::describe_histogram!("mbush_batch_messages", "Messages per commit");
    metrics::describe_histogram!(
        "mbush_commit_seconds",
        "Time from the beginning of a batch to its commit, in seconds"
    );
}

/// Metrics of what waits, and of the parts that it waits for.
fn describe_backlog() {
    metrics::describe_gauge!(
        "mbush_queue_messages",
        "Messages that wait for a transaction; at `processor.queue_max` SMPP answers 0x14 and HTTP 503"
    );
    metrics::describe_gauge!(
        "mbush_outbox_due",
        "Replies and reports that are due or wait for another attempt, by link; at most 10,000 are counted"
    );
    metrics::describe_gauge!(
        "mbush_outbox_oldest_seconds",
        "Age of the oldest reply or report counted in `mbush_outbox_due`, by link"
    );
    metrics::describe_gauge!(
        "mbush_quarantine_messages",
        "Quarantined messages that wait for staff, by bank; only the latest 10,000 are examined"
    );
    metrics::describe_gauge!("mbush_forwards", "Requests that wait to be handed on or have failed, by name and state");
    metrics::describe_gauge!(
        "mbush_forward_oldest_seconds",
        "Age of the oldest request that waits to be handed on, by name"
    );
    metrics::describe_counter!("mbush_forward_posts_total", "Posts of requests to other systems, by name and result");
    metrics::describe_gauge!("mbush_store_writable", "1 if the database accepts writes, 0 if it does not");
    metrics::describe_gauge!("mbush_link_state", "1 for the state that the link has, 0 for the other states");
    metrics::describe_gauge!("mbush_pin_memories", "Buffers of 4 MiB allocated for hashing PINs; at most 4");
    metrics::describe_counter!("mbush_pin_hashes_total", "PINs compared or hashed");
}

/// Metrics of requests, and of secrets, PINs and codes that were wrong.
fn describe_interfaces() {
    metrics::describe_counter!(
        "mbush_http_requests_total",
        "HTTP requests answered, by route (docs/http.md) and status; `none` is a path without a route"
    );
    metrics::describe_counter!("mbush_auth_failures_total", "Wrong secrets, names or addresses, by interface");
    metrics::describe_counter!(
        "mbush_http_throttled_total",
        "HTTP requests answered 429 because their address waits after wrong secrets"
    );
    metrics::describe_counter!(
        "mbush_gateway_refused_total",
        "Requests in the formats of gateways that were not taken, by link; those with wrong secrets are counted in `mbush_auth_failures_total`"
    );
    metrics::describe_counter!(
        "mbush_log_lines_left_out_total",
        "Log lines about peers that were suppressed because too many were alike"
    );
    metrics::describe_counter!(
        "mbush_late_total",
        "Requests answered before the database had answered, because time ran out, by interface"
    );
    metrics::describe_counter!("mbush_pins_wrong_total", "Wrong PINs in messages, by link");
    metrics::describe_counter!("mbush_bank_pin_checks_total", "Questions to banks about PINs, by bank and verdict");
    metrics::describe_counter!("mbush_pins_throttled_total", "PINs not examined because too many were wrong, by link");
    metrics::describe_counter!("mbush_voucher_wrong_codes_total", "Wrong card codes, by client or link");
    metrics::describe_counter!(
        "mbush_voucher_codes_throttled_total",
        "Card codes not examined because too many were wrong, by client or link"
    );
}

/// Metrics of connections that were refused or closed.
fn describe_connections() {
    metrics::describe_counter!(
        "mbush_http_connections_refused_total",
        "HTTP connections closed at once because a cap was reached, by cap"
    );
    metrics::describe_counter!(
        "mbush_http_connections_left_total",
        "HTTP connections without a request in progress that were closed to admit another"
    );
    metrics::describe_counter!(
        "mbush_smpp_connections_refused_total",
        "Connections of banks closed at once because a cap was reached, by cap"
    );
    metrics::describe_counter!(
        "mbush_smpp_connections_left_total",
        "Connections of banks closed before their bind to admit another"
    );
    metrics::describe_counter!(
        "mbush_iso8583_connections_refused_total",
        "ISO 8583 connections closed at once because a cap was reached or the address is unknown, by cap"
    );
    metrics::describe_counter!(
        "mbush_iso8583_connections_left_total",
        "ISO 8583 connections closed before their sign-on to admit another"
    );
    metrics::describe_counter!(
        "mbush_iso8583_unsigned_connections_total",
        "ISO 8583 connections that ended without a sign-on"
    );
}

/// Metrics of each link, over all of its sessions since the program began. `mbush smpp sessions` shows each bound
/// session.
fn describe_smpp() {
    metrics::describe_gauge!("mbush_smpp_sessions", "Sessions bound now");
    metrics::describe_counter!("mbush_smpp_binds_total", "Sessions bound since the start");
    metrics::describe_counter!("mbush_smpp_binds_refused_total", "Binds of banks that were refused");
    metrics::describe_counter!("mbush_smpp_requests_received_total", "Requests received from the peer");
    metrics::describe_counter!("mbush_smpp_answered_ok_total", "Requests of the peer answered with ESME_ROK");
    metrics::describe_counter!(
        "mbush_smpp_answered_otherwise_total",
        "Requests of the peer answered with another status"
    );
    metrics::describe_counter!("mbush_smpp_requests_sent_total", "Requests sent to the peer");
    metrics::describe_counter!("mbush_smpp_accepted_total", "Requests accepted by the peer");
    metrics::describe_counter!("mbush_smpp_refused_total", "Requests refused by the peer");
    metrics::describe_counter!("mbush_smpp_unanswered_total", "Requests that the peer did not answer");
    metrics::describe_counter!("mbush_smpp_malformed_total", "PDUs that could not be read");
    metrics::describe_counter!("mbush_receipts_unreadable_total", "Delivery receipts that could not be read, by link");
    metrics::describe_counter!("mbush_receipts_total", "Delivery receipts matched to their reply, by link and state");
}
