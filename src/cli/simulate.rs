//! `mbush simulate`: plays a peer over a real socket.

mod atm;
mod esme;
mod smsc;

use std::collections::VecDeque;
use std::path::Path;
use std::process::ExitCode;

use super::{numbers, resources};
use crate::simulator::ErrorRate;
use crate::smpp::CommandStatus;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Simulate the operator's SMSC: deliver texts to the peers that bind, and print their answers and replies
    ///
    /// With --json it prints one object at the end, with counts.
    Smsc(smsc::Args),
    /// Simulate a bank: bind to a server, submit texts, and count the answers and replies
    Esme(esme::Args),
    /// Simulate a bank's cash machines: top up over ISO 8583, lose answers, reverse
    Atm(atm::Args),
}

/// `0x58` or `88`.
fn status(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.strip_prefix("0x").map_or_else(|| text.parse(), |hexadecimal| u32::from_str_radix(hexadecimal, 16))
}

pub(super) fn percent() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(0..=100)
}

/// The errors that a simulated peer answers with.
#[derive(Debug, clap::Args)]
pub(super) struct ErrorArgs {
    /// Status for the requests that `--error-percent` selects
    #[arg(long, default_value = "0x58", value_name = "STATUS", value_parser = status)]
    error_status: u32,
    /// Percentage of requests, spread evenly, that are answered with `--error-status`
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = percent())]
    error_percent: u32,
}

impl ErrorArgs {
    pub(super) fn rate(&self) -> Option<ErrorRate> {
        (self.error_percent > 0).then(|| ErrorRate::new(self.error_percent, CommandStatus(self.error_status)))
    }
}

fn statuses(codes: &[u32]) -> VecDeque<CommandStatus> {
    codes.iter().copied().map(CommandStatus).collect()
}

/// A phone of the configured country, for texts that name no sender.
fn sender(file: Option<&Path>) -> anyhow::Result<String> {
    let plan = resources::plan(&resources::examine(file)?.config)?;
    Ok(numbers::sender(&plan, None))
}

pub(super) async fn run(command: Command, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    match command {
        Command::Smsc(args) => smsc::run(args, sender(file)?).await,
        Command::Esme(args) => esme::run(args, &sender(file)?).await,
        Command::Atm(args) => atm::run(args).await,
    }
}
