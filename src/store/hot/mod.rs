//! What a message's transaction touches: tuned statements, twinned on purpose. Each database reads and writes sets of rows in
//! the way that is fastest for it, and the shapes of parameters differ for that.
//!
//! - `sqlite/`: one JSON text is a set of keys, a VALUES list is a set of rows
//! - `postgres/`: one array a column is either; row locks in one order

pub(super) mod postgres;
pub(super) mod sqlite;
