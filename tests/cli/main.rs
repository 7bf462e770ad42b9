//! The program as its users start it: what it prints, what it asks, and how it ends.
//!
//! - `accounts`, `reading`, `send`, `texts`: commands one by one
//! - `check`, `findings`: what a start would refuse
//! - `output`: what a closed or foreign output gets
//! - `staff`: what is printed, asked and counted at a terminal, and names that do not exist
//! - `simulate`: the simulated SMSC and bank
//! - `verified_pins`: the verifiers of the PINs of forms
//! - `load`: load tests of a server
//! - `advice`: the commands that the program advises
//! - `grammars`: drafts, fixtures and examples of grammars
//! - `meters`: accounts of kinds that a grammar declares
//! - `readme`, `add_a_bank`, `ways`: what README says, followed to the letter
//! - `pages`: tables of `docs/` that are made of the code

mod accounts;
mod add_a_bank;
mod advice;
mod check;
mod countries;
mod findings;
mod gateways;
mod grammars;
mod load;
mod meters;
mod output;
mod pages;
mod reading;
mod readme;
mod send;
mod simulate;
mod staff;
mod texts;
mod verified_pins;
mod ways;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use testkit::process::Process;
use testkit::{finished, free_ports, mbush, run};

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs it with this typed in.
fn typed(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    finished("mbush", child)
}

#[test]
fn the_demo_ends_as_it_must_and_leaves_books_that_agree() {
    let folder = tempfile::tempdir().unwrap();
    let shown = printed(&run(mbush().args(["demo", "--once", "--dir"]).arg(folder.path())));
    for part in [
        "049123456 has 12.00 EUR",
        "044123456 has 20.00 EUR",
        "Shuma mungon",
        "prap",
        "30.00 EUR + 3.00 EUR bonus autumn",
        "TV per drita.h",
        "fixed_line:38338712345 has 10.00 EUR",
        "the ledger is sound",
    ] {
        assert!(shown.contains(part), "`{part}` is not in:\n{shown}");
    }
    assert!(!shown.contains("UNEXPECTED RESULT"), "{shown}");
    let url = format!("sqlite://{}/mbush.db", folder.path().display());
    assert!(printed(&run(mbush().arg("audit").env("MBUSH_STORE__URL", &url))).contains("sound"));
    let account = printed(&run(mbush().args(["account", "+383 49 123 456"]).env("MBUSH_STORE__URL", &url)));
    assert!(account.contains("12.00 EUR") && account.contains("from bank_clearing:ekonomike"), "{account}");
    let of = |arguments: &[&str]| run(mbush().args(arguments).env("MBUSH_STORE__URL", &url));
    let product = printed(&of(&["account", "drita.h"]));
    assert!(
        product.contains("TV") && product.contains("drita.h  runs to") && product.contains("EUR paid"),
        "{product}"
    );
    assert!(complaint(&of(&["account", "nobody.h"])).contains("no account or user name is `nobody.h`"));
    printed(&of(&["enrol", "049123456", "tv", "drita.h", "--by", "Arta"]));
    assert!(printed(&of(&["account", "049123456"])).contains("drita.h  runs to"), "what is registered to a number");
    assert!(
        complaint(&run(mbush().args(["demo", "--once", "--dir"]).arg(folder.path())))
            .contains("begins with an empty one")
    );
}

