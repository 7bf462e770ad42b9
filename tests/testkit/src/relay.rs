//! Stands between an SMSC and who binds to it. It says octets to the latter that the SMSC never said, and keeps back what
//! either of them says.

use std::net::SocketAddr;

use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

/// Injections that a connection may be behind by.
const BEHIND_MAX: usize = 1_024;

/// The `command_id` of PDUs that can be kept back.
pub mod command {
    pub const SUBMIT_SM: u32 = 0x0000_0004;
    pub const SUBMIT_SM_RESP: u32 = 0x8000_0004;
    pub const DELIVER_SM: u32 = 0x0000_0005;
    pub const ENQUIRE_LINK_RESP: u32 = 0x8000_0015;
}

/// Passes connections on until it is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    injected: broadcast::Sender<Vec<u8>>,
    withheld: watch::Sender<Option<u32>>,
    held: watch::Sender<usize>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Listens on a port of its own, and passes on to this address.
    pub async fn to(smsc: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (injected, withheld, held) =
            (broadcast::Sender::new(BEHIND_MAX), watch::Sender::new(None), watch::Sender::new(0));
        let (said, withholding, counted) = (injected.clone(), withheld.subscribe(), held.clone());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let gate = Gate { withheld: withholding.clone(), held: counted.clone(), kept: Vec::new() };
                tokio::spawn(connection(client, smsc, said.subscribe(), gate));
            }
        });
        Self { address, injected, withheld, held, task }
    }

    /// Its own address, to bind to instead of the SMSC's.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says these octets to every client, between two PDUs of the SMSC's.
    pub fn inject(&self, octets: impl Into<Vec<u8>>) {
        self.injected.send(octets.into()).expect("somebody is connected");
    }

    /// Keeps back PDUs of this command from now on; those of a command before are passed on. Those of a connection that
    /// ends are lost.
    pub fn withhold(&self, command: Option<u32>) {
        self.held.send_replace(0);
        self.withheld.send_replace(command);
    }

    /// Waits until as many PDUs are kept back.
    pub async fn held(&self, count: usize) {
        let mut held = self.held.subscribe();
        // The sender lives as long as `self`.
        let _alive = held.wait_for(|held| *held >= count).await.is_ok();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// PDUs that one direction of a connection keeps back.
#[derive(Clone)]
struct Gate {
    withheld: watch::Receiver<Option<u32>>,
    held: watch::Sender<usize>,
    kept: Vec<Vec<u8>>,
}

impl Gate {
    fn keeps(&mut self, pdu: &[u8]) -> bool {
        let withheld = *self.withheld.borrow();
        let keeps = withheld.is_some() && withheld == command(pdu);
        if keeps {
            self.kept.push(pdu.to_vec());
            self.held.send_modify(|held| *held += 1);
        }
        keeps
    }

    /// Takes what is not kept back any more.
    fn released(&mut self) -> Vec<u8> {
        let withheld = *self.withheld.borrow_and_update();
        let is_kept = |pdu: &mut Vec<u8>| command(pdu) != withheld;
        self.kept.extract_if(.., is_kept).flatten().collect()
    }
}

/// Ends with either side, which closes both.
async fn connection(mut client: TcpStream, smsc: SocketAddr, injected: broadcast::Receiver<Vec<u8>>, gate: Gate) {
    let Ok(mut server) = TcpStream::connect(smsc).await else { return };
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let (nothing, silence) = broadcast::channel(1);
    tokio::select! {
        _ = pass(from_client, to_server, silence, gate.clone()) => {}
        _ = pass(from_server, to_client, injected, gate) => {}
    }
    drop(nothing);
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut injected: broadcast::Receiver<Vec<u8>>,
    mut gate: Gate,
) -> io::Result<()> {
    let mut read = Vec::new();
    loop {
        tokio::select! {
            biased;
            changed = gate.withheld.changed() => {
                changed.map_err(io::Error::other)?;
                to.write_all(&gate.released()).await?;
            }
            octets = injected.recv() => to.write_all(&octets.map_err(io::Error::other)?).await?,
            count = from.read_buf(&mut read) => {
                if count? == 0 {
                    return Ok(());
                }
                while let Some(length) = whole(&read) {
                    if !gate.keeps(&read[..length]) {
                        to.write_all(&read[..length]).await?;
                    }
                    read.drain(..length);
                }
            }
        }
    }
}

fn command(pdu: &[u8]) -> Option<u32> {
    pdu.get(4..8)?.first_chunk().map(|octets| u32::from_be_bytes(*octets))
}

/// Length of the PDU that these octets begin with, where all of it is there.
fn whole(read: &[u8]) -> Option<usize> {
    let length = usize::try_from(u32::from_be_bytes(*read.first_chunk()?)).ok()?;
    (length <= read.len()).then_some(length)
}
