//! The text of a message: characters, or octets with the word for their character set.

use super::fields::{Fault, Fields};
use super::file::{Charset, MessageFile, OctetsAre, PartFile, Words};
use crate::text::data_coding::{Coded, DefaultAlphabet};
use crate::text::udh::{Part, UserData, UserDataHeader};

/// The data coding of octets whose character set is not known: binary data.
const UNKNOWN_CODING: u8 = 4;

/// The text of a message before it is decoded.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    Coded {
        octets: Vec<u8>,
        data_coding: u8,
        /// The meaning of data coding 0.
        alphabet: DefaultAlphabet,
        /// The place in a long message, of which this is a part.
        place: Option<Part>,
        /// The octets begin with a user data header.
        has_header: bool,
    },
    /// The character set is not known.
    Unreadable {
        hex: String,
        /// The problem, for staff.
        why: String,
    },
}

impl Content {
    /// The text before it is decoded.
    ///
    /// # Errors
    /// The problem, for staff.
    pub fn coded(&self) -> Result<Coded, String> {
        match self {
            Self::Coded { octets, data_coding, alphabet, has_header, .. } => {
                let data = UserData::parse(octets, *has_header, *data_coding, *alphabet);
                data.map(|data| data.body).map_err(|error| format!("user data header: {error}"))
            }
            Self::Unreadable { why, .. } => Err(why.clone()),
        }
    }

    /// The place in a long message, of which this is a part.
    pub const fn place(&self) -> Option<Part> {
        match self {
            Self::Coded { place, .. } => *place,
            Self::Unreadable { .. } => None,
        }
    }

    /// The octets in hexadecimal, with their data coding, for a text that cannot be read.
    pub fn hex(&self) -> (String, u8) {
        match self {
            Self::Coded { octets, data_coding, .. } => (hex::encode(octets), *data_coding),
            Self::Unreadable { hex, .. } => (hex.clone(), UNKNOWN_CODING),
        }
    }
}

/// The fields that make the text of a message.
#[derive(Debug)]
pub(super) struct ContentRules {
    /// Fields with characters in UTF-8.
    text: Option<Words>,
    /// The field with octets.
    octets: Option<(String, OctetsAre)>,
    /// The field with the word for the character set, and the words with their meanings in lower case.
    charset: Option<(String, Vec<(String, Charset)>)>,
    /// The field with the data coding, and its values if they are not those of SMPP.
    coding: Option<(String, Vec<(String, Charset)>)>,
    udh: Option<String>,
    udh_within: bool,
    part: Option<PartFile>,
}

impl ContentRules {
    pub(super) fn of(file: &MessageFile) -> Result<Self, String> {
        if file.text.is_some() == file.octets.is_some() {
            return Err("give either text or octets: the field that has the text of the message".to_owned());
        }
        if file.text.is_some() && (file.charset.is_some() || file.coding.is_some() || file.udh.is_some()) {
            return Err("charset, coding and udh are for octets; text is in UTF-8: give octets instead".to_owned());
        }
        if file.text.is_some() && (file.octets_are != OctetsAre::Raw || file.udh_within) {
            return Err("octets_are and udh_within are for octets: take them out".to_owned());
        }
        if file.coding.is_none() && !file.codings.is_empty() {
            return Err("codings needs coding: the field whose values they are".to_owned());
        }
        if file.charset.is_some() == file.charsets.is_empty() {
            return Err("charset and charsets go together: the field, and the meaning of its values".to_owned());
        }
        let words = |words: &std::collections::BTreeMap<String, Charset>| -> Vec<(String, Charset)> {
            words.iter().map(|(word, charset)| (word.to_lowercase(), *charset)).collect()
        };
        Ok(Self {
            text: file.text.clone(),
            octets: file.octets.clone().map(|field| (field, file.octets_are)),
            charset: file.charset.clone().map(|field| (field, words(&file.charsets))),
            coding: file.coding.clone().map(|field| (field, words(&file.codings))),
            udh: file.udh.clone(),
            udh_within: file.udh_within,
            part: file.part.clone(),
        })
    }

