//! The verification of the PINs of forms: the banks that are asked, and whether each form's PIN can be verified.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;

use crate::config::Config;
use crate::grammar::{FormInfo, GrammarSet, Verifier};
use crate::links::http::HttpPinCheck;
use crate::processor::{BankPins, VerifiesPins};

/// The banks that are asked about PINs.
///
/// # Errors
/// A client cannot be built, one line each.
pub(super) fn banks(config: &Config) -> Result<BankPins, Vec<String>> {
    let (mut banks, mut problems) = (Vec::new(), Vec::new());
    for (bank, settings) in &config.pin_checks {
        match HttpPinCheck::new(settings) {
            Ok(client) => {
                let client: Arc<dyn VerifiesPins> = Arc::new(client);
                banks.push((bank.clone(), client, Duration::from_millis(settings.timeout_ms)));
            }
            Err(problem) => problems.push(format!("banks.{bank}.pin_check.{problem}")),
        }
    }
    if problems.is_empty() { Ok(BankPins::new(banks)) } else { Err(problems) }
}

/// Forms whose PIN nobody could verify, one line each.
pub(super) fn unverified(config: &Config, grammars: &GrammarSet) -> Vec<String> {
    let forms = grammars.banks().flat_map(|bank| bank.forms.into_iter().map(move |form| (bank.id, form)));
    let of_bank =
        forms.filter(|(bank, form)| form.pin == Some(Verifier::Bank) && !config.pin_checks.contains_key(*bank));
    let line = |(bank, form): (&str, FormInfo<'_>)| {
        format!(
            "{bank}: the form `{}` has pin = \"bank\", and the bank cannot be asked: add [banks.{bank}.pin_check] with `url` \
             and `secret`",
            form.name
        )
    };
    of_bank.map(line).collect()
}

/// As [`unverified`], for a set that is about to be used.
///
/// # Errors
/// There is such a form.
pub(super) fn ensure_verified(config: &Config, grammars: &GrammarSet) -> anyhow::Result<()> {
    let problems = unverified(config, grammars);
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    Ok(())
}

/// Settings that are probably not meant, one line each.
pub(super) fn doubtful(config: &Config, grammars: &GrammarSet) -> Vec<String> {
    let mut found = Vec::new();
    for (bank, settings) in &config.pin_checks {
        let is_used = grammars
            .banks()
            .any(|known| known.id == bank && known.forms.iter().any(|form| form.pin == Some(Verifier::Bank)));
        if !is_used {
            found.push(format!(
                "banks.{bank}.pin_check: no form of this bank has pin = \"bank\", so that it is never asked"
            ));
        }
        if settings.url.starts_with("http://") && !is_of_this_machine(&settings.url) {
            found.push(format!("banks.{bank}.pin_check.url: PINs would be sent without encryption: use https"));
        }
    }
    found
}

/// The banks with forms that are done with the PIN that the sender has with us.
pub(super) fn of_subscribers(grammars: &GrammarSet) -> Vec<&str> {
    let asks = |form: &FormInfo<'_>| form.pin == Some(Verifier::Subscriber) && !form.action.has_own_pin();
    grammars.banks().filter(|bank| bank.forms.iter().any(asks)).map(|bank| bank.id).collect()
}

/// Returns whether the host of a URL is this machine.
fn is_of_this_machine(url: &str) -> bool {
    let authority = url.trim_start_matches("http://").split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.strip_prefix('[').map_or_else(
        || host.split(':').next().unwrap_or_default(),
        |bracketed| bracketed.split(']').next().unwrap_or_default(),
    );
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
