//! The GSM 7-bit default alphabet (3GPP TS 23.038 §6.2.1), encoding and decoding, one septet in a byte.
//!
//! [`super::septets`] packs septets into octets; [`super::national`] has the national language tables.

use super::national::Tables;

/// The septet before a character of the extension table or of a national single shift table.
pub const ESCAPE: u8 = 0x1b;

/// The default alphabet by septet. 0x1B is the escape; on its own it is shown as a space.
const BASE: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', //
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', ' ', 'Æ', 'æ', 'ß', 'É', //
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', //
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', //
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', //
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', //
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', //
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The default alphabet does not have a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{char:?} at byte {index} is not in the GSM 7-bit alphabet")]
pub struct Unencodable {
    /// Byte offset in the text.
    pub index: usize,
    pub char: char,
}

/// A byte is not a septet: its highest bit is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {index} is {byte:#04x}, which is not a septet")]
pub struct NotASeptet {
    pub index: usize,
    pub byte: u8,
}

/// Encodes a text, one septet in a byte. Returns the first character that the alphabet lacks as the error.
pub fn encode(text: &str) -> Result<Vec<u8>, Unencodable> {
    let mut septets = Vec::with_capacity(text.len());
    for (index, char) in text.char_indices() {
        match septet_of(char) {
            Some(Septet::Base(septet)) => septets.push(septet),
            Some(Septet::Extension(septet)) => septets.extend([ESCAPE, septet]),
            None => return Err(Unencodable { index, char }),
        }
    }
    Ok(septets)
}

/// Returns every character of `text` that the alphabet lacks.
pub fn unencodable(text: &str) -> impl Iterator<Item = Unencodable> {
    let missing = |&(_, char): &(usize, char)| septet_of(char).is_none();
    text.char_indices().filter(missing).map(|(index, char)| Unencodable { index, char })
}

/// Number of septets of `text`. Returns the first character that the alphabet lacks as the error.
pub fn septet_count(text: &str) -> Result<usize, Unencodable> {
    text.char_indices().try_fold(0, |count, (index, char)| match septet_of(char) {
        Some(septet) => Ok(count + septet.count()),
        None => Err(Unencodable { index, char }),
    })
}

/// As `decode_unpacked`, but a byte that is not a septet becomes U+FFFD. The first error is returned.
pub fn decode_lossy(septets: &[u8], tables: Tables) -> (String, Option<NotASeptet>) {
    let mut text = String::with_capacity(septets.len());
    let mut error = None;
    let mut escaped = false;
    for (index, &byte) in septets.iter().enumerate() {
        let Some(base) = base(byte, tables) else {
            error.get_or_insert(NotASeptet { index, byte });
            text.push(char::REPLACEMENT_CHARACTER);
            escaped = false;
            continue;
        };
        if escaped {
            text.push(if byte == ESCAPE { ' ' } else { shifted(byte, tables).unwrap_or(base) });
            escaped = false;
        } else if byte == ESCAPE {
            escaped = true;
        } else {
            text.push(base);
        }
    }
    if escaped {
        text.push(' ');
    }
    (text, error)
}

/// Place of a character in the alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Septet {
    /// In the default alphabet.
    Base(u8),
    /// After an escape.
    Extension(u8),
}

impl Septet {
    /// Number of septets.
    pub(super) fn count(self) -> usize {
        match self {
            Self::Base(_) => 1,
            Self::Extension(_) => 2,
        }
    }
}

pub(super) fn septet_of(c: char) -> Option<Septet> {
    let septet = match c {
        ' '..='#' | '%'..='?' | 'A'..='Z' | 'a'..='z' => u8::try_from(c).ok()?,
        '\u{c}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => return extension_of(c),
        _ => u8::try_from(BASE.iter().position(|&base| base == c)?).ok()?,
    };
    Some(Septet::Base(septet))
}

fn extension_of(c: char) -> Option<Septet> {
    EXTENSION.iter().find(|&&(_, char)| char == c).map(|&(septet, _)| Septet::Extension(septet))
}

/// The default extension table (§6.2.1.1).
const EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// Character of a septet without an escape; `None` if there is none.
fn base(septet: u8, tables: Tables) -> Option<char> {
    let default = *BASE.get(usize::from(septet))?;
    let national = tables.locking.filter(|_| septet != ESCAPE);
    Some(national.map_or(default, |language| language.locking(septet, default)))
}

/// Character of a septet after an escape.
fn shifted(septet: u8, tables: Tables) -> Option<char> {
    let default = || EXTENSION.iter().find(|&&(at, _)| at == septet).map(|&(_, char)| char);
    // Each national table repeats the default extension table and adds letters; none replaces a character.
    tables.single.and_then(|language| language.single(septet)).or_else(default)
}

#[cfg(test)]
#[path = "gsm7_tests.rs"]
mod tests;
