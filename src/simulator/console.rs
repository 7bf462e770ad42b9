//! The simulated SMSC for people and scripts: texts as JSON lines in; `listening on ADDRESS`, then what happened as
//! JSON lines out, or a report at the end.

use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::faults::is_chosen;
use super::load::pace;
use super::message::{DEFAULT_SENDER, NotDelivered, Text};
use super::report::{Report, Tally};
use super::shared::{Counters, Submitted};
use super::smsc::Smsc;
use crate::smpp::CommandStatus;
use crate::text::visible::visible;

/// Lines that may wait for a slow terminal.
const LINES_WAITING_MAX: usize = 1_024;
/// Deliveries of one text before it is given up.
const ATTEMPTS_MAX: u32 = 10;
/// Wait before a text is delivered again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// One line of output.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    /// A text was answered.
    #[serde(rename = "deliver_sm_resp")]
    Delivered { from: String, to: String, status: u32, name: &'static str },
    /// A text was not answered, or could not be read from its line.
    Failed { line: u64, reason: String },
    /// A client submitted a message.
    #[serde(rename = "submit_sm")]
    Submitted(Submitted),
    /// The end.
    Stopped(Counters),
}

/// What the SMSC does with its texts.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Texts a second; 0 for as fast as the window allows.
    pub rate: u32,
    /// Of so many texts in a hundred the answer is forgotten, and they are delivered again.
    pub redeliver_percent: u32,
    /// Ends when all texts are answered and nothing was submitted for that long; without it, when it is told to.
    pub linger: Option<Duration>,
    /// Says nothing until the end, and then all at once: a report.
    pub reports: bool,
}

/// All that happened, at once.
#[derive(Debug, Serialize)]
struct Summary {
    #[serde(flatten)]
    report: Report,
    /// Counts of the connections.
    smsc: Counters,
}

/// What the tasks of one run share.
struct Run<'a> {
    smsc: &'a Smsc,
    plan: &'a Plan,
    tally: Tally,
}

/// Delivers each text of `texts` (`{"from": …, "to": …, "text": …}`, one a line) as soon as somebody is bound, up to the
/// window at once, and writes what happens. Ends with `stop`, or as planned.
///
/// Returns the report of what became of the texts.
///
/// # Errors
/// `texts` cannot be read, or `out` cannot be written.
pub async fn run(
    smsc: Smsc,
    plan: Plan,
    texts: impl AsyncBufRead + Unpin,
    mut out: impl AsyncWrite + Unpin,
    stop: CancellationToken,
) -> std::io::Result<Report> {
    let (lines, mut waiting) = mpsc::channel(LINES_WAITING_MAX);
    if !plan.reports {
        out.write_all(format!("listening on {}\n", smsc.address()).as_bytes()).await?;
        out.flush().await?;
    }
    let run = Run { smsc: &smsc, plan: &plan, tally: Tally::default() };
    let observed = run.observe(lines.clone());
    let started = Instant::now();
    // Texts, and how long they took.
    let mut done = (0, Duration::ZERO);
    let work = async {
        let delivered = async {
            let texts = run.deliver(texts, lines).await?;
            done = (texts, started.elapsed());
            Ok(())
        };
        let (delivered, ()) = tokio::join!(delivered, observed);
        delivered
    };
    let write = async {
        while let Some(line) = waiting.recv().await {
            if !plan.reports {
                put(&mut out, &line).await?;
            }
        }
        Ok::<_, std::io::Error>(())
    };
    if let Some(ended) = stop.run_until_cancelled(async { tokio::try_join!(work, write) }).await {
        ended?;
    }
    let (counters, (texts, took)) = (smsc.counters(), done);
    let report = Report { binds: counters.binds, ..run.tally.report(texts, took.as_secs_f64()) };
    smsc.stop().await;
    if plan.reports {
        put(&mut out, &Summary { report: report.clone(), smsc: counters }).await?;
    } else {
        put(&mut out, &Line::Stopped(counters)).await?;
    }
    Ok(report)
}

