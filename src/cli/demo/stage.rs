//! The demo's server, its SMSC and its phones.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::Utc;
use tokio::sync::broadcast;
use tokio::time::timeout;

use super::super::app::App;
use super::super::prepare::Prepared;
use super::super::{log, numbers, resources, staff};
use super::cards::Cards;
use crate::api::Recorder;
use crate::config::{Config, Examined, key_file};
use crate::domain::{Account, Clock, DealerName, Msisdn, ReasonCode, ShortCode, wallet};
use crate::grammar::{BankInfo, GrammarSet};
use crate::menus::Menus;
use crate::processor::Why;
use crate::simulator::{Atm, Faults, Smsc, SmscSettings, Submitted};
use crate::text::gloss::Gloss;

/// Time limit for a reply. Only a broken demo reaches it.
pub(super) const REPLY_WAIT: Duration = Duration::from_secs(30);

/// Phones of the demo's dealers: a shop, and the distributor above it.
pub(super) const SHOP: &str = "38349700001";
pub(super) const DISTRIBUTOR: &str = "38349700002";

/// Time after which the network says that a phone has an SMS.
const RECEIPT_DELAY: Duration = Duration::from_millis(100);

/// A phone that gets no SMS.
pub(super) const SWITCHED_OFF: &str = "38349110009";

/// Acquiring institution of the switch, in the configuration and in its messages.
pub(super) const ACQUIRER: &str = "12345";

/// Bearer secret of a client of the demo.
pub(super) fn secret(client: &str) -> String {
    format!("of the demo: {client}")
}

/// Initial stock of each dealer, in minor units.
const STOCK_MINOR: i64 = 20_000;
/// Password of the link to the simulated SMSC.
const SMSC_PASSWORD: &str = "of-demo8";

/// The running demo.
pub(super) struct Stage {
    pub(super) app: App,
    pub(super) smsc: Smsc,
    pub(super) replies: broadcast::Receiver<Submitted>,
    pub(super) cards: Cards,
    grammars: GrammarSet,
    pub(super) menus: Menus,
    pub(super) gloss: Gloss,
    /// The switch of cash machines, after it has signed on.
    pub(super) switch: Option<Atm>,
    database: PathBuf,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (database, smsc, http) = (self.database.display(), self.smsc.address(), self.app.http);
        write!(f, "database {database}, SMSC (simulated) on {smsc}, HTTP on http://{http}")
    }
}

/// The database in a folder.
pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join("mbush.db")
}

impl Stage {
    /// Starts everything; with a country's folder, its rules in place of Kosovo's script.
    pub(super) async fn set(folder: &Path, country: Option<&Path>) -> anyhow::Result<Self> {
        let smsc = Smsc::start(SmscSettings { password: SMSC_PASSWORD.into(), ..SmscSettings::default() }).await?;
        let switched_off = Some(SWITCHED_OFF.to_owned());
        smsc.set_faults(Faults { switched_off, receipt_delay: RECEIPT_DELAY, ..Faults::default() });
        let replies = smsc.submitted();
        let database = database(folder);
        let config = configure(folder, &smsc.address().to_string(), country)?;
        log::start(&config.log)?;
        let examined = Examined::from(config);
        let prepared = Prepared::of(&examined)?;
        let config = examined.config;
        let app = Box::pin(App::start(&config, prepared, Recorder::install()?)).await?;
        timeout(REPLY_WAIT, smsc.receiver_bound()).await.map_err(|_| anyhow!("the link did not bind"))?;
        let cards = Cards::draw(&app.store, &config, folder).await?;
        if country.is_none() {
            dealers(&app, &config).await?;
        }
        let grammars = resources::grammars(&config, &app.plan)?;
        let templates = resources::templates(&config)?;
        let menus = resources::menus(&config, &grammars, &templates)?;
        let gloss = Gloss::new(templates);
        Ok(Self { app, smsc, replies, cards, grammars, menus, gloss, switch: None, database })
    }

    pub(super) async fn strike(self) -> anyhow::Result<()> {
        drop(self.switch);
        // The last receipts come, and are stored.
        tokio::time::sleep(3 * RECEIPT_DELAY).await;
        self.app.stop().await?;
        self.smsc.stop().await;
        Ok(())
    }

    /// The account of a number in national spelling.
    pub(super) async fn account(&self, written: &str) -> anyhow::Result<Option<Account>> {
        let key = numbers::key(&self.app.plan, written)?;
        Ok(self.app.store.account(&key).await?)
    }

    /// National spelling of a number.
    pub(super) fn number(&self, written: &str) -> anyhow::Result<Msisdn> {
        Ok(numbers::find(&self.app.plan, written)?.msisdn)
    }

    /// International spelling of a number.
    pub(super) fn national(&self, digits: &str) -> String {
        digits.parse().map_or_else(|_| digits.to_owned(), |number| self.app.plan.national(number))
    }

