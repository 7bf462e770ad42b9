//! The file of a gateway in words, for staff who compare it with the gateway's manual.

use super::content::ContentRules;
use super::file::{AnswerFile, Evidence, FieldsIn, Words};
use super::message::{OfMessage, OfReceipt, Posting};
use super::{Gateway, State};

impl Evidence {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Tested => "tried with the gateway itself",
            Self::Documented => "from its vendor's documentation; not tried with the gateway itself",
            Self::Own => "mbush's own format",
        }
    }
}

/// The lines that explain a gateway.
pub fn lines(gateway: &Gateway) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", gateway.title, gateway.evidence.words())];
    lines.push(format!("every request carries {}", gateway.auth.explained()));
    if let Some(message) = &gateway.message {
        lines.extend(of_message(message));
    }
    if let Some(receipt) = &gateway.receipt {
        lines.extend(of_receipt(receipt));
    }
    if let Some(send) = &gateway.send {
        lines.push(format!("a reply is a {} to the `url` of the link; of its answers,", send.method().as_str()));
        lines.extend(send.rules().explained().into_iter().map(|rule| format!("  {rule}")));
        lines.push("  anything else: the gateway may have it; it is sent again as often as `unanswered_resends` of [dispatch] says".to_owned());
    }
    for (name, setting) in &gateway.settings {
        let default =
            setting.default.as_ref().map_or("has to be set".to_owned(), |value| format!("default \"{value}\""));
        lines.push(format!("settings.{name}: {} ({default})", setting.about));
    }
    lines.extend(gateway.traps.iter().map(|trap| format!("beware: {trap}")));
    lines
}

fn of_message(posting: &Posting<OfMessage>) -> Vec<String> {
    let OfMessage { id, from, to, .. } = &posting.kind;
    let mut lines =
        vec![format!("a message is a {} to /v1/gateways/LINK/messages with {}:", methods(posting), place(posting))];
    lines.push(format!("  identifier {}, sender {}, short code {}", named(id), named(from), named(to)));
    lines.extend(posting.kind.content().explained().into_iter().map(|line| format!("  {line}")));
    lines.push(format!("  the answer after the commit is {}", answer(posting.taken())));
    if let Some(refused) = posting.refused() {
        lines.push(format!("  the answer to a message that can never be taken is {}", answer(refused)));
    }
    lines
}

fn of_receipt(posting: &Posting<OfReceipt>) -> Vec<String> {
    let OfReceipt { id, state, states, .. } = &posting.kind;
    let shown = |(word, state): &(String, State)| {
        let meaning = match state {
            State::Delivered => "delivered",
            State::Undeliverable => "undeliverable",
            State::OnTheWay => "on the way",
        };
        format!("{word} {meaning}")
    };
    vec![
        format!("a receipt is a {} to /v1/gateways/LINK/receipts with {}:", methods(posting), place(posting)),
        format!("  identifier {}, state {}", named(id), named(state)),
        format!("  states: {}; another is on the way", states.iter().map(shown).collect::<Vec<_>>().join(", ")),
        format!("  the answer after the commit is {}", answer(posting.taken())),
    ]
}

fn methods<K>(posting: &Posting<K>) -> String {
    posting.methods().join(" or ")
}

fn place<K>(posting: &Posting<K>) -> String {
    let fields = match posting.fields_in {
        FieldsIn::Query => "the fields in its query",
        FieldsIn::Form => "a form",
        FieldsIn::Json => "JSON",
        FieldsIn::Any => "the fields in its query, or in its body as a form or JSON",
    };
    posting.each().map_or_else(|| fields.to_owned(), |each| format!("{fields}, a list of them at {each}"))
}

fn named(names: &Words) -> String {
    names.all().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

fn answer(answer: &AnswerFile) -> String {
    let body = if answer.body.is_empty() { "an empty body".to_owned() } else { format!("the body `{}`", answer.body) };
    format!("{} with {body}", answer.status)
}

impl ContentRules {
    fn explained(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(text) = self.text() {
            lines.push(format!("text {}, in UTF-8", named(text)));
        }
        if let Some((field, spelling)) = self.octets() {
            lines.push(format!("text `{field}`, {spelling}"));
        }
        if let Some((field, words)) = self.words() {
            lines.push(format!("`{field}` names the characters: {words}"));
        }
        lines.extend(self.header().map(|field| format!("user data header `{field}`")));
        lines.extend(self.parts().map(|parts| format!("part of a long message: {parts}")));
        lines
    }
}
