//! TLS, mutual TLS, new certificates.

use std::path::{Path, PathBuf};

use mbush::config::smpp_server::SmppServer as Settings;
use mbush::links::smpp::tls::{ClientTls, ServerTls};
use mbush::simulator::{Esme, EsmeSettings, NotBound};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use testkit::wait::{until, within};

use super::bank::{at, server, settings};
use crate::smpp_link::till::{Till, text};

/// An authority and what it has signed, in a folder.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Certificate and key for `name`, in `name.pem` and `name.key`.
    fn sign(&self, name: &str) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let (cert, secret) = (self.path(&format!("{name}.pem")), self.path(&format!("{name}.key")));
        std::fs::write(&cert, certificate.pem()).unwrap();
        std::fs::write(&secret, key.serialize_pem()).unwrap();
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        (cert, secret)
    }

    fn server(&self, client_ca: Option<&Path>) -> Settings {
        let (cert, key) = self.sign("localhost");
        let tls = ServerTls { cert, key, client_ca: client_ca.map(Path::to_owned) };
        Settings { tls: Some(tls), ..settings() }
    }

    fn client(&self) -> ClientTls {
        ClientTls { ca: self.path("ca.pem"), cert: None, key: None, server_name: Some("localhost".to_owned()) }
    }
}

fn over(tls: ClientTls, at: EsmeSettings) -> EsmeSettings {
    EsmeSettings { tls: Some(tls), ..at }
}

#[tokio::test]
async fn a_session_over_tls_carries_messages_both_ways() {
    let (till, authority) = (Till::open(), Authority::new());
    let server = server(authority.server(None), &till, "throttle_segments_per_second = 100000").await;
    let bank = Esme::bind(&over(authority.client(), at(&server))).await.unwrap();
    let mut received = bank.received();
    for number in 0..50 {
        assert!(bank.submit(&text(&format!("{number:02} {}", "x".repeat(300)))).await.unwrap().status.is_ok());
    }
    assert_eq!(till.committed().len(), 50);
    until("the way out is ready", || super::bank::out(&server).is_ready()).await;
    super::bank::out(&server).send(&crate::smpp_link::till::reply("5.00 EUR")).await;
    assert_eq!(within("a message", received.recv()).await.unwrap().text, "5.00 EUR");
    assert_eq!(bank.unbind().await, "unbound");
}

#[tokio::test]
async fn neither_side_talks_to_a_stranger() {
    let (till, authority, other) = (Till::open(), Authority::new(), Authority::new());
    let plain = server(authority.server(None), &till, "").await;
    let in_the_clear = Esme::bind(&at(&plain)).await;
    assert!(matches!(in_the_clear, Err(NotBound::Ended(_))), "{in_the_clear:?}");
    let stranger = Esme::bind(&over(other.client(), at(&plain))).await;
    assert!(matches!(stranger, Err(NotBound::Connection(_))), "{stranger:?}");

    let mutual = server(authority.server(Some(&authority.path("ca.pem"))), &till, "").await;
    let without = Esme::bind(&over(authority.client(), at(&mutual))).await;
    assert!(without.is_err(), "{without:?}");
    let (cert, key) = other.sign("bank");
    let foreign = ClientTls { cert: Some(cert), key: Some(key), ..authority.client() };
    let foreign = Esme::bind(&over(foreign, at(&mutual))).await;
    assert!(foreign.is_err(), "{foreign:?}");
    let (cert, key) = authority.sign("bank");
    let known = ClientTls { cert: Some(cert), key: Some(key), ..authority.client() };
    let bank = Esme::bind(&over(known, at(&mutual))).await.unwrap();
    assert!(bank.submit(&text("5")).await.unwrap().status.is_ok());
}

#[tokio::test]
async fn new_certificates_are_for_new_sessions_and_old_sessions_go_on() {
    let (till, old, new) = (Till::open(), Authority::new(), Authority::new());
    let server = server(old.server(None), &till, "").await;
    let before = Esme::bind(&over(old.client(), at(&server))).await.unwrap();
    let (cert, key) = new.sign("localhost");
    std::fs::copy(cert, old.path("localhost.pem")).unwrap();
    std::fs::copy(key, old.path("localhost.key")).unwrap();
    // Looked for every few seconds.
    let bound = async {
        loop {
            match Esme::bind(&over(new.client(), at(&server))).await {
                Ok(bank) => break bank,
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            }
        }
    };
    let after = within("a session with the new certificate", bound).await;
    for bank in [before, after] {
        assert!(bank.submit(&text("5")).await.unwrap().status.is_ok());
    }
}
