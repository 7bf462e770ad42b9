//! Customers' phones: one phone is one number, what it is answered by and how often, and who is no customer. By the real
//! program with a simulated SMSC before it, and by nodes on one database.

#[path = "customers/addresses.rs"]
mod addresses;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
mod common;
#[path = "customers/courtesies.rs"]
mod courtesies;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "common/node.rs"]
mod node;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "common/postgres.rs"]
mod postgres;
#[path = "customers/senders.rs"]
mod senders;
#[path = "customers/unseen.rs"]
mod unseen;
#[path = "customers/world.rs"]
mod world;
