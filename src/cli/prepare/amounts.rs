//! Forms of which the configuration refuses every amount.

use crate::config::Config;
use crate::domain::{Amount, Channel};
use crate::grammar::{Action, BankInfo, FormInfo, GrammarSet};

/// One line for each form of which no amount could be carried out. A text arrives by SMS, or from a menu.
pub(in crate::cli) fn refused(config: &Config, grammars: &GrammarSet) -> Vec<String> {
    let enabled = grammars.banks().filter(|bank| config.rules.bank(bank.id).enabled);
    enabled.flat_map(|bank| of_bank(config, &bank)).collect()
}

fn of_bank(config: &Config, bank: &BankInfo<'_>) -> Vec<String> {
    let rules = &config.rules;
    let top_up = [Channel::Sms, Channel::Ussd].map(|channel| rules.amounts(channel, bank.id));
    let transfer = [(rules.credit_transfer.amount_min, rules.credit_transfer.amount_max)];
    let problem = |form: &FormInfo<'_>| match form.action {
        Action::Recharge if !form.service.is_product() => problem(bank, form, &top_up, "limits"),
        Action::Transfer => problem(bank, form, &transfer, "credit_transfer"),
        _ => None,
    };
    bank.forms.iter().filter_map(problem).collect()
}

fn problem(bank: &BankInfo<'_>, form: &FormInfo<'_>, ranges: &[(Amount, Amount)], section: &str) -> Option<String> {
    if ranges.iter().any(|range| form.takes_some_of(*range)) {
        return None;
    }
    let (min, max) = ranges.first()?;
    Some(format!(
        "{section}: amounts from {min} to {max} are allowed, and none of them is one of the form `{}` of {}: change \
         {section}.amount_min or {section}.amount_max, or the amounts of the form",
        form.name, bank.name
    ))
}
