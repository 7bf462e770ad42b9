//! Checks of a bind: name, password, network, seats.

use std::net::IpAddr;

use subtle::ConstantTimeEq;
use tracing::{info, warn};

use super::account::Seat;
use super::shared::Shared;
use crate::links::smpp::driver::Handle;
use crate::smpp::CommandStatus;
use crate::smpp::pdu::Bind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Earlier binds failed. This one was not checked.
    Waits,
    /// No link has this name.
    Name,
    /// The password is wrong.
    Password,
    /// The address is in none of the link's networks.
    Network,
    /// All seats of the link are taken by live sessions.
    Seats,
    /// The server is about to stop.
    Stopping,
}

impl Refusal {
    /// The status of the answer. By default it is the same for all causes, so that a stranger cannot find out which
    /// names exist.
    const fn status(self, tell: bool) -> CommandStatus {
        match self {
            Self::Name if tell => CommandStatus::INVALID_SYSTEM_ID,
            Self::Password if tell => CommandStatus::INVALID_PASSWORD,
            Self::Stopping => CommandStatus::SYSTEM_ERROR,
            _ => CommandStatus::BIND_FAILED,
        }
    }

    /// Returns true if the refusal counts as a failed attempt of the peer's address.
    const fn is_suspect(self) -> bool {
        matches!(self, Self::Name | Self::Password | Self::Network)
    }
}

impl Shared {
    /// Returns a seat for the peer, or the status that refuses the bind.
    pub(super) async fn admit(&self, bind: &Bind, address: IpAddr, handle: &Handle) -> Result<Seat, CommandStatus> {
        let name = bind.system_id.as_bytes();
        let judged = if self.stop.is_cancelled() {
            Err(Refusal::Stopping)
        } else if self.auth_failures.wait(address, Some(name)).is_some() {
            Err(Refusal::Waits)
        } else {
            self.judge(bind, address, handle).await
        };
        let system_id = bind.system_id.to_string();
        match judged {
            Ok(seat) => {
                self.auth_failures.worked(address, Some(name));
                if self.application.faults.admits(seat.account.name()) {
                    info!(link = seat.account.name(), %address, mode = ?bind.mode, "bound");
                }
                Ok(seat)
            }
            Err(refusal) => {
                metrics::counter!("mbush_smpp_binds_refused_total").increment(1);
                let line = if refusal.is_suspect() {
                    self.auth_failures.failed(address, Some(name))
                } else {
                    self.auth_failures.refused(address)
                };
                if line {
                    warn!(system_id, %address, ?refusal, "a bind was refused");
                }
                Err(refusal.status(self.settings.tell_bind_errors))
            }
        }
    }

    async fn judge(&self, bind: &Bind, address: IpAddr, handle: &Handle) -> Result<Seat, Refusal> {
        let password = bind.password.as_bytes();
        let Some(account) = self.accounts.get(bind.system_id.as_bytes()) else {
            // The comparison takes as long as for a name that exists.
            let _same = bool::from(password.ct_eq(password));
            return Err(Refusal::Name);
        };
        let right = account.has_password(password);
        if !account.is_from(address) {
            return Err(Refusal::Network);
        }
        if !right {
            return Err(Refusal::Password);
        }
        account.seat(handle).await.ok_or(Refusal::Seats)
    }
}
