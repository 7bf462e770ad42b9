//! The simulated SMSC for people and scripts: texts as JSON lines in; `listening on ADDRESS`, then what happened as
//! JSON lines out.

use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::shared::{Counters, Submitted};
use super::smsc::{NotDelivered, Smsc, Text};
use crate::smpp::CommandStatus;

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

/// Delivers each text of `texts` (`{"from": …, "to": …, "text": …}`, one a line) as soon as somebody is bound, up to the window
/// at once, and writes what happens. Ends with `stop` or, where `linger` is given, when all texts are answered and
/// nothing was submitted for that long.
///
/// # Errors
/// `texts` cannot be read, or `out` cannot be written.
pub async fn run(
    smsc: Smsc,
    texts: impl AsyncBufRead + Unpin,
    mut out: impl AsyncWrite + Unpin,
    linger: Option<Duration>,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let (lines, mut waiting) = mpsc::channel(LINES_WAITING_MAX);
    out.write_all(format!("listening on {}\n", smsc.address()).as_bytes()).await?;
    out.flush().await?;
    let observed = observe(&smsc, lines.clone(), linger);
    let work = async {
        let (delivered, ()) = tokio::join!(deliver(&smsc, texts, lines), observed);
        delivered
    };
    let write = async {
        while let Some(line) = waiting.recv().await {
            put(&mut out, &line).await?;
        }
        Ok::<_, std::io::Error>(())
    };
    if let Some(ended) = stop.run_until_cancelled(async { tokio::try_join!(work, write) }).await {
        ended?;
    }
    let counters = smsc.counters();
    smsc.stop().await;
    put(&mut out, &Line::Stopped(counters)).await
}

async fn put(out: &mut (impl AsyncWrite + Unpin), line: &Line) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    out.write_all(&text).await?;
    out.flush().await
}

/// Ends when all lines are answered.
async fn deliver(smsc: &Smsc, texts: impl AsyncBufRead + Unpin, lines: mpsc::Sender<Line>) -> std::io::Result<()> {
    use futures_util::StreamExt;
    let mut under_way = futures_util::stream::FuturesUnordered::new();
    let mut texts = texts.lines();
    let mut number = 0;
    while let Some(line) = texts.next_line().await? {
        number += 1;
        if line.trim().is_empty() {
            continue;
        }
        smsc.receiver_bound().await;
        under_way.push(deliver_line(smsc, number, line, &lines));
        if under_way.len() >= smsc.window() {
            under_way.next().await;
        }
    }
    while under_way.next().await.is_some() {}
    Ok(())
}

async fn deliver_line(smsc: &Smsc, line: u64, text: String, lines: &mpsc::Sender<Line>) {
    let said = match serde_json::from_str::<Text>(&text) {
        Err(error) => Line::Failed { line, reason: error.to_string() },
        Ok(text) => match deliver_until_answered(smsc, &text).await {
            Ok(status) => {
                let name = status.name().unwrap_or(status.meaning());
                Line::Delivered { from: text.from, to: text.to, status: status.0, name }
            }
            Err(error) => Line::Failed { line, reason: error.to_string() },
        },
    };
    // Nobody reads any more when the console ends.
    drop(lines.send(said).await);
}

/// As an SMSC does: what was not answered, or only for now refused, is delivered again.
async fn deliver_until_answered(smsc: &Smsc, text: &Text) -> Result<CommandStatus, NotDelivered> {
    let mut attempt = 1;
    loop {
        let answer = smsc.deliver(text).await;
        let again = match &answer {
            Ok(status) => status.is_transient(),
            Err(NotDelivered::NobodyBound | NotDelivered::Unanswered) => true,
            Err(NotDelivered::Unfit(_)) => false,
        };
        if !again || attempt == ATTEMPTS_MAX {
            return answer;
        }
        attempt += 1;
        tokio::time::sleep(AGAIN_AFTER).await;
        smsc.receiver_bound().await;
    }
}

/// Ends when nothing was submitted for `linger` after all texts were answered; without it, never.
async fn observe(smsc: &Smsc, lines: mpsc::Sender<Line>, linger: Option<Duration>) {
    let mut submitted = smsc.submitted();
    // `deliver` has the other sender: with it gone, the texts are all answered.
    loop {
        let next = submitted.recv();
        let next = match linger {
            None => next.await,
            Some(linger) => match tokio::time::timeout(linger, next).await {
                Ok(next) => next,
                Err(_) if lines.strong_count() == 1 => return,
                Err(_) => continue,
            },
        };
        match next {
            Ok(message) => drop(lines.send(Line::Submitted(message)).await),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}
