//! An account of a kind that a grammar declares, at the counter: paid for by SMS, then shown, held, adjusted, reversed,
//! suspended, and opened by hand, always by the name `meter:04123456784`.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use testkit::process::Process;
use testkit::{free_ports, mbush, run};

use crate::{complaint, printed};

const BANK: &str = r#"
bank = "light"
name = "Light"
short_codes = ["50001"]
evidence = "assumed"

[fields.meter]
digits = 11
check = "luhn"
prefix = ["04"]
account = true

[[form]]
name = "meter"
text = "pay {meter} {amount}"
example = "pay 04123456784 5"
"#;

const FIXTURE: &str = r#"
short_code = "50001"
from = "38349111222"

[[read]]
text = "pay 04123456784 5"
account = "meter:04123456784"
amount = "5.00"

[[refuse]]
text = "pay 04123456783 5"
reason = "field_invalid"
"#;

const METER: &str = "meter:04123456784";

/// A folder with the grammar, its fixture and a configuration.
fn folder(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(path("grammars")).unwrap();
    std::fs::create_dir_all(path("fixtures/light")).unwrap();
    std::fs::write(path("grammars/light.toml"), BANK).unwrap();
    std::fs::write(path("fixtures/light/meters.toml"), FIXTURE).unwrap();
    let [http] = free_ports();
    let config = format!(
        "[store]\nurl = \"sqlite://mbush.db\"\n[grammars]\ndir = \"grammars\"\n[http]\nlisten = \"127.0.0.1:{http}\"\n\
         [subscribers]\nlanguage = \"en\"\n[log]\nfilter = \"error\"\n\
         [links.gateway]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n{settings}"
    );
    std::fs::write(path("mbush.toml"), config).unwrap();
    folder
}

fn of(folder: &Path, line: &str) -> Output {
    let mut command = mbush();
    command.args(line.split(' ')).current_dir(folder).env("USER", "arta");
    run(&mut command)
}

