//! The whole program over real sockets: `mbush serve` on a database file, bound to a simulated SMSC.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use mbush::simulator::{Faults, Smsc, SmscSettings, Submitted, Text};
use mbush::smpp::CommandStatus;
use mbush::store::{Store, Totals};
use testkit::mbush;
use testkit::process::Process;
use testkit::relay::Relay;
use testkit::wait::{until, within};
use tokio::sync::broadcast;

struct Server {
    process: Process,
    folder: PathBuf,
}

impl Server {
    fn start(folder: &Path, smsc: &Smsc) -> Self {
        Self::start_with(folder, smsc, "")
    }

    /// `further` are more sections of the configuration.
    fn start_with(folder: &Path, smsc: &Smsc, further: &str) -> Self {
        Self::start_at(folder, smsc.address(), further)
    }

    fn start_at(folder: &Path, smsc: SocketAddr, further: &str) -> Self {
        let config = format!(
            "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [subscribers]\nunknown = \"create\"\n[dispatch]\nretry_first_ms = 50\nunanswered_wait_seconds = 1\nlease_seconds = 10\n\
             [log]\nfilter = \"error\"\n\
             [links.ipko]\nkind = \"smsc\"\nhosts = [\"{}\"]\nsystem_id = \"mbush\"\npassword = \"mbush\"\n\
             throttle_segments_per_second = 10000\nreconnect_first_ms = 20\nreconnect_max_ms = 100\n{further}",
            folder.display(),
            smsc
        );
        let file = folder.join("mbush.toml");
        std::fs::write(&file, config).unwrap();
        let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
        process.line("its address", |line| line.starts_with("listening on "));
        Self { process, folder: folder.to_owned() }
    }

    /// Ends it as an init system does, and reads the books.
    async fn stop(self) -> Totals {
        let (status, lines) = self.process.terminate();
        assert!(status.success(), "{status}\n{lines:#?}");
        let store = Store::open(&format!("sqlite://{}/mbush.db", self.folder.display())).await.unwrap();
        let totals = store.totals().await.unwrap();
        assert_eq!(totals.transferred_minor, totals.balances_minor, "the books do not agree: {totals:?}");
        assert_eq!(totals.applied, totals.transfers);
        totals
    }
}

async fn smsc() -> Smsc {
    Smsc::start(SmscSettings { window: 32, ..SmscSettings::default() }).await.unwrap()
}

/// Each from a phone of its own, 2 euros for one of five numbers.
fn texts(count: usize) -> Vec<Text> {
    (0..count)
        .map(|index| Text {
            from: format!("383491{index:05}"),
            to: "50005".to_owned(),
            text: format!("04920000{} 2", index % 5),
        })
        .collect()
}

/// Delivers all of them, and those without an OK again, as an SMSC does, until each has one.
async fn deliver_until_acknowledged(smsc: &Smsc, texts: &[Text]) {
    let mut left: Vec<&Text> = texts.iter().collect();
    let end = Instant::now() + testkit::DEADLINE;
    while !left.is_empty() {
        assert!(Instant::now() < end, "{} of {} are not acknowledged", left.len(), texts.len());
        within("a bind", smsc.receiver_bound()).await;
        let delivered = stream::iter(left).map(|text| async move { (text, smsc.deliver(text).await) });
        let results: Vec<_> = delivered.buffer_unordered(64).collect().await;
        left =
            results.into_iter().filter(|(_, result)| *result != Ok(CommandStatus::OK)).map(|(text, _)| text).collect();
    }
}

