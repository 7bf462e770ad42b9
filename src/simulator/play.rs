//! A simulated bank at work: submits texts, again if there is no answer, and reports the results.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::esme::{Esme, NotBound};
use super::faults::Faults;
use super::message::{NotDelivered, Text};
use super::report::{Report, Tally};
use super::settings::EsmeSettings;
use crate::smpp::CommandStatus;

/// Submissions of one text before it is given up.
const ATTEMPTS_MAX: u32 = 10;
/// Wait before a text is submitted again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

#[derive(Debug)]
struct Bank {
    settings: EsmeSettings,
    faults: Faults,
    session: Mutex<Option<Arc<Esme>>>,
    tally: Tally,
}

/// Submits all texts, waits for replies for the time `linger` after the last answer, and returns the report. `faults`
/// are those of the answers to messages of the server.
///
/// # Errors
/// The first bind fails; later binds are tried again.
pub async fn play(
    settings: EsmeSettings,
    faults: Faults,
    linger: Duration,
    texts: Vec<Text>,
) -> Result<Report, NotBound> {
    let first = Arc::new(Esme::bind(&settings).await?);
    let bank = Arc::new(Bank { settings, faults, session: Mutex::default(), tally: Tally::default() });
    bank.adopt(&first);
    *bank.session.lock().await = Some(first);
    let count = texts.len();
    let mut under_way = JoinSet::new();
    for text in texts {
        if under_way.len() >= bank.settings.window.max(1) {
            under_way.join_next().await;
        }
        let bank = bank.clone();
        under_way.spawn(async move { bank.submit(text).await });
    }
    while under_way.join_next().await.is_some() {}
    tokio::time::sleep(linger).await;
    if let Some(session) = bank.session.lock().await.take().and_then(Arc::into_inner) {
        session.unbind().await;
    }
    Ok(bank.tally.report(count as u64))
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
        session.set_faults(self.faults.clone());
        let (bank, mut received, mut receipts) = (Arc::downgrade(self), session.received(), session.receipts());
        tokio::spawn(async move {
            loop {
                let is_reply = tokio::select! {
                    Ok(_) = received.recv() => true,
                    Ok(_) = receipts.recv() => false,
                    else => return,
                };
                let Some(bank) = bank.upgrade() else { return };
                if is_reply { bank.tally.reply() } else { bank.tally.receipt() }
            }
        });
    }

    async fn submit(self: &Arc<Self>, text: Text) {
        for _ in 0..ATTEMPTS_MAX {
            match self.submit_once(&text).await {
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
        self.tally.sent();
        let outcome = session.submit(text).await;
        match &outcome {
            Ok(submission) => self.tally.answered(submission.status),
            Err(_) => self.tally.unanswered(),
        }
        outcome.map(|submission| submission.status)
    }
}
