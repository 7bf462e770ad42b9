//! The cause of a transfer is hashed into it: the message with all that its row says, or the action of staff with who
//! ordered it and why; and the requests that it carried out. So none of them is changed, or forgotten, unseen.
//!
//! A message is hashed as it is stored, after codes and PINs were masked in it. Its row is never changed afterwards, and
//! neither is that of an action once it is carried out.

use std::borrow::Cow;
use std::collections::HashMap;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::chain::Hash;
use super::rows::ContentOf;
use super::{InboxRow, Writes};
use crate::domain::{Action, Cause, Transfer};

/// Fields one after the other, each preceded by its length, so that no two rows are hashed from the same octets.
struct Fields(Sha256);

impl Fields {
    fn of(version: &str) -> Self {
        Self(Sha256::new().chain_update(version))
    }

    fn octets(self, octets: &[u8]) -> Self {
        Self(self.0.chain_update((octets.len() as u64).to_be_bytes()).chain_update(octets))
    }

    fn text(self, text: &str) -> Self {
        self.octets(text.as_bytes())
    }

    fn number(self, number: i64) -> Self {
        Self(self.0.chain_update(number.to_be_bytes()))
    }

    fn optional(self, octets: Option<&[u8]>) -> Self {
        let some = Self(self.0.chain_update([u8::from(octets.is_some())]));
        match octets {
            Some(octets) => some.octets(octets),
            None => some,
        }
    }

    fn hash(self) -> Hash {
        self.0.finalize().into()
    }
}

/// The row of a message that was applied. That it was, and which transfer it names, is looked at from both sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct SealedMessage<'a> {
    pub(super) key: &'a str,
    pub(super) content: &'a [u8],
    pub(super) link: &'a str,
    pub(super) sender: &'a str,
    pub(super) short_code: &'a str,
    pub(super) body: &'a str,
    pub(super) received_us: i64,
    pub(super) bank: Option<&'a str>,
    pub(super) form: Option<&'a str>,
    pub(super) grammars: &'a str,
    pub(super) outcome: &'a str,
    pub(super) reply: Option<&'a str>,
    pub(super) trace: Option<&'a str>,
}

impl SealedMessage<'_> {
    pub(super) fn hash(&self) -> Hash {
        Fields::of("mbush message 1")
            .text(self.key)
            .octets(self.content)
            .text(self.link)
            .text(self.sender)
            .text(self.short_code)
            .text(self.body)
            .number(self.received_us)
            .optional(self.bank.map(str::as_bytes))
            .optional(self.form.map(str::as_bytes))
            .text(self.grammars)
            .text(self.outcome)
            .optional(self.reply.map(str::as_bytes))
            .optional(self.trace.map(str::as_bytes))
            .hash()
    }
}

/// The row of an action that was carried out; likewise.
#[derive(Debug, Clone, Copy)]
pub(super) struct SealedAction<'a> {
    pub(super) id: &'a [u8],
    pub(super) kind: &'a str,
    pub(super) account: &'a str,
    pub(super) amount_minor: i64,
    pub(super) reason: &'a str,
    pub(super) note: &'a str,
    pub(super) made_by: &'a str,
    pub(super) made_us: i64,
    pub(super) checked_by: Option<&'a str>,
    pub(super) checked_us: Option<i64>,
    pub(super) subject: Option<&'a [u8]>,
    pub(super) card: Option<&'a str>,
}

impl SealedAction<'_> {
    pub(super) fn hash(&self) -> Hash {
        let checked = self.checked_us.map(i64::to_be_bytes);
        Fields::of("mbush action 1")
            .octets(self.id)
            .text(self.kind)
            .text(self.account)
            .number(self.amount_minor)
            .text(self.reason)
            .text(self.note)
            .text(self.made_by)
            .number(self.made_us)
            .optional(self.checked_by.map(str::as_bytes))
            .optional(checked.as_ref().map(|octets| &octets[..]))
            .optional(self.subject)
            .optional(self.card.map(str::as_bytes))
            .hash()
    }
}

/// The causes of the transfers of a batch, and the requests that each of them was the last to carry out.
#[derive(Debug)]
pub(super) struct Causes<'a> {
    messages: HashMap<&'a str, Hash>,
    actions: HashMap<Uuid, Hash>,
    requests: HashMap<Uuid, Vec<u8>>,
}

