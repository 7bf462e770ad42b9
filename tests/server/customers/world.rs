//! The program with a simulated SMSC and a gateway.

use std::process::Stdio;
use std::time::Duration;

use mbush::simulator::{Smsc, SmscSettings, Text, esme};
use mbush::smpp::address::Address;
use mbush::smpp::pdu::{Body, Sm};
use mbush::smpp::tlv::{Tlvs, tag};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::process::Process;
use testkit::wait::{until, within};
use testkit::{DEADLINE, mbush, run};
use tokio::sync::broadcast::Receiver;

pub(crate) struct World {
    folder: TempDir,
    pub(crate) smsc: Smsc,
    server: Option<Process>,
    http: String,
}

impl World {
    /// `link` are further lines of the SMSC's link, `more` further sections.
    pub(crate) async fn start(link: &str, more: &str) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let smsc = Smsc::start(SmscSettings { window: 1, ..SmscSettings::default() }).await.unwrap();
        let config = format!(
            "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [subscribers]\nunknown = \"create\"\nlanguage = \"en\"\n[log]\nfilter = \"error\"\n\
             [products.tv]\nprice = \"9.99\"\n[products]\nunknown = \"create\"\n\
             [links.gateway]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n\
             [links.ipko]\nkind = \"smsc\"\nhosts = [\"{}\"]\nsystem_id = \"mbush\"\npassword = \"mbush\"\n\
             ussd_codes = {{ \"123\" = \"123\" }}\nreconnect_first_ms = 20\nreconnect_max_ms = 100\n{link}{more}",
            folder.path().display(),
            smsc.address()
        );
        std::fs::write(folder.path().join("mbush.toml"), config).unwrap();
        let mut world = Self { folder, smsc, server: None, http: String::new() };
        world.start_server().await;
        world
    }

    pub(crate) async fn start_server(&mut self) {
        let mut command = mbush();
        command.arg("serve").current_dir(self.folder.path()).stdin(Stdio::null());
        let server = Process::start("mbush serve", &mut command);
        self.http =
            server.line("its address", |line| line.starts_with("listening on ")).split_off("listening on ".len());
        self.server = Some(server);
        within("a session", self.smsc.receiver_bound()).await;
    }

    /// Ends it; what was on its way is sent.
    pub(crate) async fn stop_server(&mut self) {
        let (status, printed) = self.server.take().unwrap().terminate();
        assert!(status.success(), "{printed:#?}");
        until("nobody is bound", || self.smsc.sessions() == 0).await;
    }

    /// What a command prints, whether it succeeds or not.
    pub(crate) fn told(&self, arguments: &[&str]) -> String {
        let mut command = mbush();
        let output = run(command.current_dir(self.folder.path()).args(arguments));
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    /// Delivers a text from this address, and waits until it is answered OK: it is committed then.
    pub(crate) async fn deliver(&self, source: (u8, u8, &str), to: &str, text: &str) {
        self.deliver_sm(from(source, to, text)).await;
    }

    pub(crate) async fn deliver_sm(&self, sm: Sm) {
        let status = within("an answer", self.smsc.deliver_sm(sm)).await.unwrap();
        assert!(status.is_ok(), "{status}");
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let request = client.post(format!("http://{}{path}", self.http)).bearer_auth("s").json(body);
        request.send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn sms(&self, id: &str, from: &str, to: &str, text: &str) -> Value {
        self.post("/v1/sms", &json!({ "id": id, "from": from, "to": to, "text": text })).await
    }

    pub(crate) async fn metrics(&self) -> String {
        reqwest::get(format!("http://{}/metrics", self.http)).await.unwrap().text().await.unwrap()
    }
}

/// A text from an address of this type and plan.
pub(crate) fn from((ton, npi, value): (u8, u8, &str), to: &str, text: &str) -> Sm {
    let phone = Text { from: "38349111222".to_owned(), to: to.to_owned(), text: String::new() };
    let sm = esme::message(&phone, text.as_bytes().to_vec(), 0, 0).unwrap();
    Sm { source: Address::new(ton, npi, value).unwrap(), ..sm }
}

/// The same as what the phone dials.
pub(crate) fn dialled(source: (u8, u8, &str), to: &str, text: &str) -> Sm {
    Sm { tlvs: Tlvs::default().with(tag::USSD_SERVICE_OP, &[1]).unwrap(), ..from(source, to, text) }
}

/// The next message that the program submits: where it goes, and its text.
pub(crate) async fn submitted(requests: &mut Receiver<Body>) -> (u8, u8, String, String) {
    loop {
        let next = tokio::time::timeout(DEADLINE, requests.recv()).await.expect("a reply comes").unwrap();
        if let Body::SubmitSm(sm) = next {
            let text = String::from_utf8_lossy(sm.short_message.octets()).into_owned();
            return (sm.destination.ton, sm.destination.npi, sm.destination.value.to_string(), text);
        }
    }
}
