//! One session of the server: binds, requests and the end of the connection.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use tracing::{debug, warn};

use super::account::Seat;
use super::requests;
use super::shared::Shared;
use crate::links::admission::Admitted;
use crate::links::smpp::driver::{Connection, Handle, Peer};
use crate::links::smpp::meter::{Membership, Meter, Who};
use crate::smpp::pdu::{Bind, BindMode};
use crate::smpp::session::{Notice, Ticket};
use crate::smpp::{CommandStatus, Pdu};

/// The application's side of one connection.
pub(super) struct Side {
    shared: Arc<Shared>,
    remote: SocketAddr,
    handle: Handle,
    meter: Arc<Meter>,
    admitted: Arc<Admitted>,
    /// Set before the bind is answered.
    seat: Arc<OnceLock<Seat>>,
    bound: Option<(BindMode, Membership)>,
}

impl Side {
    pub(super) fn new(
        shared: Arc<Shared>,
        remote: SocketAddr,
        connection: &Connection,
        admitted: Arc<Admitted>,
    ) -> Self {
        let (handle, meter) = (connection.handle(), connection.meter());
        Self { shared, remote, handle, meter, admitted, seat: Arc::default(), bound: None }
    }

    /// A line about a bound peer counts for its link. Any other line counts for its address.
    fn may_log(&self, link: &str) -> bool {
        let faults = &self.shared.application.faults;
        if link.is_empty() { faults.admits_from(self.remote.ip()) } else { faults.admits(link) }
    }
}

impl Peer for Side {
    fn authenticate(&mut self, ticket: Ticket, bind: Bind, handle: &Handle) {
        let (shared, handle, seat) = (self.shared.clone(), handle.clone(), self.seat.clone());
        let address = self.remote.ip().to_canonical();
        self.shared.tasks.spawn(async move {
            let verdict = shared.admit(&bind, address, &handle).await.map(|given| {
                let (window, peer_window) = given.account.windows();
                handle.limit(window, peer_window);
                // A session binds once, so that the cell is empty.
                drop(seat.set(given));
            });
            handle.decide(ticket, verdict);
        });
    }

    fn bound(&mut self, mode: BindMode, handle: &Handle) {
        let Some(Seat { account, .. }) = self.seat.get() else { return };
        // If the connection has to leave already, it is about to be dropped.
        self.admitted.settle();
        let who = Who {
            link: account.name().to_owned(),
            peer_is: "esme",
            address: self.remote.to_string(),
            mode,
            bound_at: self.shared.application.clock.now(),
        };
        self.bound = Some((mode, self.shared.application.registry.enter(who, self.meter.clone())));
        if mode.receives() {
            account.submitter().bound(handle.clone());
        }
        if mode.transmits() {
            account.inbound().bound();
        }
    }

    fn request(&mut self, ticket: Ticket, pdu: Pdu, handle: &Handle) {
        match self.seat.get() {
            Some(seat) => requests::serve(&self.shared, &seat.account, ticket, &pdu, handle),
            None => handle.answer(ticket, CommandStatus::WRONG_BIND_STATUS, None),
        }
    }

    fn notice(&mut self, notice: Notice) {
        let link = self.seat.get().map_or("", |seat| seat.account.name());
        let remote = self.remote;
        match notice {
            Notice::Malformed(error) => {
                if self.may_log(link) {
                    warn!(link, %remote, %error, "a PDU that cannot be read");
                }
            }
            Notice::Refused(command, status) => debug!(link, %remote, %command, %status, "a request was refused"),
            Notice::UnexpectedResponse { command, sequence, status } => {
                debug!(link, %remote, command, sequence, %status, "a response that nobody waits for");
            }
            Notice::Unanswerable(command) => debug!(link, %remote, %command, "noted"),
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        let (Some(Seat { account, .. }), Some((mode, _))) = (self.seat.get(), &self.bound) else { return };
        if mode.receives() {
            account.submitter().lost(&self.handle);
        }
        if mode.transmits() {
            account.inbound().lost();
        }
    }
}
