//! HTTP before a processor that takes nothing: each refusal has its status and its place. There is no database.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mbush::api::{Gateways, Server, router};
use mbush::config::Config;
use mbush::domain::{
    Account, AccountKey, AddressType, Clock, Contradiction, Dealer, DealerName, InboundSms, Language, Line, Msisdn,
    Rejection, ReportWanted,
};
use mbush::links::clients::{Clients, Roster};
use mbush::links::faults::FaultLog;
use mbush::links::smpp::Accepted;
use mbush::links::smpp::receipts::{ReceiptSink, Settlement};
use mbush::processor::{Answer, InboundPart, Ingress, Known, NotAccepted, Order, OrderState};
use serde_json::{Value, json};
use testkit::DEADLINE;

use crate::node::{formats, menus, plan};

/// Refuses everything for this reason.
#[derive(Debug)]
struct Refusing(NotAccepted);

impl Refusing {
    fn refuse<T: Send + 'static>(&self) -> BoxFuture<'_, Result<T, NotAccepted>> {
        std::future::ready(Err(self.0.clone())).boxed()
    }
}

impl ReceiptSink for Refusing {
    fn settle(&self, _settlement: Settlement) -> BoxFuture<'_, Accepted> {
        std::future::ready(Accepted::Busy).boxed()
    }
}

impl Ingress for Refusing {
    fn accept(&self, _message: InboundSms, _report: ReportWanted) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        self.refuse()
    }

    fn accept_in_dialogue(&self, _message: InboundSms) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        self.refuse()
    }

    fn accept_part(&self, _part: InboundPart) -> BoxFuture<'_, Result<String, NotAccepted>> {
        self.refuse()
    }

    fn order(&self, _order: Order) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        self.refuse()
    }

    fn try_out(&self, _order: Order) -> BoxFuture<'_, Result<Answer, NotAccepted>> {
        self.refuse()
    }

    fn order_state(&self, _keys: [String; 2], _withdrawal: String) -> BoxFuture<'_, Result<OrderState, NotAccepted>> {
        self.refuse()
    }

    fn find<'a>(&'a self, _link: &'a str, _key: String) -> BoxFuture<'a, Result<Known, NotAccepted>> {
        self.refuse()
    }

    fn dealer<'a>(&'a self, _name: &'a DealerName) -> BoxFuture<'a, Result<Option<Dealer>, NotAccepted>> {
        self.refuse()
    }

    fn account<'a>(&'a self, _key: &'a AccountKey) -> BoxFuture<'a, Result<Option<Account>, NotAccepted>> {
        self.refuse()
    }

    fn language<'a>(&'a self, _from: &'a str) -> BoxFuture<'a, Language> {
        std::future::ready(Language::EN).boxed()
    }

    fn languages(&self) -> Vec<Language> {
        vec![Language::EN]
    }

    fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        plan().phone(from, labelled)
    }

    fn line(&self, written: &str) -> Result<Line, Rejection> {
        mbush::grammar::number(written, &plan()).map_err(Rejection::new)
    }

    fn words(&self, rejection: &Rejection, _to: &str, _language: Option<Language>) -> String {
        rejection.reason.as_str().to_owned()
    }
}

const CONFIG: &str = r#"
[links.bank]
kind = "http"
secret = "right"
url = "http://127.0.0.1:9/"
[clients.atm]
bank = "bkt"
channel = "atm"
secret = "atm"
"#;

/// Where the server is.
async fn start(refusal: NotAccepted) -> String {
    drop(rustls::crypto::ring::default_provider().install_default());
    let config = Config::from_toml(CONFIG).unwrap();
    let (ingress, clock) = (Arc::new(Refusing(refusal)), Clock::new(chrono::Utc::now));
    let server = Server {
        ingress: ingress.clone(),
        receipts: ingress.clone(),
        faults: FaultLog::default(),
        gateways: Gateways::new(&config.links, &formats()).unwrap(),
        clients: Clients::new(Roster::new(&config.clients).unwrap(), ingress, plan(), clock.clone()),
        staff: None,
        monitoring: None,
        menus: menus(),
        rules: Arc::new(config.rules.clone()),
        clock,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router(&config.http, server)).await });
    url
}

#[tokio::test]
async fn each_refusal_of_the_processor_has_its_status_at_every_door() {
    let sms = json!({ "id": "1", "from": "+38349111222", "to": "50005", "text": "049123456 5" });
    let step = json!({ "session": "1", "msisdn": "+38349111222", "dialled": "*50005*5#", "text": "" });
    let top_up = json!({ "number": "049123456", "amount_minor": 500 });
    let card = json!({ "number": "049123456", "code": "7401582000319520" });
    let receipt = json!({ "id": "1", "state": "delivered" });
    let requests: [(&str, &str, Value); 7] = [
        ("/v1/sms", "right", sms.clone()),
        ("/v1/gateways/bank/messages", "right", sms),
        ("/v1/ussd", "right", step),
        ("/v1/topups", "atm", top_up.clone()),
        ("/v1/lookup", "atm", top_up),
        ("/v1/vouchers/redeem", "atm", card),
        ("/v1/topups/K/reversal", "atm", json!({})),
    ];
    for (refusal, statuses, retry_after) in [
        (NotAccepted::QueueFull, [503; 7], Some("1")),
        (NotAccepted::Stopping, [503; 7], Some("1")),
        (NotAccepted::Store, [503; 7], Some("1")),
        (NotAccepted::Unknown, [503; 7], Some("1")),
        (NotAccepted::Throttled { seconds: 7 }, [429; 7], Some("7")),
        (NotAccepted::Conflict, [409, 409, 409, 422, 422, 422, 422], None),
        (NotAccepted::Contradiction(Contradiction::Amount), [409, 409, 409, 422, 422, 422, 422], None),
    ] {
        let url = start(refusal.clone()).await;
        let client = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
        for ((path, secret, body), status) in requests.iter().zip(statuses) {
            let request = client.post(format!("{url}{path}")).bearer_auth(secret).header("idempotency-key", "K");
            let response = request.json(body).send().await.unwrap();
            let after = response.headers().get("retry-after").and_then(|after| after.to_str().ok()).map(str::to_owned);
            assert_eq!((response.status().as_u16(), after.as_deref()), (status, retry_after), "{path}: {refusal:?}");
        }
        let request = client.post(format!("{url}/v1/gateways/bank/receipts")).bearer_auth("right").json(&receipt);
        assert_eq!(request.send().await.unwrap().status(), 503, "the gateway sends the receipt again");
    }
}
