//! The key `reply` of a form: a text in each language.

use toml::de::DeValue;

use super::action::Action;
use super::walk::{Placed, Source, Table, language, wrong_type};
use crate::domain::Language;

/// The texts of a reply by their languages.
pub(super) type Texts = Vec<(Language, Placed<String>)>;

/// The texts; forms that are neither top-ups nor handed on may not have them.
pub(super) fn read(source: &mut Source<'_>, table: &Table<'_, '_>, action: Action) -> Option<Placed<Texts>> {
    let value = table.value("reply")?;
    if !matches!(action, Action::Recharge | Action::Forward) {
        let message = format!("a form of action `{}` has no use for `reply`", action.as_str());
        let help = "take it out: only a top-up and a form of action `forward` have a reply of their own";
        source.report(value.span(), message, help);
        return None;
    }
    let DeValue::Table(inner) = value.get_ref() else {
        wrong_type(source, value, "reply", "a table", "as reply = { sq = \"...\", en = \"...\" }");
        return None;
    };
    let codes: Vec<&str> = inner.keys().map(|key| key.get_ref().as_ref()).collect();
    let inner = Table::new(source, inner, value.span(), "`reply`", &codes);
    let mut texts = Vec::new();
    for code in inner.keys().collect::<Vec<_>>() {
        let language = language(source, &code);
        let text = inner.string(source, code.value);
        texts.extend(language.zip(text.map(|text| text.map(str::to_owned))));
    }
    Some(Placed::new(texts, value.span()))
}