async fn put(out: &mut (impl AsyncWrite + Unpin), line: &impl Serialize) -> std::io::Result<()> {
    let text = format!("{}\n", visible(&serde_json::to_string(line)?));
    out.write_all(text.as_bytes()).await?;
    out.flush().await
}

impl Run<'_> {
    /// Ends when all lines are answered; how many there were.
    async fn deliver(&self, texts: impl AsyncBufRead + Unpin, lines: mpsc::Sender<Line>) -> std::io::Result<u64> {
        use futures_util::StreamExt;
        let mut under_way = futures_util::stream::FuturesUnordered::new();
        // Lines as octets: one that is no UTF-8 is one bad line, and not the end of them.
        let mut texts = texts.split(b'\n');
        let (mut number, mut delivered, mut pace) = (0, 0, pace(self.plan.rate));
        while let Some(line) = texts.next_segment().await? {
            number += 1;
            if line.trim_ascii().is_empty() {
                continue;
            }
            if let Some(pace) = &mut pace {
                pace.tick().await;
            }
            self.smsc.receiver_bound().await;
            under_way.push(self.deliver_line(number, line, is_chosen(delivered, self.plan.redeliver_percent), &lines));
            delivered += 1;
            if under_way.len() >= self.smsc.window() {
                under_way.next().await;
            }
        }
        while under_way.next().await.is_some() {}
        Ok(delivered)
    }

    async fn deliver_line(&self, line: u64, text: Vec<u8>, again: bool, lines: &mpsc::Sender<Line>) {
        let said = match Text::from_line(&text, DEFAULT_SENDER) {
            Err(error) => {
                self.tally.unread();
                Line::Failed { line, reason: error.to_string() }
            }
            Ok(text) => match self.deliver_until_answered(&text, again).await {
                Ok(status) => {
                    if !status.is_ok() {
                        self.tally.refused();
                    }
                    let name = status.name().unwrap_or(status.meaning());
                    Line::Delivered { from: text.from, to: text.to, status: status.0, name }
                }
                Err(error) => {
                    self.tally.given_up();
                    Line::Failed { line, reason: error.to_string() }
                }
            },
        };
        // Nobody reads any more when the console ends.
        drop(lines.send(said).await);
    }

    /// As an SMSC does: what was not answered, or only for now refused, is delivered again; and what was answered OK,
    /// where the answer is to be forgotten.
    async fn deliver_until_answered(&self, text: &Text, mut again: bool) -> Result<CommandStatus, NotDelivered> {
        let mut attempt = 1;
        loop {
            let answer = self.deliver_once(text).await;
            let repeats = match &answer {
                Ok(status) if status.is_ok() && again => {
                    again = false;
                    self.tally.redelivered();
                    continue;
                }
                Ok(status) => status.is_transient(),
                Err(NotDelivered::NobodyBound | NotDelivered::Unanswered) => true,
                Err(NotDelivered::Unfit(_)) => false,
            };
            if !repeats || attempt == ATTEMPTS_MAX {
                return answer;
            }
            attempt += 1;
            tokio::time::sleep(AGAIN_AFTER).await;
            self.smsc.receiver_bound().await;
        }
    }

    async fn deliver_once(&self, text: &Text) -> Result<CommandStatus, NotDelivered> {
        self.tally.sent();
        let sent = Instant::now();
        let answer = self.smsc.deliver(text).await;
        match &answer {
            Ok(status) => self.tally.answered(*status, sent.elapsed()),
            Err(_) => self.tally.unanswered(),
        }
        answer
    }

    /// Ends when nothing was submitted for as long as is planned after all texts were answered; without that, never.
    async fn observe(&self, lines: mpsc::Sender<Line>) {
        let mut submitted = self.smsc.submitted();
        // `deliver` has the other sender: with it gone, the texts are all answered.
        loop {
            let next = submitted.recv();
            let next = match self.plan.linger {
                None => next.await,
                Some(linger) => match tokio::time::timeout(linger, next).await {
                    Ok(next) => next,
                    Err(_) if lines.strong_count() == 1 => return,
                    Err(_) => continue,
                },
            };
            match next {
                Ok(message) => {
                    self.tally.reply(&message);
                    drop(lines.send(Line::Submitted(message)).await);
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
}
