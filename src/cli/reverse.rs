//! `mbush reverse`: reverses a transfer, and all transfers that belong to it.

use std::path::Path;
use std::process::ExitCode;

use super::consent::Consent;
use super::staff::{Counter, Signature, foretold, moves, tell};
use super::style::local;
use crate::domain::{CURRENCY, Movement, Receipt, Transfer, TransferKind};
use crate::processor::{NotDone, Why};

#[derive(Debug, clap::Args)]
#[command(after_help = "It shows what goes back and asks. Example:\n  \
    mbush reverse DC1JZXY9DK --reason wrong_number --by arta --dry-run")]
pub(super) struct Args {
    /// The receipt of the transfer, as in the customer's SMS
    receipt: Receipt,
    #[command(flatten)]
    signature: Signature,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let counter = Counter::open(config).await?;
    let result = carry_out(args, &counter).await;
    counter.store.close().await;
    result
}

async fn carry_out(args: &Args, counter: &Counter) -> anyhow::Result<ExitCode> {
    let (receipt, why) = (&args.receipt, args.signature.why());
    if let Some(end) = args.consent.given(async || intent(counter, receipt, &why).await).await? {
        return Ok(end);
    }
    let done = counter.orders.reverse(receipt, &why).await?;
    tell(&done, "reversed", Some(receipt))
}

/// The transfers that the reversal would write: one for each transfer of the command, and those that change the debts
/// of dealers.
async fn intent(counter: &Counter, receipt: &Receipt, why: &Why) -> anyhow::Result<Vec<String>> {
    let done = counter.orders.trial().reverse(receipt, why).await?;
    let main = counter.store.transfers_of_receipt(receipt).await?.pop();
    let main = main.ok_or_else(|| NotDone::NoSuchReceipt(receipt.clone()))?;
    let originals = counter.store.command_of(main.id).await?;
    let mut shown = vec![format!("reverse   {receipt}, {}", local(main.at))];
    let listed = counter.store.list_of(main.id).await?;
    shown.extend(listed.iter().filter(|other| other.id != main.id).map(stays));
    shown.extend(done.moved.iter().map(|transfer| {
        let original = originals.iter().find(|original| transfer.movement.reverses == Some(original.id));
        original.map_or_else(|| moves(transfer), |original| goes_back(original.movement.kind, &transfer.movement))
    }));
    shown.extend(foretold(&done));
    Ok(shown)
}

/// A top-up of the same message that is not reversed with this one.
fn stays(other: &Transfer) -> String {
    let Movement { amount, credit, .. } = &other.movement;
    format!("beside    {}, {amount} {CURRENCY} for {credit}, which stays", Receipt::of(other.id))
}

/// Name of a transfer of this kind that would be reversed.
fn goes_back(kind: TransferKind, back: &Movement) -> String {
    format!("{:<9} {} {CURRENCY} from {} back to {}", kind.as_str(), back.amount, back.debit, back.credit)
}
