//! A message as a grammar sees it, and what it asks for.

use zeroize::Zeroizing;

use crate::domain::{Amount, Fields, Language, Line, Request, Target};

/// A message as the grammar sees it.
#[derive(Clone, Copy)]
pub struct Incoming<'m> {
    /// Source address: the phone that texted, or a bank's own address.
    pub from: &'m str,
    /// Destination address: the short code, with a number behind it where the bank's form has one there.
    pub to: &'m str,
    /// The text.
    pub text: &'m str,
    /// Name of the link it came by, where that is known; forms for machines may be bound to one.
    pub link: Option<&'m str>,
}

/// The meaning of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A top-up.
    Recharge(Request),
    /// Several top-ups.
    List(ListRequest),
    /// A top-up by the code of a voucher.
    Voucher(VoucherRequest),
    /// Credit of the sender's for another number.
    Transfer(TransferRequest),
    /// Another PIN for the sender.
    Pin(PinRequest),
    /// Yes to what the sender was asked.
    Confirm {
        /// The bank or operator whose form it is.
        bank: String,
        /// Name of the form.
        form: String,
        /// The language that the form is of, where its keyword tells.
        language: Option<Language>,
    },
    /// Help: the way to write to this short code.
    Help {
        /// The bank whose short code it is.
        bank: String,
        /// Name of the form.
        form: String,
    },
    /// The sender's balance.
    Balance {
        /// The bank whose short code it is.
        bank: String,
        /// Name of the form.
        form: String,
    },
    /// Replies in this language from now on.
    Language {
        /// The bank whose short code it is.
        bank: String,
        /// Name of the form.
        form: String,
        /// The language.
        language: Language,
    },
    /// No more messages.
    Stop {
        /// The bank whose short code it is.
        bank: String,
        /// Name of the form.
        form: String,
    },
    /// A request that is handed to another system or to staff.
    Forward(ForwardRequest),
}

/// A request that is handed to another system or to staff; no money moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardRequest {
    /// The bank or operator whose form it is.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// Name of what is asked for.
    pub name: String,
    /// The values that the text has.
    pub fields: Fields,
    /// The sender says that this really is a second time.
    pub repeat: bool,
    /// The language that the form is of, where its keyword tells.
    pub language: Option<Language>,
}

impl Reading {
    /// The values that the form captures under names of its own; `None` for a reading that keeps none.
    pub const fn fields(&self) -> Option<&Fields> {
        match self {
            Self::Recharge(request) => Some(&request.fields),
            Self::List(request) => Some(&request.fields),
            Self::Voucher(request) => Some(&request.fields),
            Self::Transfer(request) => Some(&request.fields),
            Self::Forward(request) => Some(&request.fields),
            Self::Pin(_)
            | Self::Confirm { .. }
            | Self::Help { .. }
            | Self::Balance { .. }
            | Self::Language { .. }
            | Self::Stop { .. } => None,
        }
    }
}

impl Reading {
    /// The same request, which the sender asks for once more.
    #[must_use]
    pub fn again(mut self) -> Self {
        match &mut self {
            Self::Recharge(request) => request.repeat = true,
            Self::List(list) => list.items.iter_mut().for_each(|item| item.repeat = true),
            Self::Transfer(transfer) => transfer.repeat = true,
            Self::Forward(forward) => forward.repeat = true,
            Self::Voucher(_)
            | Self::Pin(_)
            | Self::Confirm { .. }
            | Self::Help { .. }
            | Self::Balance { .. }
            | Self::Language { .. }
            | Self::Stop { .. } => {}
        }
        self
    }
}

/// Several top-ups in one message, which are done together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The bank whose form it is.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// At least two, in the order of the text, each with the fields of a request of its own.
    pub items: Vec<Request>,
    /// The values of the message that only its form knows; from the second item on, their names end in a full stop and its
    /// place.
    pub fields: Fields,
}

/// A top-up by the code of a voucher.
#[derive(Clone, PartialEq, Eq)]
pub struct VoucherRequest {
    /// The bank whose form it is.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// The code, in digits.
    pub code: String,
    /// The account to top up.
    pub target: Target,
    /// Values that the form captures under names of its own.
    pub fields: Fields,
}

/// A code is worth money: it is never printed.
impl std::fmt::Debug for VoucherRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoucherRequest").field("bank", &self.bank).field("form", &self.form).finish_non_exhaustive()
    }
}

/// The use of credit that the sender has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giving {
    /// The own credit is sent to another number.
    Credit,
    /// A dealer sells it from its wallet.
    Sale,
    /// A dealer hands it on as stock to the dealer of a number.
    Stock,
    /// A dealer takes its last sale to a number back.
    Undo,
}

impl Giving {
    /// As fixtures and the command line name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credit => "transfer",
            Self::Sale => "sale",
            Self::Stock => "stock",
            Self::Undo => "undo",
        }
    }
}

/// Credit that the sender gives to another number.
#[derive(Clone, PartialEq, Eq)]
pub struct TransferRequest {
    /// The use of the credit.
    pub giving: Giving,
    /// The bank or operator whose form it is.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// The receiver.
    pub line: Line,
    /// The amount.
    pub amount: Amount,
    /// The sender's PIN, where the form has one.
    pub pin: Option<Zeroizing<String>>,
    /// The sender says that this really is a second time.
    pub repeat: bool,
    /// The language that the form is of, where its keyword tells.
    pub language: Option<Language>,
    /// Values that the form captures under names of its own.
    pub fields: Fields,
}

/// A PIN is never printed.
impl std::fmt::Debug for TransferRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransferRequest").field("bank", &self.bank).field("form", &self.form).finish_non_exhaustive()
    }
}

/// Another PIN for the sender.
#[derive(Clone, PartialEq, Eq)]
pub struct PinRequest {
    /// It is that of the dealer whose phone writes.
    pub of_dealer: bool,
    /// The bank or operator whose form it is.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// The PIN of now.
    pub old: Zeroizing<String>,
    /// The one that takes its place.
    pub new: Zeroizing<String>,
    /// The language that the form is of, where its keyword tells.
    pub language: Option<Language>,
}

/// A PIN is never printed.
impl std::fmt::Debug for PinRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PinRequest").field("bank", &self.bank).field("form", &self.form).finish_non_exhaustive()
    }
}