/// Replies by phone, until each of these phones has one.
async fn replies(submitted: &mut broadcast::Receiver<Submitted>, texts: &[Text]) -> HashMap<String, Vec<String>> {
    let mut replies: HashMap<String, Vec<String>> = HashMap::new();
    while !texts.iter().all(|text| replies.contains_key(&text.from)) {
        let message = tokio::time::timeout(testkit::DEADLINE, submitted.recv()).await.expect("a reply comes").unwrap();
        replies.entry(message.to).or_default().push(message.text);
    }
    replies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_credits_and_replies_as_texts_and_a_second_delivery_adds_no_credit() {
    let (folder, smsc, texts) = (tempfile::tempdir().unwrap(), smsc().await, texts(300));
    let mut submitted = smsc.submitted();
    let server = Server::start(folder.path(), &smsc);
    deliver_until_acknowledged(&smsc, &texts).await;
    let first = replies(&mut submitted, &texts).await;
    assert!(first.values().all(|replies| replies.len() == 1 && replies[0].contains("2.00 EUR")), "{first:?}");
    deliver_until_acknowledged(&smsc, &texts).await;
    let second = replies(&mut submitted, &texts).await;
    assert!(second.values().all(|replies| replies[0].contains("prap")), "a duplicate is told when it was done");
    let totals = server.stop().await;
    assert_eq!((totals.transfers, totals.balances_minor, totals.messages), (300, 60_000, 600));
    assert_eq!(totals.outbox_open, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_pdu_between_good_ones_costs_nobody_else_anything() {
    let (folder, smsc, texts) = (tempfile::tempdir().unwrap(), smsc().await, texts(60));
    let mut submitted = smsc.submitted();
    let relay = Relay::to(smsc.address()).await;
    let server = Server::start_at(folder.path(), relay.address(), "");
    for part in texts.chunks(20) {
        deliver_until_acknowledged(&smsc, part).await;
        // A deliver_sm whose body ends in the middle of an address, and a command that does not exist.
        relay.inject(hex::decode("00000015000000050000000000007fff0001013338").unwrap());
        relay.inject(hex::decode("0000001000000777000000000000fffe").unwrap());
    }
    assert_eq!(replies(&mut submitted, &texts).await.len(), 60);
    assert_eq!(smsc.counters().binds, 1, "the session went on");
    let totals = server.stop().await;
    assert_eq!((totals.transfers, totals.messages), (60, 60));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_smsc_that_cuts_the_line_in_mid_window_doubles_nothing() {
    let (folder, smsc, texts) = (tempfile::tempdir().unwrap(), smsc().await, texts(200));
    let mut submitted = smsc.submitted();
    let server = Server::start(folder.path(), &smsc);
    within("a bind", smsc.receiver_bound()).await;
    smsc.set_faults(Faults { cut_after_deliveries: Some(70), ..Faults::default() });
    deliver_until_acknowledged(&smsc, &texts).await;
    assert_eq!(replies(&mut submitted, &texts).await.len(), 200, "every phone hears of it");
    assert!(smsc.counters().binds >= 2);
    let totals = server.stop().await;
    assert_eq!((totals.transfers, totals.balances_minor), (200, 40_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_that_were_not_delivered_are_delivered_after_a_restart() {
    let (folder, smsc, texts) = (tempfile::tempdir().unwrap(), smsc().await, texts(40));
    let mut submitted = smsc.submitted();
    let full = std::iter::repeat_n(CommandStatus::QUEUE_FULL, 100_000).collect();
    smsc.set_faults(Faults { submit_statuses: full, ..Faults::default() });
    let server = Server::start(folder.path(), &smsc);
    deliver_until_acknowledged(&smsc, &texts).await;
    // SIGKILL, with every reply still in the outbox.
    drop(server.process);
    while submitted.try_recv().is_ok() {}
    smsc.set_faults(Faults::default());
    let server = Server::start(folder.path(), &smsc);
    assert_eq!(replies(&mut submitted, &texts).await.len(), 40);
    let totals = server.stop().await;
    assert_eq!((totals.transfers, totals.outbox_open), (40, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_under_load_it_loses_and_doubles_nothing() {
    let (folder, smsc, texts) = (tempfile::tempdir().unwrap(), smsc().await, texts(400));
    for kill_after in [3, 40, 90, 160] {
        let server = Server::start(folder.path(), &smsc);
        within("a bind", smsc.receiver_bound()).await;
        let acknowledged = smsc.counters().acknowledged;
        let load = async {
            let delivered = stream::iter(&texts).map(|text| smsc.deliver(text));
            delivered.buffer_unordered(64).for_each(|_| async {}).await;
        };
        let kill = async {
            while smsc.counters().acknowledged < acknowledged + kill_after {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let either = async {
            tokio::select! {
                () = load => {}
                () = kill => {}
            }
        };
        within("acknowledgements", either).await;
        // SIGKILL, with a window of messages under way.
        drop(server.process);
        until("nobody is bound", || smsc.sessions() == 0).await;
    }
    let server = Server::start(folder.path(), &smsc);
    deliver_until_acknowledged(&smsc, &texts).await;
    let totals = server.stop().await;
    assert_eq!((totals.transfers, totals.balances_minor), (400, 80_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_smsc_delivers_again_after_a_crash_is_known_even_when_the_banks_window_is_over() {
    let (folder, smsc, texts) = (tempfile::tempdir().unwrap(), smsc().await, texts(30));
    let server = Server::start_with(folder.path(), &smsc, "[banks.ekonomike]\nduplicate_window_seconds = 0\n");
    deliver_until_acknowledged(&smsc, &texts).await;
    // SIGKILL; the SMSC has not seen our answers, and delivers everything again on the next session.
    drop(server.process);
    until("nobody is bound", || smsc.sessions() == 0).await;
    let server = Server::start_with(folder.path(), &smsc, "[banks.ekonomike]\nduplicate_window_seconds = 0\n");
    deliver_until_acknowledged(&smsc, &texts).await;
    let totals = server.stop().await;
    assert_eq!((totals.transfers, totals.messages), (30, 60));
}
