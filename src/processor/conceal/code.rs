//! Codes of scratch cards.

use zeroize::Zeroize;

use super::echo::Echo;
use crate::domain::voucher::{Keys, mask_codes, mask_octets, mask_suggested};
use crate::domain::{Body, InboundSms, NumberingPlan};
use crate::text::normalise::normalise;

/// Masks everything that may be a code in a message, and in its refusal if the text could not be parsed. Call it only
/// for messages that have a code or could not be parsed: in any other, a long number is a bank's reference and is kept.
pub(in crate::processor) fn conceal_codes(
    message: &mut InboundSms,
    echo: Option<Echo<'_>>,
    keys: &Keys,
    plan: &NumberingPlan,
) {
    let is_number = |digits: &str| is_number(digits, plan);
    if let Some(Echo { rejection, trace }) = echo {
        *trace = mask_codes(trace, &is_number);
        let details = &mut rejection.details;
        for text in [&mut details.value, &mut details.keyword].into_iter().flatten() {
            *text = mask_codes(text, &is_number);
        }
        if let (Some(form), Body::Text(text)) = (&mut details.form, &message.body) {
            *form = mask_suggested(form, text, &is_number);
        }
    }
    let content = message.content_hash();
    match &mut message.body {
        Body::Text(text) => {
            let masked = mask_codes(text, &is_number);
            if masked == *text {
                return;
            }
            text.zeroize();
            // The oldest key, so that the same message has the same hash after a new key is added. Without a key no
            // code is valid, and the masked text is enough to compare messages.
            let content = keys.iter().next().map(|key| hex::encode(key.content(content).0));
            let content = content.unwrap_or_else(|| masked.clone());
            message.body = Body::Masked { text: masked, content };
        }
        Body::Undecodable { hex, .. } => {
            let masked = mask_octets(hex);
            hex.zeroize();
            *hex = masked;
        }
        Body::Order(_) | Body::Masked { .. } | Body::Newer(_) => {}
    }
}

fn is_number(digits: &str, plan: &NumberingPlan) -> bool {
    let digits = normalise(digits);
    digits.is_ok_and(|digits| {
        let digits = digits.folded();
        plan.read(digits.trim_start_matches('+'), digits.starts_with('+')).is_ok()
    })
}
