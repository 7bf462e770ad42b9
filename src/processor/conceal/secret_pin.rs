//! PINs.

use zeroize::{Zeroize, Zeroizing};

use super::echo::Echo;
use crate::domain::{Body, ContentHash, InboundSms};
use crate::text::runs::{plain_digits, starred};

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
    let hidden = |run: &str| {
        let digits = run.chars().filter(|c| c.is_numeric()).count();
        let may_be_one = pins.may_be_there && PIN_DIGITS.contains(&digits);
        may_be_one || pins.known.contains(&Zeroizing::new(plain_digits(run)))
    };
    let content = hashed(message.content_hash());
    if let Some(Echo { rejection, trace }) = echo {
        *trace = starred(trace, hidden);
        let details = &mut rejection.details;
        for text in [&mut details.value, &mut details.keyword].into_iter().flatten() {
            *text = starred(text, hidden);
        }
    }
    mask_body(&mut message.body, content, hidden);
}

/// Masks a body. `content` is the hash that it is compared by from then on.
fn mask_body(body: &mut Body, content: Option<ContentHash>, hidden: impl Fn(&str) -> bool) {
    match body {
        Body::Text(text) => {
            let masked = starred(text, hidden);
            if masked != *text {
                text.zeroize();
                let content = content.map_or_else(|| masked.clone(), |content| hex::encode(content.0));
                *body = Body::Masked { text: masked, content };
            }
        }
        // The message also has the code of a card. Without a key, the text itself is compared.
        Body::Masked { text, content } => {
            let masked = starred(text, hidden);
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
