//! Orders of staff, each in a transaction of its own beside those of the batches, on any node. The name of who ordered it and
//! the reason are written with it.
//!
//! - `reversals`: a transfer goes back; adjustments, which one proposes and another approves
//! - `cards`: scratch cards that can no longer be read are credited by two
//! - `holds`: money is kept from being spent, then taken or let go
//! - `error`: the ways in which something is not done
//! - [`reset_pin`]: a PIN that was forgotten

mod cards;
mod error;
mod holds;
mod pin_reset;
mod reversals;

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::batch::BatchState;
use super::order::Confirm;
use super::reply::{StaffNotice, Wording};
use crate::domain::{
    Account, AccountKey, AccountKind, Action, ActionKind, ActionState, Cause, Clock, Draft, Msisdn, Needs,
    NumberingPlan, ReasonCode, Receipt, Rules, Signed, Transfer, Way, format_cents, staff_name,
};
use crate::store::{Retry, Store};
use crate::text::templates::Templates;

pub use error::NotDone;
pub use pin_reset::{NoPin, reset_pin};

/// Attempts at a transaction that the database was too busy for, or that another was faster than.
const ATTEMPTS_MAX: u32 = 5;

/// All that orders of staff are carried out with.
#[derive(Debug, Clone)]
pub struct StaffServices {
    /// The database.
    pub store: Store,
    /// The numbering plan.
    pub plan: Arc<NumberingPlan>,
    /// The templates of texts to customers.
    pub templates: Arc<Templates>,
    /// The rules that decisions obey.
    pub rules: Rules,
    /// The time.
    pub clock: Clock,
    /// The way of SMS to customers; `None` if they are not told.
    pub notify: Option<Confirm>,
}

/// Carries out orders of staff.
#[derive(Debug, Clone)]
pub struct StaffOrders {
    services: StaffServices,
    wording: Wording,
    /// Its transactions are committed.
    keeps: bool,
}

/// The name of who orders, and the reason.
#[derive(Debug, Clone)]
pub struct Why {
    /// The name that staff give.
    pub by: String,
    /// The reason, in a word.
    pub reason: ReasonCode,
    /// The reason, in their own words; may be empty.
    pub note: String,
}

/// An order that was carried out.
#[derive(Debug, Clone)]
pub struct Done {
    /// The action.
    pub action: Uuid,
    /// Receipt of the transfer that it made, where it made one.
    pub receipt: Option<Receipt>,
    /// Its amount, in cents.
    pub amount_cents: i64,
    /// The account as it is after it.
    pub account: Account,
    /// The text to the customer; `None` if there is none.
    pub told: Option<String>,
    /// The transfers that were written, the main one first; none if only a commit's answer was lost.
    pub moved: Vec<Transfer>,
}

impl StaffOrders {
    /// Keeps what it does.
    pub fn new(services: StaffServices) -> Self {
        let wording = Wording::new(services.templates.clone(), services.plan.clone());
        Self { services, wording, keeps: true }
    }

    /// The same, where everything is decided as it would be here and nothing is kept: what is refused here is refused there.
    #[must_use]
    pub fn trial(&self) -> Self {
        Self { keeps: false, ..self.clone() }
    }

    fn action(&self, kind: ActionKind, account: &AccountKey, why: &Why) -> Result<Action, NotDone> {
        let is_dealers = matches!(account.kind, AccountKind::Dealer | AccountKind::Receivable);
        if why.reason == ReasonCode::StockSold && !is_dealers {
            return Err(NotDone::NoStock(account.clone()));
        }
        Ok(Action {
            id: Uuid::now_v7(),
            kind,
            state: ActionState::Done,
            account: account.clone(),
            amount_cents: 0,
            reason: why.reason,
            note: why.note.clone(),
            made: Signed { by: why.by.trim().to_owned(), at: self.services.clock.now() },
            checked: None,
            subject: None,
            card: None,
            transfer: None,
        })
    }

    /// The order that was carried out, and the text to the customer; also if only the commit's answer was lost.
    fn done(&self, state: &BatchState, action: &Action, template: &'static str) -> Result<Done, NotDone> {
        let mut done = Done::of(action, &state.known.accounts)?;
        done.moved.clone_from(&state.writes.transfers);
        if let (Some(_), Some(receipt), Some(number)) = (&self.services.notify, &done.receipt, phone(&action.account)) {
            let amount = format_cents(action.amount_cents.saturating_abs());
            let notice = StaffNotice { template, number, amount, receipt, account: &done.account };
            done.told = self.wording.staff_notice(&notice, self.services.rules.language);
        }
        Ok(done)
    }

    /// Puts the action and the customer's SMS beside the movement.
    fn finish(&self, state: &mut BatchState, action: Action, template: &'static str) -> Result<Done, NotDone> {
        let done = self.done(state, &action, template)?;
        if let (Some(notify), Some(to)) = (&self.services.notify, phone(&action.account)) {
            let draft = Draft {
                id: Uuid::now_v7(),
                message_key: Cause::Operator(action.id).to_string(),
                from: &notify.from,
                to: to.digits(),
                source: None,
                text: done.told.clone(),
            };
            state.queue(draft, Way::Routed(&self.services.rules.routes, &notify.link));
        }
        state.writes.actions.push(action);
        Ok(done)
    }

    /// Load, decide, write, commit; again where the database was busy or another was faster. A refusal keeps nothing.
    async fn transact<T: Send>(
        &self,
        needs: &Needs,
        mut work: impl FnMut(&mut BatchState) -> Result<T, NotDone> + Send,
    ) -> Result<T, NotDone> {
        let mut needs = needs.clone();
        needs.put_in_order();
        let mut retry = Retry::new(ATTEMPTS_MAX);
        loop {
            match self.once(&needs, &mut work).await {
                Err(NotDone::Store(failure)) if retry.again(&failure).await => {}
                result => return result,
            }
        }
    }

    async fn once<T: Send>(
        &self,
        needs: &Needs,
        work: &mut (impl FnMut(&mut BatchState) -> Result<T, NotDone> + Send),
    ) -> Result<T, NotDone> {
        let mut batch = self.services.store.begin().await?;
        let mut state = BatchState::new(batch.load(needs).await?, self.services.clock.now());
        let result = work(&mut state)?;
        if self.keeps {
            batch.write(&state.into_writes()).await?;
            batch.commit().await?;
        }
        Ok(result)
    }
}

impl Done {
    fn of(action: &Action, accounts: &HashMap<AccountKey, Account>) -> Result<Self, NotDone> {
        let account = known(accounts, &action.account)?.clone();
        let (receipt, amount_cents) = (action.transfer.map(Receipt::of), action.amount_cents.saturating_abs());
        Ok(Self { action: action.id, receipt, amount_cents, account, told: None, moved: Vec::new() })
    }
}

fn known<'a>(accounts: &'a HashMap<AccountKey, Account>, key: &AccountKey) -> Result<&'a Account, NotDone> {
    accounts.get(key).ok_or_else(|| NotDone::NoAccount(key.clone()))
}

fn keeps_balance(key: &AccountKey) -> Result<(), NotDone> {
    if key.kind.keeps_balance() { Ok(()) } else { Err(NotDone::NoBalance(key.clone())) }
}

fn named(by: &str) -> Result<(), NotDone> {
    Ok(staff_name(by)?)
}

/// The number of a mobile's account.
fn phone(account: &AccountKey) -> Option<Msisdn> {
    if account.kind == AccountKind::Subscriber { account.key.parse().ok() } else { None }
}
