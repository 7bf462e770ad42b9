//! The key `list` of a form: how many items its list has, and what stands between them.

use super::separators::{self, Separators};
use super::walk::{Placed, Source, Table, owned, subtable};
use crate::domain::ListCommand;

/// Keys of `list`.
const KEYS: [&str; 3] = ["least", "most", "separators"];

/// Separators between the items of a list that does not say its own, beside those of the form.
const BETWEEN: [char; 2] = [',', ';'];

/// The size of a list, and what stands between its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ListShape {
    /// Fewest items.
    pub(super) least: usize,
    /// Most items.
    pub(super) most: usize,
    pub(super) between: Separators,
}

/// The key `list`.
#[derive(Debug, Clone)]
pub(super) struct ListFile {
    least: Option<usize>,
    most: Option<usize>,
    separators: Option<Vec<Placed<String>>>,
}

impl ListShape {
    /// The shape of a list in a form with these separators.
    pub(super) fn of(source: &mut Source<'_>, file: Option<&ListFile>, form: Separators) -> Self {
        let declared = file.and_then(|file| file.separators.as_deref());
        let usual = Separators { newline: true, ..form.with(&BETWEEN) };
        Self {
            least: file.and_then(|file| file.least).unwrap_or(2),
            most: file.and_then(|file| file.most).unwrap_or(ListCommand::ITEMS_MAX),
            between: separators::read(source, declared).unwrap_or(usual),
        }
    }
}

/// Reads the key.
pub(super) fn read(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<Placed<ListFile>> {
    let span = table.value("list")?.span();
    let inner = subtable(source, table, "list", &KEYS)?;
    let (least, most) = (inner.integer(source, "least"), inner.integer(source, "most"));
    let file = ListFile {
        least: least.as_ref().and_then(|least| count(source, least, "least", 1..=2)),
        most: most.as_ref().and_then(|most| count(source, most, "most", 2..=ListCommand::ITEMS_MAX)),
        separators: owned(inner.strings(source, "separators")),
    };
    Some(Placed::new(file, span))
}

fn count(
    source: &mut Source<'_>,
    written: &Placed<i64>,
    key: &str,
    range: std::ops::RangeInclusive<usize>,
) -> Option<usize> {
    let count = usize::try_from(written.value).ok().filter(|count| range.contains(count));
    if count.is_none() {
        let help = format!("write a number from {} to {}", range.start(), range.end());
        source.report(written.span.clone(), format!("`{key}` of a list cannot be {}", written.value), help);
    }
    count
}
