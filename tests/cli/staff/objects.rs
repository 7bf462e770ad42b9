//! With `--json` every command prints the fields that `docs/commands.md` lists for it, and no others.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::Value;
use testkit::process::Process;
use testkit::{free_ports, mbush};

use super::{Office, all, argument};

type Fields = BTreeSet<String>;

/// Commands that print for people, or for a shell.
const WITHOUT: [&str; 3] = ["demo", "completions", "man"];
const BY: [&str; 2] = ["--by", "Besa"];
const WHY: [&str; 4] = ["--reason", "wrong_number", "--by", "Arta"];

/// What stands in backticks, but for what is in brackets.
fn words(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let outside: String = text
        .chars()
        .filter(|c| {
            depth = if *c == '(' { depth + 1 } else { depth };
            let is_outside = depth == 0;
            depth = if *c == ')' { depth.saturating_sub(1) } else { depth };
            is_outside
        })
        .collect();
    outside.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The rows of the page: commands that print alike, and their fields.
fn rows() -> Vec<(Vec<String>, Fields)> {
    let page = std::fs::read_to_string("docs/commands.md").unwrap();
    let table = page.split_once("## Objects for programs").unwrap().1.split_once("## Exit codes").unwrap().0;
    let mut rows: Vec<(Vec<String>, Fields)> = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let (commands, fields) = row.trim_matches('|').split_once(" | ").unwrap();
        let of = |command: &String| rows.iter().find(|(known, _)| known.contains(command)).map(|(_, fields)| fields);
        let named = words(fields);
        let fields = named.iter().flat_map(|name| match of(name) {
            Some(fields) if fields.len() > 1 && row.contains("those of") => fields.clone(),
            _ => Fields::from([name.clone()]),
        });
        rows.push((words(commands), fields.collect()));
    }
    rows
}

/// Every command that there is.
fn commands(way: &str, command: &clap::Command, found: &mut BTreeSet<String>) {
    let below = command.get_subcommands().filter(|below| below.get_name() != "help");
    if !(way.is_empty() || command.has_subcommands() && command.is_subcommand_required_set()) {
        found.insert(way.to_owned());
    }
    for below in below {
        commands(format!("{way} {}", below.get_name()).trim(), below, found);
    }
}

/// What was printed so far.
struct Seen {
    office: Office,
    fields: BTreeMap<String, Fields>,
}

impl Seen {
    fn note(&mut self, command: &str, object: &Value) {
        let object = object.as_object().unwrap_or_else(|| panic!("{command}: {object}"));
        self.fields.entry(command.to_owned()).or_default().extend(object.keys().cloned());
    }

    /// Runs it in the office; the objects.
    fn run(&mut self, command: &str, arguments: &[&str]) -> Vec<Value> {
        let words: Vec<&str> = command.split(' ').chain(arguments.iter().copied()).chain(["--json"]).collect();
        let output = self.office.run(&words);
        let printed = String::from_utf8(output.stdout.clone()).unwrap();
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{words:?}: {error}: {line}"));
        let objects: Vec<Value> = printed.lines().map(read).collect();
        assert!(!objects.is_empty(), "{words:?} prints nothing: {}", all(&output));
        for object in &objects {
            self.note(command, object);
        }
        objects
    }

    fn text(&mut self, command: &str, arguments: &[&str], field: &str) -> String {
        self.run(command, arguments)[0][field].as_str().unwrap().to_owned()
    }
}

fn looks(seen: &mut Seen) {
    for (command, arguments) in [
        ("check", &[][..]),
        ("audit", &[]),
        ("account", &["049123456"]),
        ("account", &["049999999"]),
        ("account", &["drita.h"]),
        ("statement", &["049123456"]),
        ("pin show", &["049123456"]),
        ("dealer list", &[]),
        ("dealer summary", &["shpija"]),
        ("quarantine list", &[]),
        ("find", &["049123456"]),
        ("find", &["049110009"]),
        ("find", &["049999999"]),
        ("voucher report", &[]),
        ("voucher keys", &[]),
        ("voucher show", &["1"]),
        ("gateway list", &[]),
        ("gateway check", &[]),
        ("gateway explain", &["kannel"]),
        ("grammar check", &[]),
        ("grammar explain", &["teb"]),
        ("grammar try", &["049123456 five"]),
        ("grammar test", &["teb"]),
        ("grammar coverage", &["teb"]),
        ("parse", &["50005", "049123456 five"]),
        ("parse", &["50909", "049123456 5 ref A81723 prap"]),
        ("parse", &["123", "7401582000319524"]),
        ("parse", &["123", "english"]),
        ("parse", &["124", "049123456 5 4711"]),
        ("parse", &["124", "pin 0000 4711"]),
        ("parse", &["50808", "rb 049123456 20 4711"]),
    ] {
        seen.run(command, arguments);
        if command == "parse" {
            seen.run("grammar try", &arguments[1..]);
        }
    }
}

