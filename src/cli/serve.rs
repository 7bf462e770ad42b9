//! `mbush serve`: run until a signal says stop.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

use super::app::{self, App};
use super::prepare::Prepared;
use super::{log, resources, style};
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
    let is_new = app::is_missing(&config);
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

/// A start in the wrong folder makes a database, too, and should not go unseen.
fn tell_of_database(config: &Config, is_new: bool) -> anyhow::Result<()> {
    let Some(file) = app::file(config) else { return Ok(()) };
    let file = std::path::absolute(file)?;
    if is_new {
        warn!(file = %file.display(), "there was no database: a new one was made, which is empty");
    } else {
        info!(file = %file.display(), "the database is open");
    }
    Ok(())
}

/// SIGTERM and Ctrl-C, heard from the moment that this is made: one that comes before anybody waits is not lost.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns when one has come.
    pub(super) async fn stop(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
