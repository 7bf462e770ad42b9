//! TLS of SMPP sessions, on both sides. All files are PEM, and are read again when they change or at SIGHUP.

use std::path::PathBuf;

use garde::Validate;
use serde::Deserialize;

use super::values;

/// `[smpp_server.tls]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// Our certificate, with those between it and its authority.
    #[garde(skip)]
    pub cert: PathBuf,
    /// Its private key.
    #[garde(skip)]
    pub key: PathBuf,
    /// Authorities whose certificate every client has to show; without it clients show none.
    #[garde(skip)]
    pub client_ca: Option<PathBuf>,
}

/// `[links.NAME.tls]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// Authorities that the SMSC's certificate has to be of.
    #[garde(skip)]
    pub ca: PathBuf,
    /// Our certificate, where the SMSC asks for one.
    #[garde(skip)]
    pub cert: Option<PathBuf>,
    /// Its private key.
    #[garde(custom(|key: &Option<PathBuf>, _context: &()| with_its_certificate(self.cert.as_ref(), key.as_ref())))]
    pub key: Option<PathBuf>,
    /// Name that the SMSC's certificate has to have; without it the host that we connect to.
    #[garde(inner(custom(values::server_name)))]
    pub server_name: Option<String>,
}

fn with_its_certificate(cert: Option<&PathBuf>, key: Option<&PathBuf>) -> garde::Result {
    if cert.is_some() == key.is_some() {
        return Ok(());
    }
    Err(garde::Error::new("give cert and key together"))
}
