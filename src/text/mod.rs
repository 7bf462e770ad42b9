//! Texts: from the octets of a PDU to the text that a grammar reads, and from the template of a reply to octets.
//!
//! ```text
//!  in    data_coding ── gsm7, ucs2, latin1 ──┐
//!        udh ── segments ────────────────────┴─> String ── normalise (fold, noise) ──> the grammar
//!  out   templates ── transliterate ── data_coding ── segments (udh, shift) ──> a link
//! ```
//!
//! - [`gsm7`]: the GSM 7-bit alphabet, one septet in a byte; [`septets`] packs and unpacks them, [`national`] has the
//!   national language tables, [`shift`] writes with them.
//! - [`ucs2`], [`latin1`]: the other two alphabets.
//! - [`data_coding`]: the alphabet of a message, decoding by it, and the choice of one for sending.
//! - [`udh`]: the user data header: parts of long messages, language tables, ports.
//! - [`ussd`]: what is dialled, in the data codings of cell broadcast.
//! - [`runs`]: runs of digits, and stars in place of those that are secret.
//! - [`segments`]: cutting a text into parts.
//! - [`normalise`]: what people type, made comparable; [`fold`] has its character tables, [`noise`] judges what stands
//!   behind a complete form; `walk` is the path of texts that are not plain ASCII.
//! - [`address`]: the characters that an address may have.
//! - `bidi`: direction controls, and the check that they reorder nothing.
//! - [`transliterate`]: outgoing texts in the letters that GSM-7 has.
//! - [`templates`]: replies in the languages of a country, each proven to fit; `replies.toml` has the values of each
//!   reply, `replies.rs` the closed set of values, `text_file.rs` reads a file of texts, `signs.rs` writes amounts,
//!   `rendering.rs` puts values into texts, `template_check.rs` has the checks, `template_error.rs` the errors.
//! - [`own_reply`]: a reply that a grammar has of its own.
//! - [`gloss`]: replies in English, for people who try the program.
//! - [`fields`]: the fields of a JSON object from a machine.
//! - [`grouped`](mod@grouped): numbers that people can read.
//! - [`near`]: similarity of words, for hints only.
//! - [`visible`]: a text as a terminal, a log or an error may show it.
//! - [`unseen`]: invisible characters, by the properties of Unicode.

pub mod address;
mod bidi;
pub mod data_coding;
pub mod fields;
pub mod fold;
pub mod gloss;
pub mod grouped;
pub mod gsm7;
pub mod latin1;
pub mod national;
pub mod near;
pub mod noise;
pub mod normalise;
mod normalise_error;
pub mod own_reply;
mod rendering;
mod replies;
pub mod runs;
pub mod segments;
pub mod septets;
pub mod shift;
mod signs;
mod template_check;
mod template_error;
pub mod templates;
mod text_file;
pub mod transliterate;
pub mod ucs2;
pub mod udh;
pub mod unseen;
pub mod ussd;
pub mod visible;
mod walk;
