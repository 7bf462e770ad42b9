//! The alphabet of a message by its `data_coding` octet: the table of SMPP 3.4 §5.2.19 below 0x10, the groups of 3GPP
//! TS 23.038 §4 above. Values that SMPP reserves are read as cell broadcast defines them (TS 23.038 §5, see
//! [`super::ussd`]).

use super::gsm7::{self, NotASeptet};
use super::latin1;
use super::national::Tables;
use super::septets;
use super::ucs2::{self, Ucs2Error};

/// A peer's meaning of data coding 0, "SMSC default alphabet", and whether its 7-bit texts are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DefaultAlphabet {
    /// GSM 7-bit, one septet in an octet; used by nearly all peers.
    #[default]
    Gsm7Unpacked,
    /// GSM 7-bit, eight septets in seven octets.
    Gsm7Packed,
    /// ISO 8859-1.
    Latin1,
    /// UTF-8, as some gateways send.
    Utf8,
}

impl DefaultAlphabet {
    const ALL: [Self; 4] = [Self::Gsm7Unpacked, Self::Gsm7Packed, Self::Latin1, Self::Utf8];

    /// Name as it is stored in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gsm7Unpacked => "gsm7",
            Self::Gsm7Packed => "gsm7_packed",
            Self::Latin1 => "latin1",
            Self::Utf8 => "utf8",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alphabet| alphabet.name() == name)
    }
}

/// The alphabet of a text in a PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    Gsm7,
    /// ASCII (IA5).
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// UCS-2; in practice UTF-16.
    Ucs2,
    Utf8,
}

/// Meaning of a `data_coding` octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataCoding {
    /// The alphabet, or the reason for which the content is not a text.
    pub alphabet: Result<Alphabet, NoText>,
    /// Message class 0–3 (0 is a "flash" message, shown immediately); `None` if the octet has none.
    pub class: Option<u8>,
}

/// The reason for which octets cannot be read as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoText {
    /// Binary data.
    #[error("binary data, not a text")]
    Binary,
    /// Compressed text (3GPP TS 23.042).
    #[error("a compressed text")]
    Compressed,
    /// The alphabet is reserved or not supported: JIS, ISO 8859-5 and -8, pictograms, KS C 5601.
    #[error("data coding {0:#04x}: its alphabet is not supported")]
    Unsupported(u8),
}

