//! The text of a message: characters, or octets with the word for their character set.

use super::fields::{Fault, Fields};
use super::file::{Charset, MessageFile, OctetsAre, PartFile, Words};
use super::message::Content;
use crate::text::data_coding::DefaultAlphabet;
use crate::text::udh::{Part, UserDataHeader};

/// How the text of a message is read.
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
        let octets = match (&self.text, &self.octets) {
            (Some(names), _) => fields.first(names)?.unwrap_or_default(),
            (None, Some((field, spelling))) => octets(fields, field, *spelling)?,
            (None, None) => Vec::new(),
        };
        let (data_coding, alphabet) = match self.charset(fields)? {
            Ok(charset) => coded(charset),
            Err(why) => return Ok(Content::Unreadable { hex: hex::encode(&octets), why }),
        };
        let header = match &self.udh {
            Some(field) => octets_of(fields, field, self.octets.as_ref().map(|(_, spelling)| *spelling))?,
            None => Vec::new(),
        };
        let place = self.part(fields)?;
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
    fn charset(&self, fields: &Fields) -> Result<Result<Charset, String>, Fault> {
        if let Some((field, words)) = &self.charset
            && let Some(word) = fields.get(field)?
        {
            let word = String::from_utf8_lossy(&word).to_lowercase();
            let known = words.iter().find(|(known, _)| *known == word);
            return Ok(known.map(|(_, charset)| *charset).ok_or_else(|| format!("unknown character set `{word}`")));
        }
        if let Some((field, words)) = &self.coding
            && let Some(word) = fields.get(field)?
        {
            let word = String::from_utf8_lossy(&word).to_lowercase();
            if let Some((_, charset)) = words.iter().find(|(known, _)| *known == word) {
                return Ok(Ok(*charset));
            }
            return Ok(Err(format!("unknown coding `{word}`")));
        }
        Ok(Ok(if self.text.is_some() { Charset::Utf8 } else { Charset::Gsm7 }))
    }

    /// The place in a long message, if the message is a part of one.
    fn part(&self, fields: &Fields) -> Result<Option<Part>, Fault> {
        let Some(PartFile { reference, total, number }) = &self.part else { return Ok(None) };
        let whole = |name: &String| -> Result<Option<u16>, Fault> {
            let Some(value) = fields.get(name)? else { return Ok(None) };
            let text = String::from_utf8_lossy(&value).into_owned();
            let number = text.parse::<u16>().or_else(|_| u16::from_str_radix(text.trim_start_matches("0x"), 16));
            number.map(Some).map_err(|_| Fault::new(format!("field {name}"), "a number up to 65535 is expected"))
        };
        let (Some(reference), Some(total), Some(number)) = (whole(reference)?, whole(total)?, whole(number)?) else {
            return Ok(None);
        };
        let octet = |value: u16| u8::try_from(value).unwrap_or_default();
        Ok(Part::new(reference, octet(total), octet(number)).filter(|part| part.total() > 1))
    }
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
