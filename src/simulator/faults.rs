//! What a simulated SMSC does wrong when told to.

use std::collections::VecDeque;
use std::time::Duration;

use crate::smpp::CommandStatus;

/// How a simulated SMSC writes the identifier in a delivery receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReceiptStyle {
    /// As in its answer: hexadecimal, with leading zeros.
    #[default]
    Same,
    /// As a decimal number, which the answer has in hexadecimal.
    Decimal,
}

/// What it does wrong; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Statuses with which the next `submit_sm` are answered, in order; then it is all OK again.
    pub submit_statuses: VecDeque<CommandStatus>,
    /// Time until a `submit_sm` is answered.
    pub submit_delay: Duration,
    /// Sends the receipt before the answer to the submission.
    pub receipt_first: bool,
    /// Never answers a `submit_sm`.
    pub silent: bool,
    /// Cuts the connection once so many `deliver_sm` more were sent, without waiting for their answers.
    pub cut_after_deliveries: Option<u32>,
}

impl Faults {
    /// The status of the next `submit_sm`.
    pub(super) fn next_status(&mut self) -> CommandStatus {
        self.submit_statuses.pop_front().unwrap_or(CommandStatus::OK)
    }

    /// One more `deliver_sm` was sent: whether to cut the connection now.
    pub(super) const fn cuts_now(&mut self) -> bool {
        match self.cut_after_deliveries {
            Some(0 | 1) => {
                self.cut_after_deliveries = None;
                true
            }
            Some(left) => {
                self.cut_after_deliveries = Some(left - 1);
                false
            }
            None => false,
        }
    }
}
