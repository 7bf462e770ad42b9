//! Grammars are exchanged under a running server, by a change of a file and by SIGHUP; a set with a mistake is refused.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use testkit::process::Process;
use testkit::{DEADLINE, free_ports, mbush};

const FORMS: &str = "\n[[form]]\nname = \"own number\"\ntext = \"{amount}\"\n\n[[form]]\nname = \"another number\"\ntext = \"{msisdn} {amount}\"\n";

fn grammar(forms: &str) -> String {
    format!(
        "bank = \"seventh\"\nname = \"Seventh Bank\"\nshort_codes = [\"50777\"]\nevidence = \"assumed\"\n\
         source = \"a test\"\nlanguages = [\"sq\"]\n{forms}"
    )
}

fn start(folder: &Path, port: u16) -> Process {
    let config = format!(
        "[store]\nurl = \"sqlite://{0}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:{port}\"\n[grammars]\ndir = \"{0}/grammars\"\n\
         [subscribers]\nunknown = \"create\"\n[log]\nfilter = \"info\"\n\
         [links.bank]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n",
        folder.display()
    );
    let file = folder.join("mbush.toml");
    std::fs::write(&file, config).unwrap();
    let process = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    process.line("its address", |line| line.starts_with("listening on "));
    process
}

async fn outcome(port: u16, id: &str, text: &str) -> String {
    let body = json!({ "id": id, "from": "+38349111222", "to": "50777", "text": text });
    let url = format!("http://127.0.0.1:{port}/v1/sms");
    let answer = reqwest::Client::new().post(url).timeout(DEADLINE).bearer_auth("s").json(&body).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["outcome"].as_str().unwrap_or_default().to_owned()
}

/// The folder is exchanged as a deployment does it: written beside, then renamed.
fn write(folder: &Path, text: &str) {
    let file = folder.join("grammars/seventh.toml");
    std::fs::write(file.with_extension("new"), text).unwrap();
    std::fs::rename(file.with_extension("new"), file).unwrap();
}

#[tokio::test]
async fn a_new_form_is_read_without_a_restart_and_a_mistake_changes_nothing() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("grammars")).unwrap();
    write(folder.path(), &grammar(FORMS));
    let [port] = free_ports();
    let server = start(folder.path(), port);
    assert_eq!(outcome(port, "1", "krediti 5").await, "quarantined");

    let more = format!("{FORMS}\n[[form]]\nname = \"keyword\"\ntext = \"krediti {{amount}}\"\n");
    write(folder.path(), &grammar(&more));
    server.lines(1, "word of new grammars", |line| line.contains("new grammars"));
    assert_eq!(outcome(port, "2", "krediti 5").await, "applied");

    write(folder.path(), &grammar(&more.replace("{amount}", "{amuont}")));
    server.lines(1, "word of the mistake", |line| line.contains("are refused"));
    server.lines(1, "the place of it", |line| line.contains("amuont"));
    assert_eq!(outcome(port, "3", "krediti 6").await, "applied", "the old set keeps serving");

    let asking = more.replace("krediti {amount}\"", "krediti {amount} {pin}\"\npin = \"bank\"");
    write(folder.path(), &grammar(&asking));
    server.lines(1, "a bank that cannot be asked", |line| line.contains("add [banks.seventh.pin_check]"));
    assert_eq!(outcome(port, "3a", "krediti 5 again").await, "applied", "the old set keeps serving");

    write(folder.path(), &grammar(&more.replace("krediti", "kredia")));
    server.lines(2, "word of new grammars", |line| line.contains("new grammars"));
    let hang_up = Command::new("kill").args(["-HUP", &server.id().to_string()]).status().unwrap();
    assert!(hang_up.success());
    server.lines(1, "an answer to SIGHUP", |line| line.contains("the grammars are the same"));
    assert_eq!(outcome(port, "4", "kredia 7").await, "applied");
    let (status, _) = server.terminate();
    assert!(status.success());
}
