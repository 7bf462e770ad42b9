//! The demo's scratch cards: drawn, printed and activated as an operator's are, by the same steps.

use std::path::{Path, PathBuf};

use age::x25519::Identity;
use anyhow::{Context, anyhow};
use chrono::{TimeDelta, Utc};

use crate::config::Config;
use crate::domain::Amount;
use crate::domain::voucher::State;
use crate::store::Store;
use crate::vouchers::{self, Order, Step, generate, write_new_key};

/// Amount of each card, in whole euros.
const EUROS: u16 = 5;

/// Number of cards: those of the script, and some for the prompt.
const COUNT: u32 = 10;

/// The codes that nobody has used.
pub(super) struct Cards {
    fresh: Vec<String>,
    used: Option<String>,
}

impl Cards {
    /// The key that codes are hashed with, in a folder.
    pub(super) fn key(folder: &Path) -> anyhow::Result<PathBuf> {
        let file = folder.join("cards.key");
        write_new_key(&file).with_context(|| file.display().to_string())?;
        Ok(file)
    }

    /// A batch from the draw to the customers' hands.
    pub(super) async fn draw(store: &Store, config: &Config, folder: &Path) -> anyhow::Result<Self> {
        let keys = config.vouchers.keys().map_err(|problem| anyhow!(problem))?;
        let (printer, file, at) = (Identity::generate(), folder.join("cards.age"), Utc::now());
        let order = Order {
            amount: Amount::from_euros(EUROS)?,
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
        // The print file's lines are serial, code, amount, behind their heading.
        let fresh = clear.lines().skip(1).filter_map(|card| card.split(',').nth(1).map(str::to_owned)).collect();
        Ok(Self { fresh, used: None })
    }

    /// The dialled text, with the code of a new card in place of `CARD`, and that of the last card in place of `USED`.
    pub(super) fn put_in(&mut self, text: &str) -> anyhow::Result<String> {
        if text.contains("CARD") {
            self.used = Some(self.fresh.pop().ok_or_else(|| anyhow!("all of the demo's cards are used"))?);
        }
        let code = self.used.as_deref().unwrap_or_default();
        Ok(text.replace("CARD", code).replace("USED", code))
    }
}
