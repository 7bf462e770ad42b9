//! Routes under `/v1` for clients: a bank's cash machines, web pages or app. Each client has its own bearer secret.
//!
//! - `lookup`: the state of a number, and whether a top-up would be done; nothing is changed
//! - `top_ups`: a top-up, its state and its reversal, once for each key
//! - `vouchers`: a scratch card, once for each key
//! - `caller`, `language`, `idempotency_key`: the parts of a request's head that these routes read
//! - `view`, `refused`: the answers
//!
//! `docs/api.md` describes the requests, the answers and the errors.

mod caller;
mod idempotency_key;
mod language;
pub(super) mod lookup;
mod refused;
pub(super) mod top_ups;
mod view;
pub(super) mod vouchers;
