//! The template of the reply to an ending, and its values.

use std::sync::Arc;

use super::format::{local_day, local_time};
use super::refusal::{rejected, template_of};
use crate::domain::{
    Account, Amount, Applied, Beneficiary, Command, Language, NumberingPlan, Outcome, Receipt, Rejection, Service,
    Topic, TransferKind, format_minor,
};
use crate::processor::parse::{Inquiry, Read};
use crate::processor::resolve::Resolved;
use crate::text::gsm7;
use crate::text::templates::{Templates, Unworded, Values};

/// A template and its values.
pub(super) struct Text {
    key: &'static str,
    values: Values,
}

impl Text {
    pub(super) const fn of(key: &'static str, values: Values) -> Self {
        Self { key, values }
    }
}

/// Renders the texts of endings.
#[derive(Debug, Clone)]
pub struct Wording {
    templates: Arc<Templates>,
    pub(super) plan: Arc<NumberingPlan>,
}

impl Wording {
    /// Renders with these templates, and with numbers in the spelling of this plan.
    pub const fn new(templates: Arc<Templates>, plan: Arc<NumberingPlan>) -> Self {
        Self { templates, plan }
    }

    /// The first of the wanted languages that there are texts in, or else the default language.
    pub(in crate::processor) fn choose(&self, wanted: impl IntoIterator<Item = Option<Language>>) -> Language {
        self.templates.choose(wanted)
    }

    pub(in crate::processor) fn languages(&self) -> Vec<Language> {
        self.templates.languages().collect()
    }

    /// The reply to an ending. `account` is the reader's account after the ending.
    pub(in crate::processor) fn reply(
        &self,
        outcome: &Outcome,
        request: &Resolved,
        account: Option<&Account>,
        language: Language,
    ) -> String {
        if let Some(own) = self.own_reply(outcome, request, language) {
            return own;
        }
        let Text { key, values } = match outcome {
            Outcome::Applied(applied) if !applied.others.is_empty() => self.applied_list(applied),
            Outcome::Applied(applied) => self.applied(applied, product(&request.read), is_dealers(&request.read)),
            Outcome::Duplicate { of, beneficiary, amount } => {
                let mut values = Values::from([
                    ("amount", amount.map(|amount| amount.to_string()).unwrap_or_default()),
                    ("number", self.name(beneficiary)),
                    ("time", local_time(of.at)),
                    ("receipt", Receipt::of(of.transfer).to_string()),
                    ("service", product(&request.read).map_or("", Service::label).to_owned()),
                    ("count", items(&request.read).to_string()),
                ]);
                values.extend(account_values(beneficiary));
                Text::of(duplicate(&request.read, beneficiary), values)
            }
            Outcome::Informed { topic } => self.informed(*topic, request, account),
            Outcome::Refused(rejection) | Outcome::Quarantined(rejection) => {
                let refused = self.refused(rejection, request, language);
                return refused.unwrap_or_else(|| format!("mbush: {}", outcome.kind()));
            }
            // It has the reply that was stored with it, and is never worded again.
            Outcome::Newer(_) => return format!("mbush: {}", outcome.kind()),
        };
        // A short reply is better than none, and the message itself is not held up.
        self.words(language, key, &values).unwrap_or_else(|| format!("mbush: {}", outcome.kind()))
    }

    /// The reply to a refusal of the request, or of an item of it.
    fn refused(&self, rejection: &Rejection, request: &Resolved, language: Language) -> Option<String> {
        let item = rejection.details.item.clone();
        let number = item.as_ref().and_then(Beneficiary::number).map(|number| self.plan.national(number));
        let number = number.unwrap_or_else(|| self.subject(request));
        let mut values = rejected(rejection, &request.envelope.message.to, number);
        if let Some(item) = item.as_ref().filter(|_| rejection.details.value.is_none()) {
            values.insert("value", self.called(item));
        }
        let beneficiary = item.or_else(|| request.read.as_command().map(Command::beneficiary));
        values.extend(beneficiary.iter().flat_map(account_values));
        let words = self.words(language, template_of(rejection), &values)?;
        self.of_item(rejection, words, language)
    }

