//! An ending in the customer's words: which template, and its values.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Belgrade;
use uuid::Uuid;

use super::intake::{Inquiry, Job, Read};
use crate::domain::{
    Account, Amount, Applied, Beneficiary, Command, Language, Msisdn, NumberingPlan, Outcome, Posting, Reason, Receipt,
    Rejection, Service, StockCommand, TransferKind, format_cents,
};
use crate::text::gsm7;
use crate::text::templates::{Templates, TooLong, Values, longest_values};

/// Rounds an instant up to the minute that is shown: before it, the same would be refused again.
const ALMOST_A_MINUTE: TimeDelta = TimeDelta::milliseconds(59_999);

/// Templates that do not fit, for the start-up to refuse.
#[derive(Debug, thiserror::Error)]
#[error("these replies do not fit one segment when their values are the longest:\n{}", list(.0))]
pub struct UnfitTemplates(Vec<TooLong>);

fn list(too_long: &[TooLong]) -> String {
    too_long.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Something that staff did to an account.
#[derive(Debug)]
pub(super) struct Notice<'a> {
    pub(super) template: &'static str,
    pub(super) number: Msisdn,
    /// In euros.
    pub(super) amount: String,
    pub(super) receipt: &'a Receipt,
    /// As it is after it.
    pub(super) account: &'a Account,
}

/// Words endings.
#[derive(Debug, Clone)]
pub struct Wording {
    templates: Arc<Templates>,
    plan: Arc<NumberingPlan>,
}

impl Wording {
    /// Words with these templates, and numbers as this plan writes them.
    pub const fn new(templates: Arc<Templates>, plan: Arc<NumberingPlan>) -> Self {
        Self { templates, plan }
    }

    /// Proves that every reply fits one segment.
    ///
    /// # Errors
    /// The replies that do not.
    pub fn prove(templates: &Templates) -> Result<(), UnfitTemplates> {
        templates.prove_one_segment(&longest_values()).map_err(UnfitTemplates)
    }

    pub(super) fn reply(&self, outcome: &Outcome, job: &Job, account: Option<&Account>, language: Language) -> String {
        let (key, values) = match outcome {
            Outcome::Applied(applied) => self.applied(applied, product(job), is_dealers(job)),
            Outcome::Duplicate { of, beneficiary, amount } => {
                let values = Values::from([
                    ("amount", amount.to_string()),
                    ("number", self.name(beneficiary)),
                    ("time", local_time(of.at)),
                    ("receipt", Receipt::of(of.transfer).to_string()),
                    ("service", product(job).map_or("", Service::label).to_owned()),
                ]);
                let key = match (product(job), &job.read) {
                    (None, Read::Command(command))
                        if matches!(**command, Command::Transfer(_) | Command::Confirm(_)) =>
                    {
                        "transfer_duplicate"
                    }
                    (Some(_), _) => "duplicate_product",
                    (None, Read::Command(command)) if matches!(**command, Command::Stock(_)) => "stock_duplicate",
                    (None, Read::Command(command)) if matches!(**command, Command::Redeem(_)) => "voucher_used_own",
                    (None, _) => "duplicate",
                };
                (key, values)
            }
            Outcome::Informed { topic } if topic == "transfer_offered" => ("transfer_offered", self.offered(job)),
            Outcome::Informed { topic } if topic == "pin_changed" => ("pin_changed", Values::new()),
            Outcome::Informed { .. } => self.informed(job, account),
            Outcome::Refused(rejection) | Outcome::Quarantined(rejection) => {
                (template_of(rejection), rejected(rejection, &job.message.to, self.subject(job)))
            }
        };
        // A reply in poor words is better than none, and the message itself is not held up.
        self.render(language, key, &values).unwrap_or_else(|| format!("mbush: {}", outcome.kind()))
    }

