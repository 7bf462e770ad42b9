//! How an order of a client stands, for who asks.

use super::{Answer, Processor};
use crate::domain::{Dealer, DealerName};
use crate::store::{Answered, StoreError};

/// An order of a client as it stands.
#[derive(Debug, Clone, Default)]
pub struct OrderState {
    /// How the order itself ended, where it came.
    pub order: Option<Answer>,
    /// How its withdrawal ended, where one came.
    pub withdrawal: Option<Answer>,
    /// What it moved was taken back, by its withdrawal or by staff.
    pub is_taken_back: bool,
}

impl Processor {
    /// An order as it stands, by its key and by that of its withdrawal.
    ///
    /// # Errors
    /// The database fails.
    pub async fn order_state(&self, order: &str, withdrawal: &str) -> Result<OrderState, StoreError> {
        let found = self.store.ordered(order, withdrawal).await?;
        let is_taken_back = found.is_taken_back;
        Ok(OrderState { order: found.order.map(replay), withdrawal: found.withdrawal.map(replay), is_taken_back })
    }

    /// The dealer of this name that an order is paid by, and those above it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dealer(&self, name: &DealerName) -> Result<Option<Dealer>, StoreError> {
        self.store.dealer(name).await
    }
}

fn replay(answered: Answered) -> Answer {
    Answer { outcome: answered.outcome, reply: answered.reply, replayed: true }
}
