//! Queries of entry points that are not messages: the state of an order, the text of a refusal, a number, a dealer.

use super::Processor;
use super::answer::OrderState;
use super::batch::replay;
use crate::domain::voucher::DIGITS;
use crate::domain::{Dealer, DealerName, Language, Line, Rejection};
use crate::store::StoreError;
use crate::text::normalise::normalise;

impl Processor {
    /// The state of an order, by the keys that it may have and by the key of its withdrawal.
    ///
    /// # Errors
    /// The database fails.
    pub async fn order_state(&self, orders: &[&str], withdrawal: &str) -> Result<OrderState, StoreError> {
        let found = self.store.ordered(orders, withdrawal).await?;
        let is_reversed = found.is_reversed;
        Ok(OrderState { order: found.order.map(replay), withdrawal: found.withdrawal.map(replay), is_reversed })
    }

    /// Renders a refusal for a customer, in this language or in the configured one. `to` is the address that was
    /// called.
    pub fn words(&self, rejection: &Rejection, to: &str, language: Option<Language>) -> String {
        self.wording.refusal(rejection, to, self.wording.choose([language, self.language]))
    }

    /// Parses a number that a client gave, by the rules for numbers in texts.
    ///
    /// # Errors
    /// The reason why it is not a number.
    pub fn line(&self, written: &str) -> Result<Line, Rejection> {
        self.intake.parser.line(written)
    }

    /// Normalises the code of a card that a client gave to the digits that a text would have. Returns `None` if it
    /// cannot be a code: another number of digits, other characters, or invisible ones.
    pub fn code(written: &str) -> Option<String> {
        let text = normalise(written).ok()?;
        let code: String = text.folded().chars().filter(|c| !matches!(c, ' ' | '\n' | '-')).collect();
        (code.len() == DIGITS && code.bytes().all(|octet| octet.is_ascii_digit())).then_some(code)
    }

    /// The dealer of this name that pays for an order, and the dealers above it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dealer(&self, name: &DealerName) -> Result<Option<Dealer>, StoreError> {
        self.store.dealer(name).await
    }
}
