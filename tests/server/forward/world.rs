//! The program between a gateway and a bank's system, both in this process.

use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;
use testkit::process::Process;
use testkit::{DEADLINE, mbush};
use tokio::time::Instant;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// Answers in their order, and then well.
struct InTurn(Mutex<Vec<ResponseTemplate>>);

impl Respond for InTurn {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let mut answers = self.0.lock().unwrap();
        if answers.is_empty() { ResponseTemplate::new(200) } else { answers.remove(0) }
    }
}

pub(super) struct World {
    folder: TempDir,
    server: Process,
    http: String,
    peers: Arc<MockServer>,
}

impl World {
    /// `form` is the rest of the only form beside a top-up, `keys` are further lines of `[forward.loan]`, and `answers`
    /// those of the bank's system.
    pub(super) async fn start(form: &str, keys: &str, answers: Vec<ResponseTemplate>) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let peers = MockServer::start().await;
        Mock::given(path("/loan")).respond_with(InTurn(Mutex::new(answers))).mount(&peers).await;
        Mock::given(path("/sms")).respond_with(ResponseTemplate::new(200)).mount(&peers).await;
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), form, keys, &peers.uri());
        let mut command = mbush();
        let server = Process::start("mbush serve", command.arg("serve").current_dir(folder.path()));
        let http =
            server.line("its address", |line| line.starts_with("listening on ")).split_off("listening on ".len());
        Self { folder, server, http, peers: Arc::new(peers) }
    }

    pub(super) async fn sms(&self, id: &str, text: &str) -> Value {
        self.sms_from(id, "+38349111222", text).await
    }

    pub(super) async fn sms_from(&self, id: &str, from: &str, text: &str) -> Value {
        let body = json!({ "id": id, "from": from, "to": "50777", "text": text });
        let client = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
        let request = client.post(format!("http://{}/v1/sms", self.http)).bearer_auth("s").json(&body);
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn requests(&self, to: &str, count: usize) -> Vec<Request> {
        let end = Instant::now() + DEADLINE;
        loop {
            let mut requests = self.peers.received_requests().await.unwrap();
            requests.retain(|request| request.url.path() == to);
            if requests.len() >= count {
                return requests;
            }
            assert!(Instant::now() < end, "{count} requests to {to}, not {}", requests.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the bank's system was posted, when there are so many.
    pub(super) async fn posts(&self, count: usize) -> Vec<Request> {
        self.requests("/loan", count).await
    }

    /// The SMS to the customer, when there are so many.
    pub(super) async fn replies(&self, count: usize) -> Vec<String> {
        let text = |request: &Request| request.body_json::<Value>().unwrap()["text"].as_str().unwrap().to_owned();
        self.requests("/sms", count).await.iter().map(text).collect()
    }

    /// The only request of this state, when there is one.
    pub(super) async fn listed(&self, state: &str) -> Value {
        let end = Instant::now() + DEADLINE;
        loop {
            let listed = self.object_lines(&["forward", "list", "--state", state]);
            if let [one] = &listed[..] {
                return one.clone();
            }
            assert!(Instant::now() < end && listed.is_empty(), "one is {state}, not {listed:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        testkit::run(mbush().current_dir(self.folder.path()).args(arguments))
    }

    /// What a command prints, having ended well.
    pub(super) fn told(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub(super) fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} was not refused");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub(super) fn object_lines(&self, arguments: &[&str]) -> Vec<Value> {
        let printed = self.told(&[&["--json"], arguments].concat());
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(super) fn object(&self, arguments: &[&str]) -> Value {
        self.object_lines(arguments).pop().unwrap()
    }

    pub(super) async fn metrics(&self) -> String {
        reqwest::get(format!("http://{}/metrics", self.http)).await.unwrap().text().await.unwrap()
    }

    /// All octets of the database, as a text.
    pub(super) fn database(&self) -> String {
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let of_database = files.filter(|file| file.to_string_lossy().contains("mbush.db"));
        of_database.map(|file| String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned()).collect()
    }

    pub(super) async fn stop(self) {
        let (status, printed) = tokio::task::spawn_blocking(|| self.server.terminate()).await.unwrap();
        assert!(status.success(), "{printed:#?}");
    }
}

fn write(folder: &Path, form: &str, keys: &str, peers: &str) {
    let grammar = format!(
        "bank = \"seventh\"\nname = \"Seventh Bank\"\nshort_codes = [\"50777\"]\nevidence = \"assumed\"\n\
         source = \"a test\"\nlanguages = [\"en\", \"sq\"]\n[[form]]\nname = \"top-up\"\ntext = \"{{amount}}\"\n\
         [[form]]\nname = \"asked\"\n{form}\n"
    );
    std::fs::create_dir(folder.join("grammars")).unwrap();
    std::fs::write(folder.join("grammars/seventh.toml"), grammar).unwrap();
    std::fs::write(folder.join("pin.key"), "07".repeat(32)).unwrap();
    let config = format!(
        "[store]\nurl = \"sqlite://{0}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
         [grammars]\ndir = \"{0}/grammars\"\n[subscribers]\nunknown = \"create\"\nlanguage = \"en\"\n\
         [log]\nfilter = \"error\"\n[pins]\nkey_file = \"{0}/pin.key\"\n\
         [links.bank]\nkind = \"http\"\nsecret = \"s\"\nurl = \"{peers}/sms\"\n\
         [forward.loan]\nurl = \"{peers}/loan\"\nsecret = \"loan-secret\"\n{keys}\n",
        folder.display()
    );
    std::fs::write(folder.join("mbush.toml"), config).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(folder.join("pin.key"), mode).unwrap();
}

/// Verifies a post as docs/forward.md tells a bank to do it.
pub(super) fn is_signed(post: &Request, secret: &str) -> bool {
    let header = post.headers["Mbush-Signature"].to_str().unwrap();
    let (time, tag) = header.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let mac = mac.chain_update(time).chain_update(".").chain_update(&post.body);
    mac.verify_slice(&hex::decode(tag).unwrap()).is_ok()
}
