//! Questions of doors that are no messages: how an order stands, how a refusal reads, what a number or a dealer is.

use super::Processor;
use super::answer::OrderState;
use super::batch::replay;
use crate::domain::voucher::DIGITS;
use crate::domain::{Dealer, DealerName, Language, Line, Rejection};
use crate::store::StoreError;
use crate::text::normalise::normalise;

impl Processor {
    /// An order as it stands, by the keys that it may have and by that of its withdrawal.
    ///
    /// # Errors
    /// The database fails.
    pub async fn order_state(&self, orders: &[&str], withdrawal: &str) -> Result<OrderState, StoreError> {
        let found = self.store.ordered(orders, withdrawal).await?;
        let is_taken_back = found.is_taken_back;
        Ok(OrderState { order: found.order.map(replay), withdrawal: found.withdrawal.map(replay), is_taken_back })
    }

    /// Words a refusal for a customer, in this language or in the configured one. `to` is the address that was called.
    pub fn words(&self, rejection: &Rejection, to: &str, language: Option<Language>) -> String {
        self.wording.refusal(rejection, to, language.unwrap_or(self.language))
    }

    /// Reads a number that a machine gave, as it would be read in a text.
    ///
    /// # Errors
    /// The reason why it is none.
    pub fn line(&self, written: &str) -> Result<Line, Rejection> {
        self.intake.parser.line(written)
    }

    /// A card's code that a machine gave, in the digits that it would be in a text; `None` where it cannot be a
    /// code: another number of digits, other characters, or one that hides or changes what is read.
    pub fn code(written: &str) -> Option<String> {
        let text = normalise(written).ok()?;
        let code: String = text.folded().chars().filter(|c| !matches!(c, ' ' | '\n' | '-')).collect();
        (code.len() == DIGITS && code.bytes().all(|octet| octet.is_ascii_digit())).then_some(code)
    }

    /// The dealer of this name that an order is paid by, and those above it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dealer(&self, name: &DealerName) -> Result<Option<Dealer>, StoreError> {
        self.store.dealer(name).await
    }
}
