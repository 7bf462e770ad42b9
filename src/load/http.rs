//! The machine of a bank in a load test: orders top-ups over HTTP connections that are kept alive.

use std::borrow::Cow;
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::engine::Next;
use super::plan::Plan;
use super::report::Report;
use super::run::{Control, NotRun, prepare, supervise};
use super::shared::Shared;
use super::status::Status;
use super::template::plain;

/// Most header fields of a response.
const FIELDS_MAX: usize = 32;
/// Longest body of a response.
const BODY_MAX: usize = 64 * 1024;
/// Wait before a connection that has ended is opened again.
const AGAIN: Duration = Duration::from_millis(200);

/// A client that is about to connect.
#[derive(Debug)]
pub struct LoadHttp {
    /// `host:port` of the server.
    pub server: String,
    pub token: SecretString,
    /// Beginning of the idempotency keys of this run.
    pub run: String,
}

/// The part of a response that is judged.
#[derive(Debug, Deserialize)]
struct TopUp<'a> {
    #[serde(borrow)]
    state: Cow<'a, str>,
    /// Absent if the top-up was refused.
    #[serde(borrow)]
    number: Option<Cow<'a, str>>,
    amount_minor: Option<u32>,
}

/// A response: its status, the length of its head and that of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    status: u16,
    length: usize,
    body: usize,
}

impl Head {
    /// Returns `None` until the head is complete.
    fn read(octets: &[u8]) -> std::io::Result<Option<Self>> {
        let unreadable = |problem: String| std::io::Error::other(format!("the response: {problem}"));
        let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
        let mut response = httparse::Response::new(&mut fields);
        let parsed = response.parse(octets).map_err(|error| unreadable(error.to_string()))?;
        let (httparse::Status::Complete(length), Some(status)) = (parsed, response.code) else { return Ok(None) };
        let field = response.headers.iter().find(|field| field.name.eq_ignore_ascii_case("content-length"));
        let body = field.and_then(|field| std::str::from_utf8(field.value).ok()?.trim().parse().ok());
        match body {
            Some(body) if body <= BODY_MAX => Ok(Some(Self { status, length, body })),
            _ => Err(unreadable(format!("it has no content-length of at most {BODY_MAX}"))),
        }
    }
}

impl LoadHttp {
    /// Connects, runs and reports.
    ///
    /// # Errors
    /// The plan cannot be carried out, or the first connection fails.
    pub async fn run(self, plan: Plan, control: Control<'_>) -> Result<Report, NotRun> {
        let connections = plan.sessions;
        let shared = prepare(plan)?;
        let client = Rc::new(self);
        let mut running = JoinSet::new();
        for _ in 0..connections {
            let stream = client.connect().await?;
            running.spawn_local(client.clone().keep(stream, shared.clone()));
        }
        let report = supervise(&shared, &control).await;
        shared.stop.cancel();
        while running.join_next().await.is_some() {}
        Ok(Report { side: "http", ..report? })
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect(&self.server).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Keeps one connection open until the run is over.
    async fn keep(self: Rc<Self>, first: TcpStream, shared: Rc<Shared>) {
        let stop = shared.stop.clone();
        let work = async {
            let mut stream = Some(first);
            loop {
                match stream.take() {
                    Some(stream) => self.serve(stream, &shared).await,
                    None => tokio::time::sleep(AGAIN).await,
                }
                stream = self.connect().await.ok();
            }
        };
        stop.run_until_cancelled(work).await.unwrap_or(());
    }

    /// Orders one top-up after the other, until the connection ends.
    async fn serve(&self, mut stream: TcpStream, shared: &Shared) {
        shared.engine().tally.binds += 1;
        let (mut out, mut received) = (String::new(), BytesMut::new());
        loop {
            let (message, sent) = next(shared).await;
            self.write(message, shared, &mut out);
            let exchanged = exchange(&mut stream, out.as_bytes(), &mut received).await;
            let now = shared.now();
            let Ok(head) = exchanged else {
                shared.engine().lost(message);
                shared.pass_on(now);
                return;
            };
            let body = received.get(head.length..head.length + head.body).unwrap_or_default();
            take(shared, (message, sent), head.status, body, now);
            received.advance(head.length + head.body);
            shared.pass_on(now);
        }
    }

    fn write(&self, message: u32, shared: &Shared, out: &mut String) {
        let engine = shared.engine();
        let texts = &engine.plan.texts;
        let mut body = String::from("{\"number\":\"+");
        texts.numbers.render(texts.subscriber(message), &mut body);
        let minor = texts.values(message).minor;
        // Writing to a string does not fail.
        let _is_written = write!(body, "\",\"amount_minor\":{minor}}}");
        out.clear();
        let Self { server, token, run } = self;
        let (token, length) = (token.expose_secret(), body.len());
        let _is_written = write!(
            out,
            "POST /v1/topups HTTP/1.1\r\nhost: {server}\r\nauthorization: Bearer {token}\r\n\
             idempotency-key: {run}-{message}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n\
             {body}"
        );
    }
}

/// Waits for the next message; returns it and the instant of its send.
async fn next(shared: &Shared) -> (u32, u64) {
    loop {
        let now = shared.now();
        let next = shared.engine().next(now);
        if let Next::Send(message) = next {
            shared.engine().sent(message, now);
            shared.pass_on(now);
            return (message, now);
        }
        shared.pass_on(now);
        shared.hungry.notified().await;
    }
}

async fn exchange(stream: &mut TcpStream, request: &[u8], received: &mut BytesMut) -> std::io::Result<Head> {
    stream.write_all(request).await?;
    loop {
        if let Some(head) = Head::read(received)?
            && received.len() >= head.length + head.body
        {
            return Ok(head);
        }
        if stream.read_buf(received).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Takes a response: it is the answer and the reply.
fn take(shared: &Shared, (message, sent): (u32, u64), status: u16, body: &[u8], now: u64) {
    let mut engine = shared.engine();
    let status = Status::Http(status);
    engine.answered(message, sent, status, now);
    if !status.is_ok() {
        return;
    }
    let texts = &engine.plan.texts;
    let (mut number, mut text) = (String::new(), String::from("unreadable"));
    texts.numbers.render(texts.subscriber(message), &mut number);
    if let Ok(top_up) = serde_json::from_slice::<TopUp<'_>>(body) {
        let amount = top_up.amount_minor.map(|minor| plain(minor, texts.decimals)).unwrap_or_default();
        text = format!("{} {amount}", top_up.state);
        number = top_up.number.map_or(number, Cow::into_owned);
    }
    engine.replied(&number, &text, now);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_read_when_its_head_is_complete() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
        for cut in 0..head.len() {
            assert_eq!(Head::read(&head.as_bytes()[..cut]).unwrap(), None, "{cut}");
        }
        let expected = Head { status: 200, length: head.len(), body: 2 };
        assert_eq!(Head::read(format!("{head}{{}}").as_bytes()).unwrap(), Some(expected));
        assert!(Head::read(b"HTTP/1.1 200 OK\r\n\r\n").is_err(), "its end is unknown");
        assert!(Head::read(b"+OK\r\n\r\n").is_err());
    }
}
