//! Texts, pure: from what a link delivers to what a grammar reads, and from a reply's template to what a link sends.
//!
//! ```text
//!  in    data_coding ── gsm7, ucs2, latin1 ──┐
//!        udh ── segments ── reassembly ──────┴─> String ── normalise (fold, noise) ──> the grammar
//!  out   templates ── transliterate ── data_coding ── segments (udh) ──> a link
//! ```
//!
//! - [`gsm7`]: the GSM 7-bit alphabet both ways, one septet a byte; [`septets`] packs and unpacks them, [`national`] has
//!   the tables of national languages.
//! - [`ucs2`], [`latin1`]: the other two alphabets.
//! - [`data_coding`]: which alphabet a message is in, decoding by it, choosing one to send in.
//! - [`udh`]: the user data header: parts of long messages, language tables, ports.
//! - [`ussd`]: what is dialled, in the data codings of cell broadcast.
//! - [`segments`]: cutting a text into parts; [`reassembly`]: putting parts together.
//! - [`normalise`]: what people type, made comparable; [`fold`] has its character tables, [`noise`] judges what stands
//!   behind a complete form; `walk` is the path of texts that are not plain ASCII.
//! - [`address`]: which characters an address may have.
//! - `bidi`: direction controls, and whether they turn a text round.
//! - [`transliterate`]: outgoing texts in the letters that GSM-7 has.
//! - [`templates`]: replies in three languages, each proven to fit one segment; `replies.toml` has each reply's values
//!   and its texts side by side, `replies.rs` the values, `template_error.rs` what can be wrong with them.
//! - [`gloss`]: what a reply says, in English, for who tries the program out.
//! - [`fields`]: the JSON object that a machine writes, field by field.
//! - [`near`]: how far one word is from another, and which of several is meant; for hints only.
//! - [`visible`]: a text as a terminal, a log or a problem may show it.
//! - [`unseen`]: the characters that nobody sees, by the properties of Unicode.

pub mod address;
mod bidi;
pub mod data_coding;
pub mod fields;
pub mod fold;
pub mod gloss;
pub mod gsm7;
pub mod latin1;
pub mod national;
pub mod near;
pub mod noise;
pub mod normalise;
mod normalise_error;
pub mod reassembly;
mod replies;
pub mod segments;
pub mod septets;
mod template_error;
pub mod templates;
pub mod transliterate;
pub mod ucs2;
pub mod udh;
pub mod unseen;
pub mod ussd;
pub mod visible;
mod walk;
