//! Orders of staff. Each has a transaction of its own beside those of the batches, on any node, and records the person
//! and the reason.
//!
//! - `reversals`: reversals; adjustments, which one person proposes and another approves
//! - `cards`: unreadable scratch cards, credited with the approval of two persons
//! - `holds`: amounts that are held, then captured or released
//! - `error`: reasons for which an order is not carried out
//! - [`reset_pin`]: reset of a forgotten PIN

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
    NumberingPlan, ReasonCode, Receipt, Rules, Signed, Transfer, Way, format_minor, staff_name,
};
use crate::store::{Retry, Store};
use crate::text::templates::Templates;

pub use error::NotDone;
pub use pin_reset::{NoPin, reset_pin};

/// Attempts at a transaction if the database is busy, or if another one was faster.
const ATTEMPTS_MAX: u32 = 5;

/// Everything that staff orders need.
#[derive(Debug, Clone)]
pub struct StaffServices {
    pub store: Store,
    pub plan: Arc<NumberingPlan>,
    /// Templates of texts to customers.
    pub templates: Arc<Templates>,
    pub rules: Rules,
    pub clock: Clock,
    /// Link and source address of SMS to customers; `None` if no SMS is sent.
    pub notify: Option<Confirm>,
}

#[derive(Debug, Clone)]
pub struct StaffOrders {
    services: StaffServices,
    wording: Wording,
    /// Its transactions are committed; otherwise they are rolled back.
    keeps: bool,
}

/// The person who orders, and the reason.
#[derive(Debug, Clone)]
pub struct Why {
    /// Name of the person.
    pub by: String,
    /// Code of the reason.
    pub reason: ReasonCode,
    /// Note to the reason; may be empty.
    pub note: String,
}

/// An order that was carried out.
#[derive(Debug, Clone)]
pub struct Done {
    pub action: Uuid,
    /// Receipt of the transfer; `None` if no money was moved.
    pub receipt: Option<Receipt>,
    /// In minor units.
    pub amount_minor: i64,
    /// The account after the order.
    pub account: Account,
    /// Text to the customer; `None` if there is none.
    pub told: Option<String>,
    /// The transfers that were written, the main one first; empty if the order was carried out before and only the
    /// result of its commit was lost.
    pub moved: Vec<Transfer>,
}

impl StaffOrders {
    /// Commits its transactions.
    pub fn new(services: StaffServices) -> Self {
        let wording = Wording::new(services.templates.clone(), services.plan.clone());
        Self { services, wording, keeps: true }
    }

    /// The same orders, decided in the same way, in transactions that are rolled back.
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
            amount_minor: 0,
            reason: why.reason,
            note: why.note.clone(),
            made: Signed { by: why.by.trim().to_owned(), at: self.services.clock.now() },
            checked: None,
            subject: None,
            card: None,
            transfer: None,
        })
    }

    /// The order that was carried out, and the text to the customer; also if only the result of the commit was lost.
    fn done(&self, state: &BatchState, action: &Action, template: &'static str) -> Result<Done, NotDone> {
        let mut done = Done::of(action, &state.known.accounts)?;
        done.moved.clone_from(&state.writes.transfers);
        if let (Some(_), Some(receipt), Some(number)) = (&self.services.notify, &done.receipt, phone(&action.account)) {
            let amount = format_minor(action.amount_minor.saturating_abs());
            let notice = StaffNotice { template, number, amount, receipt, account: &done.account };
            done.told = self.wording.staff_notice(&notice, self.services.rules.language);
        }
        Ok(done)
    }

    /// Stores the action and the customer's SMS in the transaction of the posting.
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

    /// Load, decide, write, commit; again if the database was busy or another transaction was faster. A refusal stores
    /// nothing.
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
        let (receipt, amount_minor) = (action.transfer.map(Receipt::of), action.amount_minor.saturating_abs());
        Ok(Self { action: action.id, receipt, amount_minor, account, told: None, moved: Vec::new() })
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

/// Number of a subscriber's account.
fn phone(account: &AccountKey) -> Option<Msisdn> {
    if account.kind == AccountKind::Subscriber { account.key.parse().ok() } else { None }
}
