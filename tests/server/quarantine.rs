//! Messages that nobody could read, as staff deal with them: by the command line, on the database of a running server.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use testkit::process::Process;
use testkit::{DEADLINE, free_ports, mbush};

fn write_grammar(folder: &Path, keyword: &str) {
    let text = format!(
        "bank = \"seventh\"\nname = \"Seventh Bank\"\nshort_codes = [\"50777\"]\nevidence = \"assumed\"\n\
         source = \"a test\"\nlanguages = [\"sq\"]\n\n[[form]]\nname = \"own number\"\ntext = \"{keyword} {{amount}}\"\n\
         [[form]]\nname = \"other number\"\ntext = \"{keyword} {{msisdn}} {{amount}}\"\n"
    );
    std::fs::write(folder.join("grammars/seventh.toml"), text).unwrap();
}

fn write_config(folder: &Path, port: u16, replay_age_max_seconds: u32) {
    let config = format!(
        "[store]\nurl = \"sqlite://{0}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:{port}\"\n\
         [grammars]\ndir = \"{0}/grammars\"\n[subscribers]\nunknown = \"create\"\n[log]\nfilter = \"error\"\n\
         [quarantine]\nreplay_age_max_seconds = {replay_age_max_seconds}\n\
         [links.bank]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n",
        folder.display()
    );
    std::fs::write(folder.join("mbush.toml"), config).unwrap();
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = mbush();
    command.arg("--config").arg(folder.join("mbush.toml")).args(arguments).env("USER", "arta");
    testkit::run(&mut command)
}

