//! Stands between the program and PostgreSQL, and loses the answer to a COMMIT: the server has done it, and the connection ends
//! before the program hears of it.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use testkit::postgres::Postgres;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;

pub(crate) struct Proxy {
    /// The database's address through it.
    pub(crate) url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    socket: PathBuf,
    armed: AtomicBool,
    lost: AtomicUsize,
}

impl Proxy {
    /// `None` where the server is not ours.
    pub(crate) async fn before(server: &Postgres) -> Option<Self> {
        let folder = server.url.split_once("host=").filter(|_| server.is_private())?.1;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://mbush@{}/postgres?sslmode=disable", listener.local_addr().unwrap());
        let socket = PathBuf::from(folder).join(".s.PGSQL.5432");
        let shared = Arc::new(Shared { socket, armed: AtomicBool::new(false), lost: AtomicUsize::new(0) });
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

    /// The answer to the next COMMIT, whoever sends it, is lost.
    pub(crate) fn lose_next(&self) {
        self.shared.armed.store(true, Ordering::SeqCst);
    }

    /// How many were lost.
    pub(crate) fn lost(&self) -> usize {
        self.shared.lost.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Ends with either side, which closes both.
async fn connection(client: TcpStream, shared: Arc<Shared>) {
    let Ok(server) = UnixStream::connect(&shared.socket).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let losing = AtomicBool::new(false);
    tokio::select! {
        _ = asked(&mut from_client, &mut to_server, &shared, &losing) => {}
        _ = answered(&mut from_server, &mut to_client, &shared, &losing) => {}
    }
}

async fn asked(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    shared: &Shared,
    losing: &AtomicBool,
) -> io::Result<()> {
    // The first message has no type before its length.
    let length = from.read_u32().await?;
    let mut start = vec![0; usize::try_from(length).unwrap_or(0).saturating_sub(4)];
    from.read_exact(&mut start).await?;
    to.write_u32(length).await?;
    to.write_all(&start).await?;
    loop {
        let (kind, body) = message(from).await?;
        if kind == b'Q' && body.starts_with(b"COMMIT") && shared.armed.swap(false, Ordering::SeqCst) {
            losing.store(true, Ordering::SeqCst);
        }
        pass_on(to, kind, &body).await?;
    }
}

async fn answered(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    shared: &Shared,
    losing: &AtomicBool,
) -> io::Result<()> {
    loop {
        let (kind, body) = message(from).await?;
        if !losing.load(Ordering::SeqCst) {
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
    to.write_u8(kind).await?;
    to.write_u32(u32::try_from(body.len() + 4).unwrap_or(u32::MAX)).await?;
    to.write_all(body).await
}
