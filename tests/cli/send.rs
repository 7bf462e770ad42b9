//! `mbush send` as an SMSC: the reply is that of the phone that texted, however `--from` is written.

use mbush::simulator::Text;
use serde_json::Value;
use testkit::process::Process;
use testkit::{free_ports, mbush, run};

use crate::printed;

#[test]
fn the_reply_comes_however_the_number_is_written() {
    let (folder, [port]) = (tempfile::tempdir().unwrap(), free_ports());
    let (file, smsc) = (folder.path().join("mbush.toml"), format!("127.0.0.1:{port}"));
    let config = format!(
        "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\n\
         [links.ipko]\nkind = \"smsc\"\nhosts = [\"{smsc}\"]\nsystem_id = \"mbush\"\npassword = \"secret\"\n",
        folder.path().display()
    );
    std::fs::write(&file, config).unwrap();
    let server = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    for (euros, from) in (1..).zip(["049111222", "+38349111222", "0038349111222", "38349111222", "049 111 222"]) {
        let text = format!("049123456 {euros}");
        let mut send = mbush();
        send.args(["send", "--smsc", &smsc, "--from", from, "50005", &text, "--json", "--timeout-seconds", "20"]);
        let shown = printed(&run(send.current_dir(folder.path())));
        let taken: Value = serde_json::from_str(&shown).unwrap();
        let said = format!("Numri 049123456 u mbush me {euros}.00 EUR");
        assert!(taken["reply"].as_str().unwrap().contains(&said), "{from}: {shown}");
    }
    assert!(server.terminate().0.success());
}

/// The lines of a file of texts are read by `parse` and delivered by the simulated SMSC after the same rules.
#[test]
fn a_line_that_holds_no_text_is_told_with_the_field() {
    for (line, said) in [
        (r#"["049111222","50005","049123456 5"]"#, "it is a list; a JSON object with the fields from, to, text"),
        (r#"{"from":"049111222","to":"50005","txt":"5"}"#, "there is no field \"txt\": there are from, to, text"),
        (r#"{"from":"049111222","to":"50005"}"#, "text: a text is expected, and nothing was found"),
        (r#"{"from":"049111222","text":"5"}"#, "to: a text is expected, and nothing was found"),
        (r#"{"from":49111222,"to":"50005","text":"5"}"#, "from: a text is expected, and a number was found"),
        (r#"{"to":50005,"text":"5"}"#, "to: a text is expected, and a number was found"),
        (r#"{"to":"50005","shortcode":"50006","text":"5"}"#, "to and shortcode are names of one field"),
        (r#"{"to":"50005","text":"5","text":"6"}"#, "the field \"text\" is there twice"),
        ("5", "it is a number; "),
        ("not json", "it is not JSON: "),
    ] {
        let problem = Text::from_line(line.as_bytes(), "049111222").unwrap_err().to_string();
        assert!(problem.contains(said) && !problem.contains("struct"), "{line}: {problem}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("texts.jsonl");
        std::fs::write(&file, format!("{{\"to\":\"50005\",\"text\":\"5\"}}\n{line}\n")).unwrap();
        let output = run(mbush().args(["parse", "--batch"]).arg(&file));
        let shown = String::from_utf8(output.stdout).unwrap();
        let read: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((output.status.code(), read.len()), (Some(1), 2), "{line}: {shown}");
        assert_eq!((&read[0]["outcome"], &read[1]["reason"]), (&"command".into(), &"bad_line".into()), "{shown}");
        let value = read[1]["value"].as_str().unwrap();
        assert!(value.starts_with("line 2: ") && value.contains(said), "{value}");
    }
}
