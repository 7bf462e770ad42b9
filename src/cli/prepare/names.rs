//! Names that refer to nothing and are probably misspelt.

use std::collections::BTreeSet;

use crate::config::{Config, Link, Named};
use crate::grammar::GrammarSet;
use crate::text::near::nearest;

/// Settings of unknown banks. A bank without a grammar is known if it has a section `[banks.ID]` and a client names it.
pub(super) fn misspelt(config: &Config, known: &Named, grammars: &GrammarSet) -> Vec<String> {
    let rules = &config.rules;
    let has_grammar = |bank: &str| grammars.banks().any(|of_bank| of_bank.id == bank);
    let mut found = Vec::new();
    for (name, client) in &config.clients {
        let bank = &client.bank;
        if !has_grammar(bank) && !known.banks.contains(bank) {
            let hint = near(grammars, bank);
            found.push(format!(
                "clients.{name}.bank = \"{bank}\": no grammar is of this bank{hint}; if it is right, add [banks.{bank}]"
            ));
        }
    }
    let mut named = Vec::new();
    named.extend(rules.banks.keys().map(|bank| (format!("banks.{bank}"), bank)));
    named.extend(rules.limits.banks.keys().map(|bank| (format!("limits.banks.{bank}"), bank)));
    for bonus in &rules.bonuses {
        named.extend(bonus.banks.iter().map(|bank| (format!("bonus `{}`", bonus.name), bank)));
    }
    for (place, bank) in named.into_iter().filter(|(_, bank)| !has_grammar(bank) && !known.has_client_of(bank)) {
        let hint = near(grammars, bank);
        found.push(format!("{place}: no grammar and no client has the bank `{bank}`; is it misspelt?{hint}"));
    }
    found
}

/// Sections of requests that no form asks for.
pub(super) fn forwards(config: &Config, grammars: &GrammarSet) -> Vec<String> {
    let asked: BTreeSet<&str> = grammars.banks().flat_map(|bank| bank.forms).filter_map(|form| form.forward).collect();
    let idle = config.forward.keys().filter(|name| !asked.contains(name.as_str()));
    let hint = |name: &str| {
        nearest(name, asked.iter().copied()).map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
    };
    idle.map(|name| format!("forward.{name}: no form has forward = \"{name}\"{}", hint(name))).collect()
}

/// Short codes of links that no bank has, and links of forms that do not exist.
pub(super) fn unknown(config: &Config, known: &Named, grammars: &GrammarSet) -> Vec<String> {
    let mut codes = Vec::new();
    for (name, link) in &config.links {
        let (short_codes, ussd_codes) = match link {
            Link::Smsc(smsc) => (&smsc.short_codes, &smsc.ussd_codes),
            Link::Esme(esme) => (&esme.short_codes, &esme.ussd_codes),
            Link::Http(http) => (&http.short_codes, &http.ussd_codes),
        };
        codes.extend(short_codes.iter().map(|code| (format!("links.{name}.short_codes"), code)));
        codes.extend(ussd_codes.iter().map(|(dialled, code)| (format!("links.{name}.ussd_codes.{dialled}"), code)));
    }
    let has = |code: &str| grammars.banks().any(|bank| bank.short_codes.iter().any(|known| known.as_str() == code));
    let unknown = codes.into_iter().filter(|(_, code)| !has(code));
    let mut found: Vec<String> =
        unknown.map(|(key, code)| format!("{key}: no grammar has the short code {code}; is it misspelt?")).collect();
    for bank in grammars.banks() {
        for form in &bank.forms {
            for link in form.links.iter().filter(|link| !known.links.contains(link.as_str())) {
                found.push(format!(
                    "{}: the form `{}` names the link {link}, which does not exist",
                    bank.name, form.name
                ));
            }
        }
    }
    found
}

/// Settings of kinds of accounts that no grammar declares.
pub(super) fn kinds(config: &Config, grammars: &GrammarSet) -> Vec<String> {
    let declared = grammars.account_kinds();
    let unknown = config.rules.accounts.keys().filter(|kind| !declared.contains(&kind.as_str()));
    let warning = |kind: &String| {
        let near = nearest(kind, declared.iter().copied()).map(|near| format!(" (did you mean `{near}`?)"));
        format!(
            "accounts.{kind}: no grammar declares this kind of account; is it misspelt?{}",
            near.unwrap_or_default()
        )
    };
    unknown.map(warning).collect()
}

fn near(grammars: &GrammarSet, bank: &str) -> String {
    nearest(bank, grammars.banks().map(|known| known.id))
        .map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}
