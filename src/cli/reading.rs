//! The full result of parsing a text, as text and as an object, for `parse` and `grammar try`. Card codes and PINs
//! are masked, as in stored messages.

use serde::Serialize;

use crate::domain::voucher::mask_codes;
use crate::domain::{Amount, CURRENCY, Fields, Language, Line, NumberingPlan, Request, Target};
use crate::grammar::{
    ForwardRequest, Giving, GrammarSet, ListRequest, ParseFailure, PinRequest, Reading, TransferRequest, Verifier,
    VoucherRequest,
};
use crate::text::templates::Templates;

/// The parsed text, as an object.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    outcome: &'static str,
    bank: Option<String>,
    form: Option<String>,
    service: Option<&'static str>,
    target: Option<String>,
    operator: Option<String>,
    amount_minor: Option<i64>,
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right_form: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expected: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    repeat: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_pin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin_verified_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forward: Option<String>,
    #[serde(skip_serializing_if = "Fields::is_empty")]
    fields: Fields,
    /// The top-ups of a list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<Item>,
}

/// A top-up of a list.
#[derive(Debug, Serialize)]
struct Item {
    service: &'static str,
    target: String,
    operator: Option<String>,
    amount_minor: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// The object of a text from this sender.
pub(super) fn report(grammars: &GrammarSet, reading: &Result<Reading, Box<ParseFailure>>, from: &str) -> Report {
    let reading = match reading {
        Ok(reading) => reading,
        Err(failure) => return failed(failure, from),
    };
    let (bank, form) = origin(reading);
    let report = match reading {
        Reading::Recharge(request) => recharge(request),
        Reading::List(list) => Report {
            items: list.items.iter().map(item).collect(),
            repeat: list.items.iter().any(|item| item.repeat),
            language: list.items.iter().find_map(|item| item.language),
            ..about("list")
        },
        Reading::Voucher(voucher) => redemption(voucher),
        Reading::Transfer(transfer) => given(transfer),
        Reading::Pin(change) => Report {
            service: Some(if change.of_dealer { "dealer_pin" } else { "pin" }),
            pin: Some(hidden(&change.old)),
            new_pin: Some(hidden(&change.new)),
            language: change.language,
            ..Report::default()
        },
        Reading::Forward(forward) => {
            Report { forward: Some(forward.name.clone()), repeat: forward.repeat, ..about("forward") }
        }
        Reading::Confirm { language, .. } => Report { language: *language, ..about("confirm") },
        Reading::Help { .. } => about("help"),
        Reading::Balance { .. } => about("balance"),
        Reading::Stop { .. } => about("stop"),
        Reading::Language { language, .. } => Report { language: Some(*language), ..about("language") },
    };
    let fields = reading.fields().cloned().unwrap_or_default();
    let pin_verified_by = grammars.verifier(bank, form).map(Verifier::as_str);
    let (bank, form) = (Some(bank.to_owned()), Some(form.to_owned()));
    Report { outcome: "command", bank, form, pin_verified_by, fields, ..report }
}

/// The object of a line of a batch without a text.
pub(super) fn bad_line(problem: String) -> Report {
    Report { outcome: "unreadable", reason: Some("bad_line"), value: Some(problem), ..Report::default() }
}

/// Bank and form of the parsed text.
pub(super) fn origin(reading: &Reading) -> (&str, &str) {
    match reading {
        Reading::Recharge(Request { bank, form, .. })
        | Reading::List(ListRequest { bank, form, .. })
        | Reading::Voucher(VoucherRequest { bank, form, .. })
        | Reading::Transfer(TransferRequest { bank, form, .. })
        | Reading::Pin(PinRequest { bank, form, .. })
        | Reading::Forward(ForwardRequest { bank, form, .. })
        | Reading::Confirm { bank, form, .. }
        | Reading::Help { bank, form }
        | Reading::Balance { bank, form }
        | Reading::Language { bank, form, .. }
        | Reading::Stop { bank, form } => (bank, form),
    }
}

/// The command, in words, and the values that only the form knows.
pub(super) fn sentence(plan: &NumberingPlan, templates: &Templates, reading: &Reading) -> String {
    let values = reading.fields().map(values).unwrap_or_default();
    format!("{}{values}", command(plan, templates, reading))
}

fn command(plan: &NumberingPlan, templates: &Templates, reading: &Reading) -> String {
    let answered = |language: Option<Language>| answered(templates, language);
    match reading {
        Reading::Recharge(request) => {
            let language = answered(request.language);
            format!("top up {}{language}", top_up(plan, request))
        }
        Reading::List(list) => {
            let items: Vec<String> = list.items.iter().map(|request| top_up(plan, request)).collect();
            let language = answered(list.items.iter().find_map(|request| request.language));
            format!("top up together {}{language}", items.join("; "))
        }
        Reading::Voucher(voucher) => {
            format!("top up {} with the card {}", whom(plan, &voucher.target), masked(&voucher.code))
        }
        Reading::Transfer(transfer) => handing(plan, transfer) + &answered(transfer.language),
        Reading::Pin(PinRequest { of_dealer, old, new, language, .. }) => {
            let whose = if *of_dealer { "the PIN of the sender's dealer" } else { "the sender's PIN" };
            format!("change {whose} from {} to {}{}", hidden(old), hidden(new), answered(*language))
        }
        Reading::Forward(forward) => {
            format!("hand on the request `{}`{}", forward.name, again(forward.repeat))
        }
        Reading::Confirm { language, .. } => format!("confirm the pending transfer{}", answered(*language)),
        Reading::Help { bank, .. } => format!("explain the forms of {bank}"),
        Reading::Balance { .. } => "tell the sender's balance".to_owned(),
        Reading::Language { language, .. } => format!("reply in {} from now on", templates.name(*language)),
        Reading::Stop { .. } => "send the sender no more messages".to_owned(),
    }
}

/// Whom a top-up is for, with how much.
fn top_up(plan: &NumberingPlan, request: &Request) -> String {
    let amount = request.amount.map_or_else(String::new, |amount| format!(" with {amount} {CURRENCY}"));
    let (whom, again) = (whom(plan, &request.target), again(request.repeat));
    let service = match request.target {
        Target::Account(_) => String::new(),
        Target::Line(_) | Target::Username(_) | Target::Registered(_) => format!("{} ", request.service),
    };
    let reference = request.reference.as_ref().map(|reference| format!(", reference {reference}"));
    format!("{service}{whom}{amount}{again}{}", reference.unwrap_or_default())
}

fn handing(plan: &NumberingPlan, transfer: &TransferRequest) -> String {
    let (amount, to, again) = (transfer.amount, number(plan, &transfer.line), again(transfer.repeat));
    let what = match transfer.giving {
        Giving::Credit => format!("send {amount} {CURRENCY} of the sender's credit to {to}"),
        Giving::Sale => format!("sell {amount} {CURRENCY} from the dealer's wallet to {to}"),
        Giving::Stock => format!("hand {amount} {CURRENCY} of the dealer's stock on to the dealer of {to}"),
        Giving::Undo => format!("take the dealer's last sale of {amount} {CURRENCY} to {to} back"),
    };
    let pin = transfer.pin.as_ref().map(|pin| format!(", PIN {}", hidden(pin))).unwrap_or_default();
    format!("{what}{again}{pin}")
}

/// The language of the reply, if the form is of one.
fn answered(templates: &Templates, language: Option<Language>) -> String {
    language.map(|language| format!(", answered in {}", templates.name(language))).unwrap_or_default()
}

/// The values that have names: `, amount 5.00, text ...`
fn values(fields: &Fields) -> String {
    fields.iter().map(|field| format!(", {} {}", field.name, field.value)).collect::<Vec<_>>().concat()
}

const fn again(repeat: bool) -> &'static str {
    if repeat { ", once more" } else { "" }
}

