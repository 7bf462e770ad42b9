//! Hands requests to other systems: one [`Forwarder`] for each name of requests that has a webhook.
//!
//! A request is leased, posted, and then marked. A node that ends between the post and the mark, or whose database fails
//! then, leaves the request to the end of the lease, and it is posted again under the same key: a post happens at least
//! once. The mark and the answer to the customer are one transaction, so that the customer reads one answer.
//!
//! - `webhook`: one post, signed; `posted`: its result; `pace`: the time of the next one

mod pace;
mod posted;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use uuid::Uuid;

use crate::domain::{Clock, Draft, ForwardState, OutboundSms, Rules, Way};
use crate::store::{Forward, ForwardEnd, Lease, Store, StoreError};
use crate::text::own_reply;
use crate::text::templates::{Templates, Values};
use posted::{Answer, Posted};
pub use webhook::Webhook;

/// Interval at which new requests are looked for.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// Requests that are posted at the same time.
const AT_ONCE: usize = 8;
/// Interval at which times are looked for that a wrong clock has written.
const HASTEN_EVERY: TimeDelta = TimeDelta::minutes(5);
/// Time that a node has, after the longest wait for a response, to mark a request.
const MARK_WITHIN: TimeDelta = TimeDelta::seconds(30);

/// Posts the requests of one name.
#[derive(Debug, Clone)]
pub struct Forwarder {
    store: Store,
    webhook: Arc<Webhook>,
    rules: Arc<Rules>,
    templates: Arc<Templates>,
    clock: Clock,
}

/// The result of an attempt, as it is marked.
enum Mark {
    End(ForwardEnd),
    Later { next_at: DateTime<Utc>, answer: String },
}

impl Forwarder {
    /// Creates the task; [`Forwarder::run`] starts it.
    pub fn new(store: Store, webhook: Webhook, rules: Rules, templates: Arc<Templates>, clock: Clock) -> Self {
        Self { store, webhook: Arc::new(webhook), rules: Arc::new(rules), templates, clock }
    }

