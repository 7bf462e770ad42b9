//! A server with a till behind it, and banks that bind to it.

use std::sync::Arc;

use mbush::config::smpp_server::{Esme as EsmeConfig, SmppServer as Settings};
use mbush::links::Outbound;
use mbush::links::smpp::SmppServer;
use mbush::simulator::{Esme, EsmeSettings, NotBound};
use mbush::smpp::CommandStatus;
use mbush::smpp::pdu::BindMode;

use crate::smpp_link::till::{Till, application};

/// The settings of tests: a free port, and no waiting after a bind that failed.
pub(crate) fn settings() -> Settings {
    Settings { listen: ([127, 0, 0, 1], 0).into(), bind_backoff_first_ms: 0, ..Settings::default() }
}

/// A server for the link `teb`, which binds as `bank` with the password `secret`; `more` are further lines of its
/// configuration.
pub(crate) async fn server(settings: Settings, till: &Arc<Till>, more: &str) -> SmppServer {
    let esme = format!("kind = \"esme\"\nsystem_id = \"bank\"\npassword = \"secret\"\n{more}");
    let esme: EsmeConfig = toml::from_str(&esme).unwrap();
    let prepared = SmppServer::prepare(&settings, [(&"teb".to_owned(), &esme)].into_iter()).unwrap();
    prepared.start(application(till)).await.unwrap()
}

pub(crate) fn at(server: &SmppServer) -> EsmeSettings {
    EsmeSettings::new(server.address().to_string())
}

/// A bank bound as a transceiver.
pub(crate) async fn bank(server: &SmppServer) -> Esme {
    Esme::bind(&at(server)).await.unwrap()
}

pub(crate) async fn bank_in(server: &SmppServer, mode: BindMode) -> Esme {
    Esme::bind(&EsmeSettings { mode, ..at(server) }).await.unwrap()
}

/// The status that a bind is refused with.
pub(crate) async fn refusal(settings: &EsmeSettings) -> CommandStatus {
    match Esme::bind(settings).await {
        Err(NotBound::Refused(status)) => status,
        other => panic!("{other:?}"),
    }
}

/// The way out to the banks.
pub(crate) fn out(server: &SmppServer) -> Arc<dyn Outbound> {
    server.outbounds().next().unwrap().1
}