impl<'a> Causes<'a> {
    /// Of this batch, whose messages have these contents; texts are hashed as they are `shown`, which is how they are stored.
    pub(super) fn of(
        writes: &'a Writes,
        messages: &[(&'a InboxRow, ContentOf)],
        shown: impl Fn(&str) -> Cow<'_, str>,
    ) -> Self {
        let applied = messages.iter().filter(|(_, content)| content.transfer.is_some());
        let hashed = applied.map(|(row, content)| (row.message.key.as_str(), message(row, content, &shown)));
        let mut requests: HashMap<Uuid, Vec<u8>> = HashMap::with_capacity(writes.requests.len());
        for carried in &writes.requests {
            requests.entry(carried.done.transfer).or_default().extend(carried.fingerprint.0);
        }
        let actions = writes.actions.iter().map(|ordered| (ordered.id, action(ordered, &shown)));
        Self { messages: hashed.collect(), actions: actions.collect(), requests }
    }

    /// The hash of what caused a transfer; `None` where that is not written with it.
    pub(super) fn hash(&self, cause: &Cause) -> Option<&Hash> {
        match cause {
            Cause::Message(key) => self.messages.get(key.as_str()),
            Cause::Operator(id) => self.actions.get(id),
            Cause::System(_) => None,
        }
    }

    /// The fingerprints of the requests that it carried out.
    pub(super) fn requests(&mut self, transfer: &Transfer) -> Option<Vec<u8>> {
        self.requests.remove(&transfer.id)
    }
}

fn message(row: &InboxRow, content: &ContentOf, shown: &impl Fn(&str) -> Cow<'_, str>) -> Hash {
    let told = |text: &Option<String>| text.as_deref().map(|text| shown(text).into_owned());
    let (reply, trace) = (told(&row.reply), told(&row.trace));
    SealedMessage {
        key: &row.message.key,
        content: &content.hash,
        link: &row.message.link,
        sender: &shown(&row.message.from),
        short_code: &shown(&row.message.to),
        body: &content.body,
        received_us: row.message.received_at.timestamp_micros(),
        bank: row.bank.as_deref(),
        form: row.form.as_deref(),
        grammars: &row.grammars,
        outcome: &content.outcome,
        reply: reply.as_deref(),
        trace: trace.as_deref(),
    }
    .hash()
}

fn action(action: &Action, shown: &impl Fn(&str) -> Cow<'_, str>) -> Hash {
    let account = action.account.to_string();
    let card = action.card.map(|serial| serial.to_string());
    let checked_by = action.checked.as_ref().map(|checked| shown(&checked.by));
    SealedAction {
        id: action.id.as_bytes(),
        kind: action.kind.as_str(),
        account: &account,
        amount_minor: action.amount_minor,
        reason: action.reason.as_str(),
        note: &shown(&action.note),
        made_by: &shown(&action.made.by),
        made_us: action.made.at.timestamp_micros(),
        checked_by: checked_by.as_deref(),
        checked_us: action.checked.as_ref().map(|checked| checked.at.timestamp_micros()),
        subject: action.subject.as_ref().map(|id| &id.as_bytes()[..]),
        card: card.as_deref(),
    }
    .hash()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> SealedMessage<'static> {
        SealedMessage {
            key: "ipko:1",
            content: &[7; 16],
            link: "ipko",
            sender: "38349111222",
            short_code: "50005",
            body: r#"{"text":"5"}"#,
            received_us: 1,
            bank: Some("ekonomike"),
            form: Some("own number"),
            grammars: "3f1c9a",
            outcome: "{}",
            reply: Some("done"),
            trace: None,
        }
    }

    /// Rows that were hashed so have to be found sound for ever.
    #[test]
    fn a_message_hashes_as_it_always_did() {
        let known = "32ff84f0e39bd5ca88c560e6aa1ccbb2ad7567b7f1b50e99a061bc16e61a7c79";
        assert_eq!(hex::encode(row().hash()), known);
    }

    #[test]
    fn a_text_that_moves_from_one_column_to_the_next_is_another_row() {
        let plain = row();
        let moved = [
            SealedMessage { link: "ip", sender: "ko38349111222", ..plain },
            SealedMessage { bank: None, form: Some("ekonomike"), ..plain },
            SealedMessage { bank: Some("own number"), form: None, ..plain },
            SealedMessage { reply: None, trace: Some("done"), ..plain },
            SealedMessage { reply: Some(""), ..plain },
            SealedMessage { reply: None, ..plain },
            plain,
        ];
        let different: std::collections::HashSet<Hash> = moved.iter().map(SealedMessage::hash).collect();
        assert_eq!(different.len(), moved.len());
    }
}