/// The text could not be decoded completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error(transparent)]
    NoText(#[from] NoText),
    /// A 7-bit text has a byte above 0x7F. Usually the peer uses another alphabet for data coding 0.
    #[error("GSM 7-bit: {0}")]
    Gsm7(#[from] NotASeptet),
    #[error("UCS-2: {0}")]
    Ucs2(#[from] Ucs2Error),
    /// ASCII has a byte above 0x7F, or UTF-8 is invalid.
    #[error("byte {index} is not valid {}", if *.utf8 { "UTF-8" } else { "ASCII" })]
    Byte {
        /// Offset of the byte.
        index: usize,
        /// True for UTF-8, false for ASCII.
        utf8: bool,
    },
}

/// A text that is not decoded yet. Parts of a long message are joined in this state, because senders split escape
/// sequences and surrogate pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    /// The alphabet, or the reason for which there is none.
    pub alphabet: Result<Alphabet, TextError>,
    /// The national language tables of a 7-bit text.
    pub tables: Tables,
    /// The octets; for a 7-bit text one septet in each.
    pub octets: Vec<u8>,
}

impl DataCoding {
    /// Decodes the octet. `default_alphabet` is the peer's meaning of 0.
    pub fn from_octet(octet: u8, default_alphabet: DefaultAlphabet) -> Self {
        use Alphabet::{Ascii, Gsm7, Latin1, Ucs2, Utf8};
        let plain = |alphabet| Self { alphabet, class: None };
        match octet {
            0x00 => plain(Ok(match default_alphabet {
                DefaultAlphabet::Gsm7Unpacked | DefaultAlphabet::Gsm7Packed => Gsm7,
                DefaultAlphabet::Latin1 => Latin1,
                DefaultAlphabet::Utf8 => Utf8,
            })),
            0x01 => plain(Ok(Ascii)),
            0x02 | 0x04 => plain(Err(NoText::Binary)),
            0x03 => plain(Ok(Latin1)),
            // Message waiting, store, in UCS-2.
            0x08 | 0xe0..=0xef => plain(Ok(Ucs2)),
            // Languages of cell broadcast that SMPP reserves (0x0F means none in USSD); message waiting, discard or
            // store, in GSM 7-bit.
            0x0b | 0x0c | 0x0f | 0xc0..=0xdf => plain(Ok(Gsm7)),
            0x05..=0x0e | 0x80..=0xbf => plain(Err(NoText::Unsupported(octet))),
            // General data coding, and the same marked for automatic deletion.
            0x10..=0x7f => Self::general(octet),
            0xf0..=0xff => Self {
                alphabet: if octet & 0x04 == 0 { Ok(Gsm7) } else { Err(NoText::Binary) },
                class: Some(octet & 0x03),
            },
        }
    }

    fn general(octet: u8) -> Self {
        let alphabet = match (octet & 0x20, octet & 0x0c) {
            (0x20, _) => Err(NoText::Compressed),
            (_, 0x00) => Ok(Alphabet::Gsm7),
            (_, 0x04) => Err(NoText::Binary),
            (_, 0x08) => Ok(Alphabet::Ucs2),
            _ => Err(NoText::Unsupported(octet)),
        };
        Self { alphabet, class: (octet & 0x10 != 0).then_some(octet & 0x03) }
    }
}

impl Coded {
    /// Takes the octets after the header, if any, in the alphabet of `data_coding`. `fill_bits` is the number of fill
    /// bits between a header and a packed text.
    pub fn new(
        octets: &[u8],
        data_coding: u8,
        default_alphabet: DefaultAlphabet,
        tables: Tables,
        fill_bits: u8,
    ) -> Self {
        let alphabet = DataCoding::from_octet(data_coding, default_alphabet).alphabet;
        Self::in_alphabet(alphabet, octets, default_alphabet, tables, fill_bits)
    }

    /// As [`Self::new`], with a known alphabet.
    pub(super) fn in_alphabet(
        alphabet: Result<Alphabet, NoText>,
        octets: &[u8],
        default_alphabet: DefaultAlphabet,
        tables: Tables,
        fill_bits: u8,
    ) -> Self {
        let packed = alphabet == Ok(Alphabet::Gsm7) && default_alphabet == DefaultAlphabet::Gsm7Packed;
        let octets = if packed { septets::unpack(octets, fill_bits, None) } else { octets.to_vec() };
        Self { alphabet: alphabet.map_err(TextError::NoText), tables, octets }
    }

    /// Decodes the text. Octets that cannot be decoded become U+FFFD, and the first error is returned.
    pub fn decode_lossy(&self) -> (String, Option<TextError>) {
        let octets = &self.octets;
        match self.alphabet {
            Ok(Alphabet::Gsm7) => with_error(gsm7::decode_lossy(octets, self.tables)),
            Ok(Alphabet::Ucs2) => with_error(ucs2::decode_lossy(octets)),
            Ok(Alphabet::Latin1) => (latin1::decode(octets), None),
            Ok(Alphabet::Utf8) => {
                let error = std::str::from_utf8(octets).err();
                let error = error.map(|error| TextError::Byte { index: error.valid_up_to(), utf8: true });
                (String::from_utf8_lossy(octets).into_owned(), error)
            }
            Ok(Alphabet::Ascii) => {
                let ascii = |&octet: &u8| {
                    if octet < 0x80 { char::from(octet) } else { char::REPLACEMENT_CHARACTER }
                };
                let error = octets.iter().position(|&octet| octet >= 0x80);
                let error = error.map(|index| TextError::Byte { index, utf8: false });
                (octets.iter().map(ascii).collect(), error)
            }
            Err(error) => (char::REPLACEMENT_CHARACTER.to_string(), Some(error)),
        }
    }
}

/// Decodes the parts of one message, in order. Adjacent parts in the same alphabet are joined first. Octets that cannot
/// be decoded become U+FFFD, which no grammar accepts, so that the message is refused but can be shown. The first error
/// is returned.
pub fn decode_parts(parts: Vec<Coded>) -> (String, Option<TextError>) {
    let mut joined: Vec<Coded> = Vec::with_capacity(1);
    for part in parts {
        match joined.last_mut() {
            Some(last) if last.alphabet == part.alphabet && last.tables == part.tables => {
                last.octets.extend_from_slice(&part.octets);
            }
            _ => joined.push(part),
        }
    }
    let mut text = String::new();
    let mut first = None;
    for part in joined {
        let (decoded, error) = part.decode_lossy();
        text.push_str(&decoded);
        first = first.or(error);
    }
    (text, first)
}

/// Decodes the octets of a message without a header, and unpacks packed text. Octets that cannot be decoded are an
/// error.
pub fn decode(
    octets: &[u8],
    data_coding: u8,
    default_alphabet: DefaultAlphabet,
    tables: Tables,
) -> Result<String, TextError> {
    match Coded::new(octets, data_coding, default_alphabet, tables, 0).decode_lossy() {
        (text, None) => Ok(text),
        (_, Some(error)) => Err(error),
    }
}

fn with_error<E: Into<TextError>>((text, error): (String, Option<E>)) -> (String, Option<TextError>) {
    (text, error.map(Into::into))
}

#[cfg(test)]
#[path = "data_coding_tests.rs"]
mod tests;
