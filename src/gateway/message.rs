//! Requests of a gateway: messages of customers, and receipts for replies.

use super::content::ContentRules;
use super::fields::{Fault, Fields};
use super::file::{AnswerFile, FieldsIn, MessageFile, Method, ReceiptFile, State, Words};
use super::pointer::Pointer;
use super::request::Request;
use crate::text::data_coding::{Coded, DefaultAlphabet};
use crate::text::udh::{Part, UserData};

/// The data coding of octets whose character set is not known: binary data.
const UNKNOWN_CODING: u8 = 4;

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

/// The text of a message before it is decoded.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    Coded {
        octets: Vec<u8>,
        data_coding: u8,
        /// The meaning of data coding 0.
        alphabet: DefaultAlphabet,
        /// The place in a long message, of which this is a part.
        place: Option<Part>,
        /// The octets begin with a user data header.
        has_header: bool,
    },
    /// The character set is not known.
    Unreadable {
        hex: String,
        /// The problem, for staff.
        why: String,
    },
}

impl Content {
    /// The text before it is decoded.
    ///
    /// # Errors
    /// The problem, for staff.
    pub fn coded(&self) -> Result<Coded, String> {
        match self {
            Self::Coded { octets, data_coding, alphabet, has_header, .. } => {
                let data = UserData::parse(octets, *has_header, *data_coding, *alphabet);
                data.map(|data| data.body).map_err(|error| format!("user data header: {error}"))
            }
            Self::Unreadable { why, .. } => Err(why.clone()),
        }
    }

    /// The place in a long message, of which this is a part.
    pub const fn place(&self) -> Option<Part> {
        match self {
            Self::Coded { place, .. } => *place,
            Self::Unreadable { .. } => None,
        }
    }

    /// The octets in hexadecimal, with their data coding, for a text that cannot be read.
    pub fn hex(&self) -> (String, u8) {
        match self {
            Self::Coded { octets, data_coding, .. } => (hex::encode(octets), *data_coding),
            Self::Unreadable { hex, .. } => (hex.clone(), UNKNOWN_CODING),
        }
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
}

/// The fields of a message.
#[derive(Debug)]
pub struct OfMessage {
    pub(super) id: Words,
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
            read(&self.kind, &fields).map_err(|fault| match is_list {
                true => Fault::new(format!("element {}, {}", at + 1, fault.place), fault.detail),
                false => fault,
            })
        };
        Ok(fields.elements(self.each.as_ref())?.into_iter().enumerate().map(numbered).collect())
    }
}

fn each(pointer: Option<&String>, fields_in: FieldsIn) -> Result<Option<Pointer>, String> {
    match pointer {
        Some(_) if fields_in != FieldsIn::Json => Err("each is for fields_in = \"json\"".to_owned()),
        pointer => pointer.map(|text| Pointer::parse(text)).transpose().map_err(|problem| format!("each: {problem}")),
    }
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

impl OfMessage {
    pub(super) const fn content(&self) -> &ContentRules {
        &self.content
    }
}

impl Posting<OfMessage> {
    pub(super) fn of(file: MessageFile) -> Result<Self, String> {
        let content = ContentRules::of(&file)?;
        let each = each(file.each.as_ref(), file.fields_in)?;
        let MessageFile { methods, fields_in, id, from, to, taken, refused, .. } = file;
        Ok(Self { methods, fields_in, each, kind: OfMessage { id, from, to, content }, taken, refused })
    }

    pub(super) fn read(&self, fields: Fields) -> Result<Vec<Result<Message, Fault>>, Fault> {
        self.read_each(fields, |kind, fields| {
            Ok(Message {
                id: needed(fields, &kind.id)?,
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
        let states = file.states.into_iter().map(|(word, state)| (word.to_lowercase(), state)).collect();
        let ReceiptFile { methods, fields_in, id, state, phone, reason, taken, .. } = file;
        let kind = OfReceipt { id, state, phone, reason, states };
        Ok(Self { methods, fields_in, each, kind, taken, refused: None })
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
                reason: if reason.is_empty() { word } else { format!("{word}, {reason}") },
            })
        })
    }
}
