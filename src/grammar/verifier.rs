//! The party that verifies the `{pin}` of a form, and the key `pin` that names it.

use super::action::Action;
use super::walk::{Placed, Source, Table, choose};

/// The party that verifies the PIN of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verifier {
    /// This program: it is the PIN of the phone that sends.
    Subscriber,
    /// This program: it is the PIN of the dealer whose phone sends.
    Dealer,
    /// The bank, which is asked before anything is done.
    Bank,
}

impl Verifier {
    const ALL: [Self; 3] = [Self::Subscriber, Self::Dealer, Self::Bank];

    /// As a grammar file writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subscriber => "subscriber",
            Self::Dealer => "dealer",
            Self::Bank => "bank",
        }
    }

    /// The verifier of an action that is nothing without a PIN; `None` where the form has to name it.
    pub(super) const fn of(action: Action) -> Option<Self> {
        match action {
            Action::Transfer | Action::Pin => Some(Self::Subscriber),
            Action::Sale | Action::Stock | Action::Undo | Action::DealerPin => Some(Self::Dealer),
            Action::Recharge
            | Action::Confirm
            | Action::Balance
            | Action::Help
            | Action::Language(_)
            | Action::Stop
            | Action::Forward => None,
        }
    }
}

/// The key `pin` of a file or of a form.
pub(super) fn key(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<Placed<Verifier>> {
    let text = table.string(source, "pin")?;
    let chosen = choose(source, &text, "verifier of a PIN", &Verifier::ALL, Verifier::as_str)?;
    Some(Placed::new(chosen, text.span))
}
