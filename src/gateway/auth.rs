//! The credential of a gateway's requests: its secret, or a signature made with it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::fields::Fields;
use super::file::{Algorithm, AuthFile, Encoding, SignatureFile};
use super::request::Request;
use super::template::Template;

/// Characters that are escaped in the value of a parameter (RFC 3986, 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Values of the content that is signed.
const SIGNED: &[&str] = &["method", "url", "body", "fields", "timestamp"];

/// The credential of a gateway.
#[derive(Debug)]
pub(super) enum Auth {
    Query(String),
    Header(String),
    Bearer,
    Basic,
    Signature(Box<Signature>),
}

/// A signature of a gateway's requests.
#[derive(Debug)]
pub(super) struct Signature {
    place: Place,
    prefix: String,
    algorithm: Algorithm,
    encoding: Encoding,
    content: Template,
    each_field: Template,
    replace: Vec<(String, String)>,
    timestamp: Option<Place>,
    window_seconds: Option<u32>,
}

#[derive(Debug)]
enum Place {
    Header(String),
    /// A part of a header of the form `t=1,v1=2`, by its name.
    HeaderPart(String, String),
    Field(String),
}

impl Place {
    fn of(header: Option<String>, part: Option<String>, field: Option<String>) -> Result<Option<Self>, &'static str> {
        match (header, part, field) {
            (Some(_), _, Some(_)) => Err("it is in a header or in a field: keep one of the two keys"),
            (Some(header), Some(part), None) => Ok(Some(Self::HeaderPart(header, part))),
            (Some(header), None, None) => Ok(Some(Self::Header(header))),
            (None, None, Some(field)) => Ok(Some(Self::Field(field))),
            (None, Some(_), _) => Err("a part of a header needs the header"),
            (None, None, None) => Ok(None),
        }
    }

    fn value(&self, request: &Request<'_>, fields: &Fields) -> Option<String> {
        match self {
            Self::Header(name) => request.header(name).map(str::to_owned),
            Self::HeaderPart(name, part) => {
                let mut pairs = request.header(name)?.split(',').filter_map(|pair| pair.trim().split_once('='));
                pairs.find(|(known, _)| known == part).map(|(_, value)| value.to_owned())
            }
            Self::Field(name) => String::from_utf8(fields.get(name).ok()??).ok(),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header {name}"),
            Self::HeaderPart(name, part) => write!(f, "part `{part}` of header {name}"),
            Self::Field(name) => write!(f, "field `{name}`"),
        }
    }
}

/// The credential that a request carries.
#[derive(Debug)]
pub enum Proof {
    /// To be compared with the secret of the link.
    Secret(Vec<u8>),
    /// To be verified with the secret of the link.
    Signed(Signed),
}

/// A signature, and the octets that it signs.
#[derive(Debug)]
pub struct Signed {
    algorithm: Algorithm,
    content: Vec<u8>,
    mac: Vec<u8>,
}

/// The reason for which a request has no valid credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoProof {
    /// The credential is missing, repeated or of another kind.
    #[error("{0}")]
    Missing(String),
    #[error("its timestamp is {seconds} s from the time of the server, and {allowed} s are allowed: set the clocks")]
    OutsideWindow { seconds: i64, allowed: u32 },
}

impl Auth {
    pub(super) fn of(file: AuthFile) -> Result<Self, String> {
        Ok(match file {
            AuthFile::Query { name } => Self::Query(name),
            AuthFile::Header { name } => Self::Header(name),
            AuthFile::Bearer {} => Self::Bearer,
            AuthFile::Basic {} => Self::Basic,
            AuthFile::Signature(file) => Self::Signature(Box::new(Signature::of(file)?)),
        })
    }

    /// Returns true if the address at which the gateway reaches this program is part of what is signed.
    pub(super) fn needs_public_url(&self) -> bool {
        matches!(self, Self::Signature(signature) if signature.content.names().any(|name| name == "url"))
    }

    /// The name of the query parameter with the secret, if it is there.
    pub(super) fn query_parameter(&self) -> Option<&str> {
        match self {
            Self::Query(name) => Some(name),
            _ => None,
        }
    }

