//! What README's section "Run it" prints ends in a top-up: the example as it is copied, a server, the simulated SMSC that
//! delivers the printed texts, and one SMS that is sent.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use testkit::process::Process;
use testkit::{free_ports, mbush, run};

use crate::{printed, texts};

/// The command that README prints in a row of a table, and that begins so.
fn line(begins: &str) -> String {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let rows =
        readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(command, _)| command));
    let mut found = rows.filter(|command| command.starts_with(begins));
    found.next().unwrap_or_else(|| panic!("README has no `{begins}`")).to_owned()
}

/// A newcomer's folder, with the addresses of this test in place of the example's, which others may be at.
struct Newcomer {
    folder: tempfile::TempDir,
    http: u16,
    smsc: u16,
}

impl Newcomer {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy("mbush.example.toml", folder.path().join("mbush.toml")).unwrap();
        std::fs::write(folder.path().join("texts.jsonl"), texts::example()).unwrap();
        let [http, smsc] = free_ports();
        Self { folder, http, smsc }
    }

    /// A printed line, run by a shell with `mbush` on its path.
    fn shell(&self, line: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_mbush")).parent().unwrap();
        let mut shell = Command::new("bash");
        shell.args(["-euc", line]).env("PATH", format!("{}:/usr/bin:/bin", program.display()));
        self.at_home(&mut shell);
        shell
    }

    fn at_home(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).env("MBUSH_HTTP__LISTEN", format!("127.0.0.1:{}", self.http));
        command.env("MBUSH_SMPP_SERVER__LISTEN", "127.0.0.1:0").env("MBUSH_ISO8583__LISTEN", "127.0.0.1:0");
        command.env("MBUSH_LINKS__IPKO__HOSTS", format!("[\"127.0.0.1:{}\"]", self.smsc));
        command.env("MBUSH_LINKS__IPKO__RECONNECT_MAX_MS", "500");
    }

    fn serve(&self) -> Process {
        let mut command = mbush();
        command.arg("serve");
        self.at_home(&mut command);
        let server = Process::start("mbush serve", &mut command);
        server.line("its address", |line| line.starts_with("listening on "));
        server
    }

    fn balance_minor(&self, number: &str) -> Value {
        let shown = run(&mut self.shell(&format!("mbush account {number} --json")));
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        shown["account"]["balance_minor"].clone()
    }
}

#[test]
fn the_lines_that_readme_prints_end_in_top_ups() {
    let newcomer = Newcomer::new();
    let checked = printed(&run(&mut newcomer.shell(&line("mbush check"))));
    assert!(checked.contains("the server would start") && !checked.contains("subscribers.unknown"), "{checked}");
    let server = newcomer.serve();
    let deliver = line("mbush simulate smsc --deliver");
    let deliver = format!("exec {deliver} --listen 127.0.0.1:{} --linger-seconds 1", newcomer.smsc);
    let (status, lines) = Process::start("simulate smsc", &mut newcomer.shell(&deliver)).wait();
    assert!(status.success(), "{lines:#?}");
    for reply in ["Numri 049123456 u mbush me 5.00 EUR", "044123456"] {
        assert!(lines.iter().any(|line| line.contains(reply)), "`{reply}` is not among {lines:#?}");
    }
    let sent = printed(&run(&mut newcomer.shell(&line("mbush send --link gateway"))));
    assert!(sent.contains("applied") && sent.contains("5.00 EUR per 049111222"), "{sent}");
    for number in ["049123456", "044123456", "049111222"] {
        assert_eq!(newcomer.balance_minor(number), 500, "{number}");
    }
    assert!(server.terminate().0.success());
}

#[test]
fn under_refuse_a_number_is_topped_up_once_its_account_is_open() {
    let newcomer = Newcomer::new();
    let file = newcomer.folder.path().join("mbush.toml");
    let example = std::fs::read_to_string(&file).unwrap();
    // The section alone: a newcomer who leaves the key out has the default.
    let section = "\nunknown = \"create\"\n# Language";
    assert!(example.contains(section));
    std::fs::write(&file, example.replacen(section, "\n# Language", 1)).unwrap();
    let warning = "subscribers.unknown = \"refuse\": no number has an account";
    let check = || printed(&run(&mut newcomer.shell("mbush check")));
    assert!(check().contains(warning) && check().contains("mbush account open"), "before there is a database");
    let server = newcomer.serve();
    server.line("the warning", |line| line.contains("WARN") && line.contains("no number has an account"));
    assert!(check().contains(warning));

    let send = line("mbush send --link gateway");
    let refused = run(&mut newcomer.shell(&send));
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(said.contains("subscriber_unknown"), "{said}");
    let account = run(&mut newcomer.shell("mbush account 049111222"));
    let shown = String::from_utf8_lossy(&account.stdout).into_owned();
    assert!(account.status.code() == Some(1) && shown.contains("mbush account open +38349111222"), "{shown}");
    printed(&run(&mut newcomer.shell("mbush account open 049111222 --by Arta --yes")));
    assert!(!check().contains(warning));
    let done = printed(&run(&mut newcomer.shell(&send)));
    assert!(done.contains("applied"), "{done}");
    assert_eq!(newcomer.balance_minor("049111222"), 500);
    assert!(server.terminate().0.success());
}
