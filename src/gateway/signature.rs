//! A signature of a gateway's requests: its place, the octets that it covers, its time.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};

use super::auth_file::{Algorithm, Encoding, SignatureFile};
use super::fields::Fields;
use super::request::Request;
use super::template::Template;

/// Values of the content that is signed.
const SIGNED: &[&str] = &["method", "url", "body", "fields", "timestamp"];

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

/// A signature, and the octets that it signs.
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

impl Signature {
    pub(super) fn of(file: SignatureFile) -> Result<Self, String> {
        let place = Place::of(file.header, file.header_part, file.field)
            .map_err(|problem| format!("the signature: {problem}"))?
            .ok_or("give header or field: where the signature is")?;
        let timestamp = Place::of(file.timestamp_header, file.timestamp_part, file.timestamp_field)
            .map_err(|problem| format!("the timestamp: {problem}"))?;
        let content = Template::parse(&file.content, SIGNED).map_err(|problem| format!("content: {problem}"))?;
        let signs_time = content.names().any(|name| match name {
            "timestamp" => true,
            "fields" => matches!(&timestamp, Some(Place::Field(field)) if !field.starts_with('/')),
            _ => false,
        });
        if content.names().any(|name| name == "timestamp") && timestamp.is_none() {
            return Err("content has {timestamp}: give timestamp_header or timestamp_field".to_owned());
        }
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

    /// Returns true if this value is part of what is signed.
    pub(super) fn covers(&self, value: &str) -> bool {
        self.content.names().any(|name| name == value)
    }

    pub(super) fn proof(
        &self,
        request: &Request<'_>,
        fields: &Fields,
        public_url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Signed, NoProof> {
        let value = |place: &Place| place.value(request, fields);
        let given = value(&self.place).and_then(|value| self.decoded(&value));
        let mac = given.ok_or_else(|| NoProof::Missing(format!("sign the request: {}", self.explained())))?;
        if self.covers("fields")
            && let Some((name, _)) = fields.signed().into_iter().find(|(name, _)| !is_plain(name))
        {
            // Another division into names and values would have the same signature.
            return Err(NoProof::Missing(format!(
                "a signed field is called `{name}`: use letters, digits, `-`, `_` and `.`"
            )));
        }
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

    pub(super) fn explained(&self) -> String {
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

/// Returns true for the name of a field that no separator of a signature can be part of.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.'))
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
