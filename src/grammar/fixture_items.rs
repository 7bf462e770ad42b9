//! The top-ups of a list, as fixtures write them.

use serde::Deserialize;

use super::fixture_words;
use super::shown::{Shown, same};

/// A top-up of a list that must be read. `service` and `operator` may be left out; of the others, what is not given is not
/// there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MustItem {
    /// The service that is topped up.
    #[serde(default, deserialize_with = "fixture_words::service")]
    pub service: Option<String>,
    /// The number that is topped up, international, digits only.
    pub number: Option<String>,
    /// Its operator's identifier.
    pub operator: Option<String>,
    /// The user name, as it is written.
    pub username: Option<String>,
    /// The account of a kind that the grammar declares, as `meter:04123456784`.
    pub account: Option<String>,
    /// The amount, as `5.00`.
    pub amount: Option<String>,
    /// The bank's reference.
    pub reference: Option<String>,
}

/// Compares the top-ups of a list with those that must be read.
pub(super) fn same_items(is: &[Shown], wanted: &[MustItem]) -> Result<(), String> {
    if is.len() != wanted.len() {
        return Err(format!("has a list of {} items, not of {}", is.len(), wanted.len()));
    }
    for (place, (is, wanted)) in (1..).zip(is.iter().zip(wanted)) {
        let values = [
            ("service", &is.service, wanted.service.as_ref().or(is.service.as_ref())),
            ("number", &is.number, wanted.number.as_ref()),
            ("operator", &is.operator, wanted.operator.as_ref().or(is.operator.as_ref())),
            ("username", &is.username, wanted.username.as_ref()),
            ("account", &is.account, wanted.account.as_ref()),
            ("amount", &is.amount, wanted.amount.as_ref()),
            ("reference", &is.reference, wanted.reference.as_ref()),
        ];
        for (what, is, wanted) in values {
            same(what, is.as_ref(), wanted).map_err(|problem| format!("in item {place} {problem}"))?;
        }
    }
    Ok(())
}
