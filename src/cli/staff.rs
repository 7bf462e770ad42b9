//! Shared parts of staff commands: access to the database, names of accounts, and reports of results.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::anyhow;
use serde_json::json;
use uuid::Uuid;

use super::style::{line, object};
use super::{known, numbers, resources, storage};
use crate::config::Config;
use crate::domain::{
    AccountKey, CURRENCY, Clock, Movement, NumberingPlan, ReasonCode, Receipt, Transfer, TransferKind, format_minor,
    staff_name,
};
use crate::processor::{Confirm, Done, StaffOrders, StaffServices, Why};
use crate::store::Store;
use crate::text::templates::Templates;

/// Person and reason of an order.
#[derive(Debug, clap::Args)]
pub(super) struct Signature {
    #[arg(long, value_name = "CODE", help = reasons(), value_parser = staffs_reason)]
    reason: ReasonCode,
    /// Name of the member of staff
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Reason in free text
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

/// A reason that staff may give. `unconfirmed` is left out, because only the program gives it.
fn staffs_reason(code: &str) -> Result<ReasonCode, String> {
    let known = code.parse().ok().filter(|code| *code != ReasonCode::Unconfirmed);
    known.ok_or_else(|| format!("the reasons that staff may give are {}", words()))
}

/// An identifier of an action or a hold.
pub(super) fn identifier(written: &str) -> Result<Uuid, String> {
    written.parse().map_err(|_| {
        "this is no identifier: it has 32 digits and letters from a to f in five groups, and the lists show it whole \
         (`mbush adjust list`, `mbush hold list`)"
            .to_owned()
    })
}

fn reasons() -> String {
    format!("Reason code: {}", words())
}

fn words() -> String {
    let staffs = ReasonCode::ALL.iter().filter(|code| **code != ReasonCode::Unconfirmed);
    staffs.map(|code| code.as_str()).collect::<Vec<_>>().join(", ")
}

impl Signature {
    pub(super) fn why(&self) -> Why {
        Why { by: self.by.clone(), reason: self.reason, note: self.note.clone() }
    }
}

/// A staff command with its database.
pub(super) struct Counter {
    pub(super) config: Config,
    pub(super) plan: Arc<NumberingPlan>,
    pub(super) store: Store,
    pub(super) orders: StaffOrders,
}

impl Counter {
    pub(super) async fn open(config: Option<&Path>) -> anyhow::Result<Self> {
        let config = resources::config(config)?;
        let plan = resources::plan(&config)?;
        let store = storage::open_existing(&config).await?;
        let orders = staff_orders(
            &config,
            &store,
            &plan,
            Arc::new(resources::templates(&config)?),
            storage::clock(&store).await.0,
        );
        Ok(Self { config, plan, store, orders })
    }

    /// Finds an existing account by a number of the plan or by its name (`product:tv:arben`).
    pub(super) async fn account(&self, written: &str) -> anyhow::Result<AccountKey> {
        let account = match numbers::key(&self.plan, written) {
            Ok(account) => account,
            Err(problem) => return Err(known::unreadable(&self.config, &self.store, written, problem).await),
        };
        known::check(&self.config, &self.store, &account).await?;
        Ok(account)
    }
}

/// The name of the member of staff.
pub(super) fn named(by: &str) -> anyhow::Result<()> {
    staff_name(by).map_err(|problem| anyhow!("--by: {problem}"))
}

/// Opens the database of a configuration for staff orders.
pub(super) fn staff_orders(
    config: &Config,
    store: &Store,
    plan: &Arc<NumberingPlan>,
    templates: Arc<Templates>,
    clock: Clock,
) -> StaffOrders {
    let from = config.staff.notify_sender.clone();
    StaffOrders::new(StaffServices {
        store: store.clone(),
        plan: plan.clone(),
        templates,
        rules: config.rules.clone(),
        clock,
        notify: config.staff.notify_link.clone().map(|link| Confirm { link, from }),
    })
}

/// One line for a transfer that would be written.
pub(super) fn moves(transfer: &Transfer) -> String {
    let Movement { kind, debit, credit, amount, .. } = &transfer.movement;
    let why = match kind {
        TransferKind::Receivable => format!(": {} owes it", credit.key),
        TransferKind::Settlement => format!(": {} pays what it owes", debit.key),
        _ => String::new(),
    };
    format!("{:<9} {amount} {CURRENCY} from {debit} to {credit}{why}", kind.as_str())
}

/// The lines about the balance and the customer's SMS after an order.
pub(super) fn foretold(done: &Done) -> Vec<String> {
    let (balance, free) = (format_minor(done.account.balance_minor), format_minor(done.account.available_minor()));
    let told = if done.told.is_some() { "gets an SMS" } else { "gets no SMS" };
    vec![format!("balance   {balance} {CURRENCY} after it, of which {free} are available"), format!("customer  {told}")]
}

/// Reports the result, with a verb; `reverses` is the receipt of the reversed transfer, if any.
pub(super) fn tell(done: &Done, what: &str, reverses: Option<&Receipt>) -> anyhow::Result<ExitCode> {
    let account = &done.account;
    object(&json!({
        "done": what.replace(' ', "_"), "account": account.key.to_string(), "action": done.action, "receipt": done.receipt,
        "amount_minor": done.amount_minor, "balance_minor": account.balance_minor,
        "available_minor": account.available_minor(), "told": done.told, "reverses": reverses,
    }))?;
    let amount = format_minor(done.amount_minor);
    let of = reverses.map(|receipt| format!(" {receipt}")).unwrap_or_default();
    line(&format!("{what}{of}: {amount} {CURRENCY}, {}, by action {}", account.key, done.action))?;
    if let Some(receipt) = &done.receipt {
        line(&format!("receipt   {receipt}"))?;
    }
    let (balance, free) = (format_minor(account.balance_minor), format_minor(account.available_minor()));
    line(&format!("balance   {balance} {CURRENCY}, of which {free} are available"))?;
    line(&format!("customer  {}", done.told.as_deref().unwrap_or("gets no SMS")))?;
    Ok(ExitCode::SUCCESS)
}
