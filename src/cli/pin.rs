//! `mbush pin`: the state of a number's PIN, the reset of a forgotten one, and the key that PINs are hashed with.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::Utc;
use serde_json::json;

use super::consent::Consent;
use super::staff::named;
use super::style::{line, local, object};
use super::{known, new_key, numbers, resources, storage};
use crate::config::Config;
use crate::domain::{AccountKey, Msisdn};
use crate::processor::{PinKey, reset_pin};
use crate::store::Store;

/// The line that announces a reset.
pub(super) const RESET: &str = "reset: the PIN becomes the initial one, which must be changed before its first use; the \
    count of wrong tries is cleared";

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show when the PIN was set, and whether it must be changed before use; the PIN itself is never shown
    Show {
        /// The number, in any spelling
        number: String,
    },
    /// Reset the PIN to the initial one, which must be changed before use, and clear the count of wrong tries
    Reset {
        /// The number, in any spelling
        number: String,
        /// Name of the member of staff
        #[arg(long, env = "USER", value_name = "NAME")]
        by: String,
        #[command(flatten)]
        consent: Consent,
    },
    /// Make the key that PINs are hashed with
    #[command(after_help = "Example:\n  mbush pin key --new pin.key\n\n\
        Then name it in pins.key_file and restart. If another key is in use, every PIN has to be set again.")]
    Key {
        /// Make the key in this file, which must not exist
        #[arg(long, value_name = "FILE")]
        new: PathBuf,
    },
}

pub(super) async fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    let number = match command {
        Command::Show { number } | Command::Reset { number, .. } => number,
        Command::Key { new } => return make_key(new, &config),
    };
    let plan = resources::plan(&config)?;
    let phone = numbers::find(&plan, number)?.msisdn;
    let key = AccountKey::subscriber(phone);
    let store = storage::open_existing(&config).await?;
    let result = carry_out(command, &config, &store, &key, phone).await;
    store.close().await;
    result
}

fn make_key(file: &Path, config: &Config) -> anyhow::Result<ExitCode> {
    new_key::make(file, "pins", &format!("key_file = {}", new_key::text(&file.display().to_string())))?;
    if let Some(present) = &config.pins.key_file {
        line(&format!("The present key is {}. If it is replaced, every PIN has to be set again.", present.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn carry_out(
    command: &Command,
    config: &Config,
    store: &Store,
    key: &AccountKey,
    phone: Msisdn,
) -> anyhow::Result<ExitCode> {
    known::check(config, store, key).await?;
    if let Command::Reset { by, consent, .. } = command {
        named(by)?;
        let pins = self::key(config)?;
        let intent = async || Ok(vec![standing(store, key, phone).await?, RESET.to_owned()]);
        if let Some(end) = consent.given(intent).await? {
            return Ok(end);
        }
        reset_pin(store, &pins, key, by, Utc::now()).await?;
    }
    line(&standing(store, key, phone).await?)?;
    let pin = store.pin(key).await?;
    object(&json!({
        "number": phone, "initial": pin.as_ref().is_none_or(|pin| pin.initial), "set_at": pin.as_ref().map(|pin| pin.set_at),
        "given_by": pin.as_ref().and_then(|pin| pin.given_by.as_ref()),
    }))?;
    Ok(ExitCode::SUCCESS)
}

/// The key for PINs. Without one, no PIN can be set.
pub(super) fn key(config: &Config) -> anyhow::Result<PinKey> {
    let pins = resources::pin_key(config)?;
    anyhow::ensure!(
        pins.is_there(),
        "there is no key for PINs: make one with `mbush pin key --new FILE`, and name it in pins.key_file"
    );
    Ok(pins)
}

/// The state of a PIN in words, without the PIN.
async fn standing(store: &Store, key: &AccountKey, phone: Msisdn) -> anyhow::Result<String> {
    Ok(match store.pin(key).await? {
        None => format!("{phone}: the initial PIN; it must be changed before its first use"),
        Some(pin) => {
            let by = pin.given_by.unwrap_or_else(|| "its owner".to_owned());
            let first = if pin.initial { "; it must be changed before its first use" } else { "" };
            format!("{phone}: set on {} by {by}{first}", local(pin.set_at))
        }
    })
}
