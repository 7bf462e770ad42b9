//! What every database has to do: the rows of a batch are kept whole or not at all, and are found again; nodes that do
//! the same at once do it once.

#[path = "store/audit.rs"]
mod audit;
#[path = "store/backup.rs"]
mod backup;
#[path = "store/batches.rs"]
mod batches;
#[path = "store/before.rs"]
mod before;
#[path = "store/courtesies.rs"]
mod courtesies;
#[path = "store/dealers.rs"]
mod dealers;
#[path = "store/entries.rs"]
mod entries;
#[path = "store/events.rs"]
mod events;
#[path = "store/final_states.rs"]
mod final_states;
#[path = "store/forged.rs"]
mod forged;
#[path = "store/harness.rs"]
mod harness;
#[path = "store/heads.rs"]
mod heads;
#[path = "store/held.rs"]
mod held;
#[path = "store/life.rs"]
mod life;
#[path = "store/lost_answers.rs"]
mod lost_answers;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "common/node.rs"]
mod node;
#[path = "store/nodes.rs"]
mod nodes;
#[path = "store/opening.rs"]
mod opening;
#[path = "store/outbox.rs"]
mod outbox;
#[path = "store/parts.rs"]
mod parts;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "common/postgres.rs"]
mod postgres;
#[path = "common/proxy.rs"]
mod proxy;
#[path = "store/receipts.rs"]
mod receipts;
#[path = "store/staff.rs"]
mod staff;
#[path = "store/starts.rs"]
mod starts;
#[path = "store/upgrades.rs"]
mod upgrades;
#[path = "store/vouchers.rs"]
mod vouchers;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "common/wait.rs"]
mod wait;
