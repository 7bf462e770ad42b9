//! `mbush reverse`: takes a transfer back, with what its command made beside it.

use std::path::Path;
use std::process::ExitCode;

use super::consent::Consent;
use super::staff::{Counter, Signature, foretold, tell};
use super::style::local;
use crate::domain::{Receipt, Transfer};
use crate::processor::Why;

#[derive(Debug, clap::Args)]
#[command(after_help = "It shows what goes back and asks. Example:\n  \
    mbush reverse DC1JZXY9DK --reason wrong_number --by arta --dry-run")]
pub(super) struct Args {
    /// The receipt, as the customer was told
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
    let done = counter.desk.reverse(receipt, &why).await?;
    tell(&done, "reversed", Some(receipt))
}

/// The transfers of the command, each of which goes back.
async fn intent(counter: &Counter, receipt: &Receipt, why: &Why) -> anyhow::Result<Vec<String>> {
    let done = counter.desk.trial().reverse(receipt, why).await?;
    let mut shown = Vec::new();
    if let Some(main) = counter.store.transfers_of_receipt(receipt).await?.pop() {
        shown.push(format!("reverse   {receipt}, {}", local(main.at)));
        let all = counter.store.command_of(main.id).await?;
        shown.extend(all.iter().map(goes_back));
    }
    shown.extend(foretold(&done));
    Ok(shown)
}

fn goes_back(transfer: &Transfer) -> String {
    let movement = &transfer.movement;
    format!("{:<9} {} EUR from {} back to {}", movement.kind, movement.amount, movement.credit, movement.debit)
}
