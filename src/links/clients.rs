//! Clients: a bank's cash machines, web pages or app, over HTTP or ISO 8583. The keys of one client's orders are its
//! own.
//!
//! The key of an order is `NAME:topup:KEY`, for top-ups and for cards, and that of a reversal is `NAME:reversal:KEY`.
//! So no client meets the key of another, and no order that of its reversal. Earlier versions kept cards under
//! `NAME:voucher:KEY`. Orders under such a key are found as well.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use secrecy::SecretString;
use uuid::Uuid;

use super::admission::is_secret;
use crate::config::client::Client as Settings;
use crate::domain::{
    Account, AccountKey, Amount, Channel, Clock, DealerName, Fields, Fingerprint, Language, Line, LineKind,
    NumberingPlan, Payer, Reason, Rejection, Request, Said, Service, Target,
};
use crate::processor::{Answer, Confirm, Ingress, NotAccepted, Order, OrderRequest, OrderState};

/// Longest key of a client, in characters.
pub const KEY_MAX: usize = 64;

/// One client.
#[derive(Debug)]
pub struct Client {
    name: String,
    bank: String,
    dealer: Option<DealerName>,
    channel: Channel,
    services: Vec<Service>,
    confirm: Option<Confirm>,
    secret: Option<SecretString>,
    acquirer: Option<String>,
    addresses: Vec<IpNet>,
}

/// All clients, and the processor that takes their orders.
#[derive(Debug, Clone)]
pub struct Clients {
    known: Arc<[Arc<Client>]>,
    ingress: Arc<dyn Ingress>,
    plan: Arc<NumberingPlan>,
    clock: Clock,
}

/// A top-up that a client orders.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The number, as people or machines write it.
    pub number: &'a str,
    pub amount: Amount,
}

/// The reason that an order was not taken. Nothing of the order was kept.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The order cannot be carried out, in whatever state the account is.
    #[error("{}", .0.reason.as_str())]
    Refused(Rejection),
    /// The processor did not take the order.
    #[error(transparent)]
    NotAccepted(#[from] NotAccepted),
}

