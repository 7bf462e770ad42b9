//! Staff, as they call over HTTP.

use secrecy::SecretString;

use crate::links::smpp::meter::Registry;

/// Staff, with the secret of `http.admin_secret`.
#[derive(Debug)]
pub struct Staff {
    pub(super) secret: SecretString,
    pub(super) registry: Registry,
}

impl Staff {
    /// Staff who see these sessions.
    pub const fn new(secret: SecretString, registry: Registry) -> Self {
        Self { secret, registry }
    }
}
