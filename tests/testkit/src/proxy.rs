//! Stands between the program and PostgreSQL, and keeps the answer to a commit from the program: the server has done it,
//! and the connection ends before the program hears of it, or stays open without an answer. A commit is a COMMIT, or a
//! statement outside of a transaction that writes messages.

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;

use crate::postgres::Postgres;

/// Passes connections on until it is dropped.
pub struct Proxy {
    /// The database's address through it.
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    socket: PathBuf,
    armed: AtomicBool,
    lost: AtomicUsize,
    withholding: AtomicBool,
}

impl Proxy {
    /// `None` where the server is not ours.
    pub async fn before(server: &Postgres) -> Option<Self> {
        let folder = server.url.split_once("host=").filter(|_| server.is_private())?.1;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
        let url = format!(
            "postgres://mbush@{}/postgres?sslmode=disable",
            listener.local_addr().expect("a bound socket has an address")
        );
        let socket = PathBuf::from(folder).join(".s.PGSQL.5432");
        let shared = Arc::new(Shared {
            socket,
            armed: AtomicBool::new(false),
            lost: AtomicUsize::new(0),
            withholding: AtomicBool::new(false),
        });
        let task = tokio::spawn({
            let shared = shared.clone();
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(connection(client, shared.clone()));
                }
            }
        });
        Some(Self { url, shared, task })
    }

    /// The answer to the next commit, whoever sends it, is lost.
    pub fn lose_next(&self) {
        self.shared.armed.store(true, Ordering::SeqCst);
    }

    /// The answers to commits that are sent from now on are kept back, and their connections stay open; `false` ends that
    /// for others.
    pub fn withhold(&self, is_so: bool) {
        self.shared.withholding.store(is_so, Ordering::SeqCst);
    }

    /// How many were lost.
    pub fn lost(&self) -> usize {
        self.shared.lost.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The text by which a statement is known that writes messages.
const WRITES_MESSAGES: &[u8] = b"INSERT INTO inbox";

/// The answers that a connection keeps back.
#[derive(Default)]
struct Kept {
    in_transaction: AtomicBool,
    losing: AtomicBool,
    withheld: AtomicBool,
}

/// Ends with either side, which closes both.
async fn connection(client: TcpStream, shared: Arc<Shared>) {
    let Ok(server) = UnixStream::connect(&shared.socket).await else { return };
    if client.set_nodelay(true).is_err() {
        return;
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let kept = Kept::default();
    tokio::select! {
        _ = asked(&mut from_client, &mut to_server, &shared, &kept) => {}
        _ = answered(&mut from_server, &mut to_client, &shared, &kept) => {}
    }
}

async fn asked(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    shared: &Shared,
    kept: &Kept,
) -> io::Result<()> {
    // The first message has no type before its length.
    let length = from.read_u32().await?;
    let mut start = vec![0; usize::try_from(length).unwrap_or(0).saturating_sub(4)];
    from.read_exact(&mut start).await?;
    to.write_u32(length).await?;
    to.write_all(&start).await?;
    let mut writing = HashSet::new();
    loop {
        let (kind, body) = message(from).await?;
        let mut texts = body.split(|octet| *octet == 0);
        let is_commit = match kind {
            b'Q' => body.starts_with(b"COMMIT"),
            // Parse: the name of a statement, and its text.
            b'P' => {
                let (name, text) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
                if text.windows(WRITES_MESSAGES.len()).any(|part| part == WRITES_MESSAGES) {
                    writing.insert(name.to_vec());
                }
                false
            }
            // Bind: the name of a portal, and of its statement.
            b'B' => {
                let is_alone = !kept.in_transaction.load(Ordering::SeqCst);
                is_alone && texts.nth(1).is_some_and(|name| writing.contains(name))
            }
            _ => false,
        };
        if is_commit {
            kept.withheld.store(shared.withholding.load(Ordering::SeqCst), Ordering::SeqCst);
            if shared.armed.swap(false, Ordering::SeqCst) {
                kept.losing.store(true, Ordering::SeqCst);
            }
        }
        pass_on(to, kind, &body).await?;
    }
}

async fn answered(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    shared: &Shared,
    kept: &Kept,
) -> io::Result<()> {
    loop {
        let (kind, body) = message(from).await?;
        if kind == b'Z' {
            kept.in_transaction.store(body != b"I", Ordering::SeqCst);
        }
        if kept.withheld.load(Ordering::SeqCst) {
            continue;
        }
        if !kept.losing.load(Ordering::SeqCst) {
            pass_on(to, kind, &body).await?;
        } else if kind == b'Z' {
            // Ready for the next: it is committed.
            shared.lost.fetch_add(1, Ordering::SeqCst);
            return Err(ErrorKind::ConnectionAborted.into());
        }
    }
}

async fn message(from: &mut (impl AsyncReadExt + Unpin)) -> io::Result<(u8, Vec<u8>)> {
    let kind = from.read_u8().await?;
    let length = from.read_u32().await?;
    let mut body = vec![0; usize::try_from(length).unwrap_or(0).saturating_sub(4)];
    from.read_exact(&mut body).await?;
    Ok((kind, body))
}

async fn pass_on(to: &mut (impl AsyncWriteExt + Unpin), kind: u8, body: &[u8]) -> io::Result<()> {
    // In one piece, because the system delays the second of two small ones.
    let mut whole = vec![kind];
    whole.extend(u32::try_from(body.len() + 4).unwrap_or(u32::MAX).to_be_bytes());
    whole.extend(body);
    to.write_all(&whole).await
}