    /// The reply that the form has of its own to a request that is handed on, in this language or the first of the bank, or
    /// to a top-up that is done, in this language only: a customer can read the standard text. A list has none.
    fn own_reply(&self, outcome: &Outcome, request: &Resolved, language: Language) -> Option<String> {
        let replies = &request.envelope.replies;
        let (text, values) = match outcome {
            Outcome::Informed { topic: Topic::Forwarded } => {
                (replies.text(language).or_else(|| replies.first())?, Values::new())
            }
            Outcome::Applied(applied) if !is_list(&request.read) => {
                (replies.text(language)?, self.applied(applied, product(&request.read), false).values)
            }
            _ => return None,
        };
        let value = |name: &str| replies.value(name).or_else(|| values.get(name).map(String::as_str));
        let text = self.templates.own(text, |name| value(name).map(str::to_owned));
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// The text of a template; `None` if it cannot be rendered or is empty.
    pub(super) fn words(&self, language: Language, key: &str, values: &Values) -> Option<String> {
        self.templates.words(language, key, values).inspect_err(report).ok()
    }

    fn applied(&self, applied: &Applied, product: Option<Service>, by_dealer: bool) -> Text {
        let name = self.name(&applied.beneficiary);
        let names: Vec<&str> = applied.bonuses.iter().map(|bonus| bonus.rule.as_str()).collect();
        let bonus_minor = applied.bonuses.iter().map(|bonus| bonus.amount.minor()).sum();
        let key = match product {
            _ if applied.kind == TransferKind::Reversal && by_dealer => "sale_undone",
            _ if applied.kind == TransferKind::Reversal => "reversed",
            _ if applied.kind == TransferKind::Stock => "stock_sent",
            _ if by_dealer => "sold",
            _ if applied.kind == TransferKind::CreditTransfer => "transferred",
            Some(_) if gsm7::septet_count(&name).is_err() => "applied_product_wide",
            Some(_) => "applied_product",
            None if matches!(applied.beneficiary, Beneficiary::Account(_)) => "applied_account",
            None if !names.is_empty() => "applied_bonus",
            None if applied.own => "applied_own",
            None => "applied_other",
        };
        let mut values = Values::from([
            ("amount", applied.amount.to_string()),
            ("balance", format_minor(applied.balance_minor)),
            ("valid_until", applied.valid_until.map(local_day).unwrap_or_default()),
            ("receipt", Receipt::of(applied.transfer).to_string()),
            ("commission", format_minor(applied.commission.map_or(0, Amount::minor))),
            ("fee", format_minor(applied.fee.map_or(0, Amount::minor))),
            ("bonus", format_minor(bonus_minor)),
            ("bonus_name", names.join("+")),
            ("service", product.map_or("", Service::label).to_owned()),
        ]);
        values.insert(if product.is_some() { "username" } else { "number" }, name);
        values.extend(account_values(&applied.beneficiary));
        Text::of(key, values)
    }

    fn informed(&self, topic: Topic, request: &Resolved, account: Option<&Account>) -> Text {
        let values = match (topic, &request.read) {
            (Topic::Help, Read::Inquiry { about: Inquiry::Help { name, form }, .. }) => {
                Values::from([("bank", name.clone()), ("form", form.clone())])
            }
            (Topic::Balance, _) => Values::from([
                ("number", self.sender(request)),
                ("balance", format_minor(account.map_or(0, |account| account.balance_minor))),
                ("valid_until", account.and_then(|account| account.valid_until).map(local_day).unwrap_or_default()),
            ]),
            (Topic::TransferOffered, Read::Command(command)) => self.offered(command),
            _ => Values::new(),
        };
        Text::of(template_of_topic(topic), values)
    }

    fn offered(&self, command: &Command) -> Values {
        let Command::Transfer(transfer) = command else { return Values::new() };
        let asking = transfer.asking;
        Values::from([
            ("amount", transfer.amount.to_string()),
            ("number", self.plan.national(transfer.line.msisdn)),
            ("fee", format_minor(asking.and_then(|asking| asking.fee).map_or(0, Amount::minor))),
            ("minutes", asking.map(|asking| asking.minutes.to_string()).unwrap_or_default()),
        ])
    }

    pub(super) fn name(&self, beneficiary: &Beneficiary) -> String {
        match beneficiary {
            Beneficiary::Number(number) => self.plan.national(*number),
            Beneficiary::Username(name) => name.clone(),
            Beneficiary::Account(account) => account.to_string(),
        }
    }

    fn sender(&self, request: &Resolved) -> String {
        request.envelope.sender.map(|sender| self.plan.national(sender)).unwrap_or_default()
    }

    /// The refusal of a client's order, with the number that is in its details.
    pub(in crate::processor) fn refusal(&self, rejection: &Rejection, to: &str, language: Language) -> String {
        let number = rejection.details.number.map(|number| self.plan.national(number)).unwrap_or_default();
        let words = self.words(language, template_of(rejection), &rejected(rejection, to, number));
        let words = words.and_then(|words| self.of_item(rejection, words, language));
        words.unwrap_or_else(|| rejection.reason.words())
    }

    /// The number that the message is about, or its sender.
    fn subject(&self, request: &Resolved) -> String {
        let beneficiary = request.read.as_command().map(Command::beneficiary);
        let number = beneficiary.and_then(|beneficiary| beneficiary.number()).map(|number| self.plan.national(number));
        number.unwrap_or_else(|| self.sender(request))
    }
}

/// The template of an answer that moved no money.
const fn template_of_topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Help => "help",
        Topic::Balance => "balance",
        Topic::LanguageSet => "language_set",
        Topic::Stop => "stop",
        Topic::PinChanged => "pin_changed",
        Topic::TransferOffered => "transfer_offered",
        Topic::Forwarded => "forwarded",
        // A trial has no text, and this version decides no newer topic.
        Topic::Cancelled | Topic::Trial => "cancelled",
    }
}