fn orders(seen: &mut Seen) {
    let receipt = seen.run("statement", &["049123456"])[0]["receipt"].as_str().unwrap().to_owned();
    seen.run("reverse", &[&[&receipt, "--yes"], &WHY[..]].concat());
    let propose = [&["049123456", "1"], &WHY[..]].concat();
    let (first, second) = (seen.text("adjust propose", &propose, "id"), seen.text("adjust propose", &propose, "id"));
    seen.run("adjust list", &[]);
    seen.run("adjust approve", &[&[&first, "--yes"], &BY[..]].concat());
    seen.run("adjust reject", &[&second, "--by", "Besa"]);
    let first = seen.text("hold place", &propose, "action");
    let second = seen.text("hold place", &propose, "action");
    seen.run("hold list", &[]);
    seen.run("hold post", &[&[&first, "--yes"], &WHY[..]].concat());
    seen.run("hold void", &[&[&second, "--yes"], &WHY[..]].concat());
    seen.run("account open", &["049123456", "049700011", "--by", "Besa", "--yes"]);
    seen.run("account suspend", &["049123456", "--reason", "lost", "--yes"]);
    seen.run("account reactivate", &["049123456", "--reason", "found"]);
    seen.run("enrol", &["049123456", "tv", "arta.k"]);
    seen.run("enrol", &["049123456"]);
    seen.run("enrol", &["049123456", "tv", "--remove"]);
    seen.run("pin reset", &["049123456", "--yes"]);
    let added = seen.run("dealer add", &["besa", "--below", "agron", "--phone", "049700009"]);
    assert_eq!(added.len(), 1, "one dealer is one object: {added:?}");
    seen.run("dealer phone", &["besa", "049700010"]);
    seen.run("dealer pin-reset", &["besa", "--yes"]);
    let kept = seen.text("quarantine list", &[], "key");
    seen.run("quarantine show", &[&kept]);
    seen.run("quarantine discard", &[&kept, "--note", "a greeting", "--yes"]);
}

/// A request that waits and one that has failed, as a server leaves them, and a system that takes them.
fn forwards(seen: &mut Seen) {
    let database = rusqlite::Connection::open(seen.office.file("mbush.db")).unwrap();
    for (id, state) in [(7_u128, "waiting"), (8, "failed")] {
        let add = "INSERT INTO forwards (id, message_key, bank, form, name, link, short_code, phone, fields, language, state,
                attempts, since, next_at, created_at)
            VALUES (?1, 'ipko:7', 'seventh', 'loan', 'loan', 'ipko', '50777', '38349111222', '[]', 'en', ?2, 1, 0, 0, 0)";
        database.execute(add, (&id.to_be_bytes()[..], state)).unwrap();
    }
    drop(database);
    let config = seen.office.file("mbush.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let section = "[forward.loan]\nurl = \"http://127.0.0.1:9/\"\nsecret = \"s3cret-of-the-loan\"\n";
    std::fs::write(&config, format!("{text}\n{section}")).unwrap();
    let failed = seen.text("forward list", &["--state", "failed"], "id");
    seen.run("forward show", &[&failed]);
    seen.run("forward retry", &[&failed]);
    seen.run("forward settle", &[&failed, "--note", "by hand", "--text", "Done.", "--yes"]);

    let grammars = seen.office.file("requests");
    std::fs::create_dir(&grammars).unwrap();
    let grammar = "bank = \"seventh\"\nname = \"Seventh Bank\"\nshort_codes = [\"50777\"]\nevidence = \"assumed\"\n[[form]]\n\
        name = \"loan\"\ntext = \"loan {amount}\"\naction = \"forward\"\nforward = \"loan\"\n\
        [[form]]\nname = \"several\"\ntext = \"<{msisdn} {amount}>\"\nexample = \"049123456 5, 044222333 9\"\n";
    std::fs::write(grammars.join("seventh.toml"), grammar).unwrap();
    let folder = ["--grammars", argument(&grammars)];
    let read = seen.run("parse", &[&["50777", "loan 20 again"], &folder[..]].concat());
    assert_eq!(read[0]["fields"], serde_json::json!([{ "name": "amount", "type": "amount", "value": 2_000 }]));
    let list = seen.run("parse", &[&["50777", "049123456 5, 044222333 9 again"], &folder[..]].concat());
    assert_eq!((&list[0]["service"], &list[0]["repeat"]), (&serde_json::json!("list"), &serde_json::json!(true)));
    assert_eq!(list[0]["items"][1]["amount_minor"], 900);
    seen.run("grammar try", &[&["loan 20 again"], &folder[..]].concat());
    seen.run("grammar try", &[&["049123456 5, 044222333 9"], &folder[..]].concat());
}