impl Client {
    fn new(name: &str, settings: &Settings, secret: Option<SecretString>) -> Self {
        let way = settings.confirm_link.clone().zip(settings.confirm_sender.clone());
        Self {
            name: name.to_owned(),
            bank: settings.bank.clone(),
            dealer: settings.dealer.clone(),
            channel: settings.channel,
            services: settings.services.clone(),
            confirm: way.map(|(link, from)| Confirm { link, from }),
            secret,
            acquirer: settings.acquirer_id.clone(),
            addresses: settings.addresses.clone(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn is_at(&self, remote: IpAddr) -> bool {
        self.addresses.is_empty() || self.addresses.iter().any(|network| network.contains(&remote))
    }

    fn key(&self, what: &str, key: &str) -> String {
        format!("{}:{what}:{key}", self.name)
    }

    /// The key of an order, and the key that an earlier version may have used for it.
    fn order_keys(&self, key: &str) -> (String, String) {
        (self.key("topup", key), self.key("voucher", key))
    }
}

/// The configured clients with their secrets, before the processor runs.
#[derive(Debug)]
pub struct Roster(Vec<Arc<Client>>);

impl Roster {
    /// # Errors
    /// All secrets that cannot be read. The texts name the clients. The configuration has already checked that no two
    /// are the same.
    pub fn new(clients: &BTreeMap<String, Settings>) -> Result<Self, Vec<String>> {
        let (mut known, mut problems) = (Vec::new(), Vec::new());
        for (name, settings) in clients {
            let secret = settings.secret().unwrap_or_else(|problem| {
                problems.push(format!("clients.{name}.{problem}"));
                None
            });
            known.push(Arc::new(Client::new(name, settings, secret)));
        }
        if problems.is_empty() { Ok(Self(known)) } else { Err(problems) }
    }
}

impl Clients {
    pub fn new(roster: Roster, ingress: Arc<dyn Ingress>, plan: Arc<NumberingPlan>, clock: Clock) -> Self {
        Self { known: roster.0.into(), ingress, plan, clock }
    }

    /// Returns the client with this secret. Every secret is compared completely, so that the time taken reveals
    /// nothing.
    pub fn by_secret(&self, secret: &str) -> Option<Arc<Client>> {
        let has_it = |client: &Client| client.secret.as_ref().is_some_and(|known| is_secret(known, secret.as_bytes()));
        self.known.iter().filter(|client| has_it(client)).fold(None, |_, client| Some(client.clone()))
    }

    /// Returns true if a switch of any client may connect from this address.
    pub fn is_switch_at(&self, remote: IpAddr) -> bool {
        self.known.iter().any(|client| client.acquirer.is_some() && client.is_at(remote))
    }

    /// Returns the client with this acquirer's identifier at this address. The identifier is without leading zeros.
    pub fn by_acquirer(&self, acquirer: &str, remote: IpAddr) -> Option<Arc<Client>> {
        let is_it = |client: &&Arc<Client>| client.acquirer.as_deref() == Some(acquirer) && client.is_at(remote);
        self.known.iter().find(is_it).cloned()
    }

    /// Returns the only acquirer's identifier that a switch at this address can have, or `None` if there are several or
    /// none.
    pub fn sole_acquirer(&self, remote: IpAddr) -> Option<&str> {
        let mut acquirers =
            self.known.iter().filter(|client| client.is_at(remote)).filter_map(|client| client.acquirer.as_deref());
        acquirers.next().filter(|_| acquirers.next().is_none())
    }

    /// Reads a number, in any spelling that people use.
    ///
    /// # Errors
    /// The reason that the number is not one of the plan.
    pub fn line(&self, number: &str) -> Result<Line, Rejection> {
        self.ingress.line(number)
    }

    /// The languages that there are texts in.
    pub fn languages(&self) -> Vec<Language> {
        self.ingress.languages()
    }

    /// Returns the text of a refusal for a customer of this client, in `language` or in the default language.
    pub fn words(&self, client: &Client, rejection: &Rejection, language: Option<Language>) -> String {
        self.ingress.words(rejection, &client.bank, language)
    }

    pub fn plan(&self) -> &NumberingPlan {
        &self.plan
    }

    /// Returns the account of a number, or `None` if the number has no account.
    ///
    /// # Errors
    /// [`NotAccepted::Store`]: the database fails.
    pub async fn account(&self, line: &Line) -> Result<Option<Account>, NotAccepted> {
        let key = match line.kind {
            LineKind::Mobile => AccountKey::subscriber(line.msisdn),
            LineKind::Fixed => AccountKey::fixed_line(line.msisdn),
        };
        self.ingress.account(&key).await
    }

    /// Tops up an account. A repetition under the same key returns the first answer.
    ///
    /// # Errors
    /// [`NotTaken`]; nothing was kept.
    pub async fn top_up(&self, client: &Client, key: &str, wanted: Wanted<'_>) -> Result<Answer, NotTaken> {
        Ok(self.ingress.order(self.recharge(client, key, wanted).await?).await?)
    }

    /// Returns the answer that [`Clients::top_up`] would give now. Nothing is kept.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub async fn try_out(&self, client: &Client, wanted: Wanted<'_>) -> Result<Answer, NotTaken> {
        let key = Uuid::now_v7().to_string();
        Ok(self.ingress.try_out(self.recharge(client, &key, wanted).await?).await?)
    }

    /// Reverses the order under a key, or cancels it if it has not come yet. `said` has to agree with the order.
    ///
    /// # Errors
    /// [`NotAccepted`]; nothing was kept.
    pub async fn withdraw(&self, client: &Client, key: &str, said: Said) -> Result<Answer, NotAccepted> {
        let (name, bank) = (client.name.clone(), client.bank.clone());
        let request = OrderRequest::Withdraw { client: name, bank, key: key.to_owned(), said };
        let (_, former) = client.order_keys(key);
        self.ingress.order(self.order(client, (client.key("reversal", key), former), request)).await
    }

    /// Redeems a card for a number. A repetition under the same key returns the first answer. After wrong codes, the
    /// number has to wait at this client.
    ///
    /// # Errors
    /// [`NotTaken`]; nothing was kept.
    pub async fn redeem(
        &self,
        client: &Client,
        key: &str,
        number: &str,
        code: SecretString,
    ) -> Result<Answer, NotTaken> {
        let line = self.line(number).map_err(NotTaken::Refused)?;
        let from = format!("{}:{}", client.name, line.msisdn.digits());
        let (bank, form) = (client.bank.clone(), client.channel.to_string());
        let request = OrderRequest::Redeem { bank, form, code, line, order: Fingerprint::of_order(&client.name, key) };
        let order = Order { from, ..self.order(client, client.order_keys(key), request) };
        Ok(self.ingress.order(order).await?)
    }

    /// Returns the state of the order under a key. The state is empty if nothing was ordered under it.
    ///
    /// # Errors
    /// [`NotAccepted::Store`]: the database fails.
    pub async fn state(&self, client: &Client, key: &str) -> Result<OrderState, NotAccepted> {
        let ((order, former), withdrawal) = (client.order_keys(key), client.key("reversal", key));
        self.ingress.order_state([order, former], withdrawal).await
    }

    async fn payer(&self, client: &Client) -> Result<Payer, NotTaken> {
        let Some(name) = &client.dealer else { return Ok(Payer::Client(client.name.clone())) };
        let dealer = self.ingress.dealer(name).await?;
        let dealer = dealer.ok_or_else(|| NotTaken::Refused(Rejection::new(Reason::DealerUnknown)))?;
        Ok(Payer::DealerClient(client.name.clone(), Box::new(dealer)))
    }

    async fn recharge(&self, client: &Client, key: &str, wanted: Wanted<'_>) -> Result<Order, NotTaken> {
        let line = self.line(wanted.number).map_err(NotTaken::Refused)?;
        let service = match line.kind {
            LineKind::Mobile => Service::Mobile,
            LineKind::Fixed => Service::Fixed,
        };
        if !client.services.contains(&service) {
            let rejection = Rejection::new(Reason::ServiceNotAvailable);
            return Err(NotTaken::Refused(
                rejection.with(|details| details.service = Some(service.label().to_owned())),
            ));
        }
        let request = Request {
            bank: client.bank.clone(),
            form: client.channel.to_string(),
            service,
            target: Target::Line(line),
            amount: Some(wanted.amount),
            repeat: false,
            reference: Some(key.to_owned()),
            fields: Fields::default(),
            language: None,
        };
        let request = OrderRequest::Recharge { request, payer: self.payer(client).await? };
        Ok(self.order(client, client.order_keys(key), request))
    }

    fn order(&self, client: &Client, (key, former): (String, String), request: OrderRequest) -> Order {
        Order {
            key,
            former: Some(former),
            link: client.name.clone(),
            from: client.name.clone(),
            to: client.bank.clone(),
            channel: client.channel,
            received_at: self.clock.now(),
            request,
            confirm: client.confirm.clone(),
        }
    }
}
