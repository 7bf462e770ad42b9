//! The keys `forward` and `reply` of a form of action `forward`.

use toml::de::DeValue;

use super::action::Action;
use super::walk::{Placed, Source, Table, language, wrong_type};
use crate::domain::{Language, is_forward_name};

const NAME_HELP: &str = "name what is asked for, in 1 to 32 of `a` to `z`, digits, `-` and `_`: forward = \"loan\"";

/// The keys of a form of action `forward`.
#[derive(Debug, Clone)]
pub(super) struct ForwardFile {
    pub(super) name: String,
    /// The texts of the reply, if the form has one of its own, with the place of all of them.
    pub(super) reply: Option<Placed<Texts>>,
}

/// The texts of a reply by their languages.
type Texts = Vec<(Language, Placed<String>)>;

/// The keys, where the action is `forward`; other forms may not have them.
pub(super) fn read(source: &mut Source<'_>, table: &Table<'_, '_>, action: Action) -> Option<ForwardFile> {
    if action == Action::Forward {
        let name = name(source, table);
        let reply = reply(source, table);
        return Some(ForwardFile { name: name?, reply });
    }
    for key in ["forward", "reply"] {
        if let Some(value) = table.value(key) {
            let message = format!("a form of action `{}` has no use for `{key}`", action.as_str());
            source.report(value.span(), message, "take it out, or write action = \"forward\"");
        }
    }
    None
}

fn name(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<String> {
    if table.value("forward").is_none() {
        source.report(table.span(), "a form of action `forward` has no `forward`", NAME_HELP);
        return None;
    }
    let name = table.string(source, "forward")?;
    if !is_forward_name(name.value) {
        source.report(name.span, format!("`{}` is not the name of a request", name.value), NAME_HELP);
        return None;
    }
    Some(name.value.to_owned())
}

fn reply(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<Placed<Texts>> {
    let value = table.value("reply")?;
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
