//! `GET /metrics`: what was counted and timed, for a monitor.

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Sizes of a batch, in messages.
const BATCH_BUCKETS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
/// Times of a commit, in seconds.
const COMMIT_BUCKETS: &[f64] = &[0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// Where the program's counters go. There is one in a process.
#[derive(Debug, Clone)]
pub struct Recorder(PrometheusHandle);

impl Recorder {
    /// Makes this process count.
    ///
    /// # Errors
    /// It counts already.
    pub fn install() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("mbush_batch_messages".to_owned()), BATCH_BUCKETS)?
            .set_buckets_for_metric(Matcher::Full("mbush_commit_seconds".to_owned()), COMMIT_BUCKETS)?
            .install_recorder()?;
        describe();
        Ok(Self(handle))
    }
}

fn describe() {
    metrics::describe_counter!("mbush_messages_total", "Messages that were committed, by their ending");
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
    metrics::describe_counter!("mbush_http_connections_refused_total", "HTTP connections above the cap");
    describe_smpp();
    metrics::describe_counter!("mbush_iso8583_answers_total", "Answers over ISO 8583 by response code");
    metrics::describe_counter!("mbush_iso8583_malformed_total", "Messages over ISO 8583 that could not be read");
    metrics::describe_counter!(
        "mbush_iso8583_connections_refused_total",
        "ISO 8583 connections above the cap or of strangers"
    );
    metrics::describe_histogram!("mbush_batch_messages", "Messages that shared one commit");
    metrics::describe_histogram!("mbush_commit_seconds", "Time from the begin of a batch to its commit, in seconds");
}

/// By link, over all of its sessions since the program began; `mbush smpp sessions` shows each session that is bound now.
fn describe_smpp() {
    metrics::describe_gauge!("mbush_smpp_sessions", "Sessions that are bound");
    metrics::describe_counter!("mbush_smpp_binds_total", "Sessions that were bound");
    metrics::describe_counter!("mbush_smpp_binds_refused_total", "Binds of banks that were refused");
    metrics::describe_counter!("mbush_smpp_connections_refused_total", "Connections of banks above a cap");
    metrics::describe_counter!("mbush_smpp_requests_received_total", "Requests of peers");
    metrics::describe_counter!("mbush_smpp_answered_ok_total", "Requests of peers that were answered OK");
    metrics::describe_counter!("mbush_smpp_answered_otherwise_total", "Requests of peers that were refused");
    metrics::describe_counter!("mbush_smpp_requests_sent_total", "Our requests");
    metrics::describe_counter!("mbush_smpp_accepted_total", "Our requests that the peer took");
    metrics::describe_counter!("mbush_smpp_refused_total", "Our requests that the peer refused");
    metrics::describe_counter!("mbush_smpp_unanswered_total", "Our requests without an answer");
    metrics::describe_counter!("mbush_smpp_malformed_total", "PDUs that could not be read");
    metrics::describe_counter!("mbush_receipts_total", "Delivery receipts that found their reply, by link and state");
}

pub(super) fn routes(recorder: Recorder) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(recorder)
}

async fn metrics(State(recorder): State<Recorder>) -> ([(axum::http::HeaderName, &'static str); 1], String) {
    recorder.0.run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], recorder.0.render())
}
