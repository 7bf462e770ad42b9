//! `mbush demo`: everything at work on one machine. The server, an embedded database, and an SMSC that it binds to over
//! a real socket; the SMSC's phones text, and what they get back is printed beside what they wrote.

mod prompt;
mod script;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use chrono::{TimeDelta, Utc};
use tokio::sync::broadcast;
use tokio::time::timeout;

use super::app::App;
use super::serve::start_log;
use super::style::{bold, line, local_day};
use crate::api::Recorder;
use crate::config::Config;
use crate::domain::{Account, AccountKey, format_cents};
use crate::simulator::{Smsc, SmscSettings, Submitted, Text};
use script::{Ending, STEPS, Step};

/// Longest wait for a reply: only a broken demo reaches it.
const REPLY_WAIT: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Exit after the script, with 1 if anything did not end as it must
    #[arg(long)]
    once: bool,
    /// Folder of the database, kept afterwards; without it a temporary one
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// Name of the demo's rule of bonuses.
const BONUS: &str = "autumn";

/// The demo while it runs.
struct Demo {
    app: App,
    smsc: Smsc,
    replies: broadcast::Receiver<Submitted>,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let temporary = tempfile::tempdir()?;
    let folder = match &args.dir {
        Some(folder) => {
            std::fs::create_dir_all(folder).with_context(|| format!("--dir {}", folder.display()))?;
            folder.as_path()
        }
        None => temporary.path(),
    };
    let database = folder.join("mbush.db");
    if database.exists() {
        bail!("--dir {}: there is a database in it already; the script begins with an empty one", folder.display());
    }
    let mut demo = Demo::start(&database).await?;
    line(&format!(
        "mbush is up: database {}, SMSC (simulated) on {}, HTTP on http://{}\n",
        database.display(),
        demo.smsc.address(),
        demo.app.http
    ))?;
    let mut wrong = Vec::new();
    for step in STEPS {
        demo.play(step, &mut wrong).await?;
    }
    demo.books(&mut wrong).await?;
    for problem in &wrong {
        line(&format!("NOT AS IT MUST BE: {problem}"))?;
    }
    if !args.once {
        prompt::run(&mut demo).await?;
    }
    demo.stop().await?;
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Demo {
    async fn start(database: &Path) -> anyhow::Result<Self> {
        let smsc = Smsc::start(SmscSettings::for_testing()).await?;
        let replies = smsc.submitted();
        let config = config(database, &smsc.address().to_string())?;
        start_log(&config.log)?;
        let app = App::start(&config, Recorder::install()?).await?;
        timeout(REPLY_WAIT, smsc.receiver_bound()).await.map_err(|_| anyhow!("the link did not bind"))?;
        Ok(Self { app, smsc, replies })
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.app.stop().await?;
        self.smsc.stop().await;
        Ok(())
    }

    async fn play(&mut self, step: &Step, wrong: &mut Vec<String>) -> anyhow::Result<()> {
        line(&format!("  {}", step.about))?;
        let reply = self.text(step.from, step.to, step.text).await?;
        match step.ending {
            Ending::Credited { number, balance_cents, days } => {
                let account = self.account(number).await?;
                holds(step, number, account.as_ref(), (balance_cents, days), wrong)?;
                if !reply.contains(&format_cents(balance_cents)) {
                    wrong.push(format!("`{}` to {}: no balance in: {reply}", step.text, step.to));
                }
            }
            Ending::Paid { account, balance_cents, days } => {
                let key: AccountKey = account.parse().map_err(|problem: String| anyhow!(problem))?;
                let found = self.app.store.account(&key).await?;
                holds(step, account, found.as_ref(), (balance_cents, days), wrong)?;
            }
            Ending::Told(words) if reply.contains(words) => {}
            Ending::Told(words) => wrong.push(format!("`{}` to {}: no `{words}` in: {reply}", step.text, step.to)),
        }
        Ok(line("")?)
    }

    /// One phone texts; the reply that its owner reads.
    async fn text(&mut self, from: &str, to: &str, text: &str) -> anyhow::Result<String> {
        line(&format!("  {from} > {to}   {}", bold(text)))?;
        let message = Text { from: from.to_owned(), to: to.to_owned(), text: text.to_owned() };
        let status = timeout(REPLY_WAIT, self.smsc.deliver(&message)).await.map_err(|_| anyhow!("no answer"))??;
        if !status.is_ok() {
            bail!("the server refused the message: {status}");
        }
        let reply = timeout(REPLY_WAIT, self.reply_to(from)).await.map_err(|_| anyhow!("no reply to {from}"))??;
        line(&format!("  {to} > {from}   {reply}"))?;
        Ok(reply)
    }

    async fn reply_to(&mut self, phone: &str) -> anyhow::Result<String> {
        loop {
            let message = self.replies.recv().await?;
            if message.to == phone {
                return Ok(message.text);
            }
        }
    }

    async fn account(&self, national: &str) -> anyhow::Result<Option<Account>> {
        let number = self.app.plan.read(national, false).map_err(|_| anyhow!("{national} is not of the plan"))?;
        Ok(self.app.store.account(&AccountKey::subscriber(number.msisdn)).await?)
    }

    /// What the banks owe and the bonuses are is what the accounts got.
    async fn books(&self, wrong: &mut Vec<String>) -> anyhow::Result<()> {
        let totals = self.app.store.totals().await?;
        let mut owed = String::new();
        let mut given_cents = self.app.store.bonus_cents(BONUS).await?;
        let bonuses = format_cents(given_cents);
        for bank in ["ekonomike", "procredit"] {
            let cents = self.app.store.clearing_cents(bank).await?;
            given_cents += cents;
            write!(owed, ", {bank} owes {}", format_cents(cents))?;
        }
        let balances = format_cents(totals.balances_cents);
        line(&format!(
            "{} messages, {} top-ups: balances {balances} EUR{owed}, bonuses {bonuses}",
            totals.messages, totals.applied
        ))?;
        if given_cents != totals.balances_cents || totals.transferred_cents != totals.balances_cents {
            wrong.push(format!("the books do not agree: {totals:?}"));
        }
        Ok(())
    }
}

/// Shows an account, and notes what of it is not as it must be.
fn holds(
    step: &Step,
    name: &str,
    account: Option<&Account>,
    (balance_cents, days): (i64, i64),
    wrong: &mut Vec<String>,
) -> std::io::Result<()> {
    line(&format!("    {}", describe(name, account)))?;
    let valid_day = local_day(Utc::now() + TimeDelta::days(days));
    let as_it_must = account.is_some_and(|account| {
        account.balance_cents == balance_cents && account.valid_until.map(local_day) == Some(valid_day)
    });
    if !as_it_must {
        wrong.push(format!("`{}` to {}: {}", step.text, step.to, describe(name, account)));
    }
    Ok(())
}

fn describe(number: &str, account: Option<&Account>) -> String {
    let Some(account) = account else { return format!("{number} has no account") };
    let valid = account.valid_until.map_or_else(|| "never".to_owned(), local_day);
    format!("{number} has {} EUR, valid until {valid}", format_cents(account.balance_cents))
}

/// The defaults, but that numbers and user names are opened as they come, with a limit, products and a bonus, and one link binds to the simulated SMSC.
fn config(database: &Path, smsc: &str) -> anyhow::Result<Config> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let text = format!(
        "[store]\nurl = {}\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\n\
         [limits.payer]\nday_amount_max_cents = 5000\n\
         [products]\nunknown = \"create\"\n[products.tv]\nprice_cents = 999\n[products.internet]\nprice_cents = 1299\n\
         [products.duotv]\nprice_cents = 1999\n[products.duofix]\nprice_cents = 1799\n\
         [[bonus]]\nname = \"{BONUS}\"\npercent = 10\namount_min_cents = 2500\n\
         [log]\nfilter = \"warn\"\n\
         [links.demo]\nkind = \"smpp\"\nhosts = [{}]\nsystem_id = \"mbush\"\npassword = \"mbush\"\n",
        quoted(&format!("sqlite://{}", database.display())),
        quoted(smsc)
    );
    Config::from_toml(&text).map_err(|error| anyhow!("{error}"))
}
