//! A node with two banks' clients, on a database of either kind, behind a real socket.

use chrono::TimeDelta;
use mbush::api::router;
use mbush::config::Config;
use mbush::config::http::Http;
use mbush::domain::AccountKey;
use mbush::domain::voucher::{CardBatch, Code, State};
use mbush::links::clients::Clients;
use mbush::links::iso8583::Switches;
use mbush::store::{NewBatch, VoucherEvent};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, SqliteConnection};
use testkit::DEADLINE;
use testkit::postgres::Postgres;
use tokio_util::sync::CancellationToken;

use crate::node::{Node, start_of_time};

/// The databases that the tests run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A cash machine's network, an app of the same bank, and another bank's machines; each with limits of its own.
const CLIENTS: &str = r#"
[subscribers]
unknown = "create"
[links.ipko]
kind = "http"
secret = "gateway"
url = "http://127.0.0.1:9/"
[clients.bkt-atm]
bank = "bkt"
channel = "atm"
secret = "atm secret"
acquirer_id = "12345"
addresses = ["127.0.0.0/8"]
confirm_link = "ipko"
confirm_sender = "IPKO"
[clients.bkt-atm.amounts]
amount_min = "5.00"
amount_max = "40.00"
[clients.bkt-ebanking]
bank = "bkt"
channel = "ebanking"
secret = "ebanking secret"
services = ["mobile", "fixed"]
[clients.bkt-ebanking.limits]
day_amount_max = "50.00"
day_count_max = 4
[clients.ipkomat]
bank = "procredit"
channel = "atm"
secret = "ipkomat secret"
acquirer_id = "777"
addresses = ["192.0.2.0/24"]
[clients.shop-till]
bank = "bkt"
channel = "api"
secret = "till secret"
dealer = "shpija"
[clients.lost-till]
bank = "bkt"
channel = "api"
secret = "lost secret"
dealer = "nobody"
[dealers]
day_count_max = 3
[[dealers.commission]]
name = "shop"
level = 0
percent = 3
[[dealers.commission]]
name = "distributor"
level = 1
percent = 1
"#;

/// The server, and what calls it.
pub(crate) struct Bank {
    pub(crate) node: Node,
    client: reqwest::Client,
    pub(crate) url: String,
    clients: Clients,
    database: String,
    folder: tempfile::TempDir,
    _server: Option<Postgres>,
}

impl Bank {
    /// `None` where there is no database of this kind on this machine.
    pub(crate) async fn start(kind: Kind) -> Option<Self> {
        Self::start_with(kind, "").await
    }

