//! `[links.NAME]` with `kind = "http"`: a gateway that posts messages to this program and accepts replies; and
//! `[gateways]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::secret::Carrier;
use garde::Validate;
use secrecy::SecretString;
use serde::Deserialize;

use super::values;

/// `[gateways]`
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Formats {
    /// Directory of `*.toml` formats of gateways, besides those that are built in; `None` for these alone.
    #[garde(skip)]
    pub dir: Option<PathBuf>,
}

/// A gateway over HTTP.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct HttpGateway {
    /// Always `http`.
    #[serde(rename = "kind")]
    #[garde(skip)]
    _kind: String,
    /// Its format: the name of a file without its ending.
    #[serde(default = "default_gateway")]
    #[garde(length(min = 1))]
    pub gateway: String,
    /// Values that only this format has, by name.
    #[serde(default)]
    #[garde(skip)]
    pub settings: BTreeMap<String, String>,
    /// The address at which the gateway reaches this program, without a path.
    #[garde(inner(custom(values::http_origin)))]
    pub public_url: Option<String>,
    /// The secret of the gateway's requests. It identifies the gateway.
    #[garde(skip)]
    secret: Option<SecretString>,
    /// File with the secret.
    #[garde(skip)]
    secret_file: Option<PathBuf>,
    /// URL that replies are sent to.
    #[garde(custom(values::http_url))]
    pub url: String,
    /// User name of our requests, if the format has one.
    #[garde(skip)]
    pub reply_user: Option<String>,
    /// Secret of our requests; `None` to send none.
    #[garde(skip)]
    reply_secret: Option<SecretString>,
    /// File with the secret of our requests.
    #[garde(skip)]
    reply_secret_file: Option<PathBuf>,
    /// Short codes that the gateway may use; empty for all.
    #[serde(default)]
    #[garde(inner(custom(values::short_code)))]
    pub short_codes: Vec<String>,
    /// Destination of replies: the phone's number in international form, or the source address as received.
    #[serde(default, deserialize_with = "super::word")]
    #[garde(skip)]
    pub reply_address: super::link::ReplyAddress,
    /// Short codes by the USSD service code that is dialled for them.
    #[serde(default)]
    #[garde(custom(values::ussd_codes))]
    pub ussd_codes: BTreeMap<String, String>,
    /// Longest wait for the response to a reply, in milliseconds.
    #[serde(default = "default_timeout_ms")]
    #[garde(range(min = 100, max = 120_000))]
    pub timeout_ms: u64,
}

fn default_gateway() -> String {
    "json".to_owned()
}

const fn default_timeout_ms() -> u64 {
    10_000
}

impl HttpGateway {
    /// The files with its secrets, by key.
    pub(super) fn secret_files(&self) -> impl Iterator<Item = (&'static str, &std::path::Path)> {
        let of_ours = self.reply_secret_file.as_deref().map(|file| ("reply_secret_file", file));
        self.secret_file.as_deref().map(|file| ("secret_file", file)).into_iter().chain(of_ours)
    }

    /// The secret of the gateway's requests.
    ///
    /// # Errors
    /// The secret is missing or given twice, or its file cannot be read.
    pub fn secret(&self) -> Result<SecretString, String> {
        super::secret::resolve(Carrier::Header, "secret", self.secret.clone(), self.secret_file.as_ref())
    }

    /// The secret of our requests.
    ///
    /// # Errors
    /// The secret is given twice, or its file cannot be read.
    pub fn reply_secret(&self) -> Result<Option<SecretString>, String> {
        if self.reply_secret.is_none() && self.reply_secret_file.is_none() {
            return Ok(None);
        }
        super::secret::resolve(
            Carrier::Header,
            "reply_secret",
            self.reply_secret.clone(),
            self.reply_secret_file.as_ref(),
        )
        .map(Some)
    }
}