fn cards(seen: &mut Seen) {
    let (cards, key) = (seen.office.file("new.age"), age::x25519::Identity::generate().to_public().to_string());
    let draw = ["--amount", "5", "--count", "4", "--expires", "2099-12-31", "--recipient", &key, "--by", "Arta"];
    let batch =
        seen.run("voucher generate", &[&draw[..], &["--file", argument(&cards)]].concat())[0]["batch"].to_string();
    seen.run("voucher print", &[&batch, "--file", argument(&cards)]);
    seen.run("voucher distribute", &[&batch, "--to", "Shpija"]);
    seen.run("voucher activate propose", &[&batch, "--by", "Besim"]);
    seen.run("voucher activate approve", &[&batch, "--by", "Drita", "--yes"]);
    let serial = |place: u32| {
        let all = (0..10).map(|check| format!("{batch:0>5}-{place:07}-{check}"));
        all.filter(|serial| serial.parse::<mbush::domain::voucher::Serial>().is_ok()).collect::<Vec<_>>().remove(0)
    };
    seen.run("voucher show", &[&serial(1)]);
    let proposed = seen.text("voucher damaged propose", &[&[&serial(1), "049123456"], &BY[..]].concat(), "id");
    seen.run("voucher damaged approve", &[&proposed, "--by", "Arta", "--yes"]);
    seen.run("voucher block", &[&serial(2), "--note", "lost", "--yes"]);
    seen.run("voucher block", &[&batch, "--note", "stolen", "--yes"]);
    seen.run("voucher void", &[&serial(3), "--note", "torn", "--yes"]);
    seen.run("voucher void", &[&batch, "--note", "stolen", "--yes"]);
}

/// Files, and what stands in them.
fn files(seen: &mut Seen) {
    let file = |seen: &Seen, name: &str| argument(&seen.office.file(name)).to_owned();
    let (copy, key, grammars) = (file(seen, "kept.db"), file(seen, "audit.key"), file(seen, "new"));
    seen.run("backup", &[&copy]);
    let request = file(seen, "request.http");
    for query in ["&id=1&from=38349111222&to=50005&text=5&charset=UTF-8", ""] {
        std::fs::write(&request, format!("GET /v1/gateways/kannel/messages?secret=x{query} HTTP/1.1\n\n")).unwrap();
        seen.run("gateway try", &["kannel", &request]);
    }
    seen.run("voucher keys", &["--new", &file(seen, "cards-2.key")]);
    seen.run("pin key", &["--new", &file(seen, "pins-2.key")]);
    seen.run("audit keygen", &[&key]);
    let new = ["seventh", "--name", "Seventh", "--short-code", "50777", "kredi 5"];
    let written = seen.run("grammar new", &[&new[..], &["--grammars", &grammars, "--fixtures", &grammars]].concat());
    assert_eq!(written.len(), 2, "{written:?}");
    for end in ["", "-wal", "-shm"] {
        drop(std::fs::rename(file(seen, &format!("mbush.db{end}")), file(seen, &format!("moved.db{end}"))));
    }
    seen.run("restore", &[&copy, "--yes"]);
    let country = file(seen, "serbia");
    seen.run("country list", &[]);
    seen.run("country new", &[&country, "--like", "serbia", "--code", "RS", "--name", "Serbia"]);
    seen.run("country check", &[&country]);
    let texts = file(seen, "texts.jsonl");
    std::fs::write(&texts, "[]\n").unwrap();
    assert_eq!(seen.run("parse", &["--batch", &texts])[0]["reason"], "bad_line");
}

/// The office's configuration, with an interface for each peer.
fn open_interfaces(office: &Office, smsc: &str) -> std::path::PathBuf {
    let (from, to) = (office.file("mbush.toml"), office.file("open.toml"));
    let text = std::fs::read_to_string(from).unwrap();
    let text = text.replacen("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:0\"\nadmin_secret = \"staff\"", 1);
    let text = Regex::new("hosts = .*").unwrap().replace(&text, format!("hosts = [\"{smsc}\"]")).into_owned();
    let interfaces = "[smpp_server]\nlisten = \"127.0.0.1:0\"\n[links.bank]\nkind = \"esme\"\nsystem_id = \"bank\"\n\
        password = \"secret\"\nbanks = [\"teb\"]\n";
    std::fs::write(&to, text + interfaces).unwrap();
    to
}

