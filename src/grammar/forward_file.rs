//! The key `forward` of a form of that action.

use super::action::Action;
use super::walk::{Source, Table};
use crate::domain::is_forward_name;

const NAME_HELP: &str = "name what is asked for, in 1 to 32 of `a` to `z`, digits, `-` and `_`: forward = \"loan\"";

/// The name of what is asked for, where the action is `forward`; other forms may not have it.
pub(super) fn read(source: &mut Source<'_>, table: &Table<'_, '_>, action: Action) -> Option<String> {
    if action == Action::Forward {
        return name(source, table);
    }
    if let Some(value) = table.value("forward") {
        let message = format!("a form of action `{}` has no use for `forward`", action.as_str());
        source.report(value.span(), message, "take it out, or write action = \"forward\"");
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
