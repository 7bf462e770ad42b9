//! What the sender of a quarantined message has done since: who sent it again was served already.

use anyhow::bail;

use super::super::style::{line, local};
use crate::domain::{Beneficiary, NumberingPlan, Receipt, Transfer};
use crate::store::{Quarantined, Store};

/// Most lines that are shown.
const SHOWN_MAX: u32 = 20;

/// Shows what the message's sender moved since it came, by whatever message.
///
/// # Errors
/// There is something, and `again` was not said; or the database fails.
pub(super) async fn compare(
    store: &Store,
    plan: &NumberingPlan,
    item: &Quarantined,
    again: bool,
) -> anyhow::Result<()> {
    let (message, sender) = (&item.message, sender(plan, item));
    // One more than is shown: whether there is more.
    let since = store.moved_by((&sender, &message.from), message.received_at, SHOWN_MAX + 1).await?;
    if since.is_empty() {
        return Ok(());
    }
    line(&format!("since it came, {sender} has:"))?;
    let shown = usize::try_from(SHOWN_MAX)?;
    for transfer in since.iter().take(shown) {
        line(&of(transfer))?;
    }
    if since.len() > shown {
        line("  and more")?;
    }
    if !again {
        bail!("its sender may have been served already: if it is to be carried out all the same, say --again");
    }
    Ok(())
}

/// As senders are kept now.
pub(super) fn sender(plan: &NumberingPlan, item: &Quarantined) -> String {
    let from = &item.message.from;
    plan.phone(from, None).map_or_else(|| from.clone(), |phone| phone.digits())
}

fn of(transfer: &Transfer) -> String {
    let (movement, receipt) = (&transfer.movement, Receipt::of(transfer.id));
    let (at, whom) = (local(transfer.at), Beneficiary::of_account(movement.dated()));
    let key = transfer.cause.message().unwrap_or_default();
    format!("  {at}  {} {} EUR for {whom}, receipt {receipt}, message {key}", movement.kind, movement.amount)
}
