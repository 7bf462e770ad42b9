//! `/v1` for clients: a bank's cash machines, pages or app, each with a bearer secret of its own.
//!
//! - `lookup`: whether a top-up would be done, and of what state the number is; nothing moves
//! - `top_ups`: a top-up, its state, its reversal, once for each key
//! - `vouchers`: a scratch card, once for each key
//! - `caller`, `language`, `idempotency_key`: what these routes read of a request's head
//! - `view`, `refused`: what they answer
//!
//! `docs/api.md` has requests and answers with all that may go wrong.

mod caller;
mod idempotency_key;
mod language;
pub(super) mod lookup;
mod refused;
pub(super) mod top_ups;
mod view;
pub(super) mod vouchers;
