//! The links that reach each short code, and warnings about sender addresses that can be forged there.

use tracing::warn;

use crate::config::smpp_server::Esme;
use crate::config::{Config, Link};
use crate::domain::ShortCode;
use crate::grammar::GrammarSet;

/// Adds the short codes of an ESME's banks to those that it may use.
///
/// # Errors
/// One of its banks has no grammar.
pub(super) fn speaking_for_its_banks(esme: &Esme, grammars: &GrammarSet) -> Result<Esme, String> {
    let mut esme = esme.clone();
    for bank in &esme.banks {
        let Some(known) = grammars.banks().find(|known| known.id == *bank) else {
            return Err(format!("banks: there is no grammar of the bank `{bank}`"));
        };
        esme.short_codes.extend(known.short_codes.iter().map(ToString::to_string));
    }
    Ok(esme)
}

/// Finds forms of banks' machines that are recognised by the sender's address alone, if more than one link reaches the
/// short code. Senders on the other links could use the address and top up in the bank's name. Links to operators'
/// SMSCs do not count, because such forms are not accepted from them. Returns one line for each form.
pub(super) fn forgeable(config: &Config, grammars: &GrammarSet) -> Vec<String> {
    let mut dangers = Vec::new();
    for bank in grammars.banks() {
        let links: Vec<&str> = config
            .links
            .iter()
            .filter(|(_, link)| !matches!(link, Link::Smsc(_)))
            .filter(|(_, link)| bank.short_codes.iter().any(|code| reaches(link, code, grammars)))
            .map(|(name, _)| name.as_str())
            .collect();
        if links.len() < 2 {
            continue;
        }
        for form in bank.forms.iter().filter(|form| !form.senders.is_empty() && form.links.is_empty()) {
            dangers.push(format!(
                "{}: anybody behind the links {} can use the sender of the form `{}` ({}); name the bank's own link \
                 in its grammar: links = [\"NAME\"]",
                bank.name,
                links.join(", "),
                form.name,
                form.senders.join(", "),
            ));
        }
    }
    dangers
}

/// Writes the same lines to the log.
pub(super) fn warn_of_forgeable(config: &Config, grammars: &GrammarSet) {
    for danger in forgeable(config, grammars) {
        warn!("{danger}");
    }
}

/// Returns whether messages to this short code are accepted from this link.
fn reaches(link: &Link, code: &ShortCode, grammars: &GrammarSet) -> bool {
    let codes = match link {
        Link::Smsc(smsc) => smsc.short_codes.clone(),
        Link::Http(gateway) => gateway.short_codes.clone(),
        // A link with an unknown bank is refused at the start.
        Link::Esme(esme) => speaking_for_its_banks(esme, grammars).map(|esme| esme.short_codes).unwrap_or_default(),
    };
    codes.is_empty() || codes.iter().any(|known| known == code.as_str())
}
