//! `mbush serve`: runs the server until a signal stops it.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

use super::app::App;
use super::prepare::Prepared;
use super::{log, resources, storage, style};
use crate::api::Recorder;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) async fn run(_args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let examined = resources::examine(config)?;
    let prepared = Prepared::of(&examined)?;
    let config = examined.config;
    log::start(&config.log)?;
    let signals = Signals::listen()?;
    let is_new = storage::is_missing(&config);
    let mut app = Box::pin(App::start(&config, prepared, Recorder::install()?)).await?;
    tell_of_database(&config, is_new)?;
    style::line(&format!("listening on {}", app.http))?;
    if let Some(smpp) = app.smpp {
        style::line(&format!("listening for SMPP on {smpp}"))?;
    }
    if let Some(switches) = app.switches() {
        style::line(&format!("listening for ISO 8583 on {switches}"))?;
    }
    style::object(&json!({ "event": "listening", "http": app.http, "smpp": app.smpp, "iso8583": app.switches() }))?;
    tokio::select! {
        () = signals.stop() => {}
        broken = app.broken() => return Err(broken),
    }
    app.stop().await?;
    Ok(ExitCode::SUCCESS)
}

/// A start in the wrong folder also creates a database, so that it is logged.
fn tell_of_database(config: &Config, is_new: bool) -> anyhow::Result<()> {
    let Some(file) = storage::file(config) else { return Ok(()) };
    let file = std::path::absolute(file)?;
    if is_new {
        warn!(file = %file.display(), "there was no database: a new, empty one was created");
    } else {
        info!(file = %file.display(), "the database is open");
    }
    Ok(())
}

/// Listens for SIGTERM and Ctrl-C from its creation, so that an early signal is not lost.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns at the first signal.
    pub(super) async fn stop(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
