//! The command line, one file for each subcommand. This file parses and dispatches. `style` prints, `exit` has the exit
//! codes, and `prepare` builds what a start needs.

mod account;
mod adjust;
mod app;
mod audit;
mod audit_key;
mod backup;
mod bank_pins;
mod check;
mod completions;
mod consent;
mod country;
mod dealer;
mod demo;
mod enrol;
mod entries;
mod exit;
mod find;
mod forward;
mod gateway;
mod grammar;
mod hold;
mod jobs;
mod kinds;
mod known;
mod languages;
mod links;
mod load;
mod log;
mod man;
mod new_key;
mod numbers;
mod parse;
mod pin;
mod prepare;
mod quarantine;
mod reach;
mod reading;
mod reload;
mod resources;
mod reverse;
mod send;
mod serve;
mod settings;
mod shipped;
mod simulate;
mod smpp;
mod staff;
mod statement;
mod storage;
mod style;
mod sum;
mod table;
mod voucher;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use exit::Absent;
pub use exit::Exit;

/// The version, with the commit if it is known.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("MBUSH_COMMIT_SHOWN"));

/// Turns a text message to a bank's short code into credit on a phone, exactly once, and says so by SMS.
#[derive(Debug, Parser)]
#[command(name = "mbush", version = VERSION, about, max_term_width = 110)]
struct Cli {
    /// Configuration file; by default `mbush.toml` in the working folder, if it exists, else the built-in defaults
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON objects instead of text, one on each line
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server: receive messages, apply them, send the replies
    Serve(serve::Args),
    /// Run a demonstration on an embedded database and a simulated SMSC
    Demo(demo::Args),
    /// Read a text, or a file of texts, with the grammar of a short code
    Parse(parse::Args),
    /// Write and check grammars: check, explain, try, new, test, coverage
    Grammar(grammar::Args),
    /// Formats of SMS gateways over HTTP: list, check, explain, try
    Gateway(gateway::Args),
    /// Send one SMS to a running server, as its SMSC or as an HTTP gateway
    Send(send::Args),
    /// Show a number's balance, validity, life and history; open accounts, suspend and reactivate them
    Account(account::Args),
    /// Register a user name to a phone, so that the text `tv` alone pays for it; show or remove registrations
    Enrol(enrol::Args),
    /// Answer "where is my top-up?": by number, receipt, reference, key or words, with its whole story
    Find(find::Args),
    /// List every movement of an account, with the balance after it
    Statement(statement::Args),
    /// Reverse a transfer, with the transfers that belong to it
    Reverse(reverse::Args),
    /// Adjust a balance by two people: propose, approve, reject, list
    #[command(subcommand)]
    Adjust(adjust::Command),
    /// Hold credit, so that it cannot be spent: place, post, void, list
    #[command(subcommand)]
    Hold(hold::Command),
    /// Show or reset the PIN with which a subscriber sends credit
    #[command(subcommand)]
    Pin(pin::Command),
    /// Manage dealers: their wallets, their hierarchy and their phones
    #[command(subcommand)]
    Dealer(dealer::Command),
    /// Settle messages that could not be read: list, show, replay, discard
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// Settle requests that are handed on or wait for staff: list, show, settle, retry
    #[command(subcommand)]
    Forward(forward::Command),
    /// Manage scratch cards: generate, print, distribute, activate, block, void, damaged, expire, show, report, keys
    #[command(subcommand)]
    Voucher(voucher::Command),
    /// Work with the folders of countries: list, new, check
    #[command(subcommand)]
    Country(country::Command),
    /// Check the configuration, the grammars and the replies
    Check(check::Args),
    /// Prove the ledger: no money created or lost, no row changed, no sealed day changed
    Audit(audit::Args),
    /// Copy the database to a file while it is in use (SQLite)
    Backup(backup::BackupArgs),
    /// Restore a backup to the database's path, where no file may exist (SQLite)
    Restore(backup::RestoreArgs),
    /// Show the SMPP side of a running server
    #[command(subcommand)]
    Smpp(smpp::Command),
    /// Simulate a peer: an SMSC, a bank, or cash machines
    #[command(subcommand)]
    Simulate(simulate::Command),
    /// Measure a server under load, and judge every reply: as its SMSC, as a bank, or as a bank's machine over HTTP
    #[command(subcommand)]
    Load(Box<load::Command>),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Print a manual page, or write all manual pages
    Man(man::Args),
}

/// Commands without JSON output.
const WITHOUT_OBJECTS: [&str; 3] = ["demo", "completions", "man"];

/// The definition of the command line. Pages, completions and the manual are generated from it.
pub fn command() -> clap::Command {
    Cli::command().mut_subcommands(|command| {
        if !WITHOUT_OBJECTS.contains(&command.get_name()) {
            return command;
        }
        // A hidden replacement of the global option: it is accepted here, so that it can be refused with an
        // explanation.
        command.arg(Arg::new("json").long("json").hide(true).action(ArgAction::SetTrue))
    })
}

