//! The credential of staff over HTTP.

use secrecy::SecretString;

use crate::links::smpp::meter::Registry;

/// Staff, with the secret of `http.admin_secret`.
#[derive(Debug)]
pub struct Staff {
    pub(super) secret: SecretString,
    pub(super) registry: Registry,
}

impl Staff {
    /// `registry` has the sessions that staff can list.
    pub const fn new(secret: SecretString, registry: Registry) -> Self {
        Self { secret, registry }
    }
}
