//! The links of the running program (SMPP, HTTP, ISO 8583), which are prepared, started and stopped together.

use std::sync::Arc;

use super::reach::speaking_for_its_banks;
use crate::config::smpp_server::Esme;
use crate::config::{Config, Link};
use crate::gateway::Gateways;
use crate::grammar::GrammarSet;
use crate::links::Links;
use crate::links::http::HttpOut;
use crate::links::smpp::{Application, PreparedLink, PreparedServer, SmppServer, SmscLink};

/// All links before they connect or listen.
pub(super) struct PreparedLinks {
    gateways: Vec<(String, HttpOut)>,
    smscs: Vec<(String, PreparedLink)>,
    server: Option<PreparedServer>,
}

/// All running links.
pub(super) struct Running {
    pub(super) links: Links,
    smscs: Vec<SmscLink>,
    server: Option<SmppServer>,
}

impl PreparedLinks {
    /// Reads the settings of links. Without grammars, the short codes of an ESME's banks are not known.
    ///
    /// # Errors
    /// Every link that cannot be started.
    pub(super) fn of(config: &Config, grammars: Option<&GrammarSet>, formats: &Gateways) -> Result<Self, Vec<String>> {
        let mut prepared = Self { gateways: Vec::new(), smscs: Vec::new(), server: None };
        let mut bound_to: Vec<(&String, Esme)> = Vec::new();
        let mut problems = Vec::new();
        for (name, link) in &config.links {
            let problem = match link {
                Link::Http(gateway) => {
                    HttpOut::new(name, gateway, formats).map(|out| prepared.gateways.push((name.clone(), out)))
                }
                Link::Smsc(settings) => SmscLink::prepare(name, settings)
                    .map(|link| prepared.smscs.push((name.clone(), link)))
                    .map_err(|problem| problem.to_string()),
                Link::Esme(esme) => {
                    let speaking = grammars.map(|grammars| speaking_for_its_banks(esme, grammars)).transpose();
                    // Its other settings are checked all the same.
                    bound_to.push((name, speaking.clone().ok().flatten().unwrap_or_else(|| esme.clone())));
                    speaking.map(drop)
                }
            };
            problems.extend(problem.err().map(|problem| format!("links.{name}: {problem}")));
        }
        if !bound_to.is_empty() {
            let esmes = bound_to.iter().map(|(name, esme)| (*name, esme));
            match SmppServer::prepare(&config.smpp_server, esmes) {
                Ok(server) => prepared.server = Some(server),
                Err(more) => problems.extend(more.iter().map(ToString::to_string)),
            }
        }
        if problems.is_empty() { Ok(prepared) } else { Err(problems) }
    }

    /// Connects and listens.
    pub(super) async fn start(self, application: &Application) -> anyhow::Result<Running> {
        let mut running = Running { links: Links::default(), smscs: Vec::new(), server: None };
        for (name, out) in self.gateways {
            running.links.insert(name, Arc::new(out));
        }
        for (name, link) in self.smscs {
            let smsc = link.start(application.clone());
            running.links.insert(name, smsc.outbound());
            running.smscs.push(smsc);
        }
        if let Some(server) = self.server {
            let server = server.start(application.clone()).await?;
            server.outbounds().for_each(|(name, out)| running.links.insert(name, out));
            running.server = Some(server);
        }
        Ok(running)
    }
}

impl Running {
    /// Address of the SMPP server; `None` if it does not run.
    pub(super) fn smpp_address(&self) -> Option<std::net::SocketAddr> {
        self.server.as_ref().map(SmppServer::address)
    }

    /// Stops the links: work in flight is committed and answered, then sessions unbind.
    pub(super) async fn stop(self) {
        let server = async {
            if let Some(server) = self.server {
                server.stop().await;
            }
        };
        let smscs = futures_util::future::join_all(self.smscs.into_iter().map(SmscLink::stop));
        tokio::join!(server, smscs);
    }
}