    /// Runs until `stop` is cancelled, and then until the posts that have begun are marked.
    pub async fn run(self, stop: CancellationToken) {
        let (mut running, mut hastened) = (JoinSet::new(), None);
        while !stop.is_cancelled() {
            self.hasten(&mut hastened).await;
            let room = AT_ONCE.saturating_sub(running.len());
            match self.lease(room).await {
                Ok((lease, due)) => {
                    for forward in due {
                        let own = self.clone();
                        running.spawn(async move { own.hand_on(forward, lease).await });
                    }
                }
                Err(failure) => warn!(error = %failure, "requests could not be read; it is tried again"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(ASK_EVERY) => {}
                Some(ended) = running.join_next(), if !running.is_empty() => tell(ended.err()),
            }
        }
        while let Some(ended) = running.join_next().await {
            tell(ended.err());
        }
    }

    /// Makes requests due whose time is further away than any attempt.
    async fn hasten(&self, last: &mut Option<DateTime<Utc>>) {
        let now = self.clock.now();
        if last.is_some_and(|last| (now - last).abs() < HASTEN_EVERY) {
            return;
        }
        *last = Some(now);
        match self.store.hasten_forwards(self.webhook.name(), now, now + pace::FURTHEST).await {
            Ok(0) => {}
            Ok(requests) => warn!(requests, "a wrong clock had put off requests; they are posted now"),
            Err(failure) => warn!(error = %failure, "requests could not be read; it is tried again"),
        }
    }

    /// Takes due requests for longer than a post can last.
    async fn lease(&self, room: usize) -> Result<(Uuid, Vec<Forward>), StoreError> {
        let (id, now) = (Uuid::now_v7(), self.clock.now());
        let most = u32::try_from(room).unwrap_or_default();
        if most == 0 {
            return Ok((id, Vec::new()));
        }
        let lease = Lease { id, now, until: now + self.webhook.wait_max() + MARK_WITHIN };
        Ok((id, self.store.lease_forwards(self.webhook.name(), lease, most).await?))
    }

    async fn hand_on(&self, forward: Forward, lease: Uuid) {
        let posted = self.webhook.post(&forward, self.clock.now()).await;
        let (id, name, now) = (forward.id, &forward.name, self.clock.now());
        let (result, word) = match self.mark(&forward, posted, now) {
            Mark::End(end) => {
                let word = if end.state == ForwardState::Done { "done" } else { "failed" };
                (self.store.end_forward(id, lease, &end, now).await, word)
            }
            Mark::Later { next_at, answer } => (self.store.put_off_forward(id, lease, next_at, &answer).await, "later"),
        };
        match result {
            Ok(true) => {
                metrics::counter!("mbush_forward_posts_total", "name" => name.clone(), "result" => word).increment(1);
            }
            Ok(false) => warn!(%id, name, "a request ended while it was posted; the result of the post is dropped"),
            Err(failure) => {
                error!(%id, name, error = %failure, "a request was posted and could not be marked; it is posted again");
            }
        }
    }

    fn mark(&self, forward: &Forward, posted: Posted, now: DateTime<Utc>) -> Mark {
        match posted {
            Posted::Taken { text } => {
                let words = self.webhook.answers().then(|| words(forward, text.as_deref())).flatten();
                let sms = self.sms(forward, words, now);
                let answer = text.as_deref().map(posted::kept);
                Mark::End(ForwardEnd { state: ForwardState::Done, answer, sms })
            }
            Posted::Refused { answer } => {
                not_taken(forward, &answer);
                Mark::End(self.failed(forward, answer.to_string(), now))
            }
            Posted::Again { answer, not_before } => {
                let (attempts, waited) = (forward.attempts, now - forward.since);
                let next_at = pace::next(attempts, now, not_before, Uuid::now_v7());
                if self.webhook.gives_up(attempts, waited) {
                    not_taken(forward, &answer);
                    Mark::End(self.failed(forward, format!("given up after {attempts} attempts: {answer}"), now))
                } else {
                    let (id, name, status) = (forward.id, &forward.name, &answer.status);
                    info!(%id, name, status, %next_at, "a request could not be handed on; it is tried again");
                    Mark::Later { next_at, answer: answer.to_string() }
                }
            }
        }
    }

    /// A customer who waits for an answer is told that there is none.
    fn failed(&self, forward: &Forward, answer: String, now: DateTime<Utc>) -> ForwardEnd {
        let is_awaited = self.webhook.answers();
        let words = is_awaited.then(|| self.template(forward, "forward_failed")).flatten();
        ForwardEnd { state: ForwardState::Failed, answer: Some(answer), sms: self.sms(forward, words, now) }
    }

    fn template(&self, forward: &Forward, key: &str) -> Option<String> {
        let language = self.templates.choose([forward.language.known(), self.rules.language]);
        self.templates.words(language, key, &Values::new()).inspect_err(super::report).ok()
    }

    fn sms(&self, forward: &Forward, text: Option<String>, now: DateTime<Utc>) -> Option<OutboundSms> {
        let draft = Draft {
            id: Uuid::now_v7(),
            message_key: forward.message_key.clone(),
            from: &forward.short_code,
            to: forward.phone?.digits(),
            source: forward.source.clone().map(|source| (forward.link.as_str(), source)),
            text,
        };
        OutboundSms::queued(draft, Way::Routed(&self.rules.routes, &forward.link), now)
    }
}

/// The words of the other system, or those of the form if they cannot be sent.
fn words(forward: &Forward, text: Option<&str>) -> Option<String> {
    let problem = match text.map(own_reply::of_another) {
        Some(Ok(words)) => return Some(words),
        Some(Err(problem)) => problem.to_string(),
        None => "there is none".to_owned(),
    };
    warn!(id = %forward.id, name = forward.name, problem, "the text of a response is not sent; the form's reply is");
    forward.reply.clone()
}

fn not_taken(forward: &Forward, answer: &Answer) {
    let (id, name, status) = (forward.id, &forward.name, &answer.status);
    warn!(%id, name, status, "a request was not taken; staff have to do it");
}

/// A panic concerns one request, which is posted again when its lease ends.
fn tell(problem: Option<tokio::task::JoinError>) {
    if let Some(problem) = problem {
        error!(%problem, "a request could not be handed on; it is tried again");
    }
}
