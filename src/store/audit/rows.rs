//! Rows as the audit reads them: texts and octets as they are, whether or not the program could have written them.

use super::cause::{CauseAction, CauseMessage};
use super::raw::{Micros, RawId};
use super::reader::paged;
use super::sql;
use crate::store::chain::{Entry, Further, Sealed};
use crate::store::db::columns;

/// Numbers of rows, for the progress.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) transfers: i64,
    pub(super) accounts: i64,
    /// Those that were applied.
    pub(super) messages: i64,
    pub(super) holds: i64,
    /// Those that were carried out.
    pub(super) actions: i64,
}

columns!(both Counts: transfers, accounts, messages, holds, actions);

/// Used scratch cards and what was paid for them, counted.
#[derive(Debug)]
pub(super) struct LedgerCards {
    pub(super) used: i64,
    /// The transfers that they name, each once.
    pub(super) named: i64,
    /// The transfers that there are.
    pub(super) transfers: i64,
}

columns!(both LedgerCards: used, named, transfers);

/// A transfer, and what its message says of it.
#[derive(Debug, Clone)]
pub(super) struct LedgerTransfer {
    pub(super) id: RawId,
    pub(super) kind: String,
    pub(super) debit: String,
    pub(super) credit: String,
    pub(super) amount_minor: i64,
    pub(super) message_key: Option<String>,
    pub(super) action: Option<RawId>,
    pub(super) system: Option<String>,
    pub(super) at_us: Micros,
    pub(super) debit_entry: Option<i64>,
    pub(super) debit_previous: Option<Vec<u8>>,
    pub(super) debit_balance_minor: Option<i64>,
    pub(super) credit_entry: Option<i64>,
    pub(super) credit_previous: Option<Vec<u8>>,
    pub(super) credit_balance_minor: Option<i64>,
    pub(super) valid_before_us: Option<Micros>,
    pub(super) valid_after_us: Option<Micros>,
    pub(super) reverses: Option<RawId>,
    pub(super) hold: Option<RawId>,
    pub(super) reason: Option<String>,
    /// The fingerprints of the requests that it carried out.
    pub(super) requests: Option<Vec<u8>>,
    pub(super) hash: Vec<u8>,
    pub(super) message: CauseMessage,
    pub(super) order: CauseAction,
    /// The ending of the message; `None`: there is no such message.
    pub(super) ending: Option<String>,
    /// The transfer that the message names.
    pub(super) message_transfer: Option<RawId>,
    /// `None`: there is no such action.
    pub(super) action_state: Option<String>,
    /// The transfer that the action names.
    pub(super) action_transfer: Option<RawId>,
    /// The transfer that it takes back; all `None`: there is none.
    pub(super) original_kind: Option<String>,
    pub(super) original_debit: Option<String>,
    pub(super) original_credit: Option<String>,
    pub(super) original_minor: Option<i64>,
    /// The hold that it captures; all `None`: there is none, or it was not captured.
    pub(super) hold_account: Option<String>,
    pub(super) hold_transfer: Option<RawId>,
    pub(super) hold_minor: Option<i64>,
}

columns!(
    both LedgerTransfer: id, kind, debit, credit, amount_minor, message_key, action, system, at_us, debit_entry,
        debit_previous, debit_balance_minor, credit_entry, credit_previous, credit_balance_minor, valid_before_us,
        valid_after_us, reverses, hold, reason, requests, hash, ending, message_transfer, action_state, action_transfer,
        original_kind, original_debit, original_credit, original_minor, hold_account, hold_transfer, hold_minor; flatten message; flatten order
);

/// The rows that a transfer's hash proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The transfer, what caused it, and the requests that it carried out.
    WithCause,
    /// The transfer: it is of before its cause was hashed with it.
    Alone,
}

impl LedgerTransfer {
    /// `None`: the transfer, or its cause, is not what was hashed.
    pub(super) fn reach(&self) -> Result<Option<Reach>, Misshapen> {
        let cause = match (&self.message_key, &self.action) {
            (Some(key), _) => self.message.hash(key),
            (None, Some(id)) => self.order.hash(id),
            (None, None) => None,
        };
        let alone = self.sealed()?;
        let with_cause = cause.as_ref().is_some_and(|cause| {
            let sealed = Sealed { cause: Some(cause), requests: self.requests.as_deref(), ..alone };
            self.hash == sealed.hash()
        });
        if with_cause {
            return Ok(Some(Reach::WithCause));
        }
        Ok((self.requests.is_none() && self.hash == alone.hash()).then_some(Reach::Alone))
    }

    /// As it was hashed before its cause was hashed with it.
    pub(super) fn sealed(&self) -> Result<Sealed<'_>, Misshapen> {
        Ok(Sealed {
            id: (&*self.id).try_into().map_err(|_| Misshapen)?,
            kind: &self.kind,
            debit: &self.debit,
            credit: &self.credit,
            amount_minor: self.amount_minor,
            message_key: self.message_key.as_deref(),
            at_us: self.at_us.0,
            debit_entry: entry(self.debit_entry, self.debit_previous.as_deref(), self.debit_balance_minor)?,
            credit_entry: entry(self.credit_entry, self.credit_previous.as_deref(), self.credit_balance_minor)?,
            further: Further {
                action: self.action.as_deref(),
                system: self.system.as_deref(),
                valid_before_us: self.valid_before_us.map(|at| at.0),
                valid_after_us: self.valid_after_us.map(|at| at.0),
                reverses: self.reverses.as_deref(),
                hold: self.hold.as_deref(),
                reason: self.reason.as_deref(),
            },
            cause: None,
            requests: None,
        })
    }
}