fn objects(output: &Output) -> Vec<Value> {
    printed(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Starts the server, sends these texts, and ends it. The answers.
fn sent(folder: &Path, texts: &[&str]) -> Vec<Value> {
    let mut serve = mbush();
    serve.arg("serve").current_dir(folder);
    let server = Process::start("mbush serve", &mut serve);
    server.line("its address", |line| line.starts_with("listening on "));
    let send = |text: &&str| {
        let mut command = mbush();
        command.args(["send", "--link", "gateway", "--from", "049111222", "50001", text, "--json"]).current_dir(folder);
        serde_json::from_str(&printed(&run(&mut command))).unwrap()
    };
    let answers = texts.iter().map(send).collect();
    assert!(server.terminate().0.success());
    answers
}

/// What `mbush account` shows of a meter, as an object.
pub(crate) fn shown() -> Value {
    let folder = folder("");
    sent(folder.path(), &["pay 04123456784 5"]);
    objects(&of(folder.path(), &format!("account {METER} --json"))).remove(0)
}

#[test]
fn what_a_text_about_a_meter_asks_for_is_shown_in_words_and_as_an_object() {
    let folder = folder("");
    let told = printed(&of(folder.path(), "grammar test"));
    assert!(told.contains('2'), "{told}");
    let parse = |more: &[&str]| {
        let mut command = mbush();
        command.args(["parse", "50001", "pay 04123456784 5"]).args(more).current_dir(folder.path());
        printed(&run(&mut command))
    };
    assert!(parse(&[]).contains("top up meter 04123456784 with 5.00 EUR"), "{}", parse(&[]));
    let object: Value = serde_json::from_str(&parse(&["--json"])).unwrap();
    assert_eq!((object["service"].as_str(), object["target"].as_str()), (Some("account"), Some(METER)));
}

#[test]
fn staff_name_a_meter_by_kind_and_identifier() {
    let folder = folder("");
    let of = |line: &str| of(folder.path(), line);
    let answers = sent(folder.path(), &["pay 04123456784 5", "pay 04123456783 5"]);
    assert_eq!((answers[0]["outcome"].as_str(), answers[0]["account"].as_str()), (Some("applied"), Some(METER)));
    assert_eq!(answers[1]["reason"].as_str(), Some("field_invalid"));
    let receipt = answers[0]["receipt"].as_str().unwrap().to_owned();

    let shown = printed(&of(&format!("account {METER}")));
    assert!(shown.contains("meter  04123456784") && shown.contains("balance   5.00 EUR"), "{shown}");
    assert!(!shown.contains("valid"), "credit of a meter does not end: {shown}");
    let object = &objects(&of(&format!("account {METER} --json")))[0];
    assert_eq!((object["kind"].as_str(), object["account"]["balance_minor"].as_i64()), (Some("meter"), Some(500)));
    assert_eq!((object["account"]["state"].as_str(), object["history"].as_array().unwrap().len()), (Some("active"), 1));
    for name in [METER, "other:meter:04123456784"] {
        let statement = objects(&of(&format!("statement {name} --json")));
        assert_eq!(statement[0]["amount_minor"], 500, "{name}: {statement:?}");
    }

    let why = "--reason wrong_number --by arta";
    let held = &objects(&of(&format!("hold place {METER} 2 {why} --json")))[0];
    assert_eq!(held["available_minor"], 300);
    let listed = printed(&of(&format!("hold list {METER}")));
    assert!(listed.contains("other:meter:04123456784  2.00 EUR"), "{listed}");
    printed(&of(&format!("hold void {} {why} --yes", held["action"].as_str().unwrap())));
    let proposal = &objects(&of(&format!("adjust propose {METER} 1.50 {why} --json")))[0];
    printed(&of(&format!("adjust approve {} --by blerim --yes", proposal["id"].as_str().unwrap())));
    let dry = printed(&of(&format!("reverse {receipt} {why} --dry-run")));
    assert!(dry.contains("from other:meter:04123456784 back to bank_clearing:light"), "{dry}");
    printed(&of(&format!("reverse {receipt} {why} --yes")));
    printed(&of(&format!("account suspend {METER} --reason theft --by arta --yes")));
    let shown = printed(&of(&format!("account {METER}")));
    assert!(shown.contains("balance   1.50 EUR") && shown.contains("suspended"), "{shown}");
    printed(&of(&format!("account reactivate {METER} --reason found --by arta")));
    assert!(printed(&of("audit")).contains("sound"));
}

#[test]
fn a_meter_that_does_not_exist_is_told_apart_from_one_that_cannot_exist() {
    let folder = folder("[accounts.meter]\nunknown = \"refuse\"\n");
    let of = |line: &str| of(folder.path(), line);
    let [refused] = &sent(folder.path(), &["pay 04123456784 5"])[..] else { panic!("one answer") };
    assert_eq!(refused["reason"].as_str(), Some("account_unknown"));
    for (name, told) in [
        (METER, "there is no account other:meter:04123456784"),
        ("meter:04123456783", "its check digit is not as the grammars want it"),
        ("metre:04123456784", "`metre` is not a kind of account; did you mean meter?"),
        ("zzz:1", "`zzz` is not a kind of account; there is subscriber, fixed_line, product, dealer"),
    ] {
        for command in ["statement", "account"] {
            let complaint = complaint(&of(&format!("{command} {name}")));
            assert!(complaint.contains(told), "{command} {name}: {complaint}");
        }
    }
    let wrong = complaint(&of("account open meter:04123456783 --by arta --yes"));
    assert!(wrong.contains("nothing was opened") && wrong.contains("its check digit"), "{wrong}");
    let opened = printed(&of(&format!("account open {METER} 049123456 --by arta --yes")));
    assert!(opened.contains("2 accounts opened"), "{opened}");
    let [paid] = &sent(folder.path(), &["pay 04123456784 6"])[..] else { panic!("one answer") };
    assert_eq!(paid["outcome"].as_str(), Some("applied"));
}

#[test]
fn settings_of_a_kind_that_no_grammar_has_are_reported() {
    let misspelt = folder("[accounts.metre]\nunknown = \"refuse\"\n");
    let told = printed(&of(misspelt.path(), "check"));
    assert!(told.contains("accounts.metre: no grammar declares this kind") && told.contains("`meter`"), "{told}");
    for (section, told) in [
        ("[accounts.meter]\nunknow = \"refuse\"\n", "unknow"),
        ("[accounts.meter]\nunknown = \"open\"\n", "write create or refuse"),
        ("[accounts.subscriber]\nunknown = \"create\"\n", "accounts.subscriber: no kind of account"),
    ] {
        let folder = folder(section);
        let output = of(folder.path(), "check");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(told), "{section}: {said}");
    }
}
