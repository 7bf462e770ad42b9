//! The sender of a message: one phone is one number, however its network writes it; and who may ask for what moves money.

use crate::domain::{ContentHash, InboundSms, LinkRules, Msisdn, Rejection, Source};
use crate::grammar::{GrammarSet, Reading};

/// Longest address that SMPP has room for, in octets.
const ADDRESS_OCTETS_MAX: usize = 20;

/// A message before its sender's number took the place of its source address.
#[derive(Debug)]
pub(in crate::processor) struct Before {
    /// The source address.
    pub(in crate::processor) from: String,
    /// A message that was taken before senders were numbers is known again by this hash.
    pub(in crate::processor) content: ContentHash,
}

/// Puts the phone's number in the place of the source address, where that is written otherwise.
pub(super) fn number_sender(message: &mut InboundSms, sender: Option<Msisdn>) -> Option<Before> {
    let number = sender?.digits();
    if number == message.from {
        return None;
    }
    let content = message.content_hash();
    Some(Before { from: std::mem::replace(&mut message.from, number), content })
}

/// The address that a message came from, exactly as it came.
pub(super) fn source(message: &InboundSms, before: Option<&Before>) -> Option<Source> {
    let value = before.map_or(&message.from, |before| &before.from);
    (value.len() <= ADDRESS_OCTETS_MAX).then(|| Source { value: value.clone(), labelled: message.from_type })
}

/// Returns whether a text is refused because its sender's address, which it asks for, is no number.
pub(super) fn is_about_sender(rejection: &Rejection, message: &InboundSms) -> bool {
    rejection.is_about_sender(&message.from)
}

/// Returns whether somebody who is no phone may ask for this: a bank that binds to us as itself, or a bank's machine, in a
/// form that the grammar keeps for machines. An operator's SMSC carries what customers write, under whatever name, so that
/// there the form has to name the link.
fn is_machines(links: &LinkRules, grammars: &GrammarSet, message: &InboundSms, bank: &str, form: &str) -> bool {
    if links.banks.get(&message.link).is_some_and(|banks| banks.contains(bank)) {
        return true;
    }
    let Some(bank) = grammars.banks().find(|known| known.id == bank) else { return false };
    let Some(form) = bank.forms.iter().find(|known| known.name == form) else { return false };
    let names_link = form.links.contains(&message.link);
    names_link || (!form.senders.is_empty() && !links.operators.contains(&message.link))
}

/// The bank of a reading that asks, for somebody who may not.
pub(super) fn asks_in_vain(
    links: &LinkRules,
    grammars: &GrammarSet,
    message: &InboundSms,
    reading: &Reading,
) -> Option<String> {
    let (bank, form) = match reading {
        Reading::Recharge(request) => (&request.bank, &request.form),
        Reading::Voucher(voucher) => (&voucher.bank, &voucher.form),
        // Only a phone has credit and a PIN, and was asked to confirm.
        Reading::Transfer(transfer) => return Some(transfer.bank.clone()),
        Reading::Pin(pin) => return Some(pin.bank.clone()),
        Reading::Confirm { bank, .. } => return Some(bank.clone()),
        Reading::Help { .. } | Reading::Balance { .. } | Reading::Language { .. } | Reading::Stop { .. } => {
            return None;
        }
    };
    (!is_machines(links, grammars, message, bank, form)).then(|| bank.clone())
}
