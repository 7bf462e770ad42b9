//! Scratch cards through the whole program: drawn, printed, activated by two people, redeemed once, counted.

mod damaged;
mod operator;
mod redemption;
mod staff;
