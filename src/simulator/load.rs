//! A simulated bank under way: texts at a rate, submitted again where no answer came, and a report of it all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::esme::{Esme, EsmeSettings, NotBound};
use super::faults::Faults;
use super::smsc::{NotDelivered, Text};
use crate::smpp::CommandStatus;

/// Submissions of one text before it is given up.
const ATTEMPTS_MAX: u32 = 10;
/// Wait before a text is submitted again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// What a bank does.
#[derive(Debug, Clone)]
pub struct Load {
    /// Texts a second; 0 for as fast as the window allows.
    pub rate: u32,
    /// Of so many texts in a hundred the answer is forgotten, and they are submitted again.
    pub redeliver_percent: u32,
    /// The connection is cut after so many submissions, again and again.
    pub drop_after: Option<u64>,
    /// What it does wrong with what is delivered to it.
    pub faults: Faults,
    /// How long replies are waited for after the last answer.
    pub linger: Duration,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Texts that were to be submitted.
    pub texts: u64,
    /// Submissions, repeated ones included.
    pub submissions: u64,
    /// Answers by status.
    pub answers: BTreeMap<String, u64>,
    /// Submissions that nobody answered.
    pub unanswered: u64,
    /// Texts that were submitted again though they had been answered OK.
    pub redelivered: u64,
    /// Texts that were given up.
    pub given_up: u64,
    /// Sessions that were bound.
    pub binds: u64,
    /// Messages that were delivered.
    pub replies: u64,
    /// From the first submission to the last answer.
    pub seconds: f64,
    /// Texts that were answered OK, a second.
    pub texts_per_second: f64,
    /// Times from submission to answer, in milliseconds: the median, 99 of 100, the longest.
    pub answer_ms: [f64; 3],
}

#[derive(Debug)]
struct Bank {
    settings: EsmeSettings,
    load: Load,
    session: Mutex<Option<Arc<Esme>>>,
    tally: std::sync::Mutex<Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    report: Report,
    times: Vec<Duration>,
}

/// Submits all texts.
///
/// # Errors
/// The first bind fails; later ones are tried again.
pub async fn run(settings: EsmeSettings, load: Load, texts: Vec<Text>) -> Result<Report, NotBound> {
    let first = Arc::new(Esme::bind(&settings).await?);
    let linger = load.linger;
    let pace = pace(load.rate);
    let bank = Arc::new(Bank { settings, load, session: Mutex::default(), tally: std::sync::Mutex::default() });
    bank.adopt(&first);
    *bank.session.lock().await = Some(first);
    let (count, started) = (texts.len(), Instant::now());
    let mut under_way = JoinSet::new();
    let mut pace = pace;
    for (number, text) in texts.into_iter().enumerate() {
        if let Some(pace) = &mut pace {
            pace.tick().await;
        }
        if under_way.len() >= bank.settings.window.max(1) {
            under_way.join_next().await;
        }
        let bank = bank.clone();
        under_way.spawn(async move { bank.submit(number as u64, text).await });
    }
    while under_way.join_next().await.is_some() {}
    let seconds = started.elapsed().as_secs_f64();
    tokio::time::sleep(linger).await;
    if let Some(session) = bank.session.lock().await.take().and_then(Arc::into_inner) {
        session.unbind().await;
    }
    Ok(bank.report(count as u64, seconds))
}

fn pace(rate: u32) -> Option<tokio::time::Interval> {
    let every = Duration::from_secs(1).checked_div(rate)?;
    let mut pace = tokio::time::interval(every);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    Some(pace)
}

impl Bank {
    /// A session that lives; another one is bound where the last has ended.
    async fn session(self: &Arc<Self>) -> Arc<Esme> {
        let mut session = self.session.lock().await;
        loop {
            if let Some(live) = session.as_ref().filter(|session| !session.is_closed()) {
                return live.clone();
            }
            match Esme::bind(&self.settings).await {
                Ok(bound) => {
                    let bound = Arc::new(bound);
                    self.adopt(&bound);
                    *session = Some(bound);
                }
                Err(error) => {
                    tracing::debug!(%error, "simulated bank: not bound, tries again");
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            }
        }
    }

    /// Counts what a new session brings.
    fn adopt(self: &Arc<Self>, session: &Arc<Esme>) {
        self.count(|report| report.binds += 1);
        session.set_faults(self.load.faults.clone());
        let (bank, mut received) = (Arc::downgrade(self), session.received());
        tokio::spawn(async move {
            while received.recv().await.is_ok() {
                let Some(bank) = bank.upgrade() else { return };
                bank.count(|report| report.replies += 1);
            }
        });
    }

    async fn submit(self: &Arc<Self>, number: u64, text: Text) {
        // Spread evenly, and the same in every run.
        let mut again = number * u64::from(self.load.redeliver_percent) / 100
            != (number + 1) * u64::from(self.load.redeliver_percent) / 100;
        let mut attempts = 0;
        while attempts < ATTEMPTS_MAX {
            attempts += 1;
            match self.submit_once(&text).await {
                Ok(status) if status.is_ok() && again => {
                    again = false;
                    self.count(|report| report.redelivered += 1);
                }
                Ok(status) if status.is_transient() => tokio::time::sleep(AGAIN_AFTER).await,
                Ok(_) => return,
                Err(NotDelivered::Unfit(_)) => break,
                Err(NotDelivered::NobodyBound | NotDelivered::Unanswered) => {}
            }
        }
        self.count(|report| report.given_up += 1);
    }

    async fn submit_once(self: &Arc<Self>, text: &Text) -> Result<CommandStatus, NotDelivered> {
        let session = self.session().await;
        let cuts = self.tally(|tally| {
            tally.report.submissions += 1;
            self.load.drop_after.is_some_and(|after| tally.report.submissions.is_multiple_of(after.max(1)))
        });
        let sent = Instant::now();
        let submitting = session.submit(text);
        let outcome = if cuts {
            let cut = async {
                tokio::task::yield_now().await;
                session.cut();
            };
            tokio::join!(submitting, cut).0
        } else {
            submitting.await
        };
        self.tally(|tally| match &outcome {
            Ok(submission) => {
                let name = submission.status.name().unwrap_or(submission.status.meaning()).to_owned();
                *tally.report.answers.entry(name).or_default() += 1;
                tally.times.push(sent.elapsed());
            }
            Err(_) => tally.report.unanswered += 1,
        });
        outcome.map(|submission| submission.status)
    }

    fn count(&self, change: impl FnOnce(&mut Report)) {
        self.tally(|tally| change(&mut tally.report));
    }

    fn tally<T>(&self, change: impl FnOnce(&mut Tally) -> T) -> T {
        // Counts only: they are whole even after a panic elsewhere.
        change(&mut self.tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn report(&self, texts: u64, seconds: f64) -> Report {
        self.tally(|tally| {
            tally.times.sort_unstable();
            let time = |of_hundred: usize| {
                let place = tally.times.len() * of_hundred / 100;
                let time = tally.times.get(place).or(tally.times.last());
                time.map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
            };
            let ok =
                tally.report.answers.get("ESME_ROK").copied().unwrap_or(0).saturating_sub(tally.report.redelivered);
            let texts_per_second = u32::try_from(ok).map_or(0.0, f64::from) / seconds.max(f64::EPSILON);
            Report {
                texts,
                seconds,
                texts_per_second,
                answer_ms: [time(50), time(99), time(100)],
                ..tally.report.clone()
            }
        })
    }
}
