//! Whether a session keeps the processor busy, and not the other way round: top-ups a second of `mbush serve` on SQLite
//! with one bound bank and with several, beside what one session carries where nothing is committed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use mbush::simulator::{EsmeSettings, Faults, Load, Smsc, SmscSettings, Text, load};
use testkit::mbush;
use testkit::process::Process;

const TEXTS: usize = 30_000;
/// The window that a link and a bank have unless told otherwise, and one in which the processor never lacks work.
const WINDOWS: [usize; 2] = [64, 1_000];
const BANKS: usize = 4;

fn texts(first: usize, count: usize) -> Vec<Text> {
    let text = |number: usize| Text { from: format!("38349{number:06}"), to: "50005".to_owned(), text: "2".to_owned() };
    (first..first + count).map(text).collect()
}

/// Texts a second of so many banks at once.
async fn rate(address: &str, window: usize, banks: usize, first: usize) -> f64 {
    let settings = EsmeSettings { window, ..EsmeSettings::new(address) };
    let load =
        Load { rate: 0, redeliver_percent: 0, drop_after: None, faults: Faults::default(), linger: Duration::ZERO };
    let each = TEXTS / banks;
    let all = (0..banks)
        .map(|bank| tokio::spawn(load::run(settings.clone(), load.clone(), texts(first + bank * each, each))));
    let mut seconds = 0.0_f64;
    for bank in all.collect::<Vec<_>>() {
        let report = bank.await.expect("a bank ends well").expect("a bank is bound");
        assert_eq!(report.answers.get("ESME_ROK").copied(), Some(each as u64), "{report:?}");
        seconds = seconds.max(report.seconds);
    }
    f64::from(u32::try_from(each * banks).expect("few enough")) / seconds
}

fn serve(folder: &Path) -> (Process, String) {
    let text = format!(
        "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[log]\nfilter = \"error\"\n\
         [subscribers]\nunknown = \"create\"\n[smpp_server]\nlisten = \"127.0.0.1:0\"\n\
         [links.bank]\nkind = \"esme\"\nsystem_id = \"bank\"\npassword = \"secret\"\nwindow = 1000\n\
         throttle_segments_per_second = 100000\n",
        folder.display()
    );
    let configuration = folder.join("mbush.toml");
    fs::write(&configuration, text).expect("a file in a temporary folder");
    let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(configuration));
    let line = process.line("its SMPP address", |line| line.starts_with("listening for SMPP on "));
    (process, line.trim_start_matches("listening for SMPP on ").to_owned())
}

#[tokio::main]
async fn main() {
    let smsc = Smsc::start(SmscSettings {
        system_id: "bank".to_owned(),
        password: "secret".into(),
        ..SmscSettings::default()
    });
    let smsc = smsc.await.expect("loopback has free ports");
    for window in WINDOWS {
        let alone = rate(&smsc.address().to_string(), window, 1, 0).await;
        // A database of its own, so that each run finds it equally empty; replies go back as deliver_sm all the while.
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (_server, address) = serve(folder.path());
        let one = rate(&address, window, 1, 0).await;
        let several = rate(&address, window, BANKS, TEXTS).await;
        println!("window {window}: a session carries {alone:.0}/s where nothing is committed;");
        println!(
            "  mbush serve commits {one:.0}/s from one session, {several:.0}/s from {BANKS}: {:.2}",
            one / several
        );
    }
}
