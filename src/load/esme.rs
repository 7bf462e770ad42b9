//! The bank of a load test: binds to a server, submits messages, and takes replies as deliveries.

use std::rc::Rc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::identity::Identity;
use super::plan::Plan;
use super::report::Report;
use super::run::{Control, NotRun, prepare, supervise};
use super::session::{Ended, Role, Session, Terms};
use super::shared::Shared;
use super::wire::Wire;
use crate::smpp::address::Address;
use crate::smpp::octets::Octets;
use crate::smpp::pdu::{Bind, BindMode, Body, Pdu};
use crate::smpp::session::INTERFACE_VERSION;
use crate::smpp::{CommandId, decode};

/// Longest wait for the answer to a bind.
const BIND_WITHIN: Duration = Duration::from_secs(10);
/// Wait before a session that has ended is bound again.
const BIND_AGAIN: Duration = Duration::from_millis(200);

/// A bank that is about to bind.
#[derive(Debug)]
pub struct LoadEsme {
    /// `host:port` of the server.
    pub server: String,
    pub identity: Identity,
}

impl LoadEsme {
    /// Binds, runs and reports.
    ///
    /// # Errors
    /// The plan cannot be carried out, or the first bind of a session fails.
    pub async fn run(self, plan: Plan, control: Control<'_>) -> Result<Report, NotRun> {
        let (sessions, short_code) = (plan.sessions, self.identity.short_code()?);
        let shared = prepare(plan)?;
        let bank = Rc::new(self);
        let mut running = JoinSet::new();
        for _ in 0..sessions {
            let wire = bank.bind().await?;
            running.spawn_local(bank.clone().keep(wire, short_code, shared.clone()));
        }
        let report = supervise(&shared, &control).await;
        shared.stop.cancel();
        while running.join_next().await.is_some() {}
        Ok(Report { side: "esme", ..report? })
    }

    async fn bind(&self) -> Result<Wire, NotRun> {
        let mut wire = Wire::new(TcpStream::connect(&self.server).await?)?;
        let bind = Bind {
            mode: BindMode::Transceiver,
            system_id: Octets::from_text(&self.identity.system_id)?,
            password: Octets::from_text(self.identity.password.expose_secret())?,
            system_type: Octets::default(),
            interface_version: INTERFACE_VERSION,
            addr_ton: 0,
            addr_npi: 0,
            address_range: Octets::default(),
        };
        wire.send(&Pdu::request(1, Body::Bind(bind))).await?;
        let frame = timeout(BIND_WITHIN, wire.frame()).await.map_err(std::io::Error::from)??;
        let status = frame.header().status;
        match decode(&frame) {
            Ok(pdu) if status.is_ok() && pdu.command() == CommandId::BindTransceiverResp => Ok(wire),
            _ => Err(NotRun::Refused(status)),
        }
    }

    /// Keeps one session bound until the run is over.
    async fn keep(self: Rc<Self>, first: Wire, short_code: Address, shared: Rc<Shared>) {
        let terms = || Terms { role: Role::Esme, sends: true, short_code, run: self.identity.run.as_str().into() };
        let mut wire = Some(first);
        while !shared.stop.is_cancelled() {
            match wire.take() {
                Some(wire) => {
                    if Session::new(shared.clone(), terms()).run(wire).await == Ended::Stopped {
                        return;
                    }
                }
                None => tokio::time::sleep(BIND_AGAIN).await,
            }
            wire = self.bind().await.ok();
        }
    }
}
