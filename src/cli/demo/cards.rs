//! The demo's scratch cards: generated, printed and activated in the same steps as an operator's.

use std::path::{Path, PathBuf};

use age::x25519::Identity;
use anyhow::{Context, anyhow};
use chrono::{TimeDelta, Utc};

use crate::config::{Config, key_file};
use crate::domain::Amount;
use crate::domain::voucher::State;
use crate::store::Store;
use crate::vouchers::{self, Order, Step, generate};

/// Number of cards: those of the script, and some for the prompt.
const COUNT: u32 = 10;

/// Unused codes.
pub(super) struct Cards {
    fresh: Vec<String>,
    used: Option<String>,
}

impl Cards {
    /// Creates the key for the hashes of codes in a folder.
    pub(super) fn key(folder: &Path) -> anyhow::Result<PathBuf> {
        let file = folder.join("cards.key");
        key_file::make(&file).with_context(|| file.display().to_string())?;
        Ok(file)
    }

    /// Takes a batch from the generation to active cards.
    pub(super) async fn draw(store: &Store, config: &Config, folder: &Path) -> anyhow::Result<Self> {
        let keys = config.vouchers.keys().map_err(|problem| anyhow!(problem))?;
        let amount = card_amount(config)?;
        let (printer, file, at) = (Identity::generate(), folder.join("cards.age"), Utc::now());
        let order = Order {
            amount,
            count: COUNT,
            days: None,
            expires_at: at + TimeDelta::days(730),
            by: "Arta".to_owned(),
            at,
            file: file.clone(),
        };
        let batch = generate(store, &keys, &order, &[printer.to_public()], &mut |_| ()).await?.batch;
        let by = |name: &str| Step { by: name.to_owned(), note: "demo".to_owned(), at };
        vouchers::print(store, batch, &file, &by("Arta")).await?;
        vouchers::move_batch(store, batch, State::Distributed, &by("Arta")).await?;
        vouchers::propose(store, batch, &by("Besim")).await?;
        vouchers::approve(store, batch, &by("Drita")).await?;
        let clear = String::from_utf8(age::decrypt(&printer, &std::fs::read(&file)?)?)?;
        // Lines of the print file are serial, code and amount, after a heading.
        let fresh = clear.lines().skip(1).filter_map(|card| card.split(',').nth(1).map(str::to_owned)).collect();
        Ok(Self { fresh, used: None })
    }

    /// The dialled text, with a new code in place of `CARD`, and the last used one in place of `USED`.
    pub(super) fn put_in(&mut self, text: &str) -> anyhow::Result<String> {
        if text.contains("CARD") {
            self.used = Some(self.fresh.pop().ok_or_else(|| anyhow!("all of the demo's cards are used"))?);
        }
        let code = self.used.as_deref().unwrap_or_default();
        Ok(text.replace("CARD", code).replace("USED", code))
    }
}

/// The amount of the cards: 5, or the least that cards have.
fn card_amount(config: &Config) -> anyhow::Result<Amount> {
    let amounts = config.vouchers.amounts();
    let five = Amount::whole(5)?;
    let least = amounts.iter().min().copied();
    if amounts.contains(&five) { Ok(five) } else { least.ok_or_else(|| anyhow!("vouchers.denominations is empty")) }
}
