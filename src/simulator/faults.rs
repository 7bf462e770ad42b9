//! What a simulated SMSC does wrong when told to.

use std::collections::VecDeque;
use std::time::Duration;

use crate::smpp::CommandStatus;

/// How a simulated SMSC writes the identifier in a delivery receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ReceiptStyle {
    /// As in its answer: hexadecimal, with leading zeros.
    #[default]
    Same,
    /// As a decimal number, which the answer has in hexadecimal.
    Decimal,
}

/// How a simulated SMSC marks delivery receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ReceiptMark {
    /// By `esm_class` 0x04.
    #[default]
    EsmClass,
    /// Not at all: nothing but their text says what they are.
    None,
}

/// An error that so many requests of a hundred are answered with, spread evenly.
#[derive(Debug, Clone)]
pub struct ErrorRate {
    percent: u32,
    status: CommandStatus,
    requests: u64,
}

impl ErrorRate {
    /// This status for so many of a hundred.
    pub const fn new(percent: u32, status: CommandStatus) -> Self {
        Self { percent, status, requests: 0 }
    }

    fn next(&mut self) -> CommandStatus {
        let number = self.requests;
        self.requests += 1;
        if is_chosen(number, self.percent) { self.status } else { CommandStatus::OK }
    }
}

/// What it does wrong; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Statuses with which the next `submit_sm` are answered, in order; then it is all OK again.
    pub submit_statuses: VecDeque<CommandStatus>,
    /// Status of so many of the others.
    pub errors: Option<ErrorRate>,
    /// Time until a `submit_sm` is answered.
    pub submit_delay: Duration,
    /// Time from the answer to a submission until its receipt is sent.
    pub receipt_delay: Duration,
    /// Sends the receipt before the answer to the submission.
    pub receipt_first: bool,
    /// How it marks receipts.
    pub receipt_mark: ReceiptMark,
    /// Never answers a `submit_sm`.
    pub silent: bool,
    /// Cuts the connection once so many `deliver_sm` more were sent, without waiting for their answers.
    pub cut_after_deliveries: Option<u32>,
}

impl Faults {
    /// The status of the next `submit_sm`.
    pub(super) fn next_status(&mut self) -> CommandStatus {
        let next = self.submit_statuses.pop_front();
        next.unwrap_or_else(|| self.errors.as_mut().map_or(CommandStatus::OK, ErrorRate::next))
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

/// True if this one of many is among so many of a hundred: spread evenly, and the same in every run.
pub(super) const fn is_chosen(number: u64, percent: u32) -> bool {
    let percent = percent as u64;
    number * percent / 100 != (number + 1) * percent / 100
}