/// What it prints, having ended well.
fn told(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Why it refuses.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(!output.status.success(), "{arguments:?} was not refused");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A customer who was not understood sends it again, in the form that the reply shows; then staff replay the first one.
#[tokio::test]
async fn a_replay_is_compared_with_what_its_sender_did_since() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir(folder.join("grammars")).unwrap();
    let [port] = free_ports();
    write_grammar(folder, "kredi");
    write_config(folder, port, 3_600);
    let file = folder.join("mbush.toml");
    let server = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    server.line("its address", |line| line.starts_with("listening on "));
    let texts = [
        ("1", "+38349111222", "depozito 5"),
        ("2", "38349111333", "depozito 6"),
        ("3", "049111222", "kredi 5"),
        ("4", "049111444", "depozito 7"),
        ("5", "049111444", "depozito 8"),
    ];
    for (id, from, text) in texts {
        let body = json!({ "id": id, "from": from, "to": "50777", "text": text });
        let url = format!("http://127.0.0.1:{port}/v1/sms");
        let answer =
            reqwest::Client::new().post(url).timeout(DEADLINE).bearer_auth("s").json(&body).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    write_grammar(folder, "(kredi|depozito)");
    let output = run(folder, &["quarantine", "replay", "bank:1"]);
    let (shown, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success(), "{shown}");
    assert!(shown.contains("since it came, 38349111222 has:"), "{shown}");
    assert!(shown.contains("top_up 5.00 EUR for +38349111222") && shown.contains("message bank:3"), "{shown}");
    assert!(why.contains("--again"), "{why}");
    assert!(told(folder, &["account", "049111222"]).contains("balance   5.00 EUR"), "nothing was done");
    let again = told(folder, &["quarantine", "replay", "bank:1", "--again", "--yes"]);
    assert!(again.contains("since it came") && again.contains("applied: 5.00 EUR for +38349111222"), "{again}");
    assert!(told(folder, &["account", "049111222"]).contains("balance   10.00 EUR"));

    // Another way to the same number: a friend's phone, with the same amount.
    let url = format!("http://127.0.0.1:{port}/v1/sms");
    let friend = json!({ "id": "6", "from": "049111777", "to": "50777", "text": "kredi 049111333 6" });
    let friend =
        reqwest::Client::new().post(url).timeout(DEADLINE).bearer_auth("s").json(&friend).send().await.unwrap();
    let friend = friend.text().await.unwrap();
    assert!(friend.contains("applied"), "{friend}");
    let output = run(folder, &["quarantine", "replay", "bank:2", "--yes"]);
    let (shown, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() && why.contains("--again"), "{shown}{why}");
    assert!(shown.contains("since it came, 6.00 EUR came to subscriber:38349111333:"), "{shown}");
    assert!(shown.contains("by 38349111777") && shown.contains("message bank:6"), "{shown}");
    let foretold = told(folder, &["quarantine", "replay", "bank:2", "--again", "--dry-run"]);
    for part in ["top_up    6.00 EUR from", "to subscriber:38349111333", "12.00 EUR after it", "gets an SMS"] {
        assert!(foretold.contains(part), "`{part}` is not in {foretold}");
    }
    assert!(told(folder, &["account", "049111333"]).contains("balance   6.00 EUR"), "nothing was done");
    let other = told(folder, &["quarantine", "replay", "bank:2", "--again", "--yes"]);
    assert!(
        other.contains("applied: 6.00 EUR") && !other.contains("38349111333 has"),
        "its sender did nothing: {other}"
    );
    // Two texts of one customer: what staff did for the first is what its sender has since.
    assert!(told(folder, &["quarantine", "replay", "bank:5", "--yes"]).contains("applied: 8.00 EUR"));
    assert!(refused(folder, &["quarantine", "replay", "bank:4"]).contains("--again"));
    assert!(told(folder, &["audit"]).contains("sound"));
    assert!(server.terminate().0.success());
}

#[tokio::test]
async fn staff_find_show_replay_and_discard_what_could_not_be_read() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir(folder.join("grammars")).unwrap();
    let [port] = free_ports();
    write_grammar(folder, "kredi");
    write_config(folder, port, 3_600);
    let file = folder.join("mbush.toml");
    let server = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    server.line("its address", |line| line.starts_with("listening on "));
    for (id, text) in [("1", "depozito 5"), ("2", "tungjatjeta")] {
        let body = json!({ "id": id, "from": "+38349111222", "to": "50777", "text": text });
        let url = format!("http://127.0.0.1:{port}/v1/sms");
        let answer =
            reqwest::Client::new().post(url).timeout(DEADLINE).bearer_auth("s").json(&body).send().await.unwrap();
        assert!(answer.text().await.unwrap().contains("quarantined"));
    }

    let list = told(folder, &["quarantine", "list"]);
    assert!(list.contains("bank:1") && list.contains("depozito 5") && list.contains("2 waiting"), "{list}");
    let shown = told(folder, &["quarantine", "show", "bank:1"]);
    assert!(shown.contains("^ column 1") && shown.contains("reply"), "{shown}");
    let still = refused(folder, &["quarantine", "replay", "bank:1", "--yes"]);
    assert!(still.contains("cannot read it either"), "{still}");
    assert!(refused(folder, &["quarantine", "show", "bank:9"]).contains("not in quarantine"));

    write_grammar(folder, "(kredi|depozito)");
    write_config(folder, port, 0);
    assert!(refused(folder, &["quarantine", "replay", "bank:1", "--yes"]).contains("no longer waits"));
    write_config(folder, port, 3_600);
    let replayed = told(folder, &["quarantine", "replay", "bank:1", "--yes"]);
    assert!(replayed.contains("applied: 5.00 EUR for +38349111222") && replayed.contains("by arta"), "{replayed}");
    assert!(refused(folder, &["quarantine", "replay", "bank:1", "--yes"]).contains("it is settled"));
    let note = ["quarantine", "discard", "bank:2", "--note", "a greeting", "--yes"];
    assert!(told(folder, &note).contains("discarded by arta"));
    assert!(told(folder, &["quarantine", "list"]).contains("0 waiting"));
    assert!(told(folder, &["account", "049111222"]).contains("5.00 EUR"));
    assert!(told(folder, &["audit"]).contains("sound"));
    assert!(server.terminate().0.success());
}
