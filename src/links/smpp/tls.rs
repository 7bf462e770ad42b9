//! TLS and mutual TLS of sessions, on both sides. Certificates are read again when their files change, or at SIGHUP.
//! Running sessions keep those that they began with.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::driver::{Connection, Ended, Peer};
use crate::config::key_file;
pub use crate::config::tls::{ClientTls, ServerTls};

/// Interval between two checks of the files for changes.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The reason that certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or parsed.
    #[error("{}: {problem}: give a PEM file that this user can read", file.display())]
    File { file: PathBuf, problem: String },
    /// Certificate, key and authorities do not fit together.
    #[error("TLS: {0}")]
    Unfit(rustls::Error),
    /// The authorities cannot be used to verify clients.
    #[error("TLS: {0}")]
    Authorities(#[from] rustls::server::VerifierBuilderError),
}

/// A value that is made anew when its files change.
#[derive(Debug)]
pub(in crate::links) struct Reloading<C, S> {
    source: S,
    current: ArcSwap<C>,
    make: fn(&S) -> Result<C, TlsError>,
    files: fn(&S) -> Vec<&Path>,
}

/// The server's side.
pub(in crate::links) type ServerSide = Reloading<ServerConfig, ServerTls>;
/// A link's side.
pub(super) type ClientSide = Reloading<ClientConfig, ClientTls>;

impl ServerSide {
    pub(in crate::links) fn of_server(source: &ServerTls) -> Result<Self, TlsError> {
        Self::new(source.clone(), server_config, |tls| {
            [Some(&tls.cert), Some(&tls.key), tls.client_ca.as_ref()]
                .into_iter()
                .flatten()
                .map(PathBuf::as_path)
                .collect()
        })
    }

    /// Takes a client's handshake.
    pub(in crate::links) async fn accept(&self, stream: TcpStream) -> io::Result<Stream> {
        let acceptor = TlsAcceptor::from(self.current.load_full());
        Ok(Stream::Tls(Box::new(acceptor.accept(stream).await?.into())))
    }
}

impl ClientSide {
    pub(super) fn of_client(source: &ClientTls) -> Result<Self, TlsError> {
        Self::new(source.clone(), client_config, |tls| {
            [Some(&tls.ca), tls.cert.as_ref(), tls.key.as_ref()].into_iter().flatten().map(PathBuf::as_path).collect()
        })
    }

    /// Shakes hands with a server that was connected to as `host:port`.
    pub(super) async fn connect(&self, host: &str, stream: TcpStream) -> io::Result<Stream> {
        let host = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
        let name = self.source.server_name.as_deref().unwrap_or(host).to_owned();
        let name = ServerName::try_from(name).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let connector = TlsConnector::from(self.current.load_full());
        Ok(Stream::Tls(Box::new(connector.connect(name, stream).await?.into())))
    }
}

impl<C, S> Reloading<C, S> {
    fn new(source: S, make: fn(&S) -> Result<C, TlsError>, files: fn(&S) -> Vec<&Path>) -> Result<Self, TlsError> {
        let current = ArcSwap::from_pointee(make(&source)?);
        Ok(Self { source, current, make, files })
    }

    /// Makes the value anew, until `stop`, when a file changes or at SIGHUP. If that fails, the error is logged and the
    /// old value is kept.
    pub(in crate::links) async fn watch(self: Arc<Self>, of: String, stop: CancellationToken) {
        let Ok(mut hangup) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) else {
            return warn!(of, "certificates are not read again: no signals on this machine");
        };
        let mut known = self.times();
        loop {
            let asked = tokio::select! {
                () = stop.cancelled() => return,
                _ = hangup.recv() => true,
                () = tokio::time::sleep(LOOK_EVERY) => false,
            };
            let now = self.times();
            if asked || now != known {
                known = now;
                self.reload(&of);
            }
        }
    }

    fn reload(&self, of: &str) {
        match (self.make)(&self.source) {
            Ok(new) => {
                self.current.store(Arc::new(new));
                info!(of, "certificates were read again");
            }
            Err(error) => warn!(of, %error, "the new certificates cannot be used; the old ones stay"),
        }
    }

    fn times(&self) -> Vec<Option<SystemTime>> {
        let time = |file: &&Path| std::fs::metadata(file).and_then(|data| data.modified()).ok();
        (self.files)(&self.source).iter().map(time).collect()
    }
}

/// Sets up a connection to `host:port`, with TLS if it is configured.
///
/// # Errors
/// The certificates cannot be used, or the handshake fails.
pub async fn connect(tls: Option<&ClientTls>, host: &str, stream: TcpStream) -> io::Result<Stream> {
    match tls {
        None => Ok(Stream::Plain(stream)),
        Some(tls) => ClientSide::of_client(tls).map_err(io::Error::other)?.connect(host, stream).await,
    }
}

/// A connection, with or without TLS.
pub enum Stream {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::TlsStream<TcpStream>>),
}

impl Stream {
    /// Runs a session over the stream.
    pub async fn run(self, connection: Connection, peer: impl Peer) -> Ended {
        match self {
            Self::Plain(stream) => {
                let (reader, writer) = stream.into_split();
                connection.run(reader, writer, peer).await
            }
            Self::Tls(stream) => run_split(*stream, connection, peer).await,
        }
    }

    /// The peer's address.
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        match self {
            Self::Plain(stream) => stream.peer_addr().ok(),
            Self::Tls(stream) => stream.get_ref().0.peer_addr().ok(),
        }
    }
}

async fn run_split<S>(stream: S, connection: Connection, peer: impl Peer) -> Ended
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let (reader, writer) = tokio::io::split(stream);
    connection.run(reader, writer, peer).await
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn server_config(tls: &ServerTls) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Unfit)?;
    let builder = match &tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let roots = Arc::new(roots(file)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
            builder.with_client_cert_verifier(verifier?)
        }
    };
    builder.with_single_cert(certificates(&tls.cert)?, key(&tls.key)?).map_err(TlsError::Unfit)
}

fn client_config(tls: &ClientTls) -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Unfit)?;
    let builder = builder.with_root_certificates(roots(&tls.ca)?);
    match (&tls.cert, &tls.key) {
        (Some(cert), Some(file)) => {
            builder.with_client_auth_cert(certificates(cert)?, key(file)?).map_err(TlsError::Unfit)
        }
        _ => Ok(builder.with_no_client_auth()),
    }
}

fn roots(file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(TlsError::Unfit)?;
    }
    Ok(roots)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let problem = |problem: String| TlsError::File { file: file.to_owned(), problem };
    let all = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let all = all.map_err(|error| problem(error.to_string()))?;
    if all.is_empty() { Err(problem("no certificate in it".to_owned())) } else { Ok(all) }
}

fn key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let problem = |problem: String| TlsError::File { file: file.to_owned(), problem };
    key_file::check_tls(file).map_err(problem)?;
    PrivateKeyDer::from_pem_file(file).map_err(|error| problem(error.to_string()))
}
