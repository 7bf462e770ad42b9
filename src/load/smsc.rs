//! The SMSC of a load test: waits for binds, delivers messages, and takes replies as submissions.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinSet, spawn_local};
use tokio::time::timeout;

use super::identity::Identity;
use super::plan::Plan;
use super::report::Report;
use super::run::{Control, NotRun, prepare, supervise};
use super::session::{Role, Session, Terms};
use super::shared::Shared;
use super::wire::Wire;
use crate::smpp::address::Address;
use crate::smpp::pdu::{Bind, BindMode, BindResp, Body, Pdu};
use crate::smpp::session::INTERFACE_VERSION;
use crate::smpp::tlv::{Tlvs, tag};
use crate::smpp::{CommandStatus, decode};

/// Longest wait for the bind of a connection.
const BIND_WITHIN: Duration = Duration::from_secs(10);
/// Wait before the next connection is accepted after one could not be.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// An SMSC that listens.
#[derive(Debug)]
pub struct LoadSmsc {
    listener: TcpListener,
    identity: Identity,
}

impl LoadSmsc {
    /// # Errors
    /// The address is not available.
    pub async fn listen(address: SocketAddr, identity: Identity) -> std::io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, identity })
    }

    /// # Errors
    /// The socket has no address.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Waits for the binds, runs and reports.
    ///
    /// # Errors
    /// The plan cannot be carried out.
    pub async fn run(self, plan: Plan, control: Control<'_>) -> Result<Report, NotRun> {
        let (wanted, short_code) = (plan.sessions, self.identity.short_code()?);
        let shared = prepare(plan)?;
        let binds = Rc::new(Binds {
            wanted,
            short_code,
            receivers: Cell::new(0),
            transmitters: Cell::new(0),
            complete: Notify::new(),
        });
        let accepting = spawn_local(accept(self.listener, self.identity, shared.clone(), binds.clone()));
        let stopped = control.stop.run_until_cancelled(binds.complete.notified()).await.is_none();
        let report = if stopped { Ok(Report::default()) } else { supervise(&shared, &control).await };
        shared.stop.cancel();
        drop(timeout(BIND_WITHIN, accepting).await);
        Ok(Report { side: "smsc", ..report? })
    }
}

/// Binds so far: receivers and transmitters, of which a transceiver is both.
struct Binds {
    wanted: usize,
    short_code: Address,
    receivers: Cell<usize>,
    transmitters: Cell<usize>,
    complete: Notify,
}

impl Binds {
    fn add(&self, mode: BindMode) {
        self.receivers.set(self.receivers.get() + usize::from(mode.receives()));
        self.transmitters.set(self.transmitters.get() + usize::from(mode.transmits()));
        if self.receivers.get() >= self.wanted && self.transmitters.get() >= self.wanted {
            self.complete.notify_one();
        }
    }
}

/// Accepts connections until the run is over, then waits for the end of their sessions.
async fn accept(listener: TcpListener, identity: Identity, shared: Rc<Shared>, binds: Rc<Binds>) {
    let mut sessions = JoinSet::new();
    let stop = shared.stop.clone();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                sessions.spawn_local(serve(stream, identity.clone(), shared.clone(), binds.clone()));
            }
            Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
        }
        while sessions.try_join_next().is_some() {}
    }
    while sessions.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, identity: Identity, shared: Rc<Shared>, binds: Rc<Binds>) {
    let bound = async {
        let mut wire = Wire::new(stream)?;
        let mode = bind(&mut wire, &identity).await?;
        Ok::<_, std::io::Error>((wire, mode))
    };
    let bound = shared.stop.run_until_cancelled(timeout(BIND_WITHIN, bound)).await;
    // A client that cannot bind is told so, and tries again or not.
    let Some(Ok(Ok((wire, Some(mode))))) = bound else { return };
    binds.add(mode);
    let terms =
        Terms { role: Role::Smsc, sends: mode.receives(), short_code: binds.short_code, run: identity.run.into() };
    Session::new(shared, terms).run(wire).await;
}

/// Answers the bind of a client; returns its mode, or `None` if it was refused.
async fn bind(wire: &mut Wire, identity: &Identity) -> std::io::Result<Option<BindMode>> {
    let frame = wire.frame().await?;
    let sequence = frame.header().sequence;
    let Ok(Pdu { body: Body::Bind(bind), .. }) = decode(&frame) else {
        wire.send(&Pdu::generic_nack(CommandStatus::WRONG_BIND_STATUS, sequence)).await?;
        return Ok(None);
    };
    let status = judge(&bind, identity);
    let tlvs = Tlvs::default().with(tag::SC_INTERFACE_VERSION, &[INTERFACE_VERSION]).unwrap_or_default();
    let name = if status.is_ok() { Bytes::from_static(b"mbush-load") } else { Bytes::new() };
    let tlvs = if status.is_ok() { tlvs } else { Tlvs::default() };
    let body = Body::BindResp(BindResp { mode: bind.mode, system_id: name, tlvs });
    wire.send(&Pdu { status, sequence, body }).await?;
    Ok(status.is_ok().then_some(bind.mode))
}

/// Distinguishes an unknown name from a wrong password, as the specification does.
fn judge(bind: &Bind, identity: &Identity) -> CommandStatus {
    if bind.system_id.as_bytes() != identity.system_id.as_bytes() {
        return CommandStatus::INVALID_SYSTEM_ID;
    }
    let password = identity.password.expose_secret().as_bytes();
    if bool::from(bind.password.as_bytes().ct_eq(password)) {
        CommandStatus::OK
    } else {
        CommandStatus::INVALID_PASSWORD
    }
}
