//! Fixtures of a gateway: captured requests with what is read in them, and replies with the requests that they become.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::request::Captured;
use super::{Gateway, LinkValues, Message, Outcome, Proof, Sms, State, messages, receipts};
use crate::text::data_coding::decode_parts;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixtures {
    #[serde(default = "Vec::new")]
    message: Vec<Posted<MessageRead>>,
    #[serde(default = "Vec::new")]
    receipt: Vec<Posted<ReceiptRead>>,
    #[serde(default)]
    reply: Vec<Reply>,
}

/// A captured request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound = "T: Deserialize<'de>")]
struct Posted<T> {
    about: String,
    #[serde(default)]
    secret: String,
    public_url: Option<String>,
    /// Time of the request, if its signature has a time.
    at: Option<DateTime<Utc>>,
    request: String,
    /// The part of an error, if the request is to be refused.
    refused: Option<String>,
    #[serde(default = "Vec::new")]
    gives: Vec<T>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageRead {
    id: String,
    from: String,
    to: String,
    text: String,
    /// `2 of 3`
    part: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptRead {
    id: String,
    state: State,
    #[serde(default)]
    phone: String,
    reason: String,
}

/// A reply.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    about: String,
    link: Link,
    sms: Written,
    request: String,
    #[serde(default)]
    answers: Vec<Answer>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    name: String,
    url: String,
    #[serde(default)]
    secret: String,
    reply_user: Option<String>,
    reply_secret: Option<String>,
    public_url: Option<String>,
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    message_id: String,
    from: String,
    to: String,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: u16,
    #[serde(default)]
    body: String,
    means: String,
    #[serde(default)]
    ids: Vec<String>,
}

/// The fixtures of a gateway that is built in.
pub fn built_in(gateway: &str) -> Option<String> {
    super::built_in::fixtures(gateway)
}

/// Runs fixtures. Returns their number.
///
/// # Errors
/// Every fixture that fails.
pub fn run(gateway: &Gateway, text: &str) -> Result<usize, Vec<String>> {
    let fixtures: Fixtures = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
    let count = fixtures.message.len() + fixtures.receipt.len() + fixtures.reply.len();
    let of_messages = fixtures.message.iter().map(|posted| (&posted.about, gateway.runs_message(posted)));
    let of_receipts = fixtures.receipt.iter().map(|posted| (&posted.about, gateway.runs_receipt(posted)));
    let of_replies = fixtures.reply.iter().map(|reply| (&reply.about, gateway.runs_reply(reply)));
    let all = of_messages.chain(of_receipts).chain(of_replies);
    let failures: Vec<String> = all.filter_map(|(about, result)| Some(format!("{about}: {}", result.err()?))).collect();
    if failures.is_empty() { Ok(count) } else { Err(failures) }
}

/// A message as people read it: its text, and its place if it is a part.
pub fn shown(message: &Message) -> (String, Option<String>) {
    let text = match message.content.coded() {
        Ok(coded) => match decode_parts(vec![coded]) {
            (text, None) => text,
            (_, Some(error)) => format!("unreadable: {error}"),
        },
        Err(why) => format!("unreadable: {why}"),
    };
    (text, message.content.place().map(|part| format!("{} of {}", part.number(), part.total())))
}

fn differ<T: std::fmt::Debug + PartialEq>(what: &str, is: &T, expected: &T) -> Result<(), String> {
    if is == expected { Ok(()) } else { Err(format!("{what} is {is:?}, and {expected:?} is expected")) }
}

impl<T: std::fmt::Debug + PartialEq> Posted<T> {
    fn compare(&self, result: Result<Vec<T>, String>) -> Result<(), String> {
        match (result, &self.refused) {
            (Ok(read), None) => differ("what is read", &read, &self.gives),
            (Err(problem), None) => Err(problem),
            (Ok(read), Some(expected)) => Err(format!("{read:?} is read, and `{expected}` is expected")),
            (Err(problem), Some(expected)) if problem.contains(expected.as_str()) => Ok(()),
            (Err(problem), Some(expected)) => Err(format!("`{problem}`, and `{expected}` is expected")),
        }
    }
}

impl Gateway {
    fn runs_message(&self, posted: &Posted<MessageRead>) -> Result<(), String> {
        let posting = self.message.as_ref().ok_or("the gateway posts no messages")?;
        let captured = Captured::parse(posted.request.as_bytes())?;
        let read = |message: Message| {
            let (text, part) = shown(&message);
            MessageRead { id: message.id, from: message.from, to: message.to, text, part }
        };
        let result = self.proven(posting, posted, &captured).and_then(|()| {
            let messages = messages(posting, &captured.request()).map_err(|fault| fault.to_string())?;
            messages.into_iter().map(|message| message.map(read).map_err(|fault| fault.to_string())).collect()
        });
        posted.compare(result)
    }

