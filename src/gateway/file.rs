//! The file of a gateway as it is written. `docs/gateways.md` explains each key.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GatewayFile {
    /// Name for people.
    pub(super) title: String,
    pub(super) evidence: Evidence,
    #[serde(default)]
    pub(super) traps: Vec<String>,
    pub(super) auth: AuthFile,
    #[serde(default)]
    pub(super) settings: BTreeMap<String, SettingFile>,
    pub(super) message: Option<MessageFile>,
    pub(super) receipt: Option<ReceiptFile>,
    pub(super) send: Option<SendFile>,
}

/// Where the format is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The gateway itself was tried.
    Tested,
    /// Its vendor describes it; the gateway was not tried.
    Documented,
    /// The format is this program's own.
    Own,
}

/// The credential of the gateway's requests.
#[derive(Debug, Deserialize)]
#[serde(tag = "in", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum AuthFile {
    Query { name: String },
    Header { name: String },
    Bearer {},
    Basic {},
    Signature(SignatureFile),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignatureFile {
    pub(super) header: Option<String>,
    /// Name of the signature in a header of the form `t=1,v1=2`.
    pub(super) header_part: Option<String>,
    pub(super) field: Option<String>,
    #[serde(default)]
    pub(super) prefix: String,
    pub(super) algorithm: Algorithm,
    pub(super) encoding: Encoding,
    pub(super) content: String,
    #[serde(default = "name_and_value")]
    pub(super) each_field: String,
    #[serde(default)]
    pub(super) replace: BTreeMap<String, String>,
    pub(super) timestamp_header: Option<String>,
    /// Name of the time in a header of the form `t=1,v1=2`.
    pub(super) timestamp_part: Option<String>,
    pub(super) timestamp_field: Option<String>,
    pub(super) window_seconds: Option<u32>,
}

fn name_and_value() -> String {
    "{name}{value}".to_owned()
}

/// A keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Algorithm {
    HmacSha1,
    HmacSha256,
    HmacSha512,
}

/// The spelling of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encoding {
    /// Hexadecimal digits in any letter case.
    Hex,
    Base64,
}

/// A value that only this gateway has, and that its link gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingFile {
    pub(super) about: String,
    pub(super) default: Option<String>,
}

/// The part of a request in which its fields are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FieldsIn {
    Query,
    Form,
    Json,
    /// The query of a GET; the body of a POST, by its `Content-Type` as JSON or as a form.
    Any,
}

/// Methods of HTTP that a gateway may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Method {
    Get,
    Post,
}

impl Method {
    /// The word in a request line.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// One word, or several: names of a field of which the first that is present counts, or values of which one is enough.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Words {
    One(String),
    Several(Vec<String>),
}

impl Words {
    pub(super) fn all(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Several(words) => words,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageFile {
    pub(super) methods: Vec<Method>,
    pub(super) fields_in: FieldsIn,
    pub(super) each: Option<String>,
    pub(super) id: Words,
    pub(super) from: Words,
    pub(super) to: Words,
    pub(super) text: Option<Words>,
    pub(super) octets: Option<String>,
    #[serde(default)]
    pub(super) octets_are: OctetsAre,
    pub(super) charset: Option<String>,
    #[serde(default)]
    pub(super) charsets: BTreeMap<String, Charset>,
    pub(super) coding: Option<String>,
    #[serde(default)]
    pub(super) codings: BTreeMap<String, Charset>,
    pub(super) udh: Option<String>,
    /// The octets of a part may begin with a user data header that no field announces.
    #[serde(default)]
    pub(super) udh_within: bool,
    pub(super) part: Option<PartFile>,
    pub(super) taken: AnswerFile,
    pub(super) refused: Option<AnswerFile>,
}

/// The spelling of octets in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum OctetsAre {
    /// The value is the octets.
    #[default]
    Raw,
    /// Two hexadecimal digits for each octet.
    Hex,
}

/// The fields that place a part in a long message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartFile {
    pub(super) reference: String,
    pub(super) total: String,
    pub(super) number: String,
}

/// A way to write characters as octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Charset {
    /// GSM 7-bit, one septet in an octet.
    Gsm7,
    Ascii,
    Latin1,
    Ucs2,
    Utf8,
    /// No text.
    Binary,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceiptFile {
    pub(super) methods: Vec<Method>,
    pub(super) fields_in: FieldsIn,
    pub(super) each: Option<String>,
    pub(super) id: Words,
    pub(super) state: Words,
    pub(super) phone: Option<Words>,
    pub(super) reason: Option<Words>,
    pub(super) states: BTreeMap<String, State>,
    pub(super) taken: AnswerFile,
}

/// The state of a reply that a receipt reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The phone received it.
    Delivered,
    /// The phone will not receive it.
    Undeliverable,
    /// Nothing final.
    OnTheWay,
}

/// An answer to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerFile {
    pub status: u16,
    #[serde(default)]
    pub body: String,
    #[serde(default = "plain_text")]
    pub content_type: String,
    /// The connection is closed after the answer.
    #[serde(default)]
    pub close: bool,
}

fn plain_text() -> String {
    "text/plain; charset=utf-8".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SendFile {
    #[serde(default = "post")]
    pub(super) method: Method,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) form: BTreeMap<String, String>,
    pub(super) json: Option<toml::Value>,
    /// Values that a link may leave out; what needs them is then not sent.
    #[serde(default)]
    pub(super) optional: Vec<String>,
    pub(super) gsm7: Option<ContentFile>,
    pub(super) ucs2: Option<ContentFile>,
    /// For links whose gateway can reach this program with receipts.
    pub(super) receipts: Option<ContentFile>,
    pub(super) answers: Vec<AnswerRuleFile>,
}

const fn post() -> Method {
    Method::Post
}

/// What a request to the gateway carries besides, for a reply in one alphabet.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContentFile {
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) form: BTreeMap<String, String>,
}

/// A rule that reads an answer of the gateway to a reply. The first rule that fits counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerRuleFile {
    #[serde(default)]
    pub(super) status: Vec<u16>,
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) json: BTreeMap<String, Words>,
    pub(super) means: Means,
    pub(super) id: Option<Words>,
    pub(super) reason: Option<String>,
}

/// The effect of an answer of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Means {
    /// It took the reply.
    Sent,
    /// It would refuse the same reply again.
    Refused,
    /// It did not take the reply, and may take it later.
    Later,
    /// It wants fewer replies a second.
    Slower,
    /// It may have taken the reply.
    Unknown,
}