    fn offered(&self, job: &Job) -> Values {
        let Read::Command(command) = &job.read else { return Values::new() };
        let Command::Transfer(transfer) = &**command else { return Values::new() };
        let asking = transfer.asking;
        Values::from([
            ("amount", transfer.amount.to_string()),
            ("number", self.plan.national(transfer.line.msisdn)),
            ("fee", format_cents(asking.and_then(|asking| asking.fee).map_or(0, Amount::cents))),
            ("minutes", asking.map(|asking| asking.minutes.to_string()).unwrap_or_default()),
        ])
    }

    /// What somebody is told who got credit from another; the account is as it is after it.
    pub(super) fn received(&self, applied: &Applied, sender: Msisdn, account: &Account, language: Language) -> String {
        let values = Values::from([
            ("amount", applied.amount.to_string()),
            ("number", self.plan.national(sender)),
            ("balance", format_cents(account.balance_cents)),
            ("valid_until", account.valid_until.map(local_day).unwrap_or_default()),
            ("receipt", Receipt::of(applied.transfer).to_string()),
        ]);
        self.render(language, "transfer_received", &values).unwrap_or_default()
    }

    /// What a customer is told of something that staff did.
    pub(super) fn notice(&self, notice: &Notice<'_>, language: Language) -> String {
        let values = Values::from([
            ("amount", notice.amount.clone()),
            ("number", self.plan.national(notice.number)),
            ("balance", format_cents(notice.account.balance_cents)),
            ("receipt", notice.receipt.to_string()),
        ]);
        let language = notice.account.language.unwrap_or(language);
        self.render(language, notice.template, &values).unwrap_or_default()
    }

    fn render(&self, language: Language, key: &str, values: &Values) -> Option<String> {
        let text = self.templates.render(language.code(), key, values);
        text.inspect_err(|error| tracing::error!(key, %error, "a reply could not be worded")).ok()
    }

    /// What somebody is told whose phone a dealer has topped up.
    pub(super) fn topped_up(
        &self,
        (sale, number): (Uuid, Msisdn),
        posting: &Posting,
        account: &Account,
        language: Language,
    ) -> String {
        let bonuses = posting.further.iter().filter(|movement| movement.kind == TransferKind::Bonus);
        let bonus_cents: i64 = bonuses.clone().map(|movement| movement.amount.cents()).sum();
        let names: Vec<&str> = bonuses.map(|movement| movement.debit.key.as_str()).collect();
        let values = Values::from([
            ("amount", posting.main.amount.to_string()),
            ("number", self.plan.national(number)),
            ("balance", format_cents(account.balance_cents)),
            ("valid_until", account.valid_until.map(local_day).unwrap_or_default()),
            ("receipt", Receipt::of(sale).to_string()),
            ("bonus", format_cents(bonus_cents)),
            ("bonus_name", names.join("+")),
        ]);
        let key = if names.is_empty() { "applied_own" } else { "applied_bonus" };
        self.render(language, key, &values).unwrap_or_default()
    }

    /// What somebody is told whose top-up the dealer has taken back.
    pub(super) fn taken_back(
        &self,
        (reversal, number): (Uuid, Msisdn),
        amount: Amount,
        account: &Account,
        language: Language,
    ) -> String {
        let values = Values::from([
            ("amount", amount.to_string()),
            ("number", self.plan.national(number)),
            ("balance", format_cents(account.balance_cents)),
            ("receipt", Receipt::of(reversal).to_string()),
        ]);
        self.render(language, "reversed", &values).unwrap_or_default()
    }

    /// What a dealer is told who got stock.
    pub(super) fn stock_received(&self, command: &StockCommand, wallet: &Account, language: Language) -> String {
        let values = Values::from([
            ("amount", command.amount.to_string()),
            ("number", self.plan.national(command.from.phone)),
            ("balance", format_cents(wallet.balance_cents)),
            ("receipt", Receipt::of(command.id).to_string()),
        ]);
        self.render(language, "stock_received", &values).unwrap_or_default()
    }

    /// What a dealer is told whose stock runs low.
    pub(super) fn low_stock(&self, stock_cents: i64, language: Language) -> String {
        self.render(language, "low_stock", &Values::from([("balance", format_cents(stock_cents))])).unwrap_or_default()
    }

