//! Faults of a simulated SMSC.

use std::collections::VecDeque;
use std::time::Duration;

use crate::smpp::CommandStatus;

/// Form of the identifier in delivery receipts of a simulated SMSC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ReceiptStyle {
    /// As in its answer: hexadecimal, with leading zeros.
    #[default]
    Same,
    /// As a decimal number, which the answer has in hexadecimal.
    Decimal,
}

/// Marking of delivery receipts of a simulated SMSC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ReceiptMark {
    /// By `esm_class` 0x04.
    #[default]
    EsmClass,
    /// Not at all: nothing but their text says what they are.
    None,
}

/// An error status for a percentage of requests, spread evenly.
#[derive(Debug, Clone)]
pub struct ErrorRate {
    percent: u32,
    status: CommandStatus,
    requests: u64,
}

impl ErrorRate {
    /// `percent` is from 0 to 100.
    pub const fn new(percent: u32, status: CommandStatus) -> Self {
        Self { percent, status, requests: 0 }
    }

    fn next(&mut self) -> CommandStatus {
        let number = self.requests;
        self.requests += 1;
        if is_chosen(number, self.percent) { self.status } else { CommandStatus::OK }
    }
}

/// Faults of a simulated peer; none by default.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Statuses of the next `submit_sm`, in order; later ones are answered OK.
    pub submit_statuses: VecDeque<CommandStatus>,
    /// Status for a percentage of the others.
    pub errors: Option<ErrorRate>,
    /// Delay of the response to a `submit_sm`.
    pub submit_delay: Duration,
    /// Delay of a receipt after the response to its submission.
    pub receipt_delay: Duration,
    /// Sends the receipt before the response to the submission.
    pub receipt_first: bool,
    /// Marking of receipts.
    pub receipt_mark: ReceiptMark,
    /// A phone that is switched off: receipts say that it did not get its messages.
    pub switched_off: Option<String>,
    /// Never responds to a `submit_sm`.
    pub silent: bool,
    /// Cuts the connection after this many further `deliver_sm`, without waiting for their responses.
    pub cut_after_deliveries: Option<u32>,
}

impl Faults {
    /// Returns the status for the next `submit_sm`.
    pub fn next_status(&mut self) -> CommandStatus {
        let next = self.submit_statuses.pop_front();
        next.unwrap_or_else(|| self.errors.as_mut().map_or(CommandStatus::OK, ErrorRate::next))
    }

    /// Counts a `deliver_sm`; returns true if the connection must be cut now.
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

/// True if this one of many is among so many of a hundred: spread evenly, and the same in every run.
pub const fn is_chosen(number: u64, percent: u32) -> bool {
    let percent = percent as u64;
    number * percent / 100 != (number + 1) * percent / 100
}