fn whom(plan: &NumberingPlan, target: &Target) -> String {
    match target {
        Target::Line(line) => number(plan, line),
        Target::Username(name) => format!("of the user {name}"),
        Target::Registered(msisdn) => format!("registered to {msisdn}"),
        Target::Account(account) => format!("{} {}", account.kind_in_words(), account.identifier()),
    }
}

fn number(plan: &NumberingPlan, line: &Line) -> String {
    let operator = line.operator.as_deref().and_then(|id| plan.operator_name(id)).unwrap_or("no operator known");
    format!("{} ({operator})", line.msisdn)
}

/// A star for each digit of a PIN.
fn hidden(pin: &str) -> String {
    "*".repeat(pin.chars().count())
}

/// The code of a card, with its middle masked.
fn masked(code: &str) -> String {
    let masked = mask_codes(code, &|_| false);
    if masked == code { hidden(code) } else { masked }
}

fn about(service: &'static str) -> Report {
    Report { service: Some(service), ..Report::default() }
}

fn failed(failure: &ParseFailure, from: &str) -> Report {
    let rejection = &failure.rejection;
    Report {
        outcome: if rejection.reason.is_unreadable() { "unreadable" } else { "refused" },
        bank: failure.bank.clone(),
        reason: Some(rejection.reason.as_str()),
        value: rejection.details.value.clone(),
        right_form: rejection.details.form.clone(),
        // If the sender is wrong, no column of the text is.
        column: (!rejection.is_about_sender(from)).then_some(failure.position + 1),
        expected: failure.expected.clone(),
        ..Report::default()
    }
}

/// A target and its operator.
fn target(target: &Target) -> (String, Option<String>) {
    match target {
        Target::Line(line) => (line.msisdn.to_string(), line.operator.as_deref().map(str::to_owned)),
        Target::Username(name) => (name.clone(), None),
        Target::Registered(msisdn) => (msisdn.to_string(), None),
        Target::Account(account) => (account.to_string(), None),
    }
}

fn recharge(request: &Request) -> Report {
    let (target, operator) = target(&request.target);
    Report {
        service: Some(request.service.as_str()),
        target: Some(target),
        operator,
        amount_minor: request.amount.map(Amount::minor),
        repeat: request.repeat,
        reference: request.reference.clone(),
        language: request.language,
        ..Report::default()
    }
}

fn item(request: &Request) -> Item {
    let (target, operator) = target(&request.target);
    let (service, amount_minor) = (request.service.as_str(), request.amount.map(Amount::minor));
    Item { service, target, operator, amount_minor, reference: request.reference.clone() }
}

fn redemption(voucher: &VoucherRequest) -> Report {
    let (target, operator) = target(&voucher.target);
    let code = Some(masked(&voucher.code));
    Report { service: Some("voucher"), target: Some(target), operator, code, ..Report::default() }
}

fn given(transfer: &TransferRequest) -> Report {
    Report {
        service: Some(transfer.giving.as_str()),
        target: Some(transfer.line.msisdn.to_string()),
        operator: transfer.line.operator.as_deref().map(str::to_owned),
        amount_minor: Some(transfer.amount.minor()),
        repeat: transfer.repeat,
        pin: transfer.pin.as_ref().map(|pin| hidden(pin)),
        language: transfer.language,
        ..Report::default()
    }
}