    fn applied(&self, applied: &Applied, product: Option<Service>, by_dealer: bool) -> (&'static str, Values) {
        let name = self.name(&applied.beneficiary);
        let names: Vec<&str> = applied.bonuses.iter().map(|bonus| bonus.rule.as_str()).collect();
        let bonus_cents = applied.bonuses.iter().map(|bonus| bonus.amount.cents()).sum();
        let key = match product {
            _ if applied.kind == TransferKind::Reversal && by_dealer => "sale_undone",
            _ if applied.kind == TransferKind::Reversal => "reversed",
            _ if applied.kind == TransferKind::Stock => "stock_sent",
            _ if by_dealer => "sold",
            _ if applied.kind == TransferKind::CreditTransfer => "transferred",
            Some(_) if gsm7::septet_count(&name).is_err() => "applied_product_wide",
            Some(_) => "applied_product",
            None if !names.is_empty() => "applied_bonus",
            None if applied.own => "applied_own",
            None => "applied_other",
        };
        let mut values = Values::from([
            ("amount", applied.amount.to_string()),
            ("balance", format_cents(applied.balance_cents)),
            ("valid_until", applied.valid_until.map(local_day).unwrap_or_default()),
            ("receipt", Receipt::of(applied.transfer).to_string()),
            ("commission", format_cents(applied.commission.map_or(0, Amount::cents))),
            ("fee", format_cents(applied.fee.map_or(0, Amount::cents))),
            ("bonus", format_cents(bonus_cents)),
            ("bonus_name", names.join("+")),
            ("service", product.map_or("", Service::label).to_owned()),
        ]);
        values.insert(if product.is_some() { "username" } else { "number" }, name);
        (key, values)
    }

    fn informed(&self, job: &Job, account: Option<&Account>) -> (&'static str, Values) {
        let Read::Inquiry { about, .. } = &job.read else { return ("cancelled", Values::new()) };
        let values = match about {
            Inquiry::Help { name, form } => Values::from([("bank", name.clone()), ("form", form.clone())]),
            Inquiry::Balance => Values::from([
                ("number", self.sender(job)),
                ("balance", format_cents(account.map_or(0, |account| account.balance_cents))),
                ("valid_until", account.and_then(|account| account.valid_until).map(local_day).unwrap_or_default()),
            ]),
            Inquiry::Language(_) | Inquiry::Stop => Values::new(),
        };
        (about.topic(), values)
    }

    fn name(&self, beneficiary: &Beneficiary) -> String {
        match beneficiary {
            Beneficiary::Number(number) => self.plan.national(*number),
            Beneficiary::Username(name) => name.clone(),
        }
    }

    fn sender(&self, job: &Job) -> String {
        job.sender.map(|sender| self.plan.national(sender)).unwrap_or_default()
    }

    /// A refusal of a machine's order, which remembers its number.
    pub(super) fn refusal(&self, rejection: &Rejection, to: &str, language: Language) -> String {
        let number = rejection.details.number.map(|number| self.plan.national(number)).unwrap_or_default();
        let values = rejected(rejection, to, number);
        self.render(language, template_of(rejection), &values).unwrap_or_default()
    }

    /// The number that a message is about, or that it came from.
    fn subject(&self, job: &Job) -> String {
        let beneficiary = match &job.read {
            Read::Command(command) => Some(command.beneficiary()),
            Read::Inquiry { .. } | Read::Failed { .. } => None,
        };
        let number = beneficiary.and_then(|beneficiary| beneficiary.number()).map(|number| self.plan.national(number));
        number.unwrap_or_else(|| self.sender(job))
    }
}

