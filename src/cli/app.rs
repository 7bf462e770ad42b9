//! Assembles the running program from store, processor, links, dispatcher and HTTP, and stops it in the right order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::jobs::Jobs;
use super::links::Running;
use super::prepare::{Prepared, database};
use super::reload::Reloader;
use super::storage;
use crate::api::{self, Gateways, Monitoring, Recorder, Server, Staff};
use crate::config::Config;
use crate::dispatch::{Dispatcher, Receipts};
use crate::domain::voucher::Keys;
use crate::domain::{Clock, NumberingPlan};
use crate::links::clients::Clients;
use crate::links::faults::FaultLog;
use crate::links::iso8583::{PreparedSwitches, Switches};
use crate::links::smpp::Application;
use crate::links::smpp::meter::Registry;
use crate::menus::Menus;
use crate::processor::{Processor, ProcessorServices};
use crate::store::Store;

/// Maximum time for work in progress when the program stops.
const DRAIN: Duration = Duration::from_secs(5);

/// The running program.
pub(super) struct App {
    pub(super) store: Store,
    pub(super) plan: Arc<NumberingPlan>,
    pub(super) http: SocketAddr,
    pub(super) smpp: Option<SocketAddr>,
    links: Running,
    reloader: JoinHandle<()>,
    holds: JoinHandle<()>,
    applier: JoinHandle<()>,
    dispatcher: JoinHandle<()>,
    jobs: Jobs,
    pub(super) switches: Option<Switches>,
    server: JoinHandle<()>,
    stop_server: CancellationToken,
    stop_dispatcher: CancellationToken,
}

/// The services that SMPP sessions use.
fn application(processor: &Processor, store: &Store, menus: &Arc<ArcSwap<Menus>>, clock: &Clock) -> Application {
    Application {
        ingress: Arc::new(processor.clone()),
        receipts: Arc::new(Receipts::start(store.clone(), clock.clone())),
        menus: menus.clone(),
        registry: Registry::default(),
        faults: FaultLog::default(),
        clock: clock.clone(),
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("http.listen = \"{address}\": take a free port"))
}

impl App {
    /// Starts all prepared parts.
    pub(super) async fn start(config: &Config, prepared: Prepared, recorder: Recorder) -> anyhow::Result<Self> {
        let Prepared { warnings, plan, grammars, menus, templates, voucher_keys, .. } = prepared;
        warn_of(&warnings);
        let templates = Arc::new(templates);
        storage::no_folder(config)?;
        let store = Store::open(&config.store.url).await?;
        goes_with(config, &voucher_keys, &store).await?;
        let (clock, floor) = storage::clock(&store).await;
        let menus = Arc::new(ArcSwap::from_pointee(menus));
        let grammars = Arc::new(ArcSwap::from_pointee(grammars));
        let reloader = Reloader::new(config.clone(), plan.clone(), grammars.clone(), menus.clone());
        let parts = ProcessorServices {
            store: store.clone(),
            grammars: grammars.clone(),
            plan: plan.clone(),
            templates: templates.clone(),
            rules: config.rules.clone(),
            voucher_keys,
            pin_key: prepared.pin_key,
            clock: clock.clone(),
        };
        let (processor, applier) = Processor::start(&parts, config.processor.queue_max, config.processor.batch_max);
        let listener = listen(config.http.listen).await?;
        let http = listener.local_addr()?;
        let application = application(&processor, &store, &menus, &clock);
        let running = prepared.links.start(&application).await?;
        let links = running.links.clone();
        let stop_server = CancellationToken::new();
        let stop_dispatcher = CancellationToken::new();
        let dispatcher = Dispatcher::new(store.clone(), links.clone(), config.dispatch.clone(), clock.clone());
        let dispatcher = tokio::spawn(dispatcher.run(stop_dispatcher.clone()));
        let jobs = Jobs::start(config, prepared.audit_key, &store, &plan, &templates, (&clock, &floor));
        let orders = super::staff::staff_orders(config, &store, &plan, templates.clone(), clock.clone());
        let holds = tokio::spawn(orders.keep_holds(stop_server.clone()));
        let ingress = application.ingress.clone();
        let clients = Clients::new(prepared.roster, ingress.clone(), plan.clone(), clock.clone());
        let switches = switches(prepared.switches, &clients, &clock).await?;
        let registry = application.registry.clone();
        let server = Server {
            ingress,
            gateways: Gateways::new(&config.links).map_err(|problem| anyhow!(problem))?,
            clients,
            staff: prepared.admin_secret.map(|secret| Arc::new(Staff::new(secret, registry))),
            monitoring: Some(Monitoring::new(store.clone(), processor, links, recorder, clock.clone())),
            menus,
            rules: Arc::new(config.rules.clone()),
            clock,
        };
        let router = api::router(&config.http, server);
        let reloader = tokio::spawn(reloader.run(stop_server.clone()));
        let (settings, stop) = (config.http.clone(), stop_server.clone());
        let server = tokio::spawn(async move { api::serve(listener, router, &settings, stop).await });
        info!(%http, links = config.links.len(), "mbush is up");
        Ok(Self {
            store,
            plan,
            http,
            smpp: running.smpp_address(),
            links: running,
            reloader,
            holds,
            applier,
            dispatcher,
            jobs,
            switches,
            server,
            stop_server,
            stop_dispatcher,
        })
    }

