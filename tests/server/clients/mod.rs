//! Clients of the API and of the interface for switches, a bank's cash machines or its pages, over real sockets on both
//! databases: each order is done once for its key, refused with a reason, or withdrawn before or after it came; the ledger
//! is sound after all of it.

mod dealers;
mod harness;
mod iso8583;
mod killed;
mod reversals;
mod top_ups;
mod vouchers;