    /// The parameter of a URL that carries the secret, as `name=secret`.
    pub(super) fn in_url(&self, secret: &str) -> Option<String> {
        let name = self.query_parameter()?;
        Some(format!("{name}={}", utf8_percent_encode(secret, ESCAPED)))
    }

    /// The credential of a request. `fields` are those that a signature covers.
    pub(super) fn proof(
        &self,
        request: &Request<'_>,
        fields: &Fields,
        public_url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Proof, NoProof> {
        let missing = |what: String| NoProof::Missing(format!("send {what}, once"));
        let secret = match self {
            Self::Query(name) => {
                let query = Fields::of(request, super::file::FieldsIn::Query).ok();
                let value = query.and_then(|query| query.get(name).ok().flatten());
                value.ok_or_else(|| missing(format!("the secret of the link as parameter `{name}` of the URL")))?
            }
            Self::Header(name) => {
                let value = request.header(name).filter(|value| !value.is_empty());
                let value = value.ok_or_else(|| missing(format!("the secret of the link as header {name}")))?;
                value.as_bytes().to_vec()
            }
            Self::Bearer | Self::Basic => {
                let (scheme, form) =
                    if matches!(self, Self::Bearer) { ("bearer", "Bearer SECRET") } else { ("basic", "Basic …") };
                let value = request.header("authorization").and_then(|value| value.split_once(' '));
                let value =
                    value.filter(|(given, _)| given.eq_ignore_ascii_case(scheme)).map(|(_, value)| value.trim());
                let secret = value.and_then(|value| match self {
                    Self::Basic => password(value),
                    _ => Some(value.as_bytes().to_vec()),
                });
                secret.ok_or_else(|| missing(format!("the secret of the link as `Authorization: {form}`")))?
            }
            Self::Signature(signature) => return signature.proof(request, fields, public_url, now).map(Proof::Signed),
        };
        Ok(Proof::Secret(secret))
    }

    /// In words, for staff.
    pub(super) fn explained(&self) -> String {
        match self {
            Self::Query(name) => format!("the secret as parameter `{name}` of the URL"),
            Self::Header(name) => format!("the secret as header {name}"),
            Self::Bearer => "the secret as `Authorization: Bearer SECRET`".to_owned(),
            Self::Basic => "the secret as the password of `Authorization: Basic`".to_owned(),
            Self::Signature(signature) => signature.explained(),
        }
    }
}

/// The password of HTTP basic authentication.
fn password(encoded: &str) -> Option<Vec<u8>> {
    let decoded = BASE64_STANDARD.decode(encoded).ok()?;
    let at = decoded.iter().position(|octet| *octet == b':')?;
    decoded.get(at + 1..).map(<[u8]>::to_vec)
}

impl Signature {
    fn of(file: SignatureFile) -> Result<Self, String> {
        let place = Place::of(file.header, file.header_part, file.field)
            .map_err(|problem| format!("the signature: {problem}"))?
            .ok_or("give header or field: where the signature is")?;
        let timestamp = Place::of(file.timestamp_header, file.timestamp_part, file.timestamp_field)
            .map_err(|problem| format!("the timestamp: {problem}"))?;
        let content = Template::parse(&file.content, SIGNED).map_err(|problem| format!("content: {problem}"))?;
        let signs_time = content.names().any(|name| name == "timestamp" || name == "fields");
        if file.window_seconds.is_some() && !(timestamp.is_some() && signs_time) {
            return Err(
                "window_seconds needs a timestamp that is part of `content`: anybody could change it".to_owned()
            );
        }
        Ok(Self {
            place,
            prefix: file.prefix,
            algorithm: file.algorithm,
            encoding: file.encoding,
            content,
            each_field: Template::parse(&file.each_field, &["name", "value"])
                .map_err(|problem| format!("each_field: {problem}"))?,
            replace: file.replace.into_iter().collect(),
            timestamp,
            window_seconds: file.window_seconds,
        })
    }

