//! The server at its sockets: SMPP, HTTP and ISO 8583, its interfaces, and what staff and customers see of it.
//!
//! - `smpp_link`: sessions with an SMSC and with banks, in this process
//! - `http`, `clients`: the routes for gateways and for clients, in this process
//! - `end_to_end`, `bank`: `mbush serve` between a simulated SMSC and a bank
//! - `customers`, `vouchers`, `quarantine`, `reload`, `forward`: what the whole program does for each of them
//! - `whole`, `floods`, `idle_binds`: strangers, nonsense, and sessions that say nothing

#[allow(dead_code, reason = "no test of the server stops a node or breaks its clock")]
#[path = "../node/mod.rs"]
mod node;

mod bank;
mod clients;
mod customers;
mod end_to_end;
mod floods;
mod forward;
mod http;
mod idle_binds;
mod quarantine;
mod reload;
mod said;
mod smpp_link;
mod vouchers;
mod whole;
