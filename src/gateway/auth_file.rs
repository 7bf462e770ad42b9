//! The credential of a gateway as its file says it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The credential of the gateway's requests.
#[derive(Debug, Deserialize)]
#[serde(tag = "in", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum AuthFile {
    Query { name: String },
    Header { name: String },
    Bearer {},
    Basic {},
    Signature(Box<SignatureFile>),
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
