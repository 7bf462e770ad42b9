//! What a start refuses, `check` finds: each fault alone, and all of them at once; and what looks like a slip.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;
use testkit::process::Process;
use testkit::{free_ports, mbush, run};

/// A fault of a configuration: the sections that have it, and what is said of it.
struct Fault {
    sections: String,
    said: &'static [&'static str],
}

fn fault(sections: impl Into<String>, said: &'static [&'static str]) -> Fault {
    Fault { sections: sections.into(), said }
}

const ESME: &str = "kind = \"esme\"\nsystem_id = \"bank\"\npassword = \"long enough\"";
const SMPP: &str = "kind = \"smsc\"\nhosts = [\"127.0.0.1:9\"]\nsystem_id = \"mbush\"\npassword = \"long enough\"";

/// Faults that do not hide each other; `folder` has files `garbage` and `open`, and no file `gone`.
fn faults(folder: &Path) -> Vec<Fault> {
    let garbage = folder.join("garbage").display().to_string();
    let open = folder.join("open").display().to_string();
    let gone = folder.join("gone").display().to_string();
    let spec = folder.join("spec").display().to_string();
    let german = folder.join("german").display().to_string();
    let [port, other] = free_ports();
    let tls = |cert: &str| format!("tls = {{ cert = \"{cert}\", key = \"{cert}\" }}");
    let iso = |more: &str| {
        format!(
            "[clients.i]\nbank = \"teb\"\nchannel = \"atm\"\nacquirer_id = \"1\"\n[iso8583]\nlisten = \"127.0.0.1:{other}\"\n{more}"
        )
    };
    let client =
        |name: &str| format!("[clients.{name}]\nbank = \"teb\"\nchannel = \"api\"\nsecret = \"the same of both\"\n");
    vec![
        fault(client("x") + &client("y"), &["clients.y.secret", "clients.x.secret"]),
        fault(format!("[pins]\nkey_file = \"{garbage}\""), &["pins.key_file", "garbage", "64 hexadecimal"]),
        fault(format!("[links.a]\n{ESME}\n[links.b]\n{ESME}"), &["links.b", "system_id is that of links.a"]),
        fault(
            format!("[links.n]\n{}\nbanks = [\"nobank\"]", ESME.replace("\"bank\"", "\"n\"")),
            &["links.n", "`nobank`"],
        ),
        fault(
            format!(
                "[smpp_server]\n{}\nlisten = \"127.0.0.1:{port}\"\n[links.t]\n{}",
                tls(&garbage),
                ESME.replace("\"bank\"", "\"t\"")
            ),
            &["smpp_server.tls", "garbage"],
        ),
        fault(format!("[links.c]\n{SMPP}\ntls = {{ ca = \"{gone}\" }}"), &["links.c", "tls", "gone"]),
        fault(iso(&format!("{}\nspec_file = \"{gone}\"", tls(&gone))), &["iso8583.tls", "iso8583.spec_file", "gone"]),
        fault(
            format!(
                "[clients.q]\nbank = \"teb\"\nchannel = \"atm\"\nacquirer_id = \"7\"\n[iso8583]\nspec_file = \"{spec}\""
            ),
            &["iso8583.spec_file", "fields.4"],
        ),
        fault("[log]\nfilter = \"mbush=loud\"", &["log.filter", "mbush=loud"]),
        fault(
            format!(
                "[http]\nlisten = \"127.0.0.1:{port}\"\n[smpp_server]\nlisten = \"0.0.0.0:{port}\"\n[links.p]\n{}",
                ESME.replace("\"bank\"", "\"p\"")
            ),
            &["smpp_server.listen", "http.listen", "give each its own"],
        ),
        fault(format!("[audit]\nsigning_key_file = \"{gone}\""), &["audit.signing_key_file", "gone"]),
        fault(format!("[vouchers]\nkeys = [{{ id = \"1\", file = \"{garbage}\" }}]"), &["vouchers.keys", "garbage"]),
        fault("[links.u]\nkind = \"http\"\nurl = \"http://:x\"\nsecret = \"long enough\"", &["links.u", "url"]),
        fault(format!("[pins]\nkey_file = \"{open}\""), &["pins.key_file", "open", "chmod 600"]),
        fault(
            format!("{}[http]\nadmin_secret = \"the same of both\"\n", client("z")),
            &["clients.z.secret", "http.admin_secret"],
        ),
        fault(format!("[numbering]\nfile = \"{gone}\""), &["numbering.file", "gone"]),
        fault(format!("[grammars]\ndir = \"{gone}\""), &["grammars.dir", "gone"]),
        fault("[subscribers]\nlanguage = \"de\"", &["subscribers.language = \"de\"", "write one of sq, sr, en"]),
        fault(
            format!("[grammars]\ndir = \"{german}\""),
            &["bank `german`, form `konto`", "`de`: name one of sq, sr, en"],
        ),
        fault("[http]\nadmin_secret = \"a\"\nadmin_secret_file = \"b\"", &["http", "admin_secret", "keep one"]),
        fault("[http]\nlisten = \"192.0.2.1:0\"", &["192.0.2.1"]),
        fault(format!("[store]\nurl = \"sqlite://{gone}/mbush.db\""), &["gone/mbush.db"]),
    ]
}

