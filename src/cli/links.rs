//! The links of the running program: to SMSCs, from banks, over HTTP; started together and stopped together.

use std::sync::Arc;

use anyhow::anyhow;

use super::reach::speaking_for_its_banks;
use crate::config::{Config, Link};
use crate::grammar::GrammarSet;
use crate::links::Links;
use crate::links::http::HttpOut;
use crate::links::smpp::{Application, EsmeLink, SmppServer};

/// All links while they run.
pub(super) struct Running {
    /// The ways out.
    pub(super) links: Links,
    esmes: Vec<EsmeLink>,
    server: Option<SmppServer>,
}

impl Running {
    pub(super) async fn start(
        config: &Config,
        grammars: &GrammarSet,
        application: &Application,
    ) -> anyhow::Result<Self> {
        let mut running = Self { links: Links::default(), esmes: Vec::new(), server: None };
        let mut bound_to = Vec::new();
        for (name, link) in &config.links {
            match link {
                Link::Http(gateway) => {
                    let out = HttpOut::new(gateway).map_err(|problem| anyhow!("links.{name}: {problem}"))?;
                    running.links.insert(name, Arc::new(out));
                }
                Link::Smpp(settings) => {
                    let esme = EsmeLink::start(name, settings, application.clone())
                        .map_err(|problem| anyhow!("links.{name}: {problem}"))?;
                    running.links.insert(name, esme.outbound());
                    running.esmes.push(esme);
                }
                Link::Esme(esme) => bound_to.push((name, speaking_for_its_banks(name, esme, grammars)?)),
            }
        }
        if !bound_to.is_empty() {
            let esmes = bound_to.iter().map(|(name, esme)| (*name, esme));
            let server = SmppServer::start(&config.smpp_server, esmes, application.clone()).await?;
            server.outbounds().for_each(|(name, out)| running.links.insert(name, out));
            running.server = Some(server);
        }
        Ok(running)
    }

    /// Where banks bind to, if they do.
    pub(super) fn smpp_address(&self) -> Option<std::net::SocketAddr> {
        self.server.as_ref().map(SmppServer::address)
    }

    /// Stops in good order: what is in flight is committed and answered, sessions unbind.
    pub(super) async fn stop(self) {
        let server = async {
            if let Some(server) = self.server {
                server.stop().await;
            }
        };
        let esmes = futures_util::future::join_all(self.esmes.into_iter().map(EsmeLink::stop));
        tokio::join!(server, esmes);
    }
}
