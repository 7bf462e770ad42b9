//! Transfers since a quarantined message arrived, by its sender or to the account that it would credit. A sender who
//! has repeated the request has been served already.

use anyhow::bail;

use super::super::style::{aside, local};
use crate::domain::{
    AccountKey, Amount, Beneficiary, Body, CURRENCY, InboundSms, Msisdn, NumberingPlan, Receipt, Transfer,
};
use crate::grammar::{GrammarSet, Incoming, Reading};
use crate::store::{Quarantined, Span, StatementLine, Store};

/// The mark that customers add to a request to repeat it.
const MARK: &str = "again";
/// Maximum number of lines.
const SHOWN_MAX: u32 = 20;

/// Shows the transfers of the sender since the message arrived, and credits of the same amounts to the accounts that
/// it would credit. Returns whether the sender has moved anything.
///
/// # Errors
/// There are such transfers, and `again` is false; or the database fails.
pub(super) async fn compare(
    store: &Store,
    plan: &NumberingPlan,
    item: &Quarantined,
    wanted: &[(AccountKey, Amount)],
    again: bool,
) -> anyhow::Result<bool> {
    let sender = sender(plan, item);
    let moved = moved(store, item, &sender).await?;
    show(&format!("since it came, {sender} has:"), moved.iter().map(of))?;
    let mut may_be_done = false;
    for wanted in wanted {
        let mut came = came(store, item, wanted).await?;
        came.retain(|line| moved.iter().all(|transfer| transfer.id != line.id));
        let (account, amount) = wanted;
        show(&format!("since it came, {amount} {CURRENCY} came to {account}:"), came.iter().map(of_line))?;
        may_be_done |= !came.is_empty();
    }
    if !again && !moved.is_empty() {
        bail!("its sender may have been served already; to carry it out nevertheless, give --again");
    }
    if !again && may_be_done {
        bail!("its request may have been carried out already; to carry it out nevertheless, give --again");
    }
    Ok(!moved.is_empty())
}

/// Transfers of the sender. A replay that was interrupted before the settlement is left out: it is answered as before.
async fn moved(store: &Store, item: &Quarantined, sender: &str) -> anyhow::Result<Vec<Transfer>> {
    let (message, own) = (&item.message, replay_of(&item.message.key));
    // One more than is shown, to know whether there are more.
    let mut moved = store.moved_by((sender, &message.from), message.received_at, SHOWN_MAX + 1).await?;
    moved.retain(|transfer| transfer.cause.message() != Some(own.as_str()));
    Ok(moved)
}

/// Credits of this amount to this account, from any payer.
async fn came(
    store: &Store,
    item: &Quarantined,
    (account, amount): &(AccountKey, Amount),
) -> anyhow::Result<Vec<StatementLine>> {
    let own = replay_of(&item.message.key);
    let span = Span { from: Some(item.message.received_at), to: None };
    let (mut statement, mut came) = (store.statement_of(account, span).await?, Vec::new());
    while came.len() <= usize::try_from(SHOWN_MAX)? {
        let page = statement.next_page().await?;
        if page.is_empty() {
            break;
        }
        came.extend(
            page.into_iter().filter(|line| line.minor == amount.minor() && line.cause.message() != Some(own.as_str())),
        );
    }
    Ok(came)
}

fn show(title: &str, lines: impl ExactSizeIterator<Item = String>) -> anyhow::Result<()> {
    let (count, most) = (lines.len(), usize::try_from(SHOWN_MAX)?);
    if count > 0 {
        aside(title)?;
    }
    for line in lines.take(most) {
        aside(&line)?;
    }
    if count > most {
        aside("  and more")?;
    }
    Ok(())
}

/// Adds the mark of a repetition to the text, if it is then the same request, to be carried out again.
pub(super) fn marked(grammars: &GrammarSet, message: &InboundSms) -> Body {
    let Body::Text(text) = &message.body else { return message.body.clone() };
    let marked = format!("{text} {MARK}");
    let read = |text: &str| {
        let incoming = Incoming { from: &message.from, to: &message.to, text, link: Some(&message.link) };
        grammars.read(&incoming).ok()
    };
    let again = read(text).map(Reading::again);
    if again.is_some() && read(&marked) == again { Body::Text(marked) } else { message.body.clone() }
}

/// The key of a message's replay.
pub(super) fn replay_of(key: &str) -> String {
    format!("{key}:replay")
}

/// The sender, in the spelling that is stored now.
pub(super) fn sender(plan: &NumberingPlan, item: &Quarantined) -> String {
    let from = &item.message.from;
    plan.phone(from, None).map_or_else(|| from.clone(), Msisdn::digits)
}

fn of(transfer: &Transfer) -> String {
    let (movement, receipt) = (&transfer.movement, Receipt::of(transfer.id));
    let (at, whom) = (local(transfer.at), Beneficiary::of_account(movement.dated()));
    let key = transfer.cause.message().unwrap_or_default();
    format!("  {at}  {} {} {CURRENCY} for {whom}, receipt {receipt}, message {key}", movement.kind, movement.amount)
}

fn of_line(line: &StatementLine) -> String {
    let (at, receipt) = (local(line.at), &line.receipt);
    let by = line.wanted_by.as_deref().map(|by| format!(", by {by}")).unwrap_or_default();
    let cause = line.cause.message().map_or_else(|| line.cause.to_string(), |key| format!("message {key}"));
    format!("  {at}  {} {} {CURRENCY} from {}{by}, receipt {receipt}, {cause}", line.kind, line.amount, line.other)
}