    fn proof(
        &self,
        request: &Request<'_>,
        fields: &Fields,
        public_url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Signed, NoProof> {
        let value = |place: &Place| place.value(request, fields);
        let given = value(&self.place).and_then(|value| self.decoded(&value));
        let mac = given.ok_or_else(|| NoProof::Missing(format!("sign the request: {}", self.explained())))?;
        let timestamp = self.timestamp.as_ref().and_then(value);
        self.check_time(timestamp.as_deref(), now)?;
        let content = self.content.octets(&|name| match name {
            "method" => Some(request.method.as_bytes().to_vec()),
            "url" => Some(format!("{}{}", public_url?, request.target).into_bytes()),
            "body" => Some(request.body.to_vec()),
            "fields" => Some(self.listed(fields)),
            _ => timestamp.clone().map(String::into_bytes),
        });
        let content = content.ok_or_else(|| NoProof::Missing("the request cannot have been signed".to_owned()))?;
        Ok(Signed { algorithm: self.algorithm, content, mac })
    }

    fn decoded(&self, value: &str) -> Option<Vec<u8>> {
        let digits = value.trim().strip_prefix(&self.prefix)?;
        match self.encoding {
            Encoding::Hex => hex::decode(digits).ok(),
            Encoding::Base64 => BASE64_STANDARD.decode(digits).ok(),
        }
    }

    fn check_time(&self, timestamp: Option<&str>, now: DateTime<Utc>) -> Result<(), NoProof> {
        let Some(allowed) = self.window_seconds else { return Ok(()) };
        let at = timestamp.and_then(|text| text.trim().parse::<i64>().ok());
        let at = at.ok_or_else(|| NoProof::Missing("send the time in seconds since 1970 as timestamp".to_owned()))?;
        let seconds = now.timestamp().saturating_sub(at);
        if seconds.unsigned_abs() <= u64::from(allowed) {
            return Ok(());
        }
        Err(NoProof::OutsideWindow { seconds, allowed })
    }

    /// All fields but the signature, sorted by name.
    fn listed(&self, fields: &Fields) -> Vec<u8> {
        let is_signature = |name: &str| matches!(&self.place, Place::Field(field) if field == name);
        let mut pairs: Vec<_> = fields.signed().into_iter().filter(|(name, _)| !is_signature(name)).collect();
        pairs.sort();
        pairs.dedup();
        let replaced = |value: Vec<u8>| match String::from_utf8(value) {
            Ok(text) => self.replace.iter().fold(text, |text, (from, to)| text.replace(from, to)).into_bytes(),
            Err(octets) => octets.into_bytes(),
        };
        let shown = |(name, value): (String, Vec<u8>)| {
            let value = replaced(value);
            let part = |which: &str| Some(if which == "name" { name.clone().into_bytes() } else { value.clone() });
            self.each_field.octets(&part).unwrap_or_default()
        };
        pairs.into_iter().flat_map(shown).collect()
    }

    fn explained(&self) -> String {
        let place = &self.place;
        let algorithm = match self.algorithm {
            Algorithm::HmacSha1 => "HMAC-SHA-1",
            Algorithm::HmacSha256 => "HMAC-SHA-256",
            Algorithm::HmacSha512 => "HMAC-SHA-512",
        };
        let window = self.window_seconds.map(|seconds| format!(", at most {seconds} s old")).unwrap_or_default();
        format!("{place} with an {algorithm} made with the secret{window}")
    }
}

impl Signed {
    /// Returns true if the signature was made with this secret. The comparison takes the same time wherever it fails.
    pub fn is_made_with(&self, secret: &str) -> bool {
        match self.algorithm {
            Algorithm::HmacSha1 => self.verify::<Hmac<sha1::Sha1>>(secret),
            Algorithm::HmacSha256 => self.verify::<Hmac<sha2::Sha256>>(secret),
            Algorithm::HmacSha512 => self.verify::<Hmac<sha2::Sha512>>(secret),
        }
    }

    fn verify<M: Mac + KeyInit>(&self, secret: &str) -> bool {
        let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret.as_bytes()) else { return false };
        mac.update(&self.content);
        !secret.is_empty() && mac.verify_slice(&self.mac).is_ok()
    }
}
