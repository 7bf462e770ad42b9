//! Summary SMS to dealers each evening.
//!
//! A phone is marked in the transaction that queues its SMS, so that each gets one a day, on any number of nodes.
//! Dealers without sales get none.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::config::dealers::Dealers as Settings;
use crate::domain::{
    AccountKey, Clock, DealerName, Draft, Language, OutboundSms, Rules, TransferKind, Way, calendar, format_minor,
    wallet,
};
use crate::store::{Store, StoreError};
use crate::text::templates::{Templates, Values};

/// Interval at which the time is checked.
const ASK_EVERY: Duration = Duration::from_secs(30);
/// Dealers that are read at once.
const PAGE: u32 = 200;
/// Number of the latest entries of a wallet that are read. A shop makes far fewer sales in a day.
const ENTRIES: u32 = 20_000;

/// Sales of a dealer in a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sold {
    /// Number of sales, without reversed ones.
    pub count: u32,
    /// Their sum, in minor units.
    pub sold_minor: i64,
    /// Commission on them, in minor units.
    pub commission_minor: i64,
}

/// Returns the sales of a dealer on the local day that contains `now`, without sales that were reversed on
/// the same day. The reversal of an earlier day's sale has no effect.
pub async fn day_of(store: &Store, name: &DealerName, now: DateTime<Utc>) -> Result<Sold, StoreError> {
    let today = calendar::day_of(now);
    let entries = store.statement(&wallet(name), ENTRIES).await?;
    let mut sold = Sold::default();
    // The newest entry comes first, so a reversal comes before the sale.
    let mut reversed = HashSet::new();
    for entry in entries.iter().take_while(|entry| calendar::day_of(entry.at) == today) {
        reversed.extend(&entry.reverses);
        match entry.kind.known() {
            _ if reversed.contains(&entry.receipt) => {}
            Some(TransferKind::TopUp) => {
                sold.count += 1;
                sold.sold_minor -= entry.minor;
            }
            Some(TransferKind::Commission) => sold.commission_minor += entry.minor,
            _ => {}
        }
    }
    Ok(sold)
}

/// Sends the summaries.
#[derive(Debug)]
pub struct DealerDays {
    store: Store,
    settings: Settings,
    rules: Rules,
    templates: Arc<Templates>,
    clock: Clock,
}

impl DealerDays {
    /// Creates the task; [`DealerDays::run`] starts it.
    pub const fn new(store: Store, settings: Settings, rules: Rules, templates: Arc<Templates>, clock: Clock) -> Self {
        Self { store, settings, rules, templates, clock }
    }

    /// Runs until `stop` is cancelled, if a link is configured.
    pub async fn run(self, stop: CancellationToken) {
        // Sales later in the evening get no second summary.
        let mut done = None;
        while let Some(link) = &self.settings.summary_link {
            let now = self.clock.now();
            let day = calendar::day_of(now);
            if done != Some(day) && now.with_timezone(&calendar::zone()).time() >= self.settings.summary_at {
                match self.tell(link, now).await {
                    Ok(told) => {
                        done = Some(day);
                        info!(told, "daily summaries of dealers were queued");
                    }
                    Err(failure) => {
                        warn!(error = %failure, "daily summaries of dealers could not be queued; they are tried again");
                    }
                }
            }
            if stop.run_until_cancelled(tokio::time::sleep(ASK_EVERY)).await.is_none() {
                return;
            }
        }
    }

    /// Sends the summary to all dealers with sales today that have not got it. Returns their number.
    ///
    /// # Errors
    /// The database fails; summaries that were queued stay queued.
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
                let stock = wallet.map_or(0, |wallet| wallet.balance_minor);
                for phone in &dealer.phones {
                    let account = self.store.account(&AccountKey::subscriber(*phone)).await?;
                    let language =
                        self.templates.choose([account.and_then(|account| account.language()), self.rules.language]);
                    let day = calendar::day_of(now);
                    let draft = Draft {
                        id: Uuid::now_v7(),
                        message_key: format!("dealer-day:{day}:{}", phone.digits()),
                        from: &self.settings.summary_sender,
                        to: phone.digits(),
                        source: None,
                        text: self.words(sold, stock, language),
                    };
                    let way = Way::Routed(&self.rules.routes, link);
                    let Some(sms) = OutboundSms::queued(draft, way, now) else { continue };
                    told += u32::from(self.store.tell_dealer_day(day, &sms).await?);
                }
            }
        }
    }

    fn words(&self, sold: Sold, stock_minor: i64, language: Language) -> Option<String> {
        let values = Values::from([
            ("count", sold.count.to_string()),
            ("amount", format_minor(sold.sold_minor)),
            ("commission", format_minor(sold.commission_minor)),
            ("balance", format_minor(stock_minor)),
        ]);
        self.templates.words(language, "dealer_day", &values).inspect_err(super::report).ok()
    }
}
