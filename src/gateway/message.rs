//! Requests of a gateway: messages of customers, and receipts for replies.

use http::HeaderValue;
use regex::Regex;

use super::content::{Content, ContentRules};
use super::fields::{Fault, Fields};
use super::file::{AnswerFile, FieldsIn, MessageFile, Method, ReceiptFile, State, Words};
use super::pointer::Pointer;
use super::request::Request;

/// Most characters of a gateway's text that staff are shown.
const TOLD_MAX: usize = 120;

/// A message of a customer.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The gateway's identifier, by which a repeated message is recognised.
    pub id: String,
    pub from: String,
    pub to: String,
    pub content: Content,
}

/// Masked, because neither the number nor the text may be logged.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).field("to", &self.to).finish_non_exhaustive()
    }
}

/// A receipt for a reply.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The identifier of the reply that the gateway gave, or was given.
    pub id: String,
    pub state: State,
    /// The phone; empty if the gateway does not name it.
    pub phone: String,
    /// The gateway's word for the state, and its reason.
    pub reason: String,
}

/// Without the number, which must not be logged.
impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, state, reason, .. } = self;
        f.debug_struct("Receipt").field("id", id).field("state", state).field("reason", reason).finish_non_exhaustive()
    }
}

/// Requests of one kind.
#[derive(Debug)]
pub struct Posting<K> {
    methods: Vec<Method>,
    pub(super) fields_in: FieldsIn,
    each: Option<Pointer>,
    pub(super) kind: K,
    taken: AnswerFile,
    refused: Option<AnswerFile>,
    closes: bool,
}

/// The fields of a message.
#[derive(Debug)]
pub struct OfMessage {
    pub(super) id: Words,
    id_matches: Option<Regex>,
    pub(super) from: Words,
    pub(super) to: Words,
    content: ContentRules,
}

/// The fields of a receipt.
#[derive(Debug)]
pub struct OfReceipt {
    pub(super) id: Words,
    pub(super) state: Words,
    phone: Option<Words>,
    reason: Option<Words>,
    pub(super) states: Vec<(String, State)>,
}

impl<K> Posting<K> {
    /// Checks the parts that all kinds have.
    fn checked(self) -> Result<Self, String> {
        if self.methods.is_empty() {
            return Err("methods is empty: give GET, POST or both".to_owned());
        }
        if self.methods.contains(&Method::Get) && matches!(self.fields_in, FieldsIn::Form | FieldsIn::Json) {
            return Err("a GET has no body: use fields_in = \"query\" or \"any\"".to_owned());
        }
        for (key, answer) in [("taken", Some(&self.taken)), ("refused", self.refused.as_ref())] {
            let Some(answer) = answer else { continue };
            if !(200..600).contains(&answer.status) {
                return Err(format!("{key}: status is from 200 to 599, not {}", answer.status));
            }
            if HeaderValue::from_str(&answer.content_type).is_err() {
                return Err(format!("{key}: content_type is not the value of a header"));
            }
        }
        Ok(self)
    }

    /// Returns true if the gateway may use this method of HTTP.
    pub fn allows(&self, method: &str) -> bool {
        self.methods.iter().any(|known| known.as_str() == method)
    }

    /// The methods that the gateway may use.
    pub fn methods(&self) -> Vec<&'static str> {
        self.methods.iter().map(|method| method.as_str()).collect()
    }

    /// The answer after the commit.
    pub const fn taken(&self) -> &AnswerFile {
        &self.taken
    }

    /// The answer to a request that would be refused again, if the gateway needs a particular one.
    pub const fn refused(&self) -> Option<&AnswerFile> {
        self.refused.as_ref()
    }

    /// Returns true if the connection is closed after each answer.
    pub const fn closes(&self) -> bool {
        self.closes
    }

    /// The fields of a request, for its signature and for its elements.
    pub(super) fn fields(&self, request: &Request<'_>) -> Result<Fields, Fault> {
        Fields::of(request, self.fields_in)
    }

    pub(super) const fn each(&self) -> Option<&Pointer> {
        self.each.as_ref()
    }

    /// Reads each element. One that cannot be read does not keep the others back.
    fn read_each<T>(
        &self,
        fields: Fields,
        read: impl Fn(&K, &Fields) -> Result<T, Fault>,
    ) -> Result<Vec<Result<T, Fault>>, Fault> {
        let is_list = self.each.is_some();
        let numbered = |(at, fields): (usize, Fields)| {
            let element = |fault: Fault| Fault::new(format!("element {}, {}", at + 1, fault.place), fault.detail);
            read(&self.kind, &fields).map_err(|fault| if is_list { element(fault) } else { fault })
        };
        Ok(fields.elements(self.each.as_ref())?.into_iter().enumerate().map(numbered).collect())
    }
}

/// A text of the gateway for staff: without control characters, and not too long.
pub(super) fn told(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(TOLD_MAX).collect()
}

fn each(pointer: Option<&String>, fields_in: FieldsIn) -> Result<Option<Pointer>, String> {
    match pointer {
        Some(_) if fields_in != FieldsIn::Json => Err("each is for fields_in = \"json\"".to_owned()),
        Some(pointer) if pointer.contains('*') => Err("each is one list: write its place without `*`".to_owned()),
        pointer => pointer.map(|text| Pointer::parse(text)).transpose().map_err(|problem| format!("each: {problem}")),
    }
}