    /// Reads the text of a message.
    pub(super) fn read(&self, fields: &Fields) -> Result<Content, Fault> {
        let there = match (&self.text, &self.octets) {
            (Some(names), _) => names.all(),
            (None, Some((field, _))) => std::slice::from_ref(field),
            (None, None) => &[],
        };
        // A text may be empty. If its field is missing, the request is in another format, and a text would be lost.
        if !fields.has_any(there) {
            return Err(Fault::new(format!("field {}", there.join(" or ")), "it is missing"));
        }
        let octets = match (&self.text, &self.octets) {
            (Some(names), _) => fields.first(names)?.unwrap_or_default(),
            (None, Some((field, spelling))) => octets(fields, field, *spelling)?,
            (None, None) => Vec::new(),
        };
        let (data_coding, alphabet) = match self.charset(fields)? {
            Ok(coded) => coded,
            Err(why) => return Ok(Content::Unreadable { hex: hex::encode(&octets), why }),
        };
        let header = match &self.udh {
            Some(field) => octets_of(fields, field, self.octets.as_ref().map(|(_, spelling)| *spelling))?,
            None => Vec::new(),
        };
        let place = match self.part(fields)? {
            Ok(place) => place,
            Err(why) => return Ok(Content::Unreadable { hex: hex::encode(&octets), why }),
        };
        if header.is_empty() {
            let within = self.udh_within.then(|| part_within(&octets)).flatten();
            let (place, has_header) = (place.or(within), within.is_some());
            return Ok(Content::Coded { octets, data_coding, alphabet, place, has_header });
        }
        let parsed = UserDataHeader::parse(&header);
        let place = parsed.ok().and_then(|(header, _)| header.part()).filter(|part| part.total() > 1).or(place);
        let octets = [header, octets].concat();
        Ok(Content::Coded { octets, data_coding, alphabet, place, has_header: true })
    }

    /// The character set, or the reason for which there is none.
    fn charset(&self, fields: &Fields) -> Result<Result<(u8, DefaultAlphabet), String>, Fault> {
        if let Some((field, words)) = &self.charset
            && let Some(word) = fields.get(field)?
        {
            let word = String::from_utf8_lossy(&word).to_lowercase();
            let known = words.iter().find(|(known, _)| *known == word);
            let known = known.map(|(_, charset)| coded(*charset));
            return Ok(known.ok_or_else(|| format!("unknown character set `{word}`")));
        }
        if let Some((field, words)) = &self.coding
            && let Some(word) = fields.get(field)?
        {
            if words.is_empty() {
                return Ok(data_coding(&word));
            }
            let word = String::from_utf8_lossy(&word).to_lowercase();
            let known = words.iter().find(|(known, _)| *known == word);
            return Ok(known.map(|(_, charset)| coded(*charset)).ok_or_else(|| format!("unknown coding `{word}`")));
        }
        Ok(Ok(coded(if self.text.is_some() { Charset::Utf8 } else { Charset::Gsm7 })))
    }

    /// The place in a long message, if the message is a part of one; or the reason for which it cannot be read. A part is
    /// not taken for a whole message.
    fn part(&self, fields: &Fields) -> Result<Result<Option<Part>, String>, Fault> {
        let Some(PartFile { reference, total, number }) = &self.part else { return Ok(Ok(None)) };
        let mut values = Vec::new();
        for name in [reference, total, number] {
            values.push(fields.get(name)?.map(|value| String::from_utf8_lossy(&value).into_owned()));
        }
        if values.iter().all(Option::is_none) {
            return Ok(Ok(None));
        }
        let numbers: Vec<Option<u16>> = values.iter().map(|value| whole(value.as_deref()?)).collect();
        let octet = |value: u16| u8::try_from(value).ok();
        let part = match numbers[..] {
            [Some(reference), Some(total), Some(number)] => {
                octet(total).zip(octet(number)).and_then(|(total, number)| Part::new(reference, total, number))
            }
            _ => None,
        };
        let why = || "its place in a long message is not valid".to_owned();
        Ok(part.ok_or_else(why).map(|part| Some(part).filter(|part| part.total() > 1)))
    }

