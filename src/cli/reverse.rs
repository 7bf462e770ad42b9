//! `mbush reverse`: takes a transfer back, with what its command made beside it.

use std::path::Path;
use std::process::ExitCode;

use super::staff::{Counter, Signature, tell};
use crate::domain::Receipt;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The receipt, as the customer was told
    receipt: Receipt,
    #[command(flatten)]
    signature: Signature,
}

pub(super) async fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let counter = Counter::open(config).await?;
    let done = counter.desk.reverse(&args.receipt, &args.signature.why()).await;
    counter.store.close().await;
    tell(&done?, "reversed")
}
