//! kill -9 in mid-run, then a restart: nothing that was acknowledged is lost, and nothing is done twice.

#[allow(dead_code, reason = "each test binary uses its part of what they share")]
mod common;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::process::Process;
use common::{free_ports, mbush};
use futures_util::StreamExt;
use futures_util::stream;
use mbush::store::Store;
use serde_json::{Value, json};

/// Messages of one run.
const MESSAGES: usize = 600;
/// Acknowledgements after which the program is killed, in turn.
const KILLS: [usize; 5] = [1, 60, 170, 300, 450];
/// Longest wait for an acknowledgement: far more than any commit takes.
const POST_TIMEOUT: Duration = Duration::from_secs(20);
/// Posts that are under way at once, so that a kill meets a batch.
const AT_ONCE: usize = 48;

struct Server {
    process: Process,
    url: String,
}

fn start(folder: &Path, port: u16) -> Server {
    let mut config = format!(
        "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:{port}\"\n[subscribers]\nunknown = \"create\"\n",
        folder.display()
    );
    let _ = write!(
        config,
        "[links.bank]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n[log]\nfilter = \"error\"\n"
    );
    let file = folder.join("mbush.toml");
    std::fs::write(&file, config).unwrap();
    let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    process.line("its address", |line| line.starts_with("listening on "));
    Server { process, url: format!("http://127.0.0.1:{port}/v1/sms") }
}

/// Message `index`: its own payer, and one of seven numbers.
fn message(index: usize) -> Value {
    let (payer, target) = (format!("383491{index:05}"), format!("04920000{}", index % 7));
    json!({ "id": format!("m{index}"), "from": payer, "to": "50005", "text": format!("{target} 2") })
}

/// Posts them all; the transfers of those that were acknowledged, by message. `acknowledged` counts along.
async fn post_all(url: String, indices: Vec<usize>, acknowledged: Arc<AtomicUsize>) -> HashMap<usize, String> {
    // The client may never wake a request whose connection died with the server (seen 3 times in 270 runs: no socket was
    // left, and every thread slept), so that each has an end of its own; a gateway gives up and sends again, too.
    let client = reqwest::Client::builder().timeout(POST_TIMEOUT).build().unwrap();
    let posts = indices.into_iter().map(|index| {
        let request = client.post(&url).bearer_auth("s").json(&message(index));
        let acknowledged = acknowledged.clone();
        async move {
            let response = request.send().await.ok()?;
            if !response.status().is_success() {
                return None;
            }
            let answer: Value = response.json().await.ok()?;
            acknowledged.fetch_add(1, Ordering::Relaxed);
            Some((index, answer["transfer"].as_str()?.to_owned()))
        }
    });
    stream::iter(posts).buffer_unordered(AT_ONCE).filter_map(|done| async { done }).collect().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_and_restarted_it_loses_nothing_and_doubles_nothing() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let [port] = free_ports();
    let mut acknowledged: HashMap<usize, String> = HashMap::new();
    for kill_after in KILLS {
        let server = start(folder.path(), port);
        // What is not acknowledged is sent again, and with it some of what was: a gateway that missed the answer.
        let again = |index: &usize| !acknowledged.contains_key(index) || index.is_multiple_of(5);
        let indices: Vec<usize> = (0..MESSAGES).filter(again).collect();
        let count = Arc::new(AtomicUsize::new(0));
        let posts = tokio::spawn(post_all(server.url.clone(), indices, count.clone()));
        while count.load(Ordering::Relaxed) < kill_after && !posts.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // SIGKILL, while most posts are under way.
        drop(server.process);
        for (index, transfer) in posts.await.unwrap() {
            let first = acknowledged.entry(index).or_insert_with(|| transfer.clone());
            assert_eq!(*first, transfer, "message {index} was answered with two transfers");
        }
    }
    let server = start(folder.path(), port);
    let answers = post_all(server.url.clone(), (0..MESSAGES).collect(), Arc::default()).await;
    assert_eq!(answers.len(), MESSAGES);
    for (index, transfer) in &acknowledged {
        assert_eq!(answers.get(index), Some(transfer), "the acknowledged top-up of message {index} is not there");
    }
    let (status, _) = server.process.terminate();
    assert!(status.success());
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