#[test]
fn staff_suspend_a_number_and_seal_days_with_a_key_that_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    printed(&run(mbush().args(["demo", "--once", "--dir"]).arg(folder.path())));
    let url = format!("sqlite://{}/mbush.db", folder.path().display());
    let of = |arguments: &[&str]| run(mbush().args(arguments).env("MBUSH_STORE__URL", &url));
    assert!(printed(&of(&["audit"])).contains("no [audit] signing_key_file"));
    assert!(complaint(&of(&["audit", "seal"])).contains("mbush audit keygen"));
    let who = ["--by", "Arta", "--reason", "lost_phone"];
    let suspended = printed(&of(&[&["account", "suspend", "049123456", "--yes"], &who[..]].concat()));
    assert!(suspended.contains("active > suspended") && suspended.contains("by Arta: lost_phone"), "{suspended}");
    assert!(
        complaint(&of(&[&["account", "suspend", "049123456", "--yes"], &who[..]].concat()))
            .contains("suspended already")
    );
    assert!(printed(&of(&["account", "049123456"])).contains("(suspended)"));
    printed(&of(&[&["account", "reactivate", "049123456"], &who[..]].concat()));
    let shown: Value = serde_json::from_str(&printed(&of(&["account", "049123456", "--json"]))).unwrap();
    assert_eq!((&shown["account"]["state"], &shown["events"][0]["to"]), (&"active".into(), &"active".into()));
    assert_eq!((&shown["events"][1]["to"], &shown["events"][1]["by"]), (&"suspended".into(), &"Arta".into()));
    printed(&of(&[&["account", "suspend", "dealer:shpija", "--yes"], &who[..]].concat()));
    let listed = |state: &str| {
        let dealers = printed(&of(&["dealer", "list"]));
        assert!(dealers.lines().any(|dealer| dealer.starts_with("shpija") && dealer.contains(state)), "{dealers}");
    };
    listed("suspended");
    printed(&of(&[&["account", "reactivate", "dealer:shpija"], &who[..]].concat()));
    listed("active");
    assert!(
        complaint(&of(&[&["account", "suspend", "dealer:X"], &who[..]].concat()))
            .contains("there is no account dealer:X")
    );

    let file = folder.path().join("audit.key");
    let made = printed(&run(mbush().args(["audit", "keygen"]).arg(&file)));
    let public = made.lines().nth(1).unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap()) & 0o777, 0o600);
    let secret = std::fs::read(&file).unwrap();
    assert!(complaint(&run(mbush().args(["audit", "keygen"]).arg(&file))).contains("never written over"));
    assert_eq!(std::fs::read(&file).unwrap(), secret);
    let keyed = |arguments: &[&str]| {
        let mut command = mbush();
        command.args(arguments).env("MBUSH_STORE__URL", &url).env("MBUSH_AUDIT__SIGNING_KEY_FILE", &file);
        run(command.arg("--config").arg(folder.path().join("mbush.toml")))
    };
    assert!(printed(&keyed(&["audit", "seal"])).contains("0 days sealed"), "today is not over");
    assert!(printed(&keyed(&["audit"])).contains("no day is sealed yet"));
    assert!(printed(&keyed(&["check"])).contains(public));
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert!(complaint(&keyed(&["check"])).contains("chmod 600"));
}

#[test]
fn check_says_what_is_misspelt_and_fails_where_the_database_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mbush.toml");
    let database = folder.path().join("mbush.db");
    let config = format!(
        "[store]\nurl = \"sqlite://{}\"\n[limits.banks.tebb]\namount_min = \"2.00\"\n[banks.nlbb]\nenabled = false\n\
         [[bonus]]\nname = \"may\"\npercent = 5\nbanks = [\"teb\", \"procredi\"]\n",
        database.display()
    );
    std::fs::write(&file, config).unwrap();
    let check = || run(mbush().arg("check").arg("--config").arg(&file));
    let said = printed(&check());
    for part in ["limits.banks.tebb", "`nlbb`", "bonus `may`", "`procredi`", "is it misspelt?", "there is no database"]
    {
        assert!(said.contains(part), "`{part}` is not in {said}");
    }
    assert!(!said.contains("bank `teb`"), "{said}");
    std::fs::write(&database, "").unwrap();
    assert!(printed(&check()).contains("`mbush serve` makes one"), "a start makes the tables");
    std::fs::write(&database, "not a database, but longer than the head of one would have to be to be taken for it")
        .unwrap();
    let broken = check();
    let said = String::from_utf8_lossy(&broken.stdout).into_owned();
    assert!(!broken.status.success() && said.contains("NOT OK") && said.contains("not a database"), "{broken:?}");
    assert!(complaint(&run(mbush().args(["account", "049123456", "--config"]).arg(&file))).contains("not a database"));
}

