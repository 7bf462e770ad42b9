//! The credential of a gateway's requests: its secret, or a signature made with it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use http::HeaderName;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::auth_file::AuthFile;
use super::fields::Fields;
use super::file::FieldsIn;
use super::message::Posting;
use super::request::Request;
use super::signature::{NoProof, Signature, Signed};

/// Characters that are escaped in the value of a parameter (RFC 3986, 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The credential of a gateway.
#[derive(Debug)]
pub(super) enum Auth {
    Query(String),
    Header(String),
    Bearer,
    Basic,
    Signature(Box<Signature>),
}

/// The credential that a request carries.
pub enum Proof {
    /// To be compared with the secret of the link.
    Secret(Vec<u8>),
    /// To be verified with the secret of the link.
    Signed(Signed),
}

impl Auth {
    pub(super) fn of(file: AuthFile) -> Result<Self, String> {
        Ok(match file {
            AuthFile::Query { name } => Self::Query(name),
            AuthFile::Header { name } if HeaderName::from_bytes(name.as_bytes()).is_err() => {
                return Err(format!("`{name}` is no name of a header"));
            }
            AuthFile::Header { name } => Self::Header(name),
            AuthFile::Bearer {} => Self::Bearer,
            AuthFile::Basic {} => Self::Basic,
            AuthFile::Signature(file) => Self::Signature(Box::new(Signature::of(*file)?)),
        })
    }

    /// Checks that nothing is read from a request that the credential does not cover. `pointed` are names of fields that
    /// are places in JSON, or lists.
    pub(super) fn covers<K>(&self, posting: &Posting<K>, pointed: bool) -> Result<(), String> {
        let Self::Signature(signature) = self else { return Ok(()) };
        let (body, url) = (signature.covers("body"), signature.covers("url"));
        let fields = signature.covers("fields") && !pointed;
        let is_covered = match posting.fields_in {
            FieldsIn::Query => url || fields,
            FieldsIn::Form | FieldsIn::Json => body || fields,
            FieldsIn::Any => (body && url) || fields,
        };
        if is_covered {
            return Ok(());
        }
        Err("content leaves out what is read from the request: sign {body} for a form or JSON, {url} for a query, or \
             {fields}, which has neither lists nor places in JSON"
            .to_owned())
    }

    /// Returns true if the address at which the gateway reaches this program is part of what is signed.
    pub(super) fn needs_public_url(&self) -> bool {
        matches!(self, Self::Signature(signature) if signature.covers("url"))
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
