//! What every database has to do: the rows of a batch are kept whole or not at all, and are found again; nodes that do
//! the same at once do it once.

mod audit;
mod backup;
mod batches;
mod before;
mod cancelled;
mod courtesies;
mod dealers;
mod entries;
mod events;
mod final_states;
mod forged;
mod forwards;
mod handover;
pub(crate) mod harness;
mod heads;
mod held;
mod life;
mod lost_answers;
mod newer_words;
mod nodes;
mod opening;
mod outbox;
mod parts;
mod plans;
mod reading;
mod receipts;
pub(crate) mod staff;
mod starts;
mod upgrades;
mod vouchers;
