//! The sender of a message: the number of a phone in one spelling, and the senders that may move money.

use crate::domain::{ContentHash, InboundSms, LinkRules, Msisdn, Rejection, Source};
use crate::grammar::{GrammarSet, Reading};

/// Maximum length of an SMPP address, in octets.
const ADDRESS_OCTETS_MAX: usize = 20;

/// A message before its sender's number replaced its source address.
#[derive(Debug)]
pub(in crate::processor) struct Before {
    pub(in crate::processor) from: String,
    /// Content hash of the message with its original source address. It identifies messages that were stored before
    /// numbers replaced source addresses.
    pub(in crate::processor) content: ContentHash,
}

/// Replaces the source address with the phone's number, if it is in another spelling.
pub(super) fn number_sender(message: &mut InboundSms, sender: Option<Msisdn>) -> Option<Before> {
    let number = sender?.digits();
    if number == message.from {
        return None;
    }
    let content = message.content_hash();
    Some(Before { from: std::mem::replace(&mut message.from, number), content })
}

/// The source address of the message as received.
pub(super) fn source(message: &InboundSms, before: Option<&Before>) -> Option<Source> {
    let value = before.map_or(&message.from, |before| &before.from);
    (value.len() <= ADDRESS_OCTETS_MAX).then(|| Source { value: value.clone(), labelled: message.from_type })
}

/// Returns whether a text is refused because the sender's address, which it refers to, is not a number.
pub(super) fn is_about_sender(rejection: &Rejection, message: &InboundSms) -> bool {
    rejection.is_about_sender(&message.from)
}

/// Returns whether a sender that is not a phone may request this: a bank on a link of its own, or a bank's machine in a
/// form that the grammar reserves for machines. An operator's SMSC carries texts of customers under any sender name, so
/// that for its link the form has to name the link.
fn is_machines(links: &LinkRules, grammars: &GrammarSet, message: &InboundSms, bank: &str, form: &str) -> bool {
    let banks = links.banks.get(&message.link).filter(|banks| !banks.is_empty());
    if banks.is_some_and(|banks| banks.contains(bank)) {
        return true;
    }
    let Some(bank) = grammars.banks().find(|known| known.id == bank) else { return false };
    let Some(form) = bank.forms.iter().find(|known| known.name == form) else { return false };
    let names_link = form.links.contains(&message.link);
    // Of banks that share a short code, none speaks for another.
    names_link || (!form.senders.is_empty() && banks.is_none() && !links.operators.contains(&message.link))
}

/// The bank of a request by a sender that may not make it.
pub(super) fn asks_in_vain(
    links: &LinkRules,
    grammars: &GrammarSet,
    message: &InboundSms,
    reading: &Reading,
) -> Option<String> {
    let (bank, form) = match reading {
        Reading::Recharge(request) => (&request.bank, &request.form),
        Reading::List(list) => (&list.bank, &list.form),
        Reading::Voucher(voucher) => (&voucher.bank, &voucher.form),
        Reading::Forward(forward) => (&forward.bank, &forward.form),
        // Only a phone has credit and a PIN, and only a phone is asked to confirm.
        Reading::Transfer(transfer) => return Some(transfer.bank.clone()),
        Reading::Pin(pin) => return Some(pin.bank.clone()),
        Reading::Confirm { bank, .. } => return Some(bank.clone()),
        Reading::Help { .. } | Reading::Balance { .. } | Reading::Language { .. } | Reading::Stop { .. } => {
            return None;
        }
    };
    (!is_machines(links, grammars, message, bank, form)).then(|| bank.clone())
}