/// Runs the program. An error is printed with its causes.
pub fn main() -> ExitCode {
    let parsed =
        command().try_get_matches().and_then(|matches| Ok((is_for_people(&matches), Cli::from_arg_matches(&matches)?)));
    let (is_for_people, cli) = match parsed {
        Ok(parsed) => parsed,
        // The error quotes the command line, which may contain text of others.
        Err(error) if error.use_stderr() => {
            style::complain(error.render().to_string().trim_end());
            return Exit::Usage.into();
        }
        Err(help) => help.exit(),
    };
    if is_for_people {
        let told = "this command prints text for people only: it has no --json";
        Cli::command().error(ErrorKind::ArgumentConflict, told).exit();
    }
    if cli.config.is_some() && matches!(cli.command, Command::Demo(_)) {
        let told = "the demo writes a configuration of its own and reads no other: leave --config out";
        Cli::command().error(ErrorKind::ArgumentConflict, told).exit();
    }
    style::write_json(cli.json);
    let only_looks = cli.command.only_looks();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            style::complain(&format!("mbush: {}", style::with_causes(&error)));
            if only_looks && error.is::<Absent>() { Exit::No.into() } else { Exit::Failed.into() }
        }
    }
}

/// Returns whether `--json` was given for a command without JSON output.
fn is_for_people(matches: &ArgMatches) -> bool {
    let Some((name, own)) = matches.subcommand() else { return false };
    WITHOUT_OBJECTS.contains(&name) && (own.get_flag("json") || matches.get_flag("json"))
}

impl Command {
    /// Returns whether the command has no use for a configuration.
    const fn is_without_configuration(&self) -> bool {
        matches!(self, Self::Completions(_) | Self::Man(_))
    }

    /// Returns whether the command shows one item and changes nothing. If the item does not exist, it exits with 1.
    const fn only_looks(&self) -> bool {
        match self {
            Self::Account(args) => args.only_looks(),
            Self::Enrol(args) => args.only_looks(),
            Self::Statement(_) | Self::Find(_) => true,
            Self::Hold(command) => matches!(command, hold::Command::List { .. }),
            Self::Pin(command) => matches!(command, pin::Command::Show { .. }),
            Self::Dealer(command) => matches!(command, dealer::Command::Summary { .. }),
            Self::Quarantine(command) => matches!(command, quarantine::Command::Show { .. }),
            Self::Forward(command) => matches!(command, forward::Command::Show { .. }),
            Self::Voucher(command) => matches!(command, voucher::Command::Show(_)),
            Self::Serve(_)
            | Self::Demo(_)
            | Self::Country(_)
            | Self::Parse(_)
            | Self::Gateway(_)
            | Self::Grammar(_)
            | Self::Send(_)
            | Self::Reverse(_)
            | Self::Adjust(_)
            | Self::Check(_)
            | Self::Audit(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Smpp(_)
            | Self::Simulate(_)
            | Self::Load(_)
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    // reqwest and sqlx use the TLS provider of the process. A second installation fails and is harmless.
    drop(rustls::crypto::ring::default_provider().install_default());
    let config = cli.config.as_deref();
    if config.is_some() && cli.command.is_without_configuration() {
        // A file that was named and is not there is a mistake, also where nothing of it is needed.
        drop(resources::examine(config)?);
    }
    match cli.command {
        Command::Parse(args) => parse::run(&args, config),
        Command::Country(command) => country::run(&command),
        Command::Gateway(args) => gateway::run(&args, config),
        Command::Grammar(args) => grammar::run(&args, config),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        // On one thread, so that it takes little from what it measures.
        Command::Load(command) => load::run(*command, config),
        command => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(run_async(command, config))
        }
    }
}

async fn run_async(command: Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => serve::run(&args, config).await,
        Command::Demo(args) => Box::pin(demo::run(&args)).await,
        Command::Send(args) => send::run(&args, config).await,
        Command::Account(args) => account::run(&args, config).await,
        Command::Enrol(args) => enrol::run(&args, config).await,
        Command::Find(args) => find::run(&args, config).await,
        Command::Statement(args) => statement::run(&args, config).await,
        Command::Reverse(args) => reverse::run(&args, config).await,
        Command::Adjust(command) => adjust::run(&command, config).await,
        Command::Hold(command) => hold::run(&command, config).await,
        Command::Pin(command) => pin::run(&command, config).await,
        Command::Dealer(command) => dealer::run(&command, config).await,
        Command::Quarantine(command) => quarantine::run(&command, config).await,
        Command::Forward(command) => forward::run(&command, config).await,
        Command::Voucher(command) => voucher::run(&command, config).await,
        Command::Audit(args) => audit::run(&args, config).await,
        Command::Backup(args) => backup::back_up(&args, config).await,
        Command::Restore(args) => backup::restore(&args, config).await,
        Command::Check(args) => check::run(&args, config).await,
        Command::Smpp(command) => smpp::run(&command, config).await,
        Command::Simulate(command) => simulate::run(command, config).await,
        Command::Parse(args) => parse::run(&args, config),
        Command::Country(command) => country::run(&command),
        Command::Gateway(args) => gateway::run(&args, config),
        Command::Grammar(args) => grammar::run(&args, config),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Load(command) => load::run(*command, config),
    }
}