#[test]
fn a_statement_has_a_beginning_an_end_and_a_sum_or_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    printed(&run(mbush().args(["demo", "--once", "--way", "5", "--dir"]).arg(folder.path())));
    let url = format!("sqlite://{}/mbush.db", folder.path().display());
    let statement = |arguments: &[&str]| run(mbush().arg("statement").args(arguments).env("MBUSH_STORE__URL", &url));
    let whole = printed(&statement(&["049123456"]));
    assert!(whole.contains("+5.00") && whole.contains(", by 38349111222\n"), "{whole}");
    assert!(whole.ends_with("3 movements: 12.00 in, 0.00 out, balance 12.00\n"), "{whole}");
    let later = printed(&statement(&["049123456", "--from", "2099-01-01"]));
    let words = |text: &str| text.lines().nth(1).unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&later), ["before", "01.01.2099", "12.00"], "{later}");
    assert!(later.ends_with("0 movements: 0.00 in, 0.00 out, balance 12.00\n"), "{later}");
    let earlier = printed(&statement(&["049123456", "--to", "2020-01-01"]));
    assert!(earlier.ends_with("0 movements: 0.00 in, 0.00 out, balance 0.00\n"), "{earlier}");
    let bank = printed(&statement(&["bank_clearing:ekonomike", "--from", "2099-01-01"]));
    assert_eq!(words(&bank), ["before", "01.01.2099", "-91.99"], "{bank}");
    for (arguments, problem) in [
        (&["049999999"][..], "there is no account subscriber:38349999999"),
        (&["049123456", "--from", "2026-11-25", "--to", "2026-11-20"], "--from 2026-11-25 is after --to 2026-11-20"),
        (&["049123456", "--from", "01.11.2026"], "write it as 2026-11-01"),
    ] {
        let said = complaint(&statement(arguments));
        assert!(said.contains(problem), "{said}");
    }
}

#[test]
fn a_user_name_is_registered_shown_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/mbush.db", folder.path().display());
    let enrol =
        |arguments: &[&str]| run(mbush().arg("enrol").args(arguments).env("MBUSH_STORE__URL", &url).env_remove("USER"));
    assert!(complaint(&enrol(&["049111222"])).contains("there is no database"));
    printed(&run(mbush().args(["demo", "--once", "--dir"]).arg(folder.path())));
    assert!(printed(&enrol(&["049111222"])).contains("no user name is registered to +38349111222"));
    let done = printed(&enrol(&["+383 49 111 222", "tv", "arta.k", "--by", "drita"]));
    assert!(done.contains("`tv` is registered to arta.k"), "{done}");
    let shown = printed(&enrol(&["049111222"]));
    assert!(shown.contains("arta.k") && shown.contains("by drita"), "{shown}");
    for (arguments, part) in [
        (&["049111222", "tv", "arta.k"][..], "--by NAME"),
        (&["049111222", "fax", "arta.k", "--by", "drita"], "duotv"),
        (&["049111222", "tv", "arta k", "--by", "drita"], "no space"),
        (&["049111222", "tv"], "USERNAME"),
        (&["049111222", "internet", "--remove"], "no user name of internet"),
        (&["12", "tv", "arta.k", "--by", "drita"], "049123456"),
    ] {
        let told = complaint(&enrol(arguments));
        assert!(told.contains(part), "`{part}` is not in: {told}");
    }
    assert!(printed(&enrol(&["049111222", "tv", "--remove"])).contains("no user name of `tv` is registered any more"));
    assert!(printed(&run(mbush().arg("audit").env("MBUSH_STORE__URL", &url))).contains("sound"));
}

