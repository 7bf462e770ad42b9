//! `[staff]`: what staff order on the command line.

use garde::Validate;
use serde::Deserialize;

use super::values;

/// `[staff]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Staff {
    /// Link that tells customers of a reversal, an adjustment or a hold that was taken; without it they are not told.
    #[garde(skip)]
    pub notify_link: Option<String>,
    /// Short code or name that they are told by.
    #[garde(custom(values::sender))]
    pub notify_from: String,
    /// Days after which a hold is let go that nobody took, where staff say nothing else.
    #[garde(range(min = 1, max = 366))]
    pub hold_days: u16,
}

impl Default for Staff {
    fn default() -> Self {
        Self { notify_link: None, notify_from: "mbush".to_owned(), hold_days: 7 }
    }
}
