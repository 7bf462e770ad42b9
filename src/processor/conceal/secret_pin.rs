//! PINs.

use zeroize::{Zeroize, Zeroizing};

use super::echo::Echo;
use crate::domain::{Body, ContentHash, Fields, InboundSms};
use crate::text::normalise::normalise;
use crate::text::unseen::is_unseen;

/// Number of digits of a PIN.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// The PINs of a text.
#[derive(Default)]
pub(in crate::processor) struct WrittenPins {
    /// PINs that were parsed.
    pub(in crate::processor) known: Vec<Zeroizing<String>>,
    /// The text could not be parsed, and may have a PIN.
    pub(in crate::processor) may_be_there: bool,
}

/// Masks the PINs of a message. If it could not be parsed, every undivided number is masked that is too short for a
/// telephone number and too long for an amount.
///
/// Masked messages are compared by a hash that `hashed` computes with a key. With a plain hash, the PIN could be found
/// by trial.
pub(in crate::processor) fn conceal_pins(
    message: &mut InboundSms,
    echo: Option<Echo<'_>>,
    pins: &WrittenPins,
    hashed: impl Fn(ContentHash) -> Option<ContentHash>,
) {
    if pins.known.is_empty() && !pins.may_be_there {
        return;
    }
    let hidden = |piece: &str| {
        if pins.known.is_empty() {
            PIN_DIGITS.contains(&piece.chars().filter(|c| c.is_numeric()).count())
        } else {
            let piece = plain(piece);
            pins.known.iter().any(|pin| **pin == piece)
        }
    };
    let content = hashed(message.content_hash());
    if let Some(Echo { rejection, trace }) = echo {
        *trace = mask(trace, hidden);
        let details = &mut rejection.details;
        for text in [&mut details.value, &mut details.keyword].into_iter().flatten() {
            *text = mask(text, hidden);
        }
    }
    mask_body(&mut message.body, content, hidden);
}

/// Masks the PINs that were parsed in the texts of fields.
pub(in crate::processor) fn conceal_in_fields(fields: &mut Fields, pins: &WrittenPins) {
    if !pins.known.is_empty() {
        fields.change_texts(|text| mask(text, |piece| pins.known.iter().any(|pin| **pin == plain(piece))));
    }
}

/// Masks a body. `content` is the hash that it is compared by from then on.
fn mask_body(body: &mut Body, content: Option<ContentHash>, hidden: impl Fn(&str) -> bool) {
    match body {
        Body::Text(text) => {
            let masked = mask(text, hidden);
            if masked != *text {
                text.zeroize();
                let content = content.map_or_else(|| masked.clone(), |content| hex::encode(content.0));
                *body = Body::Masked { text: masked, content };
            }
        }
        // The message also has the code of a card. Without a key, the text itself is compared.
        Body::Masked { text, content } => {
            let masked = mask(text, hidden);
            if content == text {
                content.zeroize();
                content.clone_from(&masked);
            }
            text.zeroize();
            *text = masked;
        }
        Body::Undecodable { .. } | Body::Order(_) | Body::Newer(_) => {}
    }
}

/// Converts the digits of any script to ASCII, and removes the invisible characters between them.
fn plain(piece: &str) -> String {
    let digits: String = piece.chars().filter(|c| c.is_numeric()).collect();
    normalise(&digits).map(|text| text.folded().to_owned()).unwrap_or_default()
}

/// Replaces the runs of digits that are `hidden` with stars; the length in characters is kept. An invisible character
/// does not end a run.
fn mask(text: &str, hidden: impl Fn(&str) -> bool) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let numeric = first.is_numeric();
        let end = if numeric { piece(rest) } else { rest.find(char::is_numeric).unwrap_or(rest.len()) };
        let (piece, behind) = rest.split_at(end);
        if numeric && hidden(piece) {
            masked.extend(piece.chars().map(|_| '*'));
        } else {
            masked.push_str(piece);
        }
        rest = behind;
    }
    masked
}

/// Length in octets of the run of digits at the beginning of a text.
fn piece(text: &str) -> usize {
    let within = text.char_indices().take_while(|(_, c)| c.is_numeric() || is_unseen(*c));
    let last = within.filter(|(_, c)| c.is_numeric()).last();
    last.map_or(0, |(at, c)| at + c.len_utf8())
}
