//! The database, rules and keys that a processor works with.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::pins::PinKey;
use crate::domain::voucher::Keys;
use crate::domain::{Clock, NumberingPlan, Rules};
use crate::grammar::GrammarSet;
use crate::store::Store;
use crate::text::templates::Templates;

/// All that a [`super::Processor`] is started with.
#[derive(Debug, Clone)]
pub struct ProcessorServices {
    /// The database.
    pub store: Store,
    /// The grammars; they may be exchanged at any time.
    pub grammars: Arc<ArcSwap<GrammarSet>>,
    /// The numbering plan.
    pub plan: Arc<NumberingPlan>,
    /// The replies' templates.
    pub templates: Arc<Templates>,
    /// The rules that decisions obey.
    pub rules: Rules,
    /// Codes of scratch cards are hashed with these.
    pub voucher_keys: Keys,
    /// PINs are compared by this.
    pub pin_key: PinKey,
    /// The time.
    pub clock: Clock,
}
