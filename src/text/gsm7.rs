//! The GSM 7-bit default alphabet (3GPP TS 23.038 §6.2.1) both ways, one septet a byte.
//!
//! Packing into octets is in [`super::septets`], national tables are in [`super::national`].

use super::national::Tables;

/// The septet that leads to the extension table or to a national single-shift table.
pub const ESCAPE: u8 = 0x1b;

/// The default alphabet by septet. 0x1B is the escape; shown by itself it is a space.
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

/// A character that the default alphabet does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{char:?} at byte {index} is not in the GSM 7-bit alphabet")]
pub struct Unencodable {
    /// Byte offset in the text.
    pub index: usize,
    /// The character.
    pub char: char,
}

/// A byte that is no septet: its highest bit is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {index} is {byte:#04x}, which is no septet")]
pub struct NotASeptet {
    /// Offset of the byte.
    pub index: usize,
    /// The byte.
    pub byte: u8,
}

/// Encodes a text, one septet a byte; the first character that the alphabet lacks is the error.
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

/// Every character of `text` that the alphabet lacks.
pub fn unencodable(text: &str) -> impl Iterator<Item = Unencodable> {
    let missing = |&(_, char): &(usize, char)| septet_of(char).is_none();
    text.char_indices().filter(missing).map(|(index, char)| Unencodable { index, char })
}

/// How many septets `text` takes; the first character that the alphabet lacks is the error.
pub fn septet_count(text: &str) -> Result<usize, Unencodable> {
    text.char_indices().try_fold(0, |count, (index, char)| match septet_of(char) {
        Some(septet) => Ok(count + septet.count()),
        None => Err(Unencodable { index, char }),
    })
}

/// Decodes septets, one a byte. An escape sequence that no table has shows the default alphabet's character, an escape
/// behind an escape or at the end a space, as 23.038 asks of a receiver. U+FFFD stands at a place where a locking shift
/// table has no character, and for a byte that is no septet; the error is the first such byte.
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

/// A character's place in the alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Septet {
    /// In the default alphabet.
    Base(u8),
    /// Behind an escape.
    Extension(u8),
}

impl Septet {
    /// Septets that it takes.
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

/// What a septet stands for that is not behind an escape; `None` for what is none.
fn base(septet: u8, tables: Tables) -> Option<char> {
    let default = *BASE.get(usize::from(septet))?;
    let national = tables.locking.filter(|_| septet != ESCAPE);
    Some(national.map_or(default, |language| language.locking(septet, default)))
}

/// What a septet behind an escape stands for.
fn shifted(septet: u8, tables: Tables) -> Option<char> {
    let default = || EXTENSION.iter().find(|&&(at, _)| at == septet).map(|&(_, char)| char);
    // Each of the national tables repeats the default extension and adds letters; none replaces a character.
    tables.single.and_then(|language| language.single(septet)).or_else(default)
}

#[cfg(test)]
#[path = "gsm7_tests.rs"]
mod tests;
