//! `[staff]`: orders of staff on the command line.

use garde::Validate;
use serde::Deserialize;

use super::values;

/// `[staff]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Staff {
    /// Link for SMS to customers about a reversal, an adjustment or a captured hold; `None` for no SMS.
    #[garde(skip)]
    pub notify_link: Option<String>,
    /// Source address of these SMS: a short code or a name.
    #[garde(custom(values::sender))]
    pub notify_sender: String,
    /// Days after which a hold is released if staff give no other time.
    #[garde(range(min = 1, max = 366))]
    pub hold_days: u16,
}

impl Default for Staff {
    fn default() -> Self {
        Self { notify_link: None, notify_sender: "mbush".to_owned(), hold_days: 7 }
    }
}
