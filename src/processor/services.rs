//! The database, the rules and the keys that a processor works with.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::pins::{BankPins, PinKey};
use crate::domain::voucher::Keys;
use crate::domain::{Clock, NumberingPlan, Rules};
use crate::grammar::GrammarSet;
use crate::store::Store;
use crate::text::templates::Templates;

/// Everything that a [`super::Processor`] is started with.
#[derive(Debug, Clone)]
pub struct ProcessorServices {
    pub store: Store,
    /// May be exchanged while the processor runs.
    pub grammars: Arc<ArcSwap<GrammarSet>>,
    pub plan: Arc<NumberingPlan>,
    pub templates: Arc<Templates>,
    pub rules: Rules,
    /// Codes of scratch cards are hashed with these keys.
    pub voucher_keys: Keys,
    /// PINs are hashed with this key.
    pub pin_key: PinKey,
    /// The banks that verify PINs themselves.
    pub bank_pins: BankPins,
    pub clock: Clock,
}