/// Columns of a shape that was never hashed.
#[derive(Debug)]
pub(super) struct Misshapen;

/// All three columns, or none.
fn entry(number: Option<i64>, previous: Option<&[u8]>, balance_minor: Option<i64>) -> Result<Option<Entry>, Misshapen> {
    match (number, previous, balance_minor) {
        (None, None, None) => Ok(None),
        (Some(number), Some(previous), Some(balance_minor)) => {
            let previous = previous.try_into().map_err(|_| Misshapen)?;
            Ok(Some(Entry { number, previous, balance_minor, prior: None }))
        }
        _ => Err(Misshapen),
    }
}

/// An account that keeps a balance.
#[derive(Debug)]
pub(super) struct LedgerAccount {
    pub(super) name: String,
    pub(super) balance_minor: i64,
    pub(super) entries: i64,
    pub(super) head: Vec<u8>,
    /// Its last transfer.
    pub(super) last_transfer: Option<RawId>,
    /// The sum of its pending holds, as its row has it.
    pub(super) held_minor: i64,
    /// The sum of its pending holds, as their rows have it.
    pub(super) pending_minor: i64,
    /// The end of its validity.
    pub(super) valid_until_us: Option<Micros>,
    /// The end of its validity after the last recorded change of its life.
    pub(super) recorded_until_us: Option<Micros>,
}

columns!(
    both LedgerAccount: name, balance_minor, entries, head, last_transfer, held_minor, pending_minor, valid_until_us,
        recorded_until_us
);

/// One side of a transfer that is an account's entry.
#[derive(Debug)]
pub(super) struct LedgerEntry {
    pub(super) account: String,
    pub(super) number: i64,
    pub(super) previous: Vec<u8>,
    pub(super) balance_minor: i64,
    /// Negative if the account is debited.
    pub(super) minor: i64,
    pub(super) id: RawId,
    pub(super) hash: Vec<u8>,
    /// The account's transfer before it.
    pub(super) prior: Option<RawId>,
    /// The transfer set the end of this account's validity to `valid_after_us`.
    pub(super) is_dated: bool,
    pub(super) valid_after_us: Option<Micros>,
}

columns!(both LedgerEntry: account, number, previous, balance_minor, minor, id, hash, prior, is_dated, valid_after_us);

/// A side of a transfer that no walk from an account's last transfer reaches.
#[derive(Debug)]
pub(super) struct LooseEntry {
    pub(super) id: RawId,
    pub(super) account: String,
    pub(super) has_account: bool,
}

columns!(both LooseEntry: id, account, has_account);

/// A message that was applied.
#[derive(Debug)]
pub(super) struct LedgerMessage {
    pub(super) key: String,
    /// The transfer that it names.
    pub(super) transfer: Option<RawId>,
    /// The message which that transfer names; `None`: there is no such transfer.
    pub(super) transfer_message: Option<String>,
}

columns!(both LedgerMessage: key, transfer, transfer_message);

/// A change in the life of an account.
#[derive(Debug)]
pub(super) struct LedgerEvent {
    pub(super) account: String,
    pub(super) number: i64,
    pub(super) from_state: String,
    /// The state after the change before it; `None`: there is no change of the number before.
    pub(super) state_before: Option<String>,
    pub(super) has_account: bool,
}

columns!(both LedgerEvent: account, number, from_state, state_before, has_account);

/// A hold, with what its account and its transfer say.
#[derive(Debug)]
pub(super) struct LedgerHold {
    pub(super) id: RawId,
    pub(super) state: String,
    pub(super) account: String,
    pub(super) has_account: bool,
    /// The hold which the transfer that took it names; `None`: there is no such transfer.
    pub(super) transfer_hold: Option<RawId>,
}

columns!(both LedgerHold: id, state, account, has_account, transfer_hold);

/// An action of staff that was carried out.
#[derive(Debug)]
pub(super) struct LedgerAction {
    pub(super) id: RawId,
    pub(super) kind: String,
    /// The transfer that it names.
    pub(super) transfer: Option<RawId>,
    /// The action which that transfer names; `None`: there is no such transfer, or it has another cause.
    pub(super) transfer_action: Option<RawId>,
    pub(super) has_hold: bool,
    /// Of that transfer: its kind, and the minor units that it brought to the action's account.
    pub(super) transfer_kind: Option<String>,
    pub(super) moved_minor: Option<i64>,
    /// The minor units that were ordered.
    pub(super) amount_minor: i64,
    pub(super) is_card: bool,
}

columns!(
    both LedgerAction: id, kind, transfer, transfer_action, has_hold, transfer_kind, moved_minor, amount_minor,
        is_card
);

paged!(LedgerTransfer: sql::TRANSFERS, id id);
paged!(LedgerAccount: sql::ACCOUNTS, text name);
paged!(LedgerMessage: sql::MESSAGES, text key);
paged!(LedgerHold: sql::HOLDS, id id);
paged!(LedgerAction: sql::ACTIONS, id id);
paged!(LedgerEvent: sql::EVENTS, text account, number number);
