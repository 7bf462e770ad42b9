//! A bank's grammar file, read into what it says; what the forms mean together is the business of [`super::compile`].

use toml::de::DeTable;

use super::action::Evidence;
use super::amount_file::{AmountFile, amount_section};
use super::diagnostic::Diagnostic;
use super::fields::own::{self, file::OwnFields};
use super::form_file::{FormFile, forms};
use super::verifier::{self, Verifier};
use super::walk::{Placed, Source, Table, choose, language, owned, subtable};
use crate::domain::{Language, Service, ShortCode};

/// Most errors of TOML itself that are told: behind the first few, most are consequences.
const ERRORS_MAX: usize = 20;

const BANK_KEYS: [&str; 15] = [
    "bank",
    "name",
    "short_codes",
    "evidence",
    "source",
    "languages",
    "operators",
    "separators",
    "repeat",
    "help",
    "pin",
    "services",
    "fields",
    "amount",
    "form",
];

/// A whole file.
#[derive(Debug, Clone)]
pub(super) struct GrammarFile {
    pub(super) bank: Placed<String>,
    pub(super) name: String,
    pub(super) short_codes: Vec<Placed<ShortCode>>,
    pub(super) evidence: Evidence,
    pub(super) source: String,
    pub(super) languages: Vec<Language>,
    pub(super) operators: Option<Vec<Placed<String>>>,
    pub(super) separators: Option<Vec<Placed<String>>>,
    pub(super) repeat: Option<Vec<Placed<String>>>,
    pub(super) help: Option<Vec<Placed<String>>>,
    pub(super) pin: Option<Placed<Verifier>>,
    pub(super) services: Vec<(Placed<String>, Service)>,
    pub(super) fields: OwnFields,
    pub(super) amount: AmountFile,
    pub(super) forms: Vec<FormFile>,
}

/// Reads one file; every error that is found is in `source` afterwards, and then nothing is returned.
pub(super) fn read(source: &mut Source<'_>) -> Option<GrammarFile> {
    let (document, errors) = DeTable::parse_recoverable(source.text);
    for error in errors.iter().take(ERRORS_MAX) {
        let span = error.span().unwrap_or(0..0);
        let diagnostic: Diagnostic = source.diagnostic(span, format!("not TOML: {}", error.message()));
        source.diagnostics.push(diagnostic);
    }
    let table = Table::new(source, document.get_ref(), 0..0, "a bank's file", &BANK_KEYS);
    let file = bank(source, &table);
    file.filter(|_| source.diagnostics.is_empty())
}

fn bank(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<GrammarFile> {
    let bank = identifier(source, table);
    let name = table.required(source, "name", "give the bank's name for people: name = \"My Bank\"");
    let short_codes = short_codes(source, table);
    let evidence = evidence(source, table);
    let origin = table.string(source, "source");
    if evidence == Some(Evidence::Published) && origin.is_none() {
        let message = "a published format has no `source`";
        source.report(table.span(), message, "say where it was published: source = \"example.com, SMS top-up\"");
    }
    let languages = languages(source, table);
    let services = services(source, table);
    let amount = table.value("amount").map(|_| amount_section(source, table, "amount")).unwrap_or_default();
    let operators = owned(table.strings(source, "operators"));
    let separators = owned(table.strings(source, "separators"));
    let repeat = owned(table.strings(source, "repeat"));
    let help = owned(table.strings(source, "help"));
    let fields = own::file::fields(source, table);
    let pin = verifier::key(source, table);
    let forms = forms(source, table, &fields);
    Some(GrammarFile {
        bank: bank?.map(str::to_owned),
        name: name?.value.to_owned(),
        short_codes,
        evidence: evidence?,
        source: origin.map(|origin| origin.value.to_owned()).unwrap_or_default(),
        languages,
        operators,
        separators,
        repeat,
        help,
        pin,
        services,
        fields,
        amount,
        forms,
    })
}

fn identifier<'t>(source: &mut Source<'_>, table: &Table<'t, '_>) -> Option<Placed<&'t str>> {
    let bank = table.required(source, "bank", "give the bank a short identifier: bank = \"mybank\"");
    if let Some(bank) = &bank
        && !bank.value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    {
        let message = format!("`{}` is not an identifier of a bank", bank.value);
        source.report(bank.span.clone(), message, "write lower-case letters, digits, `-` and `_` only");
    }
    bank
}

fn evidence(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<Evidence> {
    let help = "write evidence = \"published\" where somebody has published the format, else \"assumed\"";
    let text = table.required(source, "evidence", help)?;
    choose(source, &text, "evidence", &[Evidence::Published, Evidence::Assumed], Evidence::as_str)
}

fn short_codes(source: &mut Source<'_>, table: &Table<'_, '_>) -> Vec<Placed<ShortCode>> {
    let texts = table.strings(source, "short_codes").unwrap_or_default();
    if texts.is_empty() {
        let span = table.value("short_codes").map_or(table.span(), toml::Spanned::span);
        source.report(
            span,
            "a bank's file has no `short_codes`",
            "list the numbers that are texted: short_codes = [\"50005\"]",
        );
    }
    let mut codes = Vec::new();
    for text in texts {
        match text.value.parse::<ShortCode>() {
            Ok(code) => codes.push(Placed::new(code, text.span)),
            Err(error) => source.report(text.span, error.to_string(), "a short code is what customers text to"),
        }
    }
    codes
}

fn languages(source: &mut Source<'_>, table: &Table<'_, '_>) -> Vec<Language> {
    let texts = table.strings(source, "languages").unwrap_or_default();
    texts.iter().filter_map(|text| language(source, text)).collect()
}

/// `[services]`: the words for `{service}`.
fn services(source: &mut Source<'_>, table: &Table<'_, '_>) -> Vec<(Placed<String>, Service)> {
    let names = Service::ALL.map(Service::as_str);
    let Some(inner) = subtable(source, table, "services", &names) else { return Vec::new() };
    let mut services = Vec::new();
    for service in Service::ALL {
        for word in inner.strings(source, service.as_str()).unwrap_or_default() {
            services.push((word.map(str::to_owned), service));
        }
    }
    services
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
