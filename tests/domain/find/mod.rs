//! "Where is my top-up?", as staff ask it, on both databases: of messages that only the tables have, and of those that are in
//! segments.

mod absent;
mod asked;
mod links;
mod pages;
mod told;
mod world;