#[test]
fn a_batch_of_texts_has_one_object_a_line() {
    let lines = "{\"shortcode\":\"50005\",\"from\":\"38349111222\",\"text\":\"5\"}\n\
        {\"shortcode\":\"50333\",\"from\":\"38349111222\",\"text\":\"0491234565\"}\n\n\
        {\"shortcode\":\"50005\",\"from\":\"38349111222\",\"text\":\"049123456\"}\nnot json\n\
        {\"shortcode\":\"50005\",\"from\":\"38349111222\",\"text\":\"si je\"}\n";
    let output = typed(mbush().args(["parse", "--batch", "-"]), lines);
    assert!(!output.status.success(), "a line that is no object is told by the exit code");
    let shown = String::from_utf8_lossy(&output.stdout);
    let objects: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let outcomes: Vec<&str> = objects.iter().filter_map(|object| object["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["command", "command", "refused", "unreadable", "unreadable"]);
    assert_eq!((objects[0]["target"].as_str(), objects[0]["amount_minor"].as_i64()), (Some("+38349111222"), Some(500)));
    assert_eq!((objects[1]["operator"].as_str(), objects[1]["service"].as_str()), (Some("ipko"), Some("mobile")));
    assert_eq!(objects[2]["reason"], "amount_missing");
    assert_eq!(objects[3]["reason"], "bad_line");
    assert!(objects[4]["amount_minor"].is_null());
}

#[test]
fn a_text_that_is_not_read_is_drawn_with_its_place() {
    let output = run(mbush().args(["parse", "50005", "049123456 five"]));
    assert_eq!(output.status.code(), Some(1), "it is no request");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("          ^ column 11: expected an amount, found `five`"), "{shown}");
    assert!(shown.contains("right form: 049123456 5"), "{shown}");
}

#[test]
fn what_is_read_is_what_a_server_with_the_same_settings_would_do() {
    // 1 is the answer "no": the text is no request.
    let told = |output: &Output| {
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let glued = run(mbush().args(["parse", "50333", "0441234564", "--json"]));
    let read: Value = serde_json::from_str(&told(&glued)).unwrap();
    assert_eq!((read["outcome"].as_str(), read["reason"].as_str()), (Some("refused"), Some("amount_not_offered")));
    assert!(printed(&run(mbush().args(["parse", "50333", "0441234565"]))).starts_with("command"));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mbush.toml");
    let settings = "[products.tv]\nprice = \"9.00\"\n[limits.channels.sms]\namount_max = \"20.00\"\n\
        [banks.teb]\nenabled = false\n";
    std::fs::write(&file, settings).unwrap();
    let cases = [
        ("50333", "049123456 20", "command"),
        ("50333", "049123456 21", "amount_out_of_limits"),
        ("50333", "04912345621", "amount_out_of_limits"),
        ("50333", "tv", "command"),
        ("50333", "internet", "service_not_available"),
        ("123", "7401582000319524", "service_not_available"),
    ];
    for (short_code, text, outcome) in cases {
        let parse = || {
            let mut command = mbush();
            command.arg("--config").arg(&file).arg("parse");
            command
        };
        let shown = told(&run(parse().args([short_code, text])));
        assert!(shown.contains(&outcome.replace('_', " ")), "{text}: {shown}");
        let object: Value = serde_json::from_str(&told(&run(parse().args([short_code, text, "--json"])))).unwrap();
        let line = serde_json::json!({ "shortcode": short_code, "text": text }).to_string();
        let batch = typed(parse().args(["--batch", "-"]), &line);
        let of_batch: Value = serde_json::from_slice(&batch.stdout).unwrap();
        assert_eq!(of_batch, object, "{text}");
        assert_eq!(object["reason"].as_str().unwrap_or("command"), outcome, "{text}");
        assert!(printed(&run(mbush().args(["parse", short_code, text]))).starts_with("command"), "{text}");
    }
    let tried =
        told(&run(mbush().arg("--config").arg(&file).args(["grammar", "try", "049123456 21", "--bank", "procredit"])));
    assert!(tried.contains("amount out of limits"), "{tried}");
}

/// Who a machine is, its address alone does not prove.
#[test]
fn a_machines_form_that_another_link_could_forge_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mbush.toml");
    let gateway = |name: &str, codes: &str| {
        format!(
            "[links.{name}]\nkind = \"http\"\nsecret = \"the secret of {name}, at length\"\n\
             url = \"http://127.0.0.1:9/\"\nshort_codes = {codes}\n"
        )
    };
    let esme = "[links.teb]\nkind = \"esme\"\nsystem_id = \"teb\"\npassword = \"12345678\"\nbanks = [\"teb\"]\n";
    let start = format!("[store]\nurl = \"sqlite://{}/mbush.db\"\n", folder.path().display());
    // Ports that are in use are warned of, too.
    let free = "[http]\nlisten = \"127.0.0.1:0\"\n[smpp_server]\nlisten = \"127.0.0.1:0\"\n[subscribers]\nunknown = \"create\"\n";
    let check = |links: &[String]| {
        std::fs::write(&file, format!("{start}{free}{}{esme}", links.concat())).unwrap();
        printed(&run(mbush().arg("check").arg("--config").arg(&file)))
    };
    let alone = check(&[gateway("shop", "[\"50005\"]")]);
    assert!(!alone.contains("WARNING"), "{alone}");
    let shared = check(&[gateway("shop", "[\"50909\", \"50005\"]")]);
    let warnings: Vec<&str> = shared.lines().filter(|line| line.contains("WARNING")).collect();
    let [warning] = warnings[..] else { panic!("{shared}") };
    for part in ["TEB: ", "links shop, teb ", "`machine`", "TEB, TEBKOS", "links = [\""] {
        assert!(warning.contains(part), "`{part}` is not in {warning}");
    }
    let open = check(&[gateway("any", "[]")]);
    assert_eq!(open.matches("WARNING").count(), 1, "of the other banks' forms only one link can write: {open}");
    let all = check(&[gateway("any", "[]"), gateway("other", "[]")]);
    assert!(all.matches("WARNING").count() > 3, "{all}");

    std::fs::write(
        &file,
        format!("{start}[http]\nlisten = \"127.0.0.1:0\"\n{}{}", gateway("a", "[]"), gateway("b", "[]")),
    )
    .unwrap();
    let server = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    server.line("the warning", |line| line.contains("TEBKOS") && line.contains("a, b"));
    server.line("what is new", |line| line.contains("WARN") && line.contains("a new, empty one was created"));
    let (status, lines) = server.terminate();
    assert!(status.success(), "{lines:#?}");
}

#[test]
fn the_configuration_of_a_demo_works_from_its_own_folder() {
    let folder = tempfile::tempdir().unwrap();
    printed(&run(mbush().args(["demo", "--once", "--way", "5", "--dir", "shown"]).current_dir(folder.path())));
    printed(&run(mbush().arg("check").current_dir(folder.path().join("shown"))));
}

#[test]
fn secrets_and_keys_that_keep_nobody_out_are_refused_or_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let (file, key) = (folder.path().join("mbush.toml"), folder.path().join("pin.key"));
    let esme = "[links.teb]\nkind = \"esme\"\nsystem_id = \"teb\"\npassword = \"seven77\"\n";
    let start = format!(
        "[store]\nurl = \"sqlite://{0}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:0\"\n[smpp_server]\nlisten = \"127.0.0.1:0\"\n{esme}",
        folder.path().display()
    );
    std::fs::write(&file, &start).unwrap();
    let weak = "links.teb.password: it has 7 characters";
    assert!(printed(&run(mbush().arg("check").arg("--config").arg(&file))).contains(weak));
    let server = Process::start("mbush serve", mbush().arg("serve").arg("--config").arg(&file));
    server.line("the warning", |line| line.contains("WARN") && line.contains(weak));
    assert!(server.terminate().0.success());
    for none in ["", " "] {
        for command in ["check", "serve"] {
            let mut asked = mbush();
            asked.arg(command).arg("--config").arg(&file).env("MBUSH_LINKS__TEB__PASSWORD", none);
            let ended = run(&mut asked);
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            assert!(!ended.status.success() && said.contains("links.teb: password: it is empty"), "{said}");
        }
    }
    std::fs::write(&key, "0f".repeat(32)).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::write(&file, format!("{start}[pins]\nkey_file = \"{}\"\n", key.display())).unwrap();
    let ended = run(mbush().arg("serve").arg("--config").arg(&file));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success() && said.contains("others can read it (mode 644); chmod 600 it"), "{said}");
}

