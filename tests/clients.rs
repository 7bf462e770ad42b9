//! Clients of the API and of the door for switches, a bank's cash machines or its pages, over real sockets on both
//! databases: each order is done once for its key, refused with a reason, or withdrawn before or after it came; the ledger
//! is sound after all of it.

#[allow(dead_code, reason = "each test binary uses its part of what they share")]
mod common;

#[path = "clients/dealers.rs"]
mod dealers;
#[path = "clients/harness.rs"]
mod harness;
#[path = "clients/iso8583.rs"]
mod iso8583;
#[path = "clients/killed.rs"]
mod killed;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "common/node.rs"]
mod node;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "common/postgres.rs"]
mod postgres;
#[path = "clients/reversals.rs"]
mod reversals;
#[path = "clients/top_ups.rs"]
mod top_ups;
#[path = "clients/vouchers.rs"]
mod vouchers;
