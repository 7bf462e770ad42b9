//! The doors of the whole program, over real sockets: strangers keep nobody out, wrong secrets wait, every error is told in
//! one shape and in time, also while the database does not answer; and who watches is told the truth.

#[allow(dead_code, reason = "each test binary uses its part of what they share")]
mod common;

#[path = "doors/crowd.rs"]
mod crowd;
#[path = "doors/errors.rs"]
mod errors;
#[path = "doors/health.rs"]
mod health;
#[path = "doors/outage.rs"]
mod outage;
#[path = "doors/pins.rs"]
mod pins;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "common/postgres.rs"]
mod postgres;
#[path = "doors/secrets.rs"]
mod secrets;
#[path = "doors/world.rs"]
mod world;
