//! Assembles the running program from store, processor, links, dispatcher and HTTP, and stops it in the right order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use arc_swap::ArcSwap;
use secrecy::SecretString;
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
use crate::dispatch::{Dispatcher, LinkWatch, Receipts};
use crate::domain::voucher::Keys;
use crate::domain::{Clock, NumberingPlan};
use crate::gateway::Gateways as Formats;
use crate::links::Links;
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
    applier: JoinHandle<()>,
    tasks: Tasks,
    jobs: Jobs,
    pub(super) switches: Option<Switches>,
    server: JoinHandle<()>,
}

/// The tasks beside the appliers and the periodic jobs.
struct Tasks {
    dispatcher: JoinHandle<()>,
    stop_dispatcher: CancellationToken,
    /// Releases holds that have expired.
    holds: JoinHandle<()>,
    /// Records the states of the links.
    watch: JoinHandle<()>,
    reloader: JoinHandle<()>,
    /// Stops the other three tasks, and the HTTP server.
    stop: CancellationToken,
}

impl Tasks {
    fn start(config: &Config, services: &ProcessorServices, links: &Links, menus: &Arc<ArcSwap<Menus>>) -> Self {
        let ProcessorServices { store, grammars, plan, templates, clock, .. } = services;
        let (stop, stop_dispatcher) = (CancellationToken::new(), CancellationToken::new());
        let dispatcher = Dispatcher::new(store.clone(), links.clone(), config.dispatch.clone(), clock.clone());
        let watch = LinkWatch::new(store.clone(), links.clone(), clock.clone());
        let orders = super::staff::staff_orders(config, store, plan, templates.clone(), clock.clone());
        let reloader = Reloader::new(config.clone(), plan.clone(), grammars.clone(), menus.clone(), templates.clone());
        Self {
            dispatcher: tokio::spawn(dispatcher.run(stop_dispatcher.clone())),
            stop_dispatcher,
            holds: tokio::spawn(orders.keep_holds(stop.clone())),
            watch: tokio::spawn(watch.run(stop.clone())),
            reloader: tokio::spawn(reloader.run(stop.clone())),
            stop,
        }
    }
}

/// The services that SMPP sessions use.
fn application(processor: &Processor, services: &ProcessorServices, menus: &Arc<ArcSwap<Menus>>) -> Application {
    let ProcessorServices { store, clock, .. } = services;
    Application {
        ingress: Arc::new(processor.clone()),
        receipts: Arc::new(Receipts::start(store.clone(), clock.clone())),
        menus: menus.clone(),
        registry: Registry::default(),
        faults: FaultLog::default(),
        clock: clock.clone(),
        national: services.templates.national(),
    }
}

/// The state of the HTTP server.
fn server(
    config: &Config,
    application: Application,
    clients: Clients,
    monitoring: Monitoring,
    (admin_secret, formats): (Option<SecretString>, &Formats),
) -> anyhow::Result<Server> {
    let Application { ingress, receipts, menus, registry, faults, clock, .. } = application;
    Ok(Server {
        ingress,
        receipts,
        faults,
        gateways: Gateways::new(&config.links, formats).map_err(|problem| anyhow!(problem))?,
        clients,
        staff: admin_secret.map(|secret| Arc::new(Staff::new(secret, registry))),
        monitoring: Some(monitoring),
        menus,
        rules: Arc::new(config.rules.clone()),
        clock,
    })
}

