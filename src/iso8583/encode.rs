//! Encodes a message. A field that is shorter than its fixed length is padded: digits with leading zeros, text with
//! trailing spaces.

use super::spec::{Encoding, Field, Kind};
use super::{Message, Spec, Unencodable};

pub(super) fn encode(spec: &Spec, message: &Message) -> Result<Vec<u8>, Unencodable> {
    let mut bits: u128 = 0;
    let mut body = Vec::new();
    for (number, text) in message.fields() {
        let of_it = |problem: String| Unencodable { field: number, problem };
        let field = spec.fields.get(&number).ok_or_else(|| of_it("the spec has no such field".to_owned()))?;
        write(field, text, &mut body).map_err(of_it)?;
        // The spec check ensures that a field number is from 2 to 128.
        bits |= 1 << 128_u8.saturating_sub(number);
    }
    let has_second = bits << 64 != 0;
    if has_second {
        bits |= 1 << 127;
    }
    let mut octets = digits(&message.mti.to_string(), spec.mti);
    let bitmap = bits.to_be_bytes();
    let bitmap = if has_second { &bitmap[..] } else { &bitmap[..8] };
    match spec.bitmap {
        Encoding::Hex => octets.extend(hex::encode_upper(bitmap).bytes()),
        Encoding::Ascii | Encoding::Bcd | Encoding::Binary => octets.extend(bitmap),
    }
    octets.extend(body);
    Ok(octets)
}

fn write(field: &Field, text: &str, to: &mut Vec<u8>) -> Result<(), String> {
    if let Some(octet) = text.bytes().find(|octet| !field.allows(*octet)) {
        return Err(format!("the octet {octet:#04x} does not belong there"));
    }
    let length = if field.kind == Kind::B { text.len() / 2 } else { text.len() };
    if length > field.length || (field.kind == Kind::B && text.len() % 2 == 1) {
        return Err(format!("it is {length} long; at most {} is allowed", field.length));
    }
    let mut text = text.to_owned();
    match (field.length_digits, field.kind) {
        (0, Kind::N) => text = format!("{text:0>width$}", width = field.length),
        (0, Kind::An | Kind::Ans) => text = format!("{text:<width$}", width = field.length),
        (0, Kind::B) if length < field.length => {
            return Err(format!("it is {length} long, but must be {}", field.length));
        }
        (0, Kind::B) => {}
        (width, _) => to.extend(digits(&format!("{length:0width$}"), field.length_encoding)),
    }
    match (field.kind, field.encoding) {
        (Kind::B, Encoding::Hex) => to.extend(text.to_uppercase().bytes()),
        (Kind::B, _) => to.extend(hex::decode(&text).map_err(|error| error.to_string())?),
        (_, encoding) => to.extend(digits(&text, encoding)),
    }
    Ok(())
}

/// Encodes digits, or a text that is not packed.
fn digits(text: &str, encoding: Encoding) -> Vec<u8> {
    if encoding != Encoding::Bcd {
        return text.as_bytes().to_vec();
    }
    let even = if text.len() % 2 == 1 { format!("0{text}") } else { text.to_owned() };
    // The check of the field's kind ensures that they are digits.
    hex::decode(even).unwrap_or_default()
}
