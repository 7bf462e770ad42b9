//! The interfaces of the whole program, over real sockets: strangers keep nobody out, wrong secrets wait, every error is told in
//! one shape and in time, also while the database does not answer; and who watches is told the truth.

mod crowd;
mod errors;
mod health;
mod outage;
mod pins;
mod secrets;
mod world;
