//! The links that reach each short code, and the dangers of sender addresses there.

use tracing::warn;

use crate::config::smpp_server::Esme;
use crate::config::{Config, Link};
use crate::domain::ShortCode;
use crate::grammar::GrammarSet;

/// The short codes of an ESME's banks are among those that it may speak for.
///
/// # Errors
/// No grammar is of one of its banks.
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

/// Forms of banks' machines that are known by their sender's address alone, where more than one link reaches the short
/// code: who is behind another of these links could write the address, and top up in the bank's name. By an operator's SMSC
/// such a form is not read. One line each.
pub(super) fn forgeable(config: &Config, grammars: &GrammarSet) -> Vec<String> {
    let mut dangers = Vec::new();
    for bank in grammars.banks() {
        let links: Vec<&str> = config
            .links
            .iter()
            .filter(|(_, link)| !matches!(link, Link::Smpp(_)))
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

/// The same, in the log.
pub(super) fn warn_of_forgeable(config: &Config, grammars: &GrammarSet) {
    for danger in forgeable(config, grammars) {
        warn!("{danger}");
    }
}

/// Tells whether messages to this short code are accepted from this link.
fn reaches(link: &Link, code: &ShortCode, grammars: &GrammarSet) -> bool {
    let codes = match link {
        Link::Smpp(smpp) => smpp.short_codes.clone(),
        Link::Http(gateway) => gateway.short_codes.clone(),
        // One with an unknown bank is refused at the start.
        Link::Esme(esme) => speaking_for_its_banks(esme, grammars).map(|esme| esme.short_codes).unwrap_or_default(),
    };
    codes.is_empty() || codes.iter().any(|known| known == code.as_str())
}
