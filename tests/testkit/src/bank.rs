//! A bank that verifies PINs over HTTP, as mbush asks it, with faults on request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The answer to the next questions, in place of the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It accepts the connection and never answers.
    Hangs,
    /// It closes the connection without an answer.
    Closes,
    /// It answers with this status and this body.
    Answers(u16, &'static str),
}

/// A question as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The headers, with names in lower case.
    pub headers: HashMap<String, String>,
    /// The body as text.
    pub body: String,
}

/// A running bank. It ends when it is dropped.
#[derive(Debug)]
pub struct Bank {
    /// Its URL.
    pub url: String,
    inner: Arc<Inner>,
    count: watch::Receiver<usize>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Inner {
    pin: &'static str,
    fault: Mutex<Option<Fault>>,
    asked: Mutex<Vec<Asked>>,
    count: watch::Sender<usize>,
}

impl Bank {
    /// A bank of which this is everybody's PIN.
    pub async fn start(pin: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}/pin", listener.local_addr().expect("a bound socket has an address"));
        let (sender, count) = watch::channel(0);
        let inner = Arc::new(Inner { pin, fault: Mutex::default(), asked: Mutex::default(), count: sender });
        let shared = inner.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(shared.clone().serve(stream));
            }
        });
        Self { url, inner, count, task }
    }

    /// Answers like this from now on; `None` for the truth.
    pub fn set_fault(&self, fault: Option<Fault>) {
        *self.inner.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// The questions so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many questions have come.
    pub async fn has_been_asked(&mut self, questions: usize) {
        let came = self.count.wait_for(|count| *count >= questions);
        let came = tokio::time::timeout(crate::DEADLINE, came).await;
        drop(came.expect("the bank is asked").expect("the bank runs"));
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Inner {
    /// One question after the other.
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        while let Some(asked) = question(&mut stream).await {
            let right = asked.body.contains(&format!("\"pin\":\"{}\"", self.pin));
            let count = {
                let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
                all.push(asked);
                all.len()
            };
            self.count.send_replace(count);
            let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let (status, body) = match fault {
                Some(Fault::Hangs) => std::future::pending().await,
                Some(Fault::Closes) => return,
                Some(Fault::Answers(status, body)) => (status, body),
                None if right => (200, r#"{"ok":true}"#),
                None => (200, r#"{"ok":false,"left":2}"#),
            };
            let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// Reads a request; `None` at the end of the connection.
async fn question(stream: &mut TcpStream) -> Option<Asked> {
    let mut octets = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&octets).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
            let headers: HashMap<String, String> =
                lines.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
            let length: usize =
                headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
            if body.len() >= length {
                return Some(Asked { headers, body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut octets).await.ok()? == 0 {
            return None;
        }
    }
}
