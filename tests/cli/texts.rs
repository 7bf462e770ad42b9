//! README's file of texts: one format, for `parse` and for `simulate`, and addresses that go together as printed.

use mbush::config::{Config, Link};
use serde_json::Value;
use testkit::process::Process;
use testkit::{mbush, run};

use crate::printed;

/// README's example of the file.
pub(crate) fn example() -> String {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let behind = readme.split_once("`texts.jsonl` has a text a line").expect("README shows the file").1;
    behind.split("```json\n").nth(1).and_then(|block| block.split("```").next()).unwrap().to_owned()
}

#[test]
fn one_file_of_texts_is_read_by_parse_and_delivered_by_the_simulated_smsc() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("texts.jsonl");
    // The older name of a key, and a line without a sender, are read by both.
    let more = "{\"shortcode\": \"50005\", \"text\": \"049123456 3\"}\n";
    std::fs::write(&file, example() + more).unwrap();
    let parsed = printed(&run(mbush().args(["parse", "--batch"]).arg(&file)));
    let objects: Vec<Value> = parsed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(objects.len() == 3 && objects.iter().all(|object| object["outcome"] == "command"), "{parsed}");

    let mut command = mbush();
    command.args(["simulate", "smsc", "--listen", "127.0.0.1:0", "--linger-seconds", "1", "--deliver"]).arg(&file);
    let mut smsc = Process::start("simulate smsc", &mut command);
    let address = smsc.line("its address", |line| line.starts_with("listening on ")).split_off("listening on ".len());
    let configuration = folder.path().join("mbush.toml");
    let text = format!(
        "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\n\
         [links.ipko]\nkind = \"smsc\"\nhosts = [\"{address}\"]\nsystem_id = \"mbush\"\npassword = \"secret\"\n",
        folder.path().display()
    );
    std::fs::write(&configuration, text).unwrap();
    let server = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&configuration));
    let (status, lines) = smsc.wait();
    assert!(status.success(), "{lines:#?}");
    let answered = lines.iter().filter(|line| line.contains("deliver_sm_resp") && line.contains("\"status\":0"));
    assert_eq!(answered.count(), objects.len(), "{lines:#?}");
    assert!(server.terminate().0.success());
}

#[test]
fn the_simulated_smsc_is_where_the_examples_link_binds_to_and_nobody_else_listens() {
    let example = Config::from_toml(include_str!("../../mbush.example.toml")).unwrap();
    let Some(Link::Smsc(link)) = example.links.get("ipko") else { panic!("the example has a link to an SMSC") };
    let simulate = mbush::cli::command();
    let smsc = simulate.find_subcommand("simulate").and_then(|simulate| simulate.find_subcommand("smsc")).unwrap();
    let default = |id: &str| {
        let arg = smsc.get_arguments().find(|arg| arg.get_id() == id).unwrap();
        arg.get_default_values()[0].to_str().unwrap().to_owned()
    };
    assert_eq!((vec![default("listen")], default("system_id")), (link.hosts.clone(), link.system_id.clone()));
    let password = link.password().unwrap();
    assert_eq!(default("password"), secrecy::ExposeSecret::expose_secret(&password));
    for (section, address) in [
        ("smpp_server", example.smpp_server.listen),
        ("http", example.http.listen),
        ("iso8583", example.iso8583.listen),
    ] {
        assert_ne!(default("listen"), address.to_string(), "[{section}] is there");
    }
}