    /// All short codes.
    pub(super) fn short_codes(&self) -> Vec<String> {
        self.grammars.banks().flat_map(|bank| bank.short_codes).map(ToString::to_string).collect()
    }

    /// One line for each bank: its short codes, and an example of a text.
    pub(super) fn short_code_lines(&self) -> Vec<String> {
        let shown = |bank: BankInfo<'_>| {
            let codes: Vec<&str> = bank.short_codes.iter().map(ShortCode::as_str).collect();
            // Phones cannot use a form of a bank's own machines.
            let example = bank.forms.iter().find(|form| form.senders.is_empty()).map_or("", |form| form.example);
            format!("  {:<8}  {:<24}  {example}", codes.join(", "), bank.name)
        };
        let mut lines: Vec<String> = self.grammars.banks().map(shown).collect();
        lines.sort_unstable();
        lines
    }
}

/// Adds a distributor and a shop below it, with stock that one person has sold and another has approved.
async fn dealers(app: &App, config: &Config) -> anyhow::Result<()> {
    let staff = staff::staff_orders(
        config,
        &app.store,
        &app.plan,
        Arc::new(resources::templates(config)?),
        Clock::new(Utc::now),
    );
    for (name, below, phone) in [("agron", None, DISTRIBUTOR), ("shpija", Some("agron"), SHOP)] {
        let read = |name: &str| name.parse::<DealerName>().map_err(|problem| anyhow!(problem));
        let (name, below) = (read(name)?, below.map(read).transpose()?);
        app.store.add_dealer(&name, below.as_ref(), &[phone.parse()?], "Arta", Utc::now()).await?;
        let why = Why { by: "Arta".to_owned(), reason: ReasonCode::StockSold, note: "demo".to_owned() };
        let proposed = staff.propose(&wallet(&name), STOCK_MINOR, &why).await?;
        staff.approve(proposed.id, "Besim").await?;
    }
    Ok(())
}

/// Writes the configuration into the folder, where staff commands find it: the defaults, with accounts opened at the
/// first top-up, cards, and one link to the simulated SMSC; then the rules of Kosovo's script, or the country.
fn configure(folder: &Path, smsc: &str, country: Option<&Path>) -> anyhow::Result<Config> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let path = |path: &Path| quoted(&path.display().to_string());
    let text = format!(
        "[store]\nurl = {}\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\n\
         [products]\nunknown = \"create\"\n[log]\nfilter = \"warn\"\n\
         [vouchers]\nkeys = [{{ id = \"demo\", file = {} }}]\n[pins]\nkey_file = {}\n\
         [links.demo]\nkind = \"smsc\"\nhosts = [{}]\nsystem_id = \"mbush\"\npassword = \"{SMSC_PASSWORD}\"\n\
         receipts = true\n{}",
        quoted(&format!("sqlite://{}", database(folder).display())),
        path(&Cards::key(folder)?),
        path(&pin_key(folder)?),
        quoted(smsc),
        country.map_or_else(rules_of_kosovo, |country| format!("[country]\nfolder = {}\n", path(country)))
    );
    let file = folder.join("mbush.toml");
    std::fs::write(&file, &text).with_context(|| file.display().to_string())?;
    Config::from_toml(&text).map_err(|error| anyhow!("{error}"))
}

/// A limit, products, a bonus, commissions, and the clients of machines.
fn rules_of_kosovo() -> String {
    format!(
        "[limits.payer]\nday_amount_max = \"50.00\"\n\
         [products.tv]\nprice = \"9.99\"\n[products.internet]\nprice = \"12.99\"\n\
         [products.duotv]\nprice = \"19.99\"\n[products.duofix]\nprice = \"17.99\"\n\
         [[bonus]]\nname = \"autumn\"\npercent = 10\namount_min = \"25.00\"\n\
         [[dealers.commission]]\nname = \"shop\"\nlevel = 0\npercent = 3\n\
         [[dealers.commission]]\nname = \"distributor\"\nlevel = 1\npercent = 1\n\
         [banks.bkt]\n\
         [iso8583]\nlisten = \"127.0.0.1:0\"\n\
         [clients.bkt-atm]\nbank = \"bkt\"\nchannel = \"atm\"\nsecret = \"{}\"\nacquirer_id = \"{ACQUIRER}\"\n\
         [clients.bkt-ebanking]\nbank = \"bkt\"\nchannel = \"ebanking\"\nsecret = \"{}\"\n\
         [clients.ipkomat]\nbank = \"procredit\"\nchannel = \"atm\"\nsecret = \"{}\"\n\
         [clients.ipkomat.amounts]\namount_min = \"5.00\"\n",
        secret("bkt-atm"),
        secret("bkt-ebanking"),
        secret("ipkomat"),
    )
}

/// Creates the key for the hashes of PINs in a folder.
fn pin_key(folder: &Path) -> anyhow::Result<PathBuf> {
    let file = folder.join("pins.key");
    key_file::make(&file).with_context(|| file.display().to_string())?;
    Ok(file)
}