/// Checks names of fields that have to be there.
fn named<'n>(names: impl IntoIterator<Item = (&'static str, &'n Words)>) -> Result<(), String> {
    for (key, names) in names {
        if names.all().is_empty() || names.all().iter().any(|name| name.is_empty() || name.contains('*')) {
            return Err(format!("{key}: give the name of a field, or several, without `*`"));
        }
    }
    Ok(())
}

/// A value that has to be there.
fn needed(fields: &Fields, names: &Words) -> Result<String, Fault> {
    let place = || format!("field {}", names.all().join(" or "));
    let value = fields.first(names)?.ok_or_else(|| Fault::new(place(), "it is missing or empty"))?;
    String::from_utf8(value).map_err(|_| Fault::new(place(), "it is not valid UTF-8"))
}

fn optional(fields: &Fields, names: Option<&Words>) -> Result<String, Fault> {
    let value = names.map(|names| fields.first(names)).transpose()?.flatten().unwrap_or_default();
    Ok(String::from_utf8_lossy(&value).into_owned())
}

impl Posting<OfMessage> {
    /// Returns true if a field is a place in JSON, or in a list.
    pub(super) fn has_places(&self) -> bool {
        let OfMessage { id, from, to, content, .. } = &self.kind;
        self.each.is_some()
            || [id, from, to].into_iter().any(is_place)
            || content.names().any(|name| name.starts_with('/'))
    }
}

impl Posting<OfReceipt> {
    /// Returns true if a field is a place in JSON, or in a list.
    pub(super) fn has_places(&self) -> bool {
        let OfReceipt { id, state, phone, reason, .. } = &self.kind;
        self.each.is_some() || [id, state].into_iter().chain(phone).chain(reason).any(is_place)
    }
}

fn is_place(names: &Words) -> bool {
    names.all().iter().any(|name| name.starts_with('/'))
}

impl OfMessage {
    pub(super) const fn content(&self) -> &ContentRules {
        &self.content
    }
}

impl Posting<OfMessage> {
    pub(super) fn of(file: MessageFile) -> Result<Self, String> {
        let content = ContentRules::of(&file)?;
        named([("id", &file.id), ("from", &file.from), ("to", &file.to)])?;
        let each = each(file.each.as_ref(), file.fields_in)?;
        let id_matches = file.id_matches.as_deref().map(Regex::new).transpose();
        let id_matches = id_matches.map_err(|error| format!("id_matches: {error}"))?;
        let MessageFile { methods, fields_in, id, from, to, close: closes, taken, refused, .. } = file;
        let kind = OfMessage { id, id_matches, from, to, content };
        Self { methods, fields_in, each, kind, taken, refused, closes }.checked()
    }

    pub(super) fn read(&self, fields: Fields) -> Result<Vec<Result<Message, Fault>>, Fault> {
        self.read_each(fields, |kind, fields| {
            let id = needed(fields, &kind.id)?;
            if kind.id_matches.as_ref().is_some_and(|form| !form.is_match(&id)) {
                return Err(Fault::new(
                    format!("field {}", kind.id.all().join(" or ")),
                    "it is no identifier of this gateway",
                ));
            }
            Ok(Message {
                id,
                from: needed(fields, &kind.from)?,
                to: needed(fields, &kind.to)?,
                content: kind.content.read(fields)?,
            })
        })
    }
}

impl OfReceipt {
    /// The state of a word: of the word itself, or of its beginning before a `*`.
    fn state(&self, word: &str) -> Option<State> {
        let begins =
            |(known, _): &&(String, State)| known.strip_suffix('*').is_some_and(|start| word.starts_with(start));
        let same = self.states.iter().find(|(known, _)| known == word);
        same.or_else(|| self.states.iter().find(begins)).map(|(_, state)| *state)
    }
}

impl Posting<OfReceipt> {
    pub(super) fn of(file: ReceiptFile) -> Result<Self, String> {
        let each = each(file.each.as_ref(), file.fields_in)?;
        named([("id", &file.id), ("state", &file.state)])?;
        let states = file.states.into_iter().map(|(word, state)| (word.to_lowercase(), state)).collect();
        let ReceiptFile { methods, fields_in, id, state, phone, reason, close: closes, taken, .. } = file;
        let kind = OfReceipt { id, state, phone, reason, states };
        Self { methods, fields_in, each, kind, taken, refused: None, closes }.checked()
    }

    pub(super) fn read(&self, fields: Fields) -> Result<Vec<Result<Receipt, Fault>>, Fault> {
        self.read_each(fields, |kind, fields| {
            let word = needed(fields, &kind.state)?;
            let state = kind.state(&word.to_lowercase());
            let reason = optional(fields, kind.reason.as_ref())?;
            Ok(Receipt {
                id: needed(fields, &kind.id)?,
                // A word that the file does not list is not taken for a final state.
                state: state.unwrap_or(State::OnTheWay),
                phone: optional(fields, kind.phone.as_ref())?,
                reason: told(&if reason.is_empty() { word } else { format!("{word}, {reason}") }),
            })
        })
    }
}