    /// With more in its configuration.
    pub(crate) async fn start_with(kind: Kind, more: &str) -> Option<Self> {
        drop(rustls::crypto::ring::default_provider().install_default());
        let server = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(Postgres::start()?),
        };
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("1.key");
        std::fs::write(&key, "7".repeat(64)).unwrap();
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let keys = format!("[vouchers]\nkeys = [{{ id = \"1\", file = \"{}\" }}]\n", key.display());
        let mut config = Config::from_toml(&format!("{CLIENTS}{more}{keys}")).unwrap();
        let node = Node::start_with(|defaults| {
            config.store = defaults.store.clone();
            if let Some(server) = &server {
                config.store.url.clone_from(&server.url);
            }
            *defaults = config.clone();
        })
        .await;
        let http = node.server(&config);
        let clients = http.clients.clone();
        // Wrong secrets are tried on purpose, and a hundred requests at once may wait long on a busy machine.
        let settings = "auth_backoff_first_ms = 0\nauth_backoff_max_ms = 0\ntimeout_seconds = 120";
        let settings: Http = toml::from_str(settings).unwrap();
        let router = router(&settings, http);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(async move { mbush::api::serve(listener, router, &settings, CancellationToken::new()).await });
        let client = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
        let database = config.store.url;
        Some(Self { node, client, url, clients, database, folder, _server: server })
    }

    /// A request of the bank's cash machines; its status and its body.
    pub(crate) async fn call(&self, path: &str, key: Option<&str>, body: Value) -> (u16, Value) {
        self.call_as("atm secret", path, key, body).await
    }

    pub(crate) async fn call_as(&self, secret: &str, path: &str, key: Option<&str>, body: Value) -> (u16, Value) {
        let mut request = self.client.post(format!("{}{path}", self.url)).bearer_auth(secret).json(&body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        read(request.send().await.unwrap()).await
    }

    /// A request as it is written here, with more than the others have.
    pub(crate) async fn send(
        &self,
        secret: &str,
        path: &str,
        more: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(secret);
        read(more(request).send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, secret: &str, path: &str) -> (u16, Value) {
        read(self.client.get(format!("{}{path}", self.url)).bearer_auth(secret).send().await.unwrap()).await
    }

    /// The interface for switches, with these settings of `[iso8583]`.
    pub(crate) async fn switches(&self, settings: &str) -> Switches {
        let settings = format!("[iso8583]\nlisten = \"127.0.0.1:0\"\n{settings}");
        let settings = Config::from_toml(&settings).unwrap().iso8583;
        let prepared = Switches::prepare(&settings).unwrap();
        prepared.start(self.clients.clone(), self.node.clock.clone()).await.unwrap()
    }

    /// A top-up by a cash machine.
    pub(crate) async fn top_up(&self, key: &str, number: &str, minor: i64) -> Value {
        let (status, body) = self.call("/topups", Some(key), top_up(number, minor)).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn reverse(&self, key: &str) -> Value {
        let (status, body) = self.call(&format!("/topups/{key}/reversal"), None, json!({})).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn status(&self, key: &str) -> (u16, Value) {
        self.get("atm secret", &format!("/topups/{key}")).await
    }

    /// Balance of a number, in minor units; 0 where it has no account.
    pub(crate) async fn balance(&self, digits: &str) -> i64 {
        let key = AccountKey::subscriber(digits.parse().unwrap());
        self.node.store.account(&key).await.unwrap().map_or(0, |account| account.balance_minor)
    }

    pub(crate) async fn clearing(&self, bank: &str) -> i64 {
        self.node.store.clearing_minor(bank).await.unwrap()
    }

    /// Runs a statement on its database; the number of rows.
    pub(crate) async fn execute(&self, sql: &'static str) -> u64 {
        if self.database.starts_with("sqlite:") {
            let mut database = SqliteConnection::connect(&self.database).await.unwrap();
            return sqlx::query(sql).execute(&mut database).await.unwrap().rows_affected();
        }
        let mut database = PgConnection::connect(&self.database).await.unwrap();
        sqlx::query(sql).execute(&mut database).await.unwrap().rows_affected()
    }

    /// Proves the ledger.
    pub(crate) async fn assert_sound(&self) {
        let audit = self.node.store.audit(&mut |_| {}).await.unwrap();
        assert_eq!(audit.offence, None);
    }

    /// A batch of cards of 10.00 EUR with these codes, on sale.
    pub(crate) async fn cards(&self, codes: &[&str]) {
        let config =
            format!("[vouchers]\nkeys = [{{ id = \"1\", file = \"{}/1.key\" }}]\n", self.folder.path().display());
        let keys = Config::from_toml(&config).unwrap().vouchers.keys().unwrap();
        let key = keys.newest().unwrap();
        let hashes: Vec<_> = codes.iter().map(|code| key.hash(code.parse::<Code>().unwrap())).collect();
        let (store, at) = (&self.node.store, start_of_time());
        let batch = NewBatch {
            amount: mbush::domain::Amount::whole(10).unwrap(),
            count: u32::try_from(codes.len()).unwrap(),
            days: None,
            key: "1".into(),
            expires_at: at + TimeDelta::days(365),
            by: "arta".into(),
            at,
        };
        let number = store.open_voucher_batch(&batch).await.unwrap();
        store.add_vouchers(number, 1, &hashes).await.unwrap();
        let batch = store.voucher_batch(number).await.unwrap().unwrap();
        let active = CardBatch { state: State::Active, file: Some([1; 32]), ..batch.clone() };
        let event = VoucherEvent {
            place: None,
            from: batch.state,
            to: State::Active,
            by: "besim".into(),
            note: "n".into(),
            at,
        };
        assert!(store.step_voucher_batch(&active, &event).await.unwrap());
    }
}

async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{status}, {error}: {text}")))
}

pub(crate) fn top_up(number: &str, minor: i64) -> Value {
    json!({ "number": number, "amount_minor": minor })
}