fn servers(seen: &mut Seen) {
    let ([port], texts) = (free_ports(), seen.office.file("two.jsonl"));
    let smsc = format!("127.0.0.1:{port}");
    std::fs::write(&texts, "{\"from\": \"049111001\", \"to\": \"50909\", \"text\": \"5\"}\n").unwrap();
    let config = open_interfaces(&seen.office, &smsc);
    let server = Process::start("serve", mbush().args(["serve", "--json", "--config"]).arg(&config));
    let up: Value = serde_json::from_str(&server.line("that it is up", |line| line.contains("\"listening\""))).unwrap();
    seen.note("serve", &up);
    let [http, smpp, switches] =
        ["http", "smpp", "iso8583"].map(|interface| up[interface].as_str().unwrap().to_owned());
    let mut command = mbush();
    let by = ["--system-id", "mbush", "--password", "of-demo8", "--json"];
    command.args(["simulate", "smsc", "--listen", &smsc, "--linger-seconds", "1", "--deliver"]).arg(&texts).args(by);
    let mut simulated = Process::start("simulate smsc", &mut command);
    seen.office.config = Some(config);
    let sessions = || seen.office.run(&["smpp", "sessions", "--http", &http, "--json"]).stdout;
    testkit::until("the server is bound", || !sessions().is_empty());
    seen.run("smpp sessions", &["--http", &http]);
    let lines = simulated.wait().1;
    let report = lines.iter().find_map(|line| serde_json::from_str(line).ok()).expect("a report");
    seen.note("simulate smsc", &report);
    seen.run("send", &["50909", "3", "--from", "049111002", "--smsc", &smsc, "--password", "of-demo8"]);
    let few = ["--count", "2", "--linger-seconds", "0"];
    let mut command = mbush();
    command.args(["load", "smsc", "--listen", &smsc, "--password", "of-demo8", "--json"]).args(few);
    let lines = Process::start("load smsc", &mut command).wait().1;
    seen.note("load smsc", &lines.iter().find_map(|line| serde_json::from_str(line).ok()).expect("a report"));
    seen.run("load esme", &[&["--server", &smpp, "--to", "50909", "--drain-seconds", "5"][..], &few].concat());
    let url = format!("http://{http}");
    seen.run("load http", &[&["--server", &url, "--token", "another"][..], &few].concat());
    seen.run("simulate esme", &["--server", &smpp, "--submit", argument(&texts), "--linger-seconds", "0"]);
    seen.run("simulate atm", &["--server", &switches, "--acquirer", "12345", "--number", "049111003"]);
    assert!(server.terminate().0.success());
}

#[test]
fn every_command_prints_the_fields_of_the_page() {
    let mut seen = Seen { office: Office::after(None), fields: BTreeMap::new() };
    let (rows, mut expected) = (rows(), BTreeSet::new());
    commands("", &mbush::cli::command(), &mut expected);
    expected.retain(|command| !WITHOUT.contains(&command.as_str()));
    let listed: BTreeSet<String> = rows.iter().flat_map(|(commands, _)| commands.clone()).collect();
    let missing: Vec<_> = expected.difference(&listed).collect();
    let unknown: Vec<_> = listed.difference(&expected).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "docs/commands.md, Objects for programs: no row for {missing:?}; no command {unknown:?}"
    );
    looks(&mut seen);
    seen.note("account", &crate::meters::shown());
    orders(&mut seen);
    forwards(&mut seen);
    cards(&mut seen);
    files(&mut seen);
    servers(&mut seen);
    let not_run = ["voucher expire", "audit seal", "quarantine replay"];
    for (commands, fields) in rows {
        let printed = commands.iter().filter(|command| !not_run.contains(&command.as_str()));
        let printed = printed.map(|command| {
            (
                command,
                seen.fields
                    .get(command)
                    .unwrap_or_else(|| panic!("run `mbush {command} --json` in tests/cli/staff/objects.rs")),
            )
        });
        let mut together = Fields::new();
        for (command, own) in printed {
            assert!(own.is_subset(&fields), "{command}: {own:?} is not of {fields:?}");
            together.extend(own.iter().cloned());
        }
        assert!(
            together.is_empty() || together == fields,
            "{commands:?}: the page has {fields:?}, printed was {together:?}"
        );
    }
}

#[test]
fn a_command_without_objects_says_so_and_does_not_offer_them() {
    for command in WITHOUT {
        let help = all(&testkit::run(mbush().args([command, "--help"])));
        assert!(!help.contains("--json"), "{help}");
        let words = if command == "completions" { vec![command, "bash"] } else { vec![command] };
        for words in [[&words[..], &["--json"]].concat(), [&["--json"], &words[..]].concat()] {
            let output = testkit::run(mbush().args(&words));
            assert_eq!(output.status.code(), Some(2), "{words:?}");
            assert!(all(&output).contains("it has no --json"), "{words:?}: {}", all(&output));
        }
    }
}
