//! What the sender of a quarantined message has done since: who sent it again was served already.

use anyhow::bail;

use super::super::style::{line, local};
use crate::domain::{Beneficiary, Body, InboundSms, Msisdn, NumberingPlan, Receipt, Transfer};
use crate::grammar::{GrammarSet, Incoming};
use crate::store::{Quarantined, Store};

/// What a customer writes behind a request that really is a second time.
const MARK: &str = "again";
/// Most lines that are shown.
const SHOWN_MAX: u32 = 20;

/// Shows what the message's sender moved since it came, by whatever message; whether there is something.
///
/// # Errors
/// There is something, and `again` was not said; or the database fails.
pub(super) async fn compare(
    store: &Store,
    plan: &NumberingPlan,
    item: &Quarantined,
    again: bool,
) -> anyhow::Result<bool> {
    let (message, sender) = (&item.message, sender(plan, item));
    // One more than is shown: whether there is more.
    let mut since = store.moved_by((&sender, &message.from), message.received_at, SHOWN_MAX + 1).await?;
    // A replay that was cut off before it was settled is no other message: it is answered as it was.
    let own = replay_of(&message.key);
    since.retain(|transfer| transfer.cause.message() != Some(own.as_str()));
    if since.is_empty() {
        return Ok(false);
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
    Ok(true)
}

/// The text with the mark of a repetition behind it, where it can have one: the same request as the sender's is done again.
pub(super) fn marked(grammars: &GrammarSet, message: &InboundSms) -> Body {
    let Body::Text(text) = &message.body else { return message.body.clone() };
    let marked = format!("{text} {MARK}");
    let incoming = Incoming { from: &message.from, to: &message.to, text: &marked, link: Some(&message.link) };
    if grammars.read(&incoming).is_ok() { Body::Text(marked) } else { message.body.clone() }
}

/// The key of a message's replay.
pub(super) fn replay_of(key: &str) -> String {
    format!("{key}:replay")
}

/// As senders are kept now.
pub(super) fn sender(plan: &NumberingPlan, item: &Quarantined) -> String {
    let from = &item.message.from;
    plan.phone(from, None).map_or_else(|| from.clone(), Msisdn::digits)
}

fn of(transfer: &Transfer) -> String {
    let (movement, receipt) = (&transfer.movement, Receipt::of(transfer.id));
    let (at, whom) = (local(transfer.at), Beneficiary::of_account(movement.dated()));
    let key = transfer.cause.message().unwrap_or_default();
    format!("  {at}  {} {} EUR for {whom}, receipt {receipt}, message {key}", movement.kind, movement.amount)
}