/// What faults name: a file of a key that is none, and one that everybody can read.
fn write_files(folder: &Path) {
    let spec = include_str!("../../src/iso8583/atm1987.toml").replace("\"n\", length = 12 }", "\"n\", length = 3 }");
    for (name, content, mode) in
        [("garbage", "garbage\n", 0o600), ("open", &*"7".repeat(64), 0o644), ("spec", &*spec, 0o644)]
    {
        let file = folder.join(name);
        std::fs::write(&file, content).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    std::fs::create_dir(folder.join("german")).unwrap();
    std::fs::write(folder.join("german/german.toml"), GERMAN).unwrap();
}

/// A folder with a grammar in a language that there are no texts in.
const GERMAN: &str = "bank = \"german\"\nname = \"German\"\nshort_codes = [\"50777\"]\nevidence = \"assumed\"\n[amount]\nmax = 5\n\
                      [[form]]\nname = \"konto\"\ntext = \"konto {amount}\"\nlanguage = \"de\"\n";

pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) printed: String,
    /// On standard output and standard error together.
    pub(crate) said: String,
}

pub(crate) fn ended(arguments: &[&str], file: &Path) -> Ended {
    let output = run(mbush().args(arguments).arg("--config").arg(file).current_dir(file.parent().unwrap()));
    let [printed, told] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    Ended { code: output.status.code(), said: format!("{printed}{told}"), printed }
}

/// The sections with a database and a free port, where they say nothing of them.
pub(crate) fn configuration(folder: &Path, sections: &str) -> std::path::PathBuf {
    let mut text = sections.to_owned();
    for (section, key) in [
        ("store", format!("url = \"sqlite://{}/mbush.db\"", folder.display())),
        ("http", "listen = \"127.0.0.1:0\"".to_owned()),
    ] {
        let head = format!("[{section}]\n");
        let says = text
            .split(&head)
            .nth(1)
            .is_some_and(|body| body.split("\n[").next().unwrap_or_default().contains(&key[..4]));
        match (text.contains(&head), says) {
            (true, true) => {}
            (true, false) => text = text.replacen(&head, &format!("{head}{key}\n"), 1),
            (false, _) => text = format!("{head}{key}\n{text}"),
        }
    }
    let file = folder.join("mbush.toml");
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn each_fault_that_a_start_refuses_is_found_by_check() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path());
    for Fault { sections, said } in faults(folder.path()) {
        let file = configuration(folder.path(), &sections);
        let (check, serve) = (ended(&["check"], &file), ended(&["serve"], &file));
        assert_eq!((check.code, serve.code), (Some(1), Some(3)), "{sections}\n{}{}", check.said, serve.said);
        for part in said {
            assert!(check.said.contains(part), "`{part}` is not in what check says of {sections}:\n{}", check.said);
            assert!(serve.said.contains(part), "`{part}` is not in what serve says of {sections}:\n{}", serve.said);
        }
        assert!(
            !folder.path().join("mbush.db").exists() || !sections.contains("[log]"),
            "nothing is made before it is known to be right"
        );
    }
}

