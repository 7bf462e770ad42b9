//! Every metric with its description, and what was counted so far.

use std::sync::{Mutex, PoisonError};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Sizes of a batch, in messages.
const BATCH_BUCKETS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
/// Times of a commit, in seconds.
const COMMIT_BUCKETS: &[f64] = &[0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// Where the program's counters go. There is one in a process.
#[derive(Debug, Clone)]
pub struct Recorder(PrometheusHandle);

impl Recorder {
    /// Makes this process count. Later calls give the recorder of the first.
    ///
    /// # Errors
    /// Something else has made this process count.
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

    /// In the text format of Prometheus.
    pub(super) fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

fn describe() {
    metrics::describe_counter!(
        "mbush_messages_total",
        "Messages that were committed; `bank` is empty where none was recognised"
    );
    metrics::describe_counter!(
        "mbush_messages_not_stored_total",
        "Messages that could not be stored; their senders keep them"
    );
    metrics::describe_counter!("mbush_replies_total", "Attempts to send a reply, by link and what became of it");
    metrics::describe_counter!(
        "mbush_replies_withheld_total",
        "Replies to texts that were not understood that were withheld, by why"
    );
    metrics::describe_counter!("mbush_life_numbers_total", "Numbers that sweeps have looked at");
    metrics::describe_counter!("mbush_life_changes_total", "Changes in the life of numbers that sweeps have recorded");
    metrics::describe_counter!("mbush_life_warnings_total", "Warnings before the end of a validity");
    metrics::describe_counter!("mbush_days_sealed_total", "Business days that were sealed");
    describe_backlog();
    describe_doors();
    describe_smpp();
    metrics::describe_counter!("mbush_iso8583_answers_total", "Answers over ISO 8583 by response code");
    metrics::describe_counter!("mbush_iso8583_malformed_total", "Messages over ISO 8583 that could not be read");
    metrics::describe_histogram!("mbush_batch_messages", "Messages that shared one commit");
    metrics::describe_histogram!("mbush_commit_seconds", "Time from the begin of a batch to its commit, in seconds");
}

/// What waits, and whether what it waits for works.
fn describe_backlog() {
    metrics::describe_gauge!(
        "mbush_queue_messages",
        "Messages that wait for a transaction; at `processor.queue_max` links hear 0x14, HTTP 503"
    );
    metrics::describe_gauge!(
        "mbush_outbox_due",
        "Replies and reports that are due, or were tried in vain and are tried again later, by link; at most 10,000 are \
         counted"
    );
    metrics::describe_gauge!("mbush_outbox_oldest_seconds", "Age of the oldest of these, by link");
    metrics::describe_gauge!(
        "mbush_quarantine_messages",
        "Quarantined messages that wait for staff, by bank; the latest 10,000 are looked at"
    );
    metrics::describe_gauge!("mbush_store_writable", "1 where the database takes writes, 0 where it does not");
    metrics::describe_gauge!("mbush_link_up", "1 where a link is up or untried, 0 where it is down or unbound");
    metrics::describe_gauge!("mbush_pin_memories", "Memories of 4 MiB that PINs are hashed in; at most 4");
    metrics::describe_counter!("mbush_pin_hashes_total", "PINs that were compared or hashed");
}

/// Who was kept out, and how.
fn describe_doors() {
    metrics::describe_counter!(
        "mbush_http_requests_total",
        "HTTP requests that were answered, by route (docs/http.md) and status; `none` is a path without a route"
    );
    metrics::describe_counter!(
        "mbush_auth_failures_total",
        "Secrets, names or addresses that were wrong, by door: `http`, `smpp`, `iso8583`"
    );
    metrics::describe_counter!(
        "mbush_http_throttled_total",
        "HTTP requests of addresses that wait after wrong secrets (429)"
    );
    metrics::describe_counter!(
        "mbush_log_lines_left_out_total",
        "Lines about peers that were left out of the log, because too many were alike"
    );
    metrics::describe_counter!(
        "mbush_late_total",
        "Requests that were answered without the database, because it took too long, by door"
    );
    metrics::describe_counter!("mbush_pins_wrong_total", "Wrong PINs of messages, by link");
    metrics::describe_counter!(
        "mbush_pins_throttled_total",
        "PINs that were not looked at because too many were wrong, by link"
    );
    metrics::describe_counter!("mbush_voucher_wrong_codes_total", "Wrong codes of cards, by client or link");
    metrics::describe_counter!(
        "mbush_voucher_codes_throttled_total",
        "Codes of cards that were not looked at because too many were wrong, by client or link"
    );
    metrics::describe_counter!("mbush_http_connections_refused_total", "HTTP connections above a cap, by cap");
    metrics::describe_counter!(
        "mbush_http_connections_left_total",
        "HTTP connections without a request that left for others"
    );
    metrics::describe_counter!("mbush_smpp_connections_refused_total", "Connections of banks above a cap, by cap");
    metrics::describe_counter!(
        "mbush_smpp_connections_left_total",
        "Connections of banks without a bind that left for others"
    );
    metrics::describe_counter!(
        "mbush_iso8583_connections_refused_total",
        "ISO 8583 connections above a cap or of strangers, by cap"
    );
    metrics::describe_counter!(
        "mbush_iso8583_connections_left_total",
        "ISO 8583 connections without a sign-on that left for others"
    );
    metrics::describe_counter!(
        "mbush_iso8583_unsigned_connections_total",
        "ISO 8583 connections that ended without ever having signed on"
    );
}

/// By link, over all of its sessions since the program began; `mbush smpp sessions` shows each session that is bound now.
fn describe_smpp() {
    metrics::describe_gauge!("mbush_smpp_sessions", "Sessions that are bound");
    metrics::describe_counter!("mbush_smpp_binds_total", "Sessions that were bound");
    metrics::describe_counter!("mbush_smpp_binds_refused_total", "Binds of banks that were refused");
    metrics::describe_counter!("mbush_smpp_requests_received_total", "Requests of peers");
    metrics::describe_counter!("mbush_smpp_answered_ok_total", "Requests of peers that were answered OK");
    metrics::describe_counter!("mbush_smpp_answered_otherwise_total", "Requests of peers that were refused");
    metrics::describe_counter!("mbush_smpp_requests_sent_total", "Our requests");
    metrics::describe_counter!("mbush_smpp_accepted_total", "Our requests that the peer took");
    metrics::describe_counter!("mbush_smpp_refused_total", "Our requests that the peer refused");
    metrics::describe_counter!("mbush_smpp_unanswered_total", "Our requests without an answer");
    metrics::describe_counter!("mbush_smpp_malformed_total", "PDUs that could not be read");
    metrics::describe_counter!("mbush_receipts_unreadable_total", "Delivery receipts that could not be read, by link");
    metrics::describe_counter!("mbush_receipts_total", "Delivery receipts that found their reply, by link and state");
}