    /// The names of its fields.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let words = self.text.iter().flat_map(Words::all);
        let single = [self.octets.as_ref().map(|(field, _)| field), self.udh.as_ref()].into_iter().flatten();
        let tables = [&self.charset, &self.coding].into_iter().flatten().map(|(field, _)| field);
        let part = self.part.iter().flat_map(|part| [&part.reference, &part.total, &part.number]);
        words.chain(single).chain(tables).chain(part).map(String::as_str)
    }
}

/// A number in decimal or hexadecimal digits.
fn whole(text: &str) -> Option<u16> {
    text.parse().or_else(|_| u16::from_str_radix(text.trim_start_matches("0x"), 16)).ok()
}

/// The `data_coding` of SMPP: a decimal number, or the octet itself.
fn data_coding(value: &[u8]) -> Result<(u8, DefaultAlphabet), String> {
    let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    let octet = number.or_else(|| <[u8; 1]>::try_from(value).ok().map(|[octet]| octet));
    let coding = octet.ok_or_else(|| format!("unknown coding `{}`", String::from_utf8_lossy(value)))?;
    Ok((coding, DefaultAlphabet::Gsm7Unpacked))
}

/// For explanations.
impl ContentRules {
    pub(super) const fn text(&self) -> Option<&Words> {
        self.text.as_ref()
    }

    /// The field with octets, and their spelling in words.
    pub(super) fn octets(&self) -> Option<(&str, &'static str)> {
        let spelling = |spelling: OctetsAre| match spelling {
            OctetsAre::Raw => "its octets",
            OctetsAre::Hex => "its octets in hexadecimal",
        };
        self.octets.as_ref().map(|(field, written)| (field.as_str(), spelling(*written)))
    }

    /// The field that names the characters, and the meaning of its values.
    pub(super) fn words(&self) -> Option<(&str, String)> {
        let (field, words) = self.charset.as_ref().or(self.coding.as_ref())?;
        let shown = |(word, charset): &(String, Charset)| format!("{word} {charset:?}").to_lowercase();
        Some((field, words.iter().map(shown).collect::<Vec<_>>().join(", ")))
    }

    pub(super) fn header(&self) -> Option<&str> {
        self.udh.as_deref()
    }

    pub(super) fn parts(&self) -> Option<String> {
        let PartFile { reference, total, number } = self.part.as_ref()?;
        Some(format!("reference `{reference}`, number `{number}` of `{total}`"))
    }
}

/// The place in a long message by a header that the octets begin with. Only a header that has nothing else is taken for
/// one: its six or seven octets do not begin a text of a customer.
fn part_within(octets: &[u8]) -> Option<Part> {
    let (header, _) = UserDataHeader::parse(octets).ok()?;
    header.part().filter(|part| part.total() > 1 && header.elements.len() == 1)
}

/// `data_coding`, and the meaning of 0.
const fn coded(charset: Charset) -> (u8, DefaultAlphabet) {
    match charset {
        Charset::Gsm7 => (0, DefaultAlphabet::Gsm7Unpacked),
        Charset::Ascii => (1, DefaultAlphabet::Gsm7Unpacked),
        Charset::Latin1 => (3, DefaultAlphabet::Gsm7Unpacked),
        Charset::Binary => (4, DefaultAlphabet::Gsm7Unpacked),
        Charset::Ucs2 => (8, DefaultAlphabet::Gsm7Unpacked),
        Charset::Utf8 => (0, DefaultAlphabet::Utf8),
    }
}

fn octets(fields: &Fields, name: &str, spelling: OctetsAre) -> Result<Vec<u8>, Fault> {
    octets_of(fields, name, Some(spelling))
}

fn octets_of(fields: &Fields, name: &str, spelling: Option<OctetsAre>) -> Result<Vec<u8>, Fault> {
    let value = fields.get(name)?.unwrap_or_default();
    match spelling {
        Some(OctetsAre::Hex) => {
            hex::decode(value).map_err(|error| Fault::new(format!("field {name}"), format!("hexadecimal: {error}")))
        }
        Some(OctetsAre::Raw) | None => Ok(value),
    }
}
