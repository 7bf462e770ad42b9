//! Whatever ends in mid-run, and however: nothing that was acknowledged is lost, and nothing is done twice.
//!
//! - `cycles`: the program, or PostgreSQL, killed with SIGKILL at random moments under load, again and again
//! - `handover`: the program killed between every two steps on the way of a reply
//! - `disk`: a disk that is full, and has room again
//! - `clock`: a clock that is set back and forward
//! - `world`: the program, its database, and what it acknowledged
//! - `interfaces`: messages over HTTP, from an SMSC, and from a bank that binds to the program
//! - `chance`: random, and repeatable
//!
//! `MBUSH_CRASH_CYCLES=200` makes the cycles 200 in all (`scripts/crash` does that); `MBUSH_CRASH_SEED` repeats a run.

#[allow(dead_code, reason = "a part of it is needed for the clock")]
#[path = "../node/mod.rs"]
mod node;

mod chance;
mod clock;
mod cycles;
mod disk;
mod handover;
mod interfaces;
mod world;