/// The values of texts about an account of a kind that a grammar declares; none for another beneficiary.
fn account_values(beneficiary: &Beneficiary) -> Values {
    match beneficiary {
        Beneficiary::Account(account) => {
            Values::from([("kind", account.kind_in_words()), ("account", account.identifier().to_owned())])
        }
        Beneficiary::Number(_) | Beneficiary::Username(_) => Values::new(),
    }
}

/// The template of a duplicate.
fn duplicate(read: &Read, beneficiary: &Beneficiary) -> &'static str {
    match read.as_command() {
        _ if is_list(read) => "duplicate_list",
        _ if matches!(beneficiary, Beneficiary::Account(_)) => "duplicate_account",
        _ if product(read).is_some() => "duplicate_product",
        Some(Command::Transfer(_) | Command::Confirm(_)) => "transfer_duplicate",
        Some(Command::Stock(_)) => "stock_duplicate",
        Some(Command::Redeem(_)) => "voucher_used_own",
        Some(Command::Forward(_)) => "forward_duplicate",
        Some(
            Command::Recharge(_)
            | Command::List(_)
            | Command::ChangePin(_)
            | Command::Reverse(_)
            | Command::Withdraw(_),
        )
        | None => "duplicate",
    }
}

/// Returns whether the message is a dealer's, about a sale.
pub(in crate::processor) fn is_dealers(read: &Read) -> bool {
    match read.as_command() {
        Some(Command::Recharge(recharge)) => recharge.seller().is_some(),
        Some(Command::Reverse(reverse)) => reverse.undo.is_some(),
        _ => false,
    }
}

/// Returns whether the message has several top-ups.
const fn is_list(read: &Read) -> bool {
    matches!(read.as_command(), Some(Command::List(_)))
}

/// Number of the top-ups of a list; 1 for any other message.
fn items(read: &Read) -> usize {
    match read.as_command() {
        Some(Command::List(list)) => list.items().count(),
        _ => 1,
    }
}

/// The product that the message pays for.
fn product(read: &Read) -> Option<Service> {
    read.as_command().and_then(Command::product)
}

/// Logs and counts a text that cannot be sent.
fn report(unworded: &Unworded) {
    tracing::error!(problem = %unworded, "a text could not be rendered; it is not sent");
    metrics::counter!("mbush_texts_unrendered_total", "template" => unworded.key.clone()).increment(1);
}
