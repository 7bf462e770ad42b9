//! TLS of SMPP sessions, in both roles. All files are PEM, and are read again when they change or at SIGHUP.

use std::path::PathBuf;

use garde::Validate;
use serde::Deserialize;

use super::values;

/// `[smpp_server.tls]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// Our certificate, followed by intermediate certificates.
    #[garde(skip)]
    pub cert: PathBuf,
    /// Private key of the certificate.
    #[garde(skip)]
    pub key: PathBuf,
    /// Authorities of client certificates, which are then required; `None` for no client certificates.
    #[garde(skip)]
    pub client_ca: Option<PathBuf>,
}

/// `[links.NAME.tls]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// Authorities of the SMSC's certificate.
    #[garde(skip)]
    pub ca: PathBuf,
    /// Our certificate, if the SMSC requires one.
    #[garde(skip)]
    pub cert: Option<PathBuf>,
    /// Private key of the certificate.
    #[garde(custom(|key: &Option<PathBuf>, _context: &()| with_its_certificate(self.cert.as_ref(), key.as_ref())))]
    pub key: Option<PathBuf>,
    /// Name in the SMSC's certificate; `None` for the host of the connection.
    #[garde(inner(custom(values::server_name)))]
    pub server_name: Option<String>,
}

fn with_its_certificate(cert: Option<&PathBuf>, key: Option<&PathBuf>) -> garde::Result {
    if cert.is_some() == key.is_some() {
        return Ok(());
    }
    Err(garde::Error::new("give cert and key together"))
}