/// The socket, and the address that it got.
async fn listen(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("http.listen = \"{address}\": take a free port"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

impl App {
    /// Starts all prepared parts.
    pub(super) async fn start(config: &Config, prepared: Prepared, recorder: Recorder) -> anyhow::Result<Self> {
        warn_of(&prepared.warnings);
        let store = open_store(config, &prepared.voucher_keys).await?;
        let (clock, floor) = storage::clock(&store).await;
        let services = ProcessorServices {
            store,
            grammars: Arc::new(ArcSwap::from_pointee(prepared.grammars)),
            plan: prepared.plan,
            templates: Arc::new(prepared.templates),
            rules: config.rules.clone(),
            voucher_keys: prepared.voucher_keys,
            pin_key: prepared.pin_key,
            bank_pins: prepared.bank_pins,
            clock: clock.clone(),
        };
        let menus = Arc::new(ArcSwap::from_pointee(prepared.menus));
        let (processor, applier) = Processor::start(&services, config.processor.queue_max, config.processor.batch_max);
        let (listener, http) = listen(config.http.listen).await?;
        let application = application(&processor, &services, &menus);
        let running = prepared.links.start(&application).await?;
        let jobs = Jobs::start(config, &services, prepared.audit_key, prepared.webhooks, &floor);
        let tasks = Tasks::start(config, &services, &running.links, &menus);
        let ProcessorServices { store, plan, .. } = services;
        let clients = Clients::new(prepared.roster, application.ingress.clone(), plan.clone(), clock.clone());
        let switches = switches(prepared.switches, &clients, &clock).await?;
        let monitoring = Monitoring::new(store.clone(), processor, running.links.clone(), recorder, clock);
        let opened = (prepared.admin_secret, &prepared.formats);
        let router = api::router(&config.http, server(config, application, clients, monitoring, opened)?);
        let (settings, stop) = (config.http.clone(), tasks.stop.clone());
        let server = tokio::spawn(async move { api::serve(listener, router, &settings, stop).await });
        info!(%http, links = config.links.len(), "mbush is up");
        Ok(Self {
            store,
            plan,
            http,
            smpp: running.smpp_address(),
            links: running,
            applier,
            tasks,
            jobs,
            switches,
            server,
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
            ended = &mut self.tasks.dispatcher => ("the dispatcher", ended.err().map(|error| error.to_string())),
            ended = self.jobs.broken() => ("a background job", ended),
            ended = &mut self.server => ("the HTTP server", ended.err().map(|error| error.to_string())),
        };
        anyhow!("{part} has ended: {}", problem.unwrap_or_else(|| "it was not asked to stop".to_owned()))
    }

    /// Stops the program: no new messages are accepted, accepted ones are committed and answered, then links unbind and
    /// files are closed.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        info!("stopping");
        self.tasks.stop.cancel();
        self.tasks.stop_dispatcher.cancel();
        let switches = async {
            if let Some(switches) = self.switches.take() {
                switches.stop().await;
            }
        };
        let (jobs, ()) = tokio::join!(self.jobs.stop(), switches);
        jobs?;
        // Replies in flight have a limited time; those without an answer end with their sessions.
        let dispatched = timeout(DRAIN, &mut self.tasks.dispatcher).await;
        self.links.stop().await;
        match dispatched {
            Ok(ended) => ended,
            Err(_) => self.tasks.dispatcher.await,
        }
        .context("the dispatcher failed")?;
        if let Ok(ended) = timeout(DRAIN, &mut self.server).await {
            ended.context("the HTTP server failed")?;
        } else {
            warn!("an HTTP connection stays open without a request; it is closed");
            self.server.abort();
        }
        self.tasks.holds.await.context("the task that releases holds failed")?;
        self.tasks.watch.await.context("the task that watches the links failed")?;
        self.tasks.reloader.await.context("the task that reloads grammars failed")?;
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

/// Opens the database, and checks that the configuration fits the stored data.
async fn open_store(config: &Config, keys: &Keys) -> anyhow::Result<Store> {
    storage::no_folder(config)?;
    let store = Store::open(&config.store.url).await?;
    let findings = database::compare(config, Some(keys), &store).await?;
    warn_of(&findings.warnings);
    warn_of(database::nobody(config, &store).await?.as_slice());
    if findings.errors.is_empty() { Ok(store) } else { Err(anyhow!(findings.errors.join("\n"))) }
}

fn warn_of(problems: &[String]) {
    for problem in problems {
        warn!("{problem}");
    }
}
