//! Stands between an SMSC and who binds to it, and says octets to the latter that the SMSC never said.

use std::net::SocketAddr;

use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// Injections that a connection may be behind by.
const BEHIND_MAX: usize = 1_024;

/// Passes connections on until it is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    injected: broadcast::Sender<Vec<u8>>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Listens on a port of its own, and passes on to this address.
    pub async fn to(smsc: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let injected = broadcast::Sender::new(BEHIND_MAX);
        let said = injected.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connection(client, smsc, said.subscribe()));
            }
        });
        Self { address, injected, task }
    }

    /// Its own address, to bind to instead of the SMSC's.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says these octets to every client, between two PDUs of the SMSC's.
    pub fn inject(&self, octets: impl Into<Vec<u8>>) {
        self.injected.send(octets.into()).expect("somebody is connected");
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Ends with either side, which closes both.
async fn connection(mut client: TcpStream, smsc: SocketAddr, injected: broadcast::Receiver<Vec<u8>>) {
    let Ok(mut server) = TcpStream::connect(smsc).await else { return };
    let (mut from_client, to_client) = client.split();
    let (from_server, mut to_server) = server.split();
    tokio::select! {
        _ = io::copy(&mut from_client, &mut to_server) => {}
        _ = answer(from_server, to_client, injected) => {}
    }
}

async fn answer(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut injected: broadcast::Receiver<Vec<u8>>,
) -> io::Result<()> {
    let mut read = Vec::new();
    loop {
        tokio::select! {
            octets = injected.recv() => to.write_all(&octets.map_err(io::Error::other)?).await?,
            count = from.read_buf(&mut read) => {
                if count? == 0 {
                    return Ok(());
                }
                while let Some(length) = whole(&read) {
                    to.write_all(&read[..length]).await?;
                    read.drain(..length);
                }
            }
        }
    }
}

/// Length of the PDU that these octets begin with, where all of it is there.
fn whole(read: &[u8]) -> Option<usize> {
    let length = usize::try_from(u32::from_be_bytes(*read.first_chunk()?)).ok()?;
    (length <= read.len()).then_some(length)
}
