//! A program with a gateway, a client and staff, and what calls it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::process::Process;
use testkit::{DEADLINE, mbush};

pub(crate) const GATEWAY: &str = "the gateway's secret";
pub(crate) const CLIENT: &str = "the client's secret";
pub(crate) const STAFF: &str = "the staff's secret";

const SECTIONS: &str = r#"
[subscribers]
unknown = "create"
language = "en"
[dispatch]
retry_first_ms = 50
[log]
filter = "warn"
[clients.till]
bank = "bkt"
channel = "api"
secret = "the client's secret"
"#;

pub(crate) struct World {
    pub(crate) http: String,
    _folder: TempDir,
    process: Process,
    client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("there is an answer");
        let status = response.status().as_u16();
        let shown = |value: &reqwest::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), shown(value))).collect();
        Self { status, headers, text: response.text().await.expect("a whole answer") }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// An error of RFC 9457 with this status, at this place.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, place: &str) {
        assert_eq!(self.headers.get("content-type").map(String::as_str), Some("application/problem+json"), "{self:?}");
        let body = self.json();
        assert_eq!((self.status, body["status"].as_u64()), (status, Some(status.into())), "{self:?}");
        assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()), "{self:?}");
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{self:?}");
        if !place.is_empty() {
            assert_eq!(body["where"], place, "{self:?}");
        }
    }
}

impl World {
    /// On a new database in a file. `http` are further keys of `[http]`, `more` further sections.
    pub(crate) fn start(http: &str, more: &str) -> Self {
        Self::replying_to("http://127.0.0.1:9/", http, more)
    }

    /// With replies of the gateway to this address.
    pub(crate) fn replying_to(gateway: &str, http: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let url = format!("sqlite://{}/mbush.db", folder.path().display());
        Self::start_on(folder, (&url, gateway), http, more)
    }

    pub(crate) fn start_on(folder: TempDir, (url, gateway): (&str, &str), http: &str, more: &str) -> Self {
        let text = format!(
            "[store]\nurl = \"{url}\"\n[http]\nlisten = \"127.0.0.1:0\"\nadmin_secret = \"{STAFF}\"\n{http}\n{SECTIONS}\n\
             [links.gateway]\nkind = \"http\"\nsecret = \"{GATEWAY}\"\nurl = \"{gateway}\"\n{more}"
        );
        std::fs::write(folder.path().join("mbush.toml"), text).expect("the folder is ours");
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut command = mbush();
        let process = Process::start("mbush serve", command.current_dir(folder.path()).arg("serve"));
        let http = process.line("its address", |line| line.starts_with("listening on ")).split_off(13);
        let client = reqwest::Client::builder().timeout(DEADLINE).build().expect("a client");
        Self { http, _folder: folder, process, client }
    }

    /// The address of another interface.
    pub(crate) fn listening(&self, what: &str) -> String {
        let begin = format!("listening for {what} on ");
        self.process.line(what, |line| line.starts_with(&begin)).split_off(begin.len())
    }

    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.http))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(reqwest::Method::GET, path)).await
    }

    pub(crate) fn sms(&self, id: &str, from: &str, to: &str, text: &str) -> reqwest::RequestBuilder {
        let body = json!({ "id": id, "from": from, "to": to, "text": text });
        self.request(reqwest::Method::POST, "/v1/sms").bearer_auth(GATEWAY).json(&body)
    }

    pub(crate) fn top_up(&self, key: &str) -> reqwest::RequestBuilder {
        let body = json!({ "number": "049123456", "amount_minor": 500 });
        let request = self.request(reqwest::Method::POST, "/v1/topups").bearer_auth(CLIENT);
        request.header("Idempotency-Key", key).json(&body)
    }

    /// What a metric is now; 0 where nothing was counted.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").await.text;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap_or_else(|error| panic!("{value}: {error}")))
    }

    pub(crate) fn printed(&self) -> Vec<String> {
        self.process.printed()
    }

    /// The lines of the log with this text.
    pub(crate) fn lines(&self, count: usize, text: &str) -> Vec<String> {
        self.process.lines(count, text, |line| line.contains(text))
    }
}
