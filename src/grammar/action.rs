//! The closed sets of a form: its action, its target; and the evidence for a bank's format.

use super::message::Giving;
use crate::domain::Language;

/// The evidence for a bank's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The bank or an operator has published it.
    Published,
    /// Nobody has published it: it is a plausible stand-in.
    Assumed,
}

impl Evidence {
    /// As a grammar file writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Assumed => "assumed",
        }
    }
}

/// The action that a form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A top-up.
    Recharge,
    /// Credit of the sender's for another number.
    Transfer,
    /// Another PIN for the sender.
    Pin,
    /// Yes to what the sender was asked.
    Confirm,
    /// Credit for a number, from the wallet of the dealer whose phone writes.
    Sale,
    /// Stock of that dealer's for the dealer of a number.
    Stock,
    /// That dealer's last sale to a number is taken back.
    Undo,
    /// Another PIN for that dealer.
    DealerPin,
    /// The sender's balance.
    Balance,
    /// Help: the way to write to this short code.
    Help,
    /// Replies in this language from now on.
    Language(Language),
    /// No more messages.
    Stop,
    /// A request that is handed to another system or to staff.
    Forward,
}

/// The account of a form whose text does not name one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum FormTarget {
    /// The sender's own number.
    Own,
    /// The account that is registered to the sender.
    Registered,
    /// The number behind the short code in the destination address.
    Destination,
}

impl Action {
    /// All of them, with one of the languages.
    pub const ALL: [Self; 13] = [
        Self::Recharge,
        Self::Transfer,
        Self::Pin,
        Self::Confirm,
        Self::Sale,
        Self::Stock,
        Self::Undo,
        Self::DealerPin,
        Self::Balance,
        Self::Help,
        Self::Language(Language::EN),
        Self::Stop,
        Self::Forward,
    ];

    /// Tells whether it is a request: it moves money or is handed on, may be repeated, and is meant by somebody who wrote
    /// nearly that.
    pub const fn is_request(self) -> bool {
        matches!(self, Self::Recharge | Self::Forward) || self.giving().is_some()
    }

    /// The use of the sender's credit, where it is about that.
    pub(super) const fn giving(self) -> Option<Giving> {
        match self {
            Self::Transfer => Some(Giving::Credit),
            Self::Sale => Some(Giving::Sale),
            Self::Stock => Some(Giving::Stock),
            Self::Undo => Some(Giving::Undo),
            _ => None,
        }
    }

    /// Tells whether its request has a PIN of its own: it is nothing without one.
    pub const fn has_own_pin(self) -> bool {
        self.giving().is_some() || self.is_pin()
    }

    /// Tells whether it changes a PIN.
    pub(super) const fn is_pin(self) -> bool {
        matches!(self, Self::Pin | Self::DealerPin)
    }

    /// As a grammar file writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Transfer => "transfer",
            Self::Pin => "pin",
            Self::Confirm => "confirm",
            Self::Sale => "sale",
            Self::Stock => "stock",
            Self::Undo => "undo",
            Self::DealerPin => "dealer_pin",
            Self::Balance => "balance",
            Self::Help => "help",
            Self::Language(_) => "language",
            Self::Stop => "stop",
            Self::Forward => "forward",
        }
    }
}

impl FormTarget {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Registered => "registered",
            Self::Destination => "destination",
        }
    }
}
