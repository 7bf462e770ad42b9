//! What staff order, each in a transaction of its own beside those of the appliers, on whichever node. Who ordered it and
//! why is written with what it did.
//!
//! - `reversals`: a transfer goes back; adjustments, which one proposes and another approves
//! - `cards`: scratch cards that can no longer be read are credited by two
//! - `holds`: money is kept from being spent, then taken or let go
//! - `error`: why something is not done

mod cards;
mod error;
mod holds;
mod reversals;

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::Confirm;
use super::sheet::Sheet;
use super::wording::{Notice, Wording};
use crate::domain::{
    Account, AccountKey, AccountKind, Action, ActionKind, ActionState, Cause, Clock, Msisdn, Needs, NumberingPlan,
    OutboundSms, ReasonCode, Receipt, Rules, Signed, Transfer, format_cents, staff_name,
};
use crate::store::{Retry, Store};
use crate::text::templates::Templates;

pub use error::NotDone;

/// Attempts at a transaction that the database was too busy for, or that another was faster than.
const ATTEMPTS_MAX: u32 = 5;

/// What a desk works with.
#[derive(Debug, Clone)]
pub struct DeskParts {
    /// The database.
    pub store: Store,
    /// The numbering plan.
    pub plan: Arc<NumberingPlan>,
    /// The texts that customers are told by.
    pub templates: Arc<Templates>,
    /// What decisions obey.
    pub rules: Rules,
    /// The time.
    pub clock: Clock,
    /// How customers are told; without it they are not.
    pub notify: Option<Confirm>,
}

/// Carries out what staff order.
#[derive(Debug, Clone)]
pub struct Desk {
    parts: DeskParts,
    wording: Wording,
    /// Whether what is done is kept.
    keeps: bool,
}

/// Who orders, and why.
#[derive(Debug, Clone)]
pub struct Why {
    /// The name that staff give.
    pub by: String,
    /// Why, in a word.
    pub reason: ReasonCode,
    /// Why, in their own words; may be empty.
    pub note: String,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Done {
    /// The action.
    pub action: Uuid,
    /// Receipt of the transfer that it made, where it made one.
    pub receipt: Option<Receipt>,
    /// How much it is about, in cents.
    pub amount_cents: i64,
    /// The account as it is after it.
    pub account: Account,
    /// What the customer is told.
    pub told: Option<String>,
    /// The transfers that were written, the main one first; none if only a commit's answer was lost.
    pub moved: Vec<Transfer>,
}

impl Desk {
    /// With these parts.
    pub fn new(parts: DeskParts) -> Self {
        let wording = Wording::new(parts.templates.clone(), parts.plan.clone());
        Self { parts, wording, keeps: true }
    }

    /// A desk where everything is decided as it would be here, and nothing is kept: what is refused here is refused there.
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
            made: Signed { by: why.by.trim().to_owned(), at: self.parts.clock.now() },
            checked: None,
            subject: None,
            card: None,
            transfer: None,
        })
    }

    /// What was done, and what the customer is told of it; also where only the commit's answer was lost.
    fn done(&self, sheet: &Sheet, action: &Action, template: &'static str) -> Result<Done, NotDone> {
        let mut done = Done::of(action, &sheet.known.accounts)?;
        done.moved.clone_from(&sheet.writes.transfers);
        if let (Some(_), Some(receipt), Some(number)) = (&self.parts.notify, &done.receipt, phone(&action.account)) {
            let amount = format_cents(action.amount_cents.saturating_abs());
            let notice = Notice { template, number, amount, receipt, account: &done.account };
            done.told = Some(self.wording.notice(&notice, self.parts.rules.language));
        }
        Ok(done)
    }

    /// Puts the action and the customer's SMS beside the movement.
    fn finish(&self, sheet: &mut Sheet, action: Action, template: &'static str) -> Result<Done, NotDone> {
        let done = self.done(sheet, &action, template)?;
        if let (Some(way), Some(text), Some(to)) = (&self.parts.notify, &done.told, phone(&action.account)) {
            sheet.writes.outbox.push(OutboundSms {
                id: Uuid::now_v7(),
                message_key: Cause::Operator(action.id).to_string(),
                link: way.link.clone(),
                from: way.from.clone(),
                to: to.digits(),
                to_source: None,
                text: text.clone(),
                created_at: sheet.now,
            });
        }
        sheet.writes.actions.push(action);
        Ok(done)
    }

    /// Load, decide, write, commit; again where the database was busy or another was faster. A refusal keeps nothing.
    async fn transact<T: Send>(
        &self,
        needs: &Needs,
        mut work: impl FnMut(&mut Sheet) -> Result<T, NotDone> + Send,
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
        work: &mut (impl FnMut(&mut Sheet) -> Result<T, NotDone> + Send),
    ) -> Result<T, NotDone> {
        let mut batch = self.parts.store.begin().await?;
        let mut sheet = Sheet::new(batch.load(needs).await?, self.parts.clock.now());
        let result = work(&mut sheet)?;
        if self.keeps {
            batch.write(&sheet.into_writes()).await?;
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

/// The mobile whose account it is.
fn phone(account: &AccountKey) -> Option<Msisdn> {
    if account.kind == AccountKind::Subscriber { account.key.parse().ok() } else { None }
}
