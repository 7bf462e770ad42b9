//! Octets to a message. Every octet is accounted for: what is left over is an error.

use super::spec::{Encoding, Field, Kind};
use super::{Malformed, Message, Mti, Spec};

/// Octets of a bitmap.
const BITMAP: usize = 8;

/// What is left to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let have = self.0.len();
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| format!("{count} octets are expected, and {have} are left"))?;
        self.0 = rest;
        Ok(taken)
    }

    /// So many digits.
    fn digits(&mut self, count: usize, encoding: Encoding) -> Result<String, String> {
        match encoding {
            Encoding::Bcd => {
                let octets = self.take(count.div_ceil(2))?;
                let all = hex::encode(octets);
                let (pad, digits) = all.split_at(all.len() - count);
                if pad.bytes().all(|b| b == b'0') && digits.bytes().all(|b| b.is_ascii_digit()) {
                    Ok(digits.to_owned())
                } else {
                    Err(format!("{all} is not {count} packed digits"))
                }
            }
            Encoding::Ascii | Encoding::Binary | Encoding::Hex => text(self.take(count)?, u8::is_ascii_digit),
        }
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

    fn field(&mut self, field: &Field) -> Result<String, String> {
        let length = match field.length_digits {
            0 => field.length,
            digits => self.digits(digits, field.length_encoding)?.parse().map_err(|_| "no length".to_owned())?,
        };
        if length > field.length {
            return Err(format!("it is {length} long, and {} is the most", field.length));
        }
        match (field.kind, field.encoding) {
            (Kind::B, Encoding::Hex) => {
                text(self.take(length * 2)?, u8::is_ascii_hexdigit).map(|hex| hex.to_lowercase())
            }
            (Kind::B, _) => Ok(hex::encode(self.take(length)?)),
            (Kind::N, encoding) => self.digits(length, encoding),
            (Kind::An | Kind::Ans, _) => text(self.take(length)?, |octet| field.allows(*octet)),
        }
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
    let mti =
        mti.map_err(|problem| Malformed { field: None, problem: format!("no message type: {problem}"), read: None })?;
    let mut message = Message::new(mti);
    match fill(spec, &mut rest, &mut message) {
        Ok(()) => Ok(message),
        Err((field, problem)) => Err(Malformed { field, problem, read: Some(message) }),
    }
}

fn fill(spec: &Spec, rest: &mut Rest<'_>, message: &mut Message) -> Result<(), (Option<u8>, String)> {
    let whole = |problem: String| (None, problem);
    let first = rest.bitmap(spec.bitmap).map_err(whole)?;
    let has_second = first >> 63 == 1;
    let second = if has_second { rest.bitmap(spec.bitmap).map_err(whole)? } else { 0 };
    let bits = u128::from(first) << 64 | u128::from(second);
    for number in 2..=128_u8 {
        if bits >> (128 - number) & 1 == 0 {
            continue;
        }
        let of_it = |problem: String| (Some(number), problem);
        let field = spec.fields.get(&number).ok_or_else(|| of_it("the spec has no such field".to_owned()))?;
        let text = rest.field(field).map_err(of_it)?;
        message.set(number, text);
    }
    if rest.0.is_empty() {
        Ok(())
    } else {
        Err(whole(format!("{} octets are left over behind the last field", rest.0.len())))
    }
}
