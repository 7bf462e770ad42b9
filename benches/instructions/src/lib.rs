//! The pure rooms on the path of a message.

#[path = "../../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../../src/grammar/mod.rs"]
pub mod grammar;
#[path = "../../../src/smpp/mod.rs"]
pub mod smpp;
#[path = "../../../src/text/mod.rs"]
pub mod text;