#[test]
fn check_names_banks_and_what_is_wrong_with_a_configuration() {
    let shown = printed(&run(mbush().arg("check")));
    assert!(shown.contains("Banka Ekonomike on 50005, published") && shown.contains("assumed"), "{shown}");
    let wrong = complaint(&run(mbush().arg("check").env("MBUSH_HTTP__LISTEN", "nowhere")));
    assert!(wrong.contains("http.listen") && wrong.contains("mbush.example.toml"), "{wrong}");
}

fn config(folder: &Path, http: u16, smsc: u16) -> std::path::PathBuf {
    let text = format!(
        "[store]\nurl = \"sqlite://{}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:{http}\"\n[subscribers]\nunknown = \"create\"\n\
         [log]\nfilter = \"error\"\n[links.gateway]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1:9/\"\n\
         [links.ipko]\nkind = \"smsc\"\nhosts = [\"127.0.0.1:{smsc}\"]\nsystem_id = \"mbush\"\npassword = \"secret\"\n\
         reconnect_first_ms = 20\nreconnect_max_ms = 100\n",
        folder.display()
    );
    let file = folder.join("mbush.toml");
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn one_sms_is_sent_to_a_server_as_its_gateway_and_as_its_smsc() {
    let folder = tempfile::tempdir().unwrap();
    let [http, smsc] = free_ports();
    let file = config(folder.path(), http, smsc);
    let server = Process::start("mbush serve", mbush().args(["serve", "--config"]).arg(&file));
    server.line("its address", |line| line.starts_with("listening on "));
    let send = |arguments: &[&str]| run(mbush().args(["send", "--config"]).arg(&file).args(arguments));

    let posted = printed(&send(&["--link", "gateway", "--from", "049111222", "50005", "5"]));
    assert!(posted.contains("\"outcome\": \"applied\"") && posted.contains("\"receipt\""), "{posted}");
    let address = format!("127.0.0.1:{smsc}");
    let reply = printed(&send(&["--smsc", &address, "--from", "38349111222", "50005", "049123456 7"]));
    assert!(reply.contains("7.00 EUR") && reply.contains("049123456"), "{reply}");
    assert!(complaint(&send(&["--link", "nobody", "--from", "049111222", "50005", "5"])).contains("links.nobody"));
    assert!(server.terminate().0.success());
    assert!(complaint(&send(&["--link", "gateway", "--from", "049111222", "50005", "5"])).contains("mbush serve"));
}

#[test]
fn a_connection_that_says_nothing_does_not_keep_a_server_from_ending() {
    let folder = tempfile::tempdir().unwrap();
    let [http, smsc] = free_ports();
    let file = config(folder.path(), http, smsc);
    let server = Process::start("mbush serve", mbush().args(["serve", "--config"]).arg(&file));
    server.line("its address", |line| line.starts_with("listening on "));
    let mut silent = std::net::TcpStream::connect(("127.0.0.1", http)).unwrap();
    silent.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
    assert!(server.terminate().0.success());
    drop(silent);
}

#[test]
fn staff_take_back_put_right_and_hold_with_a_name_and_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    printed(&run(mbush().args(["demo", "--once", "--dir"]).arg(folder.path())));
    let url = format!("sqlite://{}/mbush.db", folder.path().display());
    let staff = |arguments: &[&str]| run(mbush().args(arguments).env("MBUSH_STORE__URL", &url));
    let lines = |arguments: &[&str]| -> Vec<Value> {
        printed(&staff(arguments)).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let before = lines(&["statement", "049123456", "--json"]);
    let receipt = before.last().unwrap()["receipt"].as_str().unwrap();
    let why = ["--reason", "wrong_number", "--by", "Arta"];
    let reversed = printed(&staff(&[&["reverse", receipt, "--yes"], &why[..]].concat()));
    assert!(
        reversed.contains(&format!("reversed {receipt}: 5.00 EUR, subscriber:38349123456"))
            && reversed.contains("gets no SMS"),
        "{reversed}"
    );
    assert!(complaint(&staff(&[&["reverse", receipt, "--yes"], &why[..]].concat())).contains("already been reversed"));

    let unknown = complaint(&staff(&["adjust", "propose", "049123456", "2", "--reason", "gift", "--by", "Arta"]));
    assert!(unknown.contains("goodwill"), "{unknown}");
    let proposed = printed(&staff(&[&["adjust", "propose", "049123456", "-2.50"], &why[..]].concat()));
    let id = proposed.split_whitespace().next().unwrap();
    assert!(complaint(&staff(&["adjust", "approve", id, "--by", "arta", "--yes"])).contains("another person"));
    assert!(printed(&staff(&["adjust", "approve", id, "--by", "Blerim", "--yes"])).contains("adjusted"));
    assert!(printed(&staff(&["adjust", "list", "--state", "done"])).contains("checked by Blerim"));

    let placed = printed(&staff(&[&["hold", "place", "049123456", "3"], &why[..]].concat()));
    let hold = placed.split_whitespace().nth(1).unwrap();
    assert!(printed(&staff(&["hold", "list", "049123456"])).contains(hold));
    let taken = printed(&staff(&[&["hold", "post", hold, "--amount", "1.00", "--yes"], &why[..]].concat()));
    assert!(taken.contains("captured") && printed(&staff(&["hold", "list"])).contains("0 pending"), "{taken}");

    let after = lines(&["statement", "subscriber:38349123456", "--json"]);
    let kinds: Vec<&str> = after[before.len()..].iter().filter_map(|line| line["kind"].as_str()).collect();
    assert_eq!(kinds, ["reversal", "adjustment", "capture"]);
    let sum: i64 = after.iter().filter_map(|line| line["amount_minor"].as_i64()).sum();
    assert_eq!(after.last().unwrap()["balance_minor"], sum);
    let table = printed(&staff(&["statement", "suspense:wrong_number", "--csv"]));
    assert!(
        table.starts_with("at,receipt,kind,amount,balance,currency,other") && table.lines().count() == 3,
        "{table}"
    );
    assert!(
        printed(&staff(&["statement", "049123456", "--from", "2020-01-01", "--to", "2020-01-31"]))
            .contains("0 movements")
    );
    assert!(printed(&staff(&["audit"])).contains("sound"));
}
