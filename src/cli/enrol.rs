//! `mbush enrol NUMBER SERVICE USERNAME`: the user name that is meant if a phone texts `tv` alone.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use chrono::Utc;
use serde_json::{Value, json};

use super::exit::Exit;
use super::staff::named;
use super::style::{line, local, object};
use super::{numbers, resources, storage};
use crate::domain::{AccountKey, Msisdn, Service};
use crate::store::{Enrolment, Store};

/// Maximum length of a user name in a message, in characters.
const USERNAME_CHARS_MAX: usize = 32;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("wanted").args(["username", "remove"])))]
pub(super) struct Args {
    /// The phone, in any spelling (049123456, +383 49 123 456); without more arguments, its registrations are shown
    number: String,
    /// The service: internet, tv, duotv or duofix
    #[arg(value_parser = product, requires = "wanted")]
    service: Option<Service>,
    /// The user name; upper and lower case differ
    #[arg(value_parser = username)]
    username: Option<String>,
    /// Remove the registration
    #[arg(long, requires = "service", conflicts_with = "username")]
    remove: bool,
    /// Name of the member of staff
    #[arg(long, env = "USER", value_name = "NAME")]
    by: Option<String>,
}

impl Args {
    /// Returns whether the command shows registrations and changes nothing.
    pub(super) const fn only_looks(&self) -> bool {
        self.service.is_none()
    }
}

pub(super) async fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    let plan = resources::plan(&config)?;
    let number = numbers::find(&plan, &args.number)?;
    let phone = number.msisdn;
    let store = storage::open_existing(&config).await?;
    let result = match (args.service, &args.username) {
        (Some(service), Some(username)) => enrol(&store, phone, service, username, args.by.as_deref()).await,
        (Some(service), None) => remove(&store, phone, service).await,
        (None, _) => show(&store, phone, &numbers::of_line(&number)).await,
    };
    store.close().await;
    result
}

async fn enrol(
    store: &Store,
    phone: Msisdn,
    service: Service,
    username: &str,
    by: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let Some(by) = by else { bail!("give your name: --by NAME") };
    named(by)?;
    let (username, by) = (username.to_owned(), by.to_owned());
    let enrolment = Enrolment { phone, service, username: username.clone(), by, at: Utc::now() };
    store.enrol(&enrolment).await?;
    object(&as_json(&enrolment))?;
    line(&format!("{phone}: `{service}` is registered to {username}"))?;
    Ok(ExitCode::SUCCESS)
}

async fn remove(store: &Store, phone: Msisdn, service: Service) -> anyhow::Result<ExitCode> {
    if !store.disenrol(phone, service).await? {
        bail!("no user name of {service} is registered to {phone}; `mbush enrol NUMBER` lists the registrations");
    }
    line(&format!("{phone}: no user name of `{service}` is registered any more"))?;
    object(&json!({ "phone": phone, "service": service.as_str(), "username": null, "by": null, "at": null }))?;
    Ok(ExitCode::SUCCESS)
}

/// Shows the registrations of a phone. A phone without a registration and without an account is reported as unknown.
async fn show(store: &Store, phone: Msisdn, key: &AccountKey) -> anyhow::Result<ExitCode> {
    let enrolments = store.enrolments_of(phone).await?;
    for enrolment in &enrolments {
        object(&as_json(enrolment))?;
        let (service, at) = (enrolment.service.to_string(), local(enrolment.at));
        line(&format!("{service:8}  {}  since {at}, by {}", enrolment.username, enrolment.by))?;
    }
    if enrolments.is_empty() {
        line(&format!("no user name is registered to {phone}"))?;
    }
    Ok(Exit::from(!enrolments.is_empty() || store.account(key).await?.is_some()).into())
}

fn as_json<S: Display>(enrolment: &Enrolment<S>) -> Value {
    json!({
        "phone": enrolment.phone, "service": enrolment.service.to_string(), "username": enrolment.username,
        "by": enrolment.by, "at": enrolment.at,
    })
}

fn product(text: &str) -> Result<Service, String> {
    text.parse().ok().filter(|service: &Service| service.is_product()).ok_or_else(|| {
        let products: Vec<&str> =
            Service::ALL.into_iter().filter(|service| service.is_product()).map(Service::as_str).collect();
        format!("write one of {}", products.join(", "))
    })
}

fn username(text: &str) -> Result<String, String> {
    let fits = (2..=USERNAME_CHARS_MAX).contains(&text.chars().count());
    if fits && !text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Ok(text.to_owned())
    } else {
        Err(format!("a user name has 2 to {USERNAME_CHARS_MAX} characters and no space"))
    }
}
