//! `mbush voucher`: scratch cards, from the generation of their codes to the report.

mod damaged;
mod generate;
mod keys;
mod report;
mod show;
mod steps;

use std::path::Path;
use std::process::ExitCode;

use super::{resources, storage};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Generate a batch of codes and write the encrypted file for the printer
    ///
    /// It is all or nothing: an interrupted run leaves a batch that can never be activated.
    #[command(after_help = "Example:\n  \
        mbush voucher generate --amount 5 --count 100000 --expires 2028-12-31 --file cards-5.age --by arta\n  \
        age --decrypt --identity printer.key cards-5.age     (the printer reads it: serial,code,amount_eur)")]
    Generate(generate::Args),
    /// Record that the printer has a batch's file, which must be the file that was written
    #[command(after_help = "Example:\n  mbush voucher print 12 --file cards-5.age --by arta")]
    Print(steps::PrintArgs),
    /// Record that a distributor has a batch's cards
    #[command(after_help = "Example:\n  mbush voucher distribute 12 --to 'Shpija e Telefonit' --by arta")]
    Distribute(steps::DistributeArgs),
    /// Activate a batch, by two people other than the one who had it generated
    #[command(
        subcommand,
        after_help = "Example:\n  mbush voucher activate propose 12 --by besim\n  mbush voucher activate approve 12 --by drita"
    )]
    Activate(steps::Activate),
    /// Block a batch, or one card, that is stolen, lost or disputed
    #[command(after_help = "Example:\n  mbush voucher block 12 --note 'stolen in transit' --by arta\n  \
        mbush voucher block 00012-0000345-2 --note 'customer reports it lost' --by arta")]
    Block(steps::StopArgs),
    /// Void a batch, or one card, for ever; an active one must be blocked first
    #[command(after_help = "Example:\n  mbush voucher void 12 --note 'never printed' --by arta")]
    Void(steps::StopArgs),
    /// Credit a number for a card that cannot be read: one person proposes, another approves, and the card is used
    #[command(
        subcommand,
        after_help = "Example:\n  mbush voucher damaged propose 00012-0000345-2 049123456 --note 'scratched through' --by arta\n  \
            mbush voucher damaged approve ID --by besim"
    )]
    Damaged(damaged::Command),
    /// Record the batches whose expiry date has passed; their cards are refused from that date on in any case
    Expire(steps::ExpireArgs),
    /// Show a card by its serial, or a batch by its number, with its history
    #[command(after_help = "Example:\n  mbush voucher show 00012-0000345-2\n  mbush voucher show 12")]
    Show(show::Args),
    /// Count cards and sums by batch and state
    #[command(after_help = "Example:\n  mbush voucher report --csv > cards.csv")]
    Report(report::Args),
    /// Show the keys that codes are hashed with, or make a new one
    #[command(after_help = "Example:\n  mbush voucher keys --new voucher-2027.key\n\n\
        Then name it last in vouchers.keys and restart: new batches use it. The older keys stay for as long as a card of \
        their batches may be redeemed. `mbush pin key --new FILE` makes the key of PINs.")]
    Keys(keys::Args),
}

pub(super) async fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let file = config;
    let config = resources::config(file)?;
    if let Command::Keys(args) = command
        && let Some(file) = &args.new
    {
        return keys::make(file, &config);
    }
    let store = storage::open_existing(&config).await?;
    let result = match command {
        Command::Generate(args) => generate::run(&store, &config, args).await,
        Command::Print(args) => steps::print(&store, args).await,
        Command::Distribute(args) => steps::distribute(&store, args).await,
        Command::Activate(command) => steps::activate(&store, command).await,
        Command::Block(args) => steps::stop(&store, args, crate::domain::voucher::State::Blocked).await,
        Command::Void(args) => steps::stop(&store, args, crate::domain::voucher::State::Void).await,
        Command::Expire(args) => steps::expire(&store, args).await,
        Command::Show(args) => show::run(&store, args).await,
        Command::Report(args) => report::run(&store, args).await,
        Command::Damaged(command) => damaged::run(command, file).await,
        Command::Keys(_) => keys::list(&store, &config).await,
    };
    store.close().await;
    result
}
