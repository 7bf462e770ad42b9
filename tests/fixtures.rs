//! Every file under `fixtures/<bank>/` is one test: the texts in it that must be read, and how, and those that must be
//! refused, and why. No text may be read by two forms, and what was read can be written out and read again.

use std::path::Path;
use std::sync::Arc;

use mbush::domain::{NumberingPlan, Request, Target};
use mbush::grammar::{GrammarSet, Incoming, Reading};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    short_code: String,
    /// The sender of every case that does not name its own.
    from: String,
    #[serde(default)]
    read: Vec<Read>,
    #[serde(default)]
    refuse: Vec<Refuse>,
}

/// A text that must be read. What is not given is not there: a case without `amount` is one without an amount.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    text: String,
    from: Option<String>,
    to: Option<String>,
    link: Option<String>,
    form: Option<String>,
    service: Option<String>,
    number: Option<String>,
    operator: Option<String>,
    username: Option<String>,
    registered: Option<String>,
    amount: Option<String>,
    reference: Option<String>,
    #[serde(default)]
    repeat: bool,
    /// `help`, `balance`, `language sr` or `stop` where it is no top-up.
    action: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refuse {
    text: String,
    from: Option<String>,
    to: Option<String>,
    link: Option<String>,
    reason: String,
    /// The right form that the reply shows.
    shows: Option<String>,
    keyword: Option<String>,
    offered: Option<String>,
    value: Option<String>,
    /// Characters before the furthest place.
    position: Option<usize>,
}

fn load(path: &Path) -> Result<(GrammarSet, Fixture), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let fixture: Fixture = toml::from_str(&text).map_err(|error| error.to_string())?;
    let bank = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    let root = Path::new("grammars");
    let example = root.join("examples").join(format!("{bank}.toml"));
    let (files, plan) = if example.exists() {
        let plan = root.join("examples").join("numbering").join(format!("{bank}.toml"));
        let plan = NumberingPlan::from_toml(&std::fs::read_to_string(plan).map_err(|error| error.to_string())?);
        (vec![example], plan.map_err(|error| error.to_string())?)
    } else {
        let listing = std::fs::read_dir(root).map_err(|error| error.to_string())?;
        let mut files: Vec<_> = listing.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        files.sort();
        (files, NumberingPlan::kosovo().map_err(|error| error.to_string())?)
    };
    let files = files.iter().map(|file| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        (file.display().to_string(), text)
    });
    let set = GrammarSet::load(files, Arc::new(plan))
        .map_err(|diagnostics| diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    Ok((set, fixture))
}

fn check_file(path: &Path) -> datatest_stable::Result<()> {
    let (set, fixture) = load(path)?;
    let mut wrong = Vec::new();
    for case in &fixture.read {
        let message = Incoming {
            from: case.from.as_deref().unwrap_or(&fixture.from),
            to: case.to.as_deref().unwrap_or(&fixture.short_code),
            text: &case.text,
            link: case.link.as_deref(),
        };
        wrong.extend(must_read(&set, &message, case).err());
    }
    for case in &fixture.refuse {
        let message = Incoming {
            from: case.from.as_deref().unwrap_or(&fixture.from),
            to: case.to.as_deref().unwrap_or(&fixture.short_code),
            text: &case.text,
            link: case.link.as_deref(),
        };
        wrong.extend(must_refuse(&set, &message, case).err());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn must_read(set: &GrammarSet, message: &Incoming<'_>, case: &Read) -> Result<(), String> {
    let reading = set.read(message).map_err(|failure| {
        format!("{:?} must be read, but: {}\n{}", case.text, failure.rejection.reason.as_str(), failure.picture())
    })?;
    let request = match (&reading, &case.action) {
        (Reading::Recharge(request), None) => request,
        (other, action) => {
            let is = match other {
                Reading::Help { .. } => "help".to_owned(),
                Reading::Balance { .. } => "balance".to_owned(),
                Reading::Stop { .. } => "stop".to_owned(),
                Reading::Language { language, .. } => format!("language {language}"),
                Reading::Voucher(_) => "voucher".to_owned(),
                Reading::Recharge(_) => "recharge".to_owned(),
            };
            return same(&case.text, "action", Some(&is), action.as_ref());
        }
    };
    same_request(request, case)?;
    let canonical = set.canonical(message, request);
    let keeps_all = !case.text.is_empty() && !form_has_secret(set, request);
    match canonical {
        None if keeps_all => Err(format!("{:?} was read, but cannot be written out again", case.text)),
        _ => Ok(()),
    }
}

/// Whether the form holds a PIN, which a request does not keep.
fn form_has_secret(set: &GrammarSet, request: &Request) -> bool {
    set.banks()
        .filter(|bank| bank.id == request.bank)
        .flat_map(|bank| bank.forms)
        .any(|form| form.name == request.form && form.text.contains("{pin"))
}

fn same_request(request: &Request, case: &Read) -> Result<(), String> {
    let text = &case.text;
    if case.form.is_some() {
        same(text, "form", Some(&request.form), case.form.as_ref())?;
    }
    if let Some(service) = &case.service {
        same(text, "service", Some(&request.service.to_string()), Some(service))?;
    }
    let (mut number, mut operator, mut username, mut registered) = (None, None, None, None);
    match &request.target {
        Target::Line(line) => {
            number = Some(line.msisdn.digits());
            operator = line.operator.as_deref().map(str::to_owned);
        }
        Target::Username(name) => username = Some(name.clone()),
        Target::Registered(msisdn) => registered = Some(msisdn.digits()),
    }
    same(text, "number", number.as_ref(), case.number.as_ref())?;
    if case.operator.is_some() {
        same(text, "operator", operator.as_ref(), case.operator.as_ref())?;
    }
    same(text, "username", username.as_ref(), case.username.as_ref())?;
    same(text, "registered", registered.as_ref(), case.registered.as_ref())?;
    same(text, "amount", request.amount.map(|amount| amount.to_string()).as_ref(), case.amount.as_ref())?;
    same(text, "reference", request.reference.as_ref(), case.reference.as_ref())?;
    if request.repeat != case.repeat {
        return Err(format!("{text:?}: repeat is {}", request.repeat));
    }
    Ok(())
}

fn must_refuse(set: &GrammarSet, message: &Incoming<'_>, case: &Refuse) -> Result<(), String> {
    let failure = match set.read(message) {
        Ok(reading) => return Err(format!("{:?} must be refused, but was read as {reading:?}", case.text)),
        Err(failure) => failure,
    };
    let details = &failure.rejection.details;
    same(&case.text, "reason", Some(&failure.rejection.reason.as_str().to_owned()), Some(&case.reason))?;
    for (what, is, wanted) in [
        ("form", &details.form, &case.shows),
        ("keyword", &details.keyword, &case.keyword),
        ("offered", &details.offered, &case.offered),
        ("value", &details.value, &case.value),
    ] {
        if wanted.is_some() {
            same(&case.text, what, is.as_ref(), wanted.as_ref())?;
        }
    }
    match case.position {
        Some(position) if position != failure.position => {
            Err(format!("{:?}: position is {}, not {position}", case.text, failure.position))
        }
        _ => Ok(()),
    }
}

fn same(text: &str, what: &str, is: Option<&String>, wanted: Option<&String>) -> Result<(), String> {
    if is == wanted {
        return Ok(());
    }
    Err(format!("{text:?}: {what} is {is:?}, not {wanted:?}"))
}

datatest_stable::harness! {
    { test = check_file, root = "fixtures", pattern = r".*\.toml$" },
}