    fn runs_receipt(&self, posted: &Posted<ReceiptRead>) -> Result<(), String> {
        let posting = self.receipt.as_ref().ok_or("the gateway posts no receipts")?;
        let captured = Captured::parse(posted.request.as_bytes())?;
        let result = self.proven(posting, posted, &captured).and_then(|()| {
            let receipts = receipts(posting, &captured.request()).map_err(|fault| fault.to_string())?;
            let read = |receipt: super::Receipt| {
                let super::Receipt { id, state, phone, reason } = receipt;
                ReceiptRead { id, state, phone, reason }
            };
            receipts.into_iter().map(|receipt| receipt.map(read).map_err(|fault| fault.to_string())).collect()
        });
        posted.compare(result)
    }

    fn proven<K, T>(&self, posting: &super::Posting<K>, posted: &Posted<T>, captured: &Captured) -> Result<(), String> {
        let request = captured.request();
        if !posting.allows(request.method) {
            return Err(format!("the gateway uses {}, not {}", posting.methods().join(" or "), request.method));
        }
        let now = posted.at.unwrap_or_default();
        let proof = self.proof(posting, &request, posted.public_url.as_deref(), now);
        let is_proven = match proof.map_err(|missing| missing.to_string())? {
            Proof::Secret(given) => given == posted.secret.as_bytes(),
            Proof::Signed(signed) => signed.is_made_with(&posted.secret),
        };
        if is_proven { Ok(()) } else { Err("the secret or the signature is wrong".to_owned()) }
    }

    fn runs_reply(&self, reply: &Reply) -> Result<(), String> {
        let send = self.send.as_ref().ok_or("the gateway takes no replies")?;
        let Link { name, url, secret, reply_user, reply_secret, public_url, settings } = &reply.link;
        let (url, secret, settings) = (url.clone(), secret.as_str().into(), settings.clone());
        let (reply_user, reply_secret) = (reply_user.clone(), reply_secret.as_deref().map(Into::into));
        let given = LinkValues { url, secret, reply_user, reply_secret, receipt_url: None, settings };
        let values = self.link_values(name, public_url.as_deref(), given)?;
        let Written { id, message_id, from, to, text } = &reply.sms;
        let made = send.request(&values, &Sms { id, message_id, from, to, text })?;
        same(&made, &Captured::parse(reply.request.as_bytes())?)?;
        for answer in &reply.answers {
            let outcome = send.outcome(id, answer.status, answer.body.as_bytes());
            let what = format!("the answer {} {}", answer.status, answer.body);
            differ(&what, &(word(&outcome).to_owned(), ids(&outcome)), &(answer.means.clone(), answer.ids.clone()))?;
        }
        Ok(())
    }
}

/// Compares a request with the expected one: method, address, body, and the headers that are expected.
fn same(made: &http::Request<Vec<u8>>, expected: &Captured) -> Result<(), String> {
    let expected = expected.request();
    differ("the method", &made.method().as_str(), &expected.method)?;
    let target = made.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    differ("the address", &target, &expected.target)?;
    for (name, value) in expected.headers.iter().filter(|(name, _)| *name != http::header::HOST) {
        differ(&format!("header {name}"), &made.headers().get(name), &Some(value))?;
    }
    differ("the body", &String::from_utf8_lossy(made.body()), &String::from_utf8_lossy(expected.body))
}

/// The word of an outcome, as in files.
pub const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent { .. } => "sent",
        Outcome::Refused { .. } => "refused",
        Outcome::Later { .. } => "later",
        Outcome::Slower => "slower",
        Outcome::Unknown { .. } => "unknown",
    }
}

fn ids(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Sent { ids } => ids.iter().flatten().cloned().collect(),
        _ => Vec::new(),
    }
}