/// What the words of a refusal may name. `to` is what was called.
fn rejected(rejection: &Rejection, to: &str, number: String) -> Values {
    let details = &rejection.details;
    Values::from([
        ("value", details.value.clone().unwrap_or_else(|| to.to_owned())),
        ("form", details.form.clone().unwrap_or_default()),
        ("min", details.min.clone().unwrap_or_default()),
        ("max", details.max.clone().unwrap_or_default()),
        ("offered", details.offered.clone().unwrap_or_default()),
        ("operator", details.operator.clone().unwrap_or_default()),
        ("service", details.service.clone().unwrap_or_default()),
        ("keyword", details.keyword.clone().unwrap_or_default()),
        ("time", details.until.map(local_time).unwrap_or_default()),
        ("left", details.left.unwrap_or_default().to_string()),
        ("bank", details.bank.clone().unwrap_or_default()),
        ("number", number),
        ("limit", details.limit.clone().unwrap_or_default()),
        ("available", details.available.clone().unwrap_or_default()),
        ("minutes", details.minutes.map(|minutes| minutes.to_string()).unwrap_or_default()),
        ("opens", details.opens_at.map(|at| local_time(at + ALMOST_A_MINUTE)).unwrap_or_default()),
    ])
}

/// Whether a dealer's phone writes about its sales.
pub(super) fn is_dealers(job: &Job) -> bool {
    let Read::Command(command) = &job.read else { return false };
    match &**command {
        Command::Recharge(recharge) => recharge.seller().is_some(),
        Command::Reverse(reverse) => reverse.undo.is_some(),
        _ => false,
    }
}

/// The product that a message pays for.
fn product(job: &Job) -> Option<Service> {
    match &job.read {
        Read::Command(command) => command.product(),
        Read::Inquiry { .. } | Read::Failed { .. } => None,
    }
}

/// The template of a rejection is named after its reason; octets that are no text read like any other unreadable message, and
/// a sign that nobody sees is told in words.
fn template_of(rejection: &Rejection) -> &'static str {
    let unseen = rejection.details.value.as_deref().and_then(|value| value.strip_prefix("U+"));
    let unseen = unseen.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match (rejection.reason, unseen) {
        (Reason::Undecodable, _) => Reason::Unreadable.as_str(),
        (Reason::ForbiddenCharacter, Some(0x202A..=0x202E | 0x2066..=0x2069)) => "direction_sign",
        (Reason::ForbiddenCharacter, Some(_)) => "control_sign",
        (other, _) => other.as_str(),
    }
}

/// `22.11.2026`
fn local_day(at: DateTime<Utc>) -> String {
    at.with_timezone(&Belgrade).format("%d.%m.%Y").to_string()
}

/// `22.11. 17:04`
fn local_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&Belgrade).format("%d.%m. %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_in_every_language() {
        let templates = Templates::builtin().unwrap();
        for &reason in Reason::ALL {
            for language in Language::ALL {
                let rejection = Rejection::new(reason);
                let values = rejected(&rejection, "50005", "049123456".to_owned());
                let text = templates.render(language.code(), template_of(&rejection), &values);
                assert!(text.is_ok(), "{}: {text:?}", reason.as_str());
            }
        }
    }

    #[test]
    fn a_refusal_is_worded_for_every_door() {
        let templates = Templates::builtin().unwrap();
        for &reason in Reason::ALL {
            for language in Language::ALL {
                let key = template_of(&Rejection::new(reason));
                let text = templates.render(language.code(), key, &longest_values()).unwrap();
                assert!(!text.contains("SMS"), "it may be read at a machine or in an app: {text}");
            }
        }
    }

    #[test]
    fn a_sign_that_nobody_sees_is_told_in_words() {
        let template = |value: &str| {
            let rejection = Rejection::new(Reason::ForbiddenCharacter);
            template_of(&rejection.with(|details| details.value = Some(value.to_owned())))
        };
        assert_eq!(
            ["U+202E", "U+2067", "U+001B", "²"].map(template),
            ["direction_sign", "direction_sign", "control_sign", "forbidden_character"]
        );
    }

    #[test]
    fn the_templates_fit() {
        Wording::prove(&Templates::builtin().unwrap()).unwrap();
    }
}