    /// Address of the ISO 8583 server; `None` if it does not run.
    pub(super) fn switches(&self) -> Option<SocketAddr> {
        self.switches.as_ref().map(Switches::address)
    }

    /// Returns the reason when a part has failed. The program cannot continue without it and has to be restarted.
    pub(super) async fn broken(&mut self) -> anyhow::Error {
        let (part, problem) = tokio::select! {
            ended = &mut self.applier => ("the applier", ended.err().map(|error| error.to_string())),
            ended = &mut self.dispatcher => ("the dispatcher", ended.err().map(|error| error.to_string())),
            ended = self.jobs.broken() => ("a background job", ended),
            ended = &mut self.server => ("the HTTP server", ended.err().map(|error| error.to_string())),
        };
        anyhow!("{part} has ended: {}", problem.unwrap_or_else(|| "it was not asked to stop".to_owned()))
    }

    /// Stops the program: no new messages are accepted, accepted ones are committed and answered, then links unbind and
    /// files are closed.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        info!("stopping");
        self.stop_server.cancel();
        self.stop_dispatcher.cancel();
        let switches = async {
            if let Some(switches) = self.switches.take() {
                switches.stop().await;
            }
        };
        let (jobs, ()) = tokio::join!(self.jobs.stop(), switches);
        jobs?;
        // Replies in flight have a limited time; those without an answer end with their sessions.
        let dispatched = timeout(DRAIN, &mut self.dispatcher).await;
        self.links.stop().await;
        match dispatched {
            Ok(ended) => ended,
            Err(_) => self.dispatcher.await,
        }
        .context("the dispatcher failed")?;
        if let Ok(ended) = timeout(DRAIN, &mut self.server).await {
            ended.context("the HTTP server failed")?;
        } else {
            warn!("an HTTP connection stays open without a request; it is closed");
            self.server.abort();
        }
        self.holds.await.context("the task that releases holds failed")?;
        self.reloader.await.context("the task that reloads grammars failed")?;
        // It ends when no sender of messages is left; a connection that was cut may still hold one.
        match timeout(DRAIN, &mut self.applier).await {
            Ok(ended) => ended.context("the applier failed")?,
            Err(_) => self.applier.abort(),
        }
        if timeout(DRAIN, self.store.close()).await.is_err() {
            warn!("the database does not answer; its connections are closed");
        }
        info!("stopped");
        Ok(())
    }
}

/// The ISO 8583 server, if a client uses it.
async fn switches(
    prepared: Option<PreparedSwitches>,
    clients: &Clients,
    clock: &Clock,
) -> anyhow::Result<Option<Switches>> {
    let Some(prepared) = prepared else { return Ok(None) };
    let switches = prepared.start(clients.clone(), clock.clone()).await?;
    info!(address = %switches.address(), "listening for ISO 8583");
    Ok(Some(switches))
}

/// Checks that the configuration fits the stored data.
async fn goes_with(config: &Config, keys: &Keys, store: &Store) -> anyhow::Result<()> {
    let findings = database::compare(config, Some(keys), store).await?;
    warn_of(&findings.warnings);
    warn_of(database::nobody(config, store).await?.as_slice());
    if findings.errors.is_empty() { Ok(()) } else { Err(anyhow!(findings.errors.join("\n"))) }
}

fn warn_of(problems: &[String]) {
    for problem in problems {
        warn!("{problem}");
    }
}
