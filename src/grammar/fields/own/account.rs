//! The key `account` of a field: its values name accounts that are topped up.

use toml::de::DeValue;

use super::pattern::Pattern;
use super::spec::Spec;
use super::{Kind, OwnCapture, OwnField};
use crate::domain::{IDENTIFIER_CHARS_MAX, KIND_CHARS_MAX, OtherAccount, is_account_kind};
use crate::grammar::walk::{Placed, Source, Table, wrong_type};
use crate::text::gsm7;

/// The kind of the accounts that a field names: that of the field's name, or another one. `None` if it names none.
///
/// # Errors
/// The key is wrong, which has been reported.
pub(super) fn kind(
    source: &mut Source<'_>,
    name: &Placed<&str>,
    table: &Table<'_, '_>,
    kind: &Kind,
) -> Result<Option<String>, ()> {
    let Some(value) = table.value("account") else { return Ok(None) };
    let span = value.span();
    let named = match value.get_ref() {
        DeValue::Boolean(false) => return Ok(None),
        DeValue::Boolean(true) => name.value,
        DeValue::String(other) => other,
        _ => {
            wrong_type(source, value, "account", "true or a text", "as account = true, or account = \"meter\"");
            return Err(());
        }
    };
    match fault(kind, table).or_else(|| name_fault(named)) {
        None => Ok(Some(named.to_owned())),
        Some((message, help)) => {
            source.report(span, message, help);
            Err(())
        }
    }
}

fn name_fault(name: &str) -> Option<(String, String)> {
    let help = format!(
        "write account = \"meter\": 1 to {KIND_CHARS_MAX} of a-z, 0-9 and _, a letter first, and no kind of the program's own"
    );
    (!is_account_kind(name)).then(|| (format!("`{name}` is no kind of account"), help))
}

fn fault(kind: &Kind, table: &Table<'_, '_>) -> Option<(String, String)> {
    let fault = |message: &str, help: &str| Some((message.to_owned(), help.to_owned()));
    match kind {
        Kind::Plain(Spec::Digits(..) | Spec::Word(..)) => {}
        Kind::Pattern(pattern) => {
            if let Some(found) = pattern_fault(pattern) {
                return Some(found);
            }
        }
        Kind::Plain(Spec::Number(..) | Spec::Date) | Kind::Words(_) => {
            return fault("only digits, a word or a pattern names an account", "take `account` out");
        }
    }
    if table.value("secret").is_some_and(|secret| secret.get_ref().as_bool() == Some(true)) {
        return fault("a secret names no account", "take `secret` or `account` out");
    }
    None
}

/// An identifier has its place in one segment of every reply.
fn pattern_fault(pattern: &Pattern) -> Option<(String, String)> {
    if pattern.characters_max() > IDENTIFIER_CHARS_MAX {
        let message = format!("an identifier of more than {IDENTIFIER_CHARS_MAX} characters");
        return Some((message, "let the pattern end sooner".to_owned()));
    }
    let wide = pattern.signs().find(|sign| gsm7::septet_count(&sign.to_string()) != Ok(1))?;
    let help = "take it out of the pattern: an SMS has no single place for it".to_owned();
    Some((format!("`{wide}` cannot stand in an identifier"), help))
}

impl OwnField {
    /// The kind of the accounts that its values name.
    pub(in crate::grammar) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// An identifier is written in plain letters, so that it is the same wherever it is shown.
    pub(super) fn may_be(&self, value: &str) -> bool {
        self.account.is_none() || value.is_ascii()
    }
}

impl OwnCapture {
    /// The account that the value names.
    pub(in crate::grammar) fn account(&self, folded: &str) -> Option<OtherAccount> {
        let kind = self.field.account()?;
        folded.get(self.range.clone()).map(|identifier| OtherAccount::new(kind, identifier))
    }
}
