//! Decodes a message. Every octet must be accounted for: octets that are left over are an error.
//!
//! A fault in a field does not hide later fields if the end of the field is known: the first fault is kept and reading
//! goes on, because later fields identify the sender.

use super::spec::{Encoding, Field, Kind};
use super::{Malformed, Message, Mti, Spec};

/// Octets of a bitmap.
const BITMAP: usize = 8;

/// Input that is not read yet.
struct Rest<'a>(&'a [u8]);

enum Fault {
    /// Invalid characters. The next field begins after the field.
    Content(String),
    /// The length exceeds the maximum of the field. The next field begins after it, if the length is right.
    Length(String),
    /// The end of the field is unknown, and with it the place of all later fields.
    End(String),
}

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let have = self.0.len();
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| format!("{count} octets are expected, but {have} are left"))?;
        self.0 = rest;
        Ok(taken)
    }

    /// Reads `count` digits.
    fn digits(&mut self, count: usize, encoding: Encoding) -> Result<String, String> {
        digits(self.take(width(Kind::N, encoding, count))?, count, encoding)
    }

    fn bitmap(&mut self, encoding: Encoding) -> Result<u64, String> {
        let octets = match encoding {
            Encoding::Hex => {
                hex::decode(self.take(BITMAP * 2)?).map_err(|_| "a bitmap is not in hexadecimal".to_owned())?
            }
            Encoding::Ascii | Encoding::Bcd | Encoding::Binary => self.take(BITMAP)?.to_vec(),
        };
        Ok(octets.iter().fold(0, |bits, octet| bits << 8 | u64::from(*octet)))
    }

    fn length(&mut self, field: &Field) -> Result<usize, String> {
        match field.length_digits {
            0 => Ok(field.length),
            digits => {
                self.digits(digits, field.length_encoding)?.parse().map_err(|_| "its length is not a number".to_owned())
            }
        }
    }

    fn field(&mut self, field: &Field) -> Result<String, Fault> {
        let length = self.length(field).map_err(Fault::End)?;
        let taken = self.take(width(field.kind, field.encoding, length));
        if length > field.length {
            let problem = format!("it is {length} long; at most {} is allowed", field.length);
            return Err(if taken.is_ok() { Fault::Length(problem) } else { Fault::End(problem) });
        }
        content(field, length, taken.map_err(Fault::End)?).map_err(Fault::Content)
    }
}

/// Octets of `length` characters, or of `length` octets of [`Kind::B`].
const fn width(kind: Kind, encoding: Encoding, length: usize) -> usize {
    match (kind, encoding) {
        (Kind::B, Encoding::Hex) => length * 2,
        (Kind::N, Encoding::Bcd) => length.div_ceil(2),
        _ => length,
    }
}

fn content(field: &Field, length: usize, octets: &[u8]) -> Result<String, String> {
    match (field.kind, field.encoding) {
        (Kind::B, Encoding::Hex) => text(octets, u8::is_ascii_hexdigit).map(|hex| hex.to_lowercase()),
        (Kind::B, _) => Ok(hex::encode(octets)),
        (Kind::N, encoding) => digits(octets, length, encoding),
        (Kind::An | Kind::Ans, _) => text(octets, |octet| field.allows(*octet)),
    }
}

fn digits(octets: &[u8], count: usize, encoding: Encoding) -> Result<String, String> {
    if encoding != Encoding::Bcd {
        return text(octets, u8::is_ascii_digit);
    }
    let all = hex::encode(octets);
    let (pad, digits) = all.split_at(all.len() - count);
    if pad.bytes().all(|b| b == b'0') && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(digits.to_owned())
    } else {
        Err(format!("its octets are not {count} packed digits"))
    }
}

fn text(octets: &[u8], allowed: impl Fn(&u8) -> bool) -> Result<String, String> {
    match octets.iter().find(|octet| !allowed(octet)) {
        Some(octet) => Err(format!("the octet {octet:#04x} does not belong there")),
        None => Ok(octets.iter().map(|octet| char::from(*octet)).collect()),
    }
}

pub(super) fn decode(spec: &Spec, octets: &[u8]) -> Result<Message, Malformed> {
    let mut rest = Rest(octets);
    let mti = rest.digits(4, spec.mti).and_then(|digits| digits.parse::<Mti>());
    let mti = mti.map_err(|problem| Malformed {
        field: None,
        problem: format!("invalid message type: {problem}"),
        read: None,
        lost_at: Some(Malformed::BITMAP),
    })?;
    let mut reading = Reading { message: Message::new(mti), first: None, doubtful: None };
    let lost_at = reading.fill(spec, &mut rest);
    match reading.first {
        None => Ok(reading.message),
        Some((field, problem)) => Err(Malformed { field, problem, read: Some(reading.message), lost_at }),
    }
}

/// The part of a message that is read.
struct Reading {
    message: Message,
    /// The first fault with its field.
    first: Option<(Option<u8>, String)>,
    /// A field that is too long, and the message before it.
    doubtful: Option<(u8, Message)>,
}

impl Reading {
    fn fault(&mut self, field: Option<u8>, problem: String) {
        self.first.get_or_insert((field, problem));
    }

    /// Reads all fields. Returns the first field with an unknown place, or `None` if the places of all are known.
    fn fill(&mut self, spec: &Spec, rest: &mut Rest<'_>) -> Option<u8> {
        let lost_at = match bitmaps(spec, rest) {
            Ok(bits) => self.fields(spec, bits, rest),
            Err(problem) => {
                self.fault(None, problem);
                Some(Malformed::BITMAP)
            }
        };
        let left = rest.0.len();
        if lost_at.is_none() && left > 0 {
            self.fault(None, format!("{left} octets follow the last field"));
        }
        // The length was wrong, so later octets were read as the wrong fields.
        match self.doubtful.take().filter(|_| lost_at.is_some() || left > 0) {
            Some((field, before)) => {
                self.message = before;
                Some(field)
            }
            None => lost_at,
        }
    }

    fn fields(&mut self, spec: &Spec, bits: u128, rest: &mut Rest<'_>) -> Option<u8> {
        for number in (2..=128_u8).filter(|number| bits >> (128 - number) & 1 == 1) {
            let Some(field) = spec.fields.get(&number) else {
                self.fault(Some(number), "the spec has no such field".to_owned());
                return Some(number);
            };
            match rest.field(field) {
                Ok(text) => self.message.set(number, text),
                Err(Fault::Content(problem)) => self.fault(Some(number), problem),
                Err(Fault::Length(problem)) => {
                    self.fault(Some(number), problem);
                    self.doubtful.get_or_insert_with(|| (number, self.message.clone()));
                }
                Err(Fault::End(problem)) => {
                    self.fault(Some(number), problem);
                    return Some(number);
                }
            }
        }
        None
    }
}

fn bitmaps(spec: &Spec, rest: &mut Rest<'_>) -> Result<u128, String> {
    let first = rest.bitmap(spec.bitmap)?;
    let has_second = first >> 63 == 1;
    let second = if has_second { rest.bitmap(spec.bitmap)? } else { 0 };
    Ok(u128::from(first) << 64 | u128::from(second))
}
