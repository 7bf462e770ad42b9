//! Customers' phones: one phone is one number, what it is answered by and how often, and who is no customer. By the real
//! program with a simulated SMSC before it, and by nodes on one database.

mod addresses;
mod courtesies;
mod senders;
mod unseen;
mod world;