#[test]
fn a_fault_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    for (sections, said) in [
        ("[http]\nadmin_secret = \"\"\n", "admin_secret"),
        ("[clients.a]\nbank = \"bkt\"\nchannel = \"api\"\nsecret = \"\"\n", "clients.a.secret"),
        ("[links.a]\nkind = \"http\"\nurl = \"http://127.0.0.1/\"\nsecret = \"\"\n", "links.a.secret"),
        ("[links.a]\nkind = \"esme\"\nsystem_id = \"a\"\npassword = \"\"\n", "links.a.password"),
    ] {
        let check = ended(&["check", "--json"], &configuration(folder.path(), sections));
        let report: Value = serde_json::from_str(&check.printed).unwrap();
        let errors: Vec<&str> = report["errors"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(errors.iter().filter(|error| error.contains(said)).count(), 1, "{sections}: {errors:?}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path());
    // One of each section: what two say of one section cannot stand in one file.
    let mut sections = String::new();
    let mut wanted: Vec<&str> = vec!["`wrong_key`"];
    for Fault { sections: more, said } in faults(folder.path()) {
        let heads: Vec<&str> = more.lines().filter(|line| line.starts_with('[')).collect();
        // Without a numbering plan no grammar is read, and without grammars no bank is known.
        let hides_others = more.contains("[numbering]") || more.contains("[grammars]");
        if !hides_others && heads.iter().all(|head| !sections.contains(head)) {
            sections.push_str(&more);
            sections.push('\n');
            wanted.extend(said);
        }
    }
    assert!(wanted.len() > 20, "{wanted:?}");
    sections.push_str("[dispatch]\nwrong_key = 1\n");
    let file = configuration(folder.path(), &sections);
    let check = ended(&["check", "--json"], &file);
    let report: Value = serde_json::from_str(&check.printed).unwrap_or_else(|error| panic!("{error}: {}", check.said));
    let errors: String =
        report["errors"].as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n");
    assert_eq!((check.code, &report["ok"]), (Some(1), &Value::Bool(false)));
    for part in wanted {
        assert!(errors.contains(part), "`{part}` is not among:\n{errors}");
    }
}

#[test]
fn slips_are_warned_of_and_clients_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let sections = "[banks.foo]\nenabled = false\n[banks.bkt]\n\
        [clients.atm]\nbank = \"procredi\"\nchannel = \"atm\"\ndealer = \"nobody\"\nsecret = \"change-me-three\"\n\
        [clients.app]\nbank = \"bkt\"\nchannel = \"ebanking\"\nacquirer_id = \"12345\"\n\
        [iso8583]\nlisten = \"127.0.0.1:0\"\n\
        [links.gateway]\nkind = \"http\"\nurl = \"http://127.0.0.1:9/\"\nsecret = \"change-me\"\n\
        [links.short]\nkind = \"http\"\nurl = \"http://127.0.0.1:9/\"\nsecret = \"short\"\n";
    let file = configuration(folder.path(), sections);
    // Dealers are in the database, which a start makes.
    let server = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    server.line("its address", |line| line.starts_with("listening on "));
    server.line("the warning", |line| line.contains("WARN") && line.contains("`procredit`"));
    server.line("the warning", |line| line.contains("WARN") && line.contains("no such dealer"));
    assert!(server.terminate().0.success());
    let check = ended(&["check"], &file);
    assert_eq!(check.code, Some(0), "a start goes on: {}", check.said);
    for part in [
        "WARNING clients.atm.bank = \"procredi\"",
        "did you mean `procredit`?",
        "WARNING banks.foo",
        "`foo`",
        "WARNING clients.atm.dealer = \"nobody\"",
        "WARNING clients.atm.secret is the published value of mbush.example.toml",
        "WARNING links.short.secret: it has 5 characters",
        "WARNING links.gateway.secret",
        "atm: client of procredi, sells for nobody, atm, by HTTP",
        "app: client of bkt, ebanking, by ISO 8583 as 12345",
    ] {
        assert!(check.said.contains(part), "`{part}` is not in:\n{}", check.said);
    }
    assert!(!check.said.contains("`bkt`"), "its own section says that there is such a bank: {}", check.said);
    assert_eq!(ended(&["check", "--deny"], &file).code, Some(1));
    let good = configuration(folder.path(), "[subscribers]\nunknown = \"create\"\n");
    let check = ended(&["check", "--deny"], &good);
    assert_eq!(check.code, Some(0), "{}", check.said);
}
