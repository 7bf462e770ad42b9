//! Each evening dealers are told what they have sold.
//!
//! That a phone was told is noted in the transaction that puts the words on their way, so that on any number of nodes each
//! gets them once a day. Who has sold nothing is not told.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Belgrade;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::config::dealers::Dealers as Settings;
use crate::domain::{
    AccountKey, Clock, DealerName, Language, OutboundSms, TransferKind, calendar, format_cents, wallet,
};
use crate::store::{Store, StoreError};
use crate::text::templates::{Templates, Values};

/// So often it is asked whether it is time.
const ASK_EVERY: Duration = Duration::from_secs(30);
/// Dealers that are read at once.
const PAGE: u32 = 200;
/// So many of a wallet's latest entries are looked at: what a shop sells in a day is far less.
const ENTRIES: u32 = 20_000;

/// What a dealer sold in a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sold {
    /// Sales, those that were taken back left out.
    pub count: u32,
    /// Their sum, in cents.
    pub sold_cents: i64,
    /// What they earned, in cents.
    pub commission_cents: i64,
}

/// What a dealer has sold on the day of Europe/Belgrade that `now` is in, and not taken back on it. What is taken back of an
/// earlier day changes nothing of this one.
///
/// # Errors
/// The database fails.
pub async fn day_of(store: &Store, name: &DealerName, now: DateTime<Utc>) -> Result<Sold, StoreError> {
    let today = calendar::day_of(now);
    let entries = store.statement(&wallet(name), ENTRIES).await?;
    let mut sold = Sold::default();
    // The newest first: a reversal comes before what it takes back.
    let mut taken_back = HashSet::new();
    for entry in entries.iter().take_while(|entry| calendar::day_of(entry.at) == today) {
        taken_back.extend(&entry.reverses);
        match entry.kind.known() {
            _ if taken_back.contains(&entry.receipt) => {}
            Some(TransferKind::TopUp) => {
                sold.count += 1;
                sold.sold_cents -= entry.cents;
            }
            Some(TransferKind::Commission) => sold.commission_cents += entry.cents,
            _ => {}
        }
    }
    Ok(sold)
}

/// Tells them.
#[derive(Debug)]
pub struct DealerDays {
    store: Store,
    settings: Settings,
    language: Language,
    templates: Arc<Templates>,
    clock: Clock,
}

impl DealerDays {
    /// With what is configured; [`DealerDays::run`] starts it.
    pub const fn new(
        store: Store,
        settings: Settings,
        language: Language,
        templates: Arc<Templates>,
        clock: Clock,
    ) -> Self {
        Self { store, settings, language, templates, clock }
    }

    /// Until `stop`, where there is a link to tell them by.
    pub async fn run(self, stop: CancellationToken) {
        // What is sold later in the evening is not told again.
        let mut done = None;
        while let Some(link) = &self.settings.summary_link {
            let now = self.clock.now();
            let day = calendar::day_of(now);
            if done != Some(day) && now.with_timezone(&Belgrade).time() >= self.settings.summary_at {
                match self.tell(link, now).await {
                    Ok(told) => {
                        done = Some(day);
                        info!(told, "dealers were told what they sold today");
                    }
                    Err(failure) => warn!(error = %failure, "dealers could not be told what they sold; tried again"),
                }
            }
            if stop.run_until_cancelled(tokio::time::sleep(ASK_EVERY)).await.is_none() {
                return;
            }
        }
    }

    /// Tells all who have sold something today and were not told yet; how many.
    ///
    /// # Errors
    /// The database fails; those who were told stay so.
    pub async fn tell(&self, link: &str, now: DateTime<Utc>) -> Result<u32, StoreError> {
        let (mut behind, mut told) = (String::new(), 0);
        loop {
            let page = self.store.dealers(&behind, PAGE).await?;
            let Some(last) = page.last() else { return Ok(told) };
            behind = last.name.to_string();
            for dealer in page.iter().filter(|dealer| !dealer.phones.is_empty()) {
                let sold = day_of(&self.store, &dealer.name, now).await?;
                if sold == Sold::default() {
                    continue;
                }
                let wallet = self.store.account(&wallet(&dealer.name)).await?;
                let stock = wallet.map_or(0, |wallet| wallet.balance_cents);
                for phone in &dealer.phones {
                    let account = self.store.account(&AccountKey::subscriber(*phone)).await?;
                    let language = account.and_then(|account| account.language).unwrap_or(self.language);
                    let Some(text) = self.words(sold, stock, language) else { continue };
                    let day = calendar::day_of(now);
                    let sms = OutboundSms {
                        id: Uuid::now_v7(),
                        message_key: format!("dealer-day:{day}:{}", phone.digits()),
                        link: link.to_owned(),
                        from: self.settings.summary_sender.clone(),
                        to: phone.digits(),
                        to_source: None,
                        text,
                        created_at: now,
                    };
                    told += u32::from(self.store.tell_dealer_day(day, &sms).await?);
                }
            }
        }
    }

    fn words(&self, sold: Sold, stock_cents: i64, language: Language) -> Option<String> {
        let values = Values::from([
            ("count", sold.count.to_string()),
            ("amount", format_cents(sold.sold_cents)),
            ("commission", format_cents(sold.commission_cents)),
            ("balance", format_cents(stock_cents)),
        ]);
        let text = self.templates.render(language.code(), "dealer_day", &values);
        text.inspect_err(|error| tracing::error!(%error, "a summary could not be worded")).ok()
    }
}
