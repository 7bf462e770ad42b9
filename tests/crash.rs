//! kill -9 in mid-run, then a restart: nothing that was acknowledged is lost, and nothing is done twice.

#[allow(dead_code, reason = "each test binary uses its part of what they share")]
mod common;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::process::Process;
use common::{DEADLINE, mbush};
use futures_util::StreamExt;
use futures_util::stream;
use mbush::store::Store;
use serde_json::{Value, json};

/// Messages of one run.
const MESSAGES: usize = 600;
/// Acknowledgements after which the program is killed, in turn.
const KILLS: [usize; 5] = [1, 60, 170, 300, 450];
/// Longest wait for an acknowledgement: far more than any commit takes.
const POST_TIMEOUT: Duration = Duration::from_secs(15);
/// Posts that are under way at once, so that a kill meets a batch.
const AT_ONCE: usize = 48;

struct Server {
    process: Process,
    url: String,
}

/// Chooses its own port each time: another program may have been given the last one meanwhile.
fn start(folder: &Path) -> Server {
    let config = format!(
        "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\n\
         [links.bank]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n[log]\nfilter = \"warn\"\n",
        folder.display()
    );
    let file = folder.join("mbush.toml");
    std::fs::write(&file, config).unwrap();
    let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    let said = "listening on ";
    let address = process.line("its address", |line| line.starts_with(said)).split_off(said.len());
    Server { process, url: format!("http://{address}/v1/sms") }
}

/// Message `index`: its own payer, and one of seven numbers.
fn message(index: usize) -> Value {
    let (payer, target) = (format!("383491{index:05}"), format!("04920000{}", index % 7));
    json!({ "id": format!("m{index}"), "from": payer, "to": "50005", "text": format!("{target} 2") })
}

/// Transfers that were acknowledged, by message.
#[derive(Default)]
struct Acknowledged(Mutex<HashMap<usize, String>>);

impl Acknowledged {
    fn lock(&self) -> MutexGuard<'_, HashMap<usize, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, index: usize, transfer: &str) {
        let first = self.lock().entry(index).or_insert_with(|| transfer.to_owned()).clone();
        assert_eq!(first, transfer, "message {index} was answered with two transfers");
    }
}

/// Posts them all; how many answers there were is counted along.
async fn post_all(url: String, indices: Vec<usize>, acknowledged: Arc<Acknowledged>, answers: Arc<AtomicUsize>) {
    // A request that is handed to a connection in the moment of its death may never be woken (the client drops the
    // connection's queue with the request in it, and holds that queue itself while it waits). Each has an end of its
    // own, and is then one that was not acknowledged: a gateway gives up and sends again, too.
    let client = reqwest::Client::builder().timeout(POST_TIMEOUT).build().unwrap();
    let posts = stream::iter(indices).map(|index| {
        let request = client.post(&url).bearer_auth("s").json(&message(index));
        async move {
            let response = request.send().await.ok()?.error_for_status().ok()?;
            let answer: Value = response.json().await.ok()?;
            Some((index, answer["transfer"].as_str()?.to_owned()))
        }
    });
    let mut posts = posts.buffer_unordered(AT_ONCE);
    while let Some(answer) = posts.next().await {
        if let Some((index, transfer)) = answer {
            acknowledged.add(index, &transfer);
            answers.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// One life of the program: under load until it is killed after so many answers.
async fn live_and_die(folder: &Path, kill_after: usize, acknowledged: &Arc<Acknowledged>) {
    let server = start(folder);
    // What is not acknowledged is sent again, and with it some of what was: a gateway that missed the answer.
    let known: HashSet<usize> = acknowledged.lock().keys().copied().collect();
    let indices = (0..MESSAGES).filter(|index| !known.contains(index) || index.is_multiple_of(5)).collect();
    let answers = Arc::new(AtomicUsize::new(0));
    let posts = tokio::spawn(post_all(server.url.clone(), indices, acknowledged.clone(), answers.clone()));
    let so_far = || answers.load(Ordering::Relaxed);
    let end = Instant::now() + DEADLINE;
    while so_far() < kill_after && !posts.is_finished() {
        assert!(
            Instant::now() < end,
            "{} of {kill_after} answers; it printed {:#?}",
            so_far(),
            server.process.printed()
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // SIGKILL, while most posts are under way.
    let printed = server.process.printed();
    drop(server.process);
    let ended = tokio::time::timeout(DEADLINE, posts).await;
    ended.unwrap_or_else(|_| panic!("posts to a dead server do not end; it had printed {printed:#?}")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_and_restarted_it_loses_nothing_and_doubles_nothing() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = Arc::new(Acknowledged::default());
    for kill_after in KILLS {
        live_and_die(folder.path(), kill_after, &acknowledged).await;
    }
    let before = acknowledged.lock().clone();
    let server = start(folder.path());
    let posts = post_all(server.url.clone(), (0..MESSAGES).collect(), acknowledged.clone(), Arc::default());
    let ended = tokio::time::timeout(DEADLINE, posts).await;
    let count = acknowledged.lock().len();
    let printed = server.process.printed();
    assert!(ended.is_ok() && count == MESSAGES, "{count} of {MESSAGES} acknowledged; it printed {printed:#?}");
    for (index, transfer) in &before {
        let now = acknowledged.lock().get(index).cloned();
        assert_eq!(now.as_ref(), Some(transfer), "the acknowledged top-up of message {index} is not there");
    }
    let (status, lines) = server.process.terminate();
    assert!(status.success(), "{status}\n{lines:#?}");
    check_books(folder.path()).await;
}

async fn check_books(folder: &Path) {
    let store = Store::open(&format!("sqlite://{}/mbush.db", folder.display())).await.unwrap();
    let totals = store.totals().await.unwrap();
    let count = i64::try_from(MESSAGES).unwrap();
    assert_eq!((totals.messages, totals.applied, totals.transfers), (count, count, count));
    assert_eq!((totals.transferred_cents, totals.balances_cents), (count * 200, count * 200));
    assert_eq!(store.clearing_cents("ekonomike").await.unwrap(), count * 200);
}
