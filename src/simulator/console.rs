//! The simulated SMSC for people and scripts. It reads texts as JSON lines and writes `listening on ADDRESS`, then
//! events as JSON lines, or a report at the end.

use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::message::{NotDelivered, Text};
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
    #[serde(rename = "deliver_sm_resp")]
    Delivered {
        from: String,
        to: String,
        status: u32,
        name: &'static str,
    },
    /// A text was not answered, or its line could not be read.
    Failed {
        line: u64,
        reason: String,
    },
    #[serde(rename = "submit_sm")]
    Submitted(Submitted),
    Stopped(Counters),
}

/// Settings of a run.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The run ends this long after all texts are answered and the last message was submitted; `None` to end only on
    /// request.
    pub linger: Option<Duration>,
    /// Write a report at the end instead of events.
    pub reports: bool,
    /// The sender of a text whose line names none.
    pub sender: String,
}

/// The report of a run.
#[derive(Debug, Serialize)]
struct Summary {
    #[serde(flatten)]
    report: Report,
    smsc: Counters,
}

/// Shared by the tasks of one run.
struct Run<'a> {
    smsc: &'a Smsc,
    plan: &'a Plan,
    tally: Tally,
}

/// Delivers each text of `texts` (`{"from": …, "to": …, "text": …}`, one a line) once a client is bound, up to the
/// window at once, and writes the events. Ends with `stop`, or as planned.
///
/// Returns the report of the texts.
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
    let mut delivered_texts = 0;
    let work = async {
        let delivered = async {
            delivered_texts = run.deliver(texts, lines).await?;
            Ok(())
        };
        let (delivered, ()) = tokio::join!(delivered, observed);
        delivered
    };
    let write = write(&mut out, &mut waiting, plan.reports);
    if let Some(ended) = stop.run_until_cancelled(async { tokio::try_join!(work, write) }).await {
        ended?;
    }
    let counters = smsc.counters();
    let report = Report { binds: counters.binds, ..run.tally.report(delivered_texts) };
    smsc.stop().await;
    if plan.reports {
        put(&mut out, &Summary { report: report.clone(), smsc: counters }).await?;
    } else {
        put(&mut out, &Line::Stopped(counters)).await?;
    }
    Ok(report)
}

/// Writes the events until there are no more. Events are discarded if a report is written instead.
async fn write(
    out: &mut (impl AsyncWrite + Unpin),
    events: &mut mpsc::Receiver<Line>,
    reports: bool,
) -> std::io::Result<()> {
    while let Some(event) = events.recv().await {
        if !reports {
            put(out, &event).await?;
        }
    }
    Ok(())
}

async fn put(out: &mut (impl AsyncWrite + Unpin), line: &impl Serialize) -> std::io::Result<()> {
    let text = format!("{}\n", visible(&serde_json::to_string(line)?));
    out.write_all(text.as_bytes()).await?;
    out.flush().await
}

impl Run<'_> {
    /// Delivers all lines; returns their number after all are answered.
    async fn deliver(&self, texts: impl AsyncBufRead + Unpin, lines: mpsc::Sender<Line>) -> std::io::Result<u64> {
        use futures_util::StreamExt;
        let mut under_way = futures_util::stream::FuturesUnordered::new();
        // Lines are read as octets: a line that is not UTF-8 is one invalid line, not the end of the input.
        let mut texts = texts.split(b'\n');
        let (mut number, mut delivered) = (0, 0);
        while let Some(line) = texts.next_segment().await? {
            number += 1;
            if line.trim_ascii().is_empty() {
                continue;
            }
            self.smsc.receiver_bound().await;
            under_way.push(self.deliver_line(number, line, &lines));
            delivered += 1;
            if under_way.len() >= self.smsc.window() {
                under_way.next().await;
            }
        }
        while under_way.next().await.is_some() {}
        Ok(delivered)
    }

    async fn deliver_line(&self, line: u64, text: Vec<u8>, lines: &mpsc::Sender<Line>) {
        let said = match Text::from_line(&text, &self.plan.sender) {
            Err(error) => {
                self.tally.unread();
                Line::Failed { line, reason: error.to_string() }
            }
            Ok(text) => match self.deliver_until_answered(&text).await {
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
        // At the end of the console there is no reader.
        drop(lines.send(said).await);
    }

    /// Delivers a text as an SMSC does: again if it was not answered or was refused temporarily.
    async fn deliver_until_answered(&self, text: &Text) -> Result<CommandStatus, NotDelivered> {
        let mut attempt = 1;
        loop {
            let answer = self.deliver_once(text).await;
            let repeats = match &answer {
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
        let answer = self.smsc.deliver(text).await;
        match &answer {
            Ok(status) => self.tally.answered(*status),
            Err(_) => self.tally.unanswered(),
        }
        answer
    }

    /// Ends if nothing was submitted for the planned time after all texts were answered; without a plan, never.
    async fn observe(&self, lines: mpsc::Sender<Line>) {
        let mut submitted = self.smsc.submitted();
        // `deliver` has the other sender: after it is dropped, all texts are answered.
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
                    self.tally.reply();
                    drop(lines.send(Line::Submitted(message)).await);
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
}
