//! Scratch cards through the whole program: drawn, printed, activated by two people, redeemed once, counted.

#[allow(dead_code, reason = "each test binary uses its part of what they share")]
mod common;

#[path = "vouchers/damaged.rs"]
mod damaged;
#[path = "vouchers/operator.rs"]
mod operator;
#[allow(dead_code, reason = "each test binary uses its part of what they share")]
#[path = "common/postgres.rs"]
mod postgres;
#[path = "vouchers/redemption.rs"]
mod redemption;
#[path = "vouchers/staff.rs"]
mod staff;
