//! A load test by a simulated bank: submits texts at a rate, again if there is no answer, and reports the results.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::esme::{Esme, NotBound};
use super::faults::Faults;
use super::faults::is_chosen;
use super::message::{NotDelivered, Text};
use super::report::{Report, Tally};
use super::settings::EsmeSettings;
use crate::smpp::CommandStatus;

/// Submissions of one text before it is given up.
const ATTEMPTS_MAX: u32 = 10;
/// Wait before a text is submitted again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Settings of a load test.
#[derive(Debug, Clone)]
pub struct Load {
    /// Texts a second; 0 for as fast as the window allows.
    pub rate: u32,
    /// Percentage of texts whose answer is discarded and which are submitted again.
    pub redeliver_percent: u32,
    /// The connection is cut after each such number of submissions.
    pub drop_after: Option<u64>,
    /// Faults with messages that the server delivers.
    pub faults: Faults,
    /// Time to wait for replies after the last answer.
    pub linger: Duration,
}

#[derive(Debug)]
struct Bank {
    settings: EsmeSettings,
    load: Load,
    session: Mutex<Option<Arc<Esme>>>,
    tally: Tally,
}

/// Submits all texts and returns the report.
///
/// # Errors
/// The first bind fails; later binds are tried again.
pub async fn run(settings: EsmeSettings, load: Load, texts: Vec<Text>) -> Result<Report, NotBound> {
    let first = Arc::new(Esme::bind(&settings).await?);
    let linger = load.linger;
    let pace = pace(load.rate);
    let bank = Arc::new(Bank { settings, load, session: Mutex::default(), tally: Tally::default() });
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
    Ok(bank.tally.report(count as u64, seconds))
}

/// Ticks `rate` times a second; `None` for 0.
pub(super) fn pace(rate: u32) -> Option<tokio::time::Interval> {
    let every = Duration::from_secs(1).checked_div(rate)?;
    let mut pace = tokio::time::interval(every);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    Some(pace)
}

impl Bank {
    /// Returns a live session; binds a new one if the last has ended.
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

    /// Counts the messages of a new session.
    fn adopt(self: &Arc<Self>, session: &Arc<Esme>) {
        self.tally.bound();
        session.set_faults(self.load.faults.clone());
        let (bank, mut received, mut receipts) = (Arc::downgrade(self), session.received(), session.receipts());
        tokio::spawn(async move {
            loop {
                let reply = tokio::select! {
                    Ok(reply) = received.recv() => Some(reply),
                    Ok(_) = receipts.recv() => None,
                    else => return,
                };
                let Some(bank) = bank.upgrade() else { return };
                match reply {
                    Some(reply) => bank.tally.reply(&reply),
                    None => bank.tally.receipt(),
                }
            }
        });
    }

    async fn submit(self: &Arc<Self>, number: u64, text: Text) {
        let mut again = is_chosen(number, self.load.redeliver_percent);
        let mut attempts = 0;
        while attempts < ATTEMPTS_MAX {
            attempts += 1;
            match self.submit_once(&text).await {
                Ok(status) if status.is_ok() && again => {
                    again = false;
                    self.tally.redelivered();
                }
                Ok(status) if status.is_transient() => tokio::time::sleep(AGAIN_AFTER).await,
                Ok(status) => {
                    if !status.is_ok() {
                        self.tally.refused();
                    }
                    return;
                }
                Err(NotDelivered::Unfit(_)) => break,
                Err(NotDelivered::NobodyBound | NotDelivered::Unanswered) => {}
            }
        }
        self.tally.given_up();
    }

    async fn submit_once(self: &Arc<Self>, text: &Text) -> Result<CommandStatus, NotDelivered> {
        let session = self.session().await;
        let number = self.tally.sent();
        let cuts = self.load.drop_after.is_some_and(|after| number.is_multiple_of(after.max(1)));
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
        match &outcome {
            Ok(submission) => self.tally.answered(submission.status, sent.elapsed()),
            Err(_) => self.tally.unanswered(),
        }
        outcome.map(|submission| submission.status)
    }
}
