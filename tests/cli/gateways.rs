//! `mbush gateway`: formats that are checked and explained, and captured requests that are read.

use std::fs;

use testkit::{mbush, run};

fn said(arguments: &[&str]) -> (bool, String) {
    let output = run(mbush().arg("gateway").args(arguments));
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("it prints UTF-8"))
}

#[test]
fn a_captured_request_is_read_as_a_server_would_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("request.http");
    let path = file.to_str().unwrap();
    let write = |text: &str| fs::write(&file, text).unwrap();
    write(
        "GET /v1/gateways/kannel/messages?secret=k&id=7f&from=%2B38349111222&to=50005&charset=UTF-16BE\
         &text=%000%004%009 HTTP/1.1\nHost: 127.0.0.1:8080\n",
    );
    let (ok, text) = said(&["try", "kannel", path, "--secret", "k"]);
    assert!(ok && text.contains("credential: right"), "{text}");
    assert!(
        text.contains("message 7f: +38349111222 > 50005  049") && text.contains("answer after the commit: 200"),
        "{text}"
    );
    let (ok, text) = said(&["try", "kannel", path, "--secret", "other"]);
    assert!(!ok && text.contains("credential: wrong") && text.contains("a server refuses it: 401"), "{text}");
    write("POST /v1/gateways/jasmin/receipts?secret=k HTTP/1.1\n\nid=9&message_status=UNDELIV&err=003\n");
    let (ok, text) = said(&["try", "jasmin", path]);
    assert!(
        ok && text.contains("receipt for 9: undeliverable (UNDELIV, 003)") && text.contains("ACK/Jasmin"),
        "{text}"
    );
    write("GET /v1/gateways/kannel/messages?secret=k&from=1&to=50005 HTTP/1.1\n");
    let (ok, text) = said(&["try", "kannel", path]);
    assert!(!ok && text.contains("not read: field id: it is missing or empty"), "{text}");
    write("GET /v1/gateways/kannel/messages?secret=k&id=1&from=1&to=50005&charset=UTF-8&txt=5 HTTP/1.1\n");
    let (ok, text) = said(&["try", "kannel", path]);
    assert!(!ok && text.contains("not read: field text: it is missing"), "{text}");
    write("GET /v1/gateways/kannel/messages?secret=k&id=1&from=1&to=abc&charset=UTF-8&text= HTTP/1.1\n");
    let (ok, text) = said(&["try", "kannel", path]);
    assert!(!ok && text.contains("(an empty text)") && text.contains("a server refuses it: 400"), "{text}");
    write("hello");
    let (ok, text) = said(&["try", "kannel", path]);
    assert!(!ok && text.contains("write a request line"), "{text}");
    let (ok, text) = said(&["try", "kanel", path]);
    assert!(!ok && text.contains("did you mean `kannel`?"), "{text}");
}

#[test]
fn a_format_of_ones_own_is_checked_with_its_fixtures_and_replaces_one_that_is_built_in() {
    let folder = tempfile::tempdir().unwrap();
    let gateways = folder.path().to_str().unwrap();
    let built_in = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/gateways/kannel.toml")).unwrap();
    fs::write(folder.path().join("kannel.toml"), built_in.replace("Kannel 1.4.5 (smsbox)", "Our Kannel")).unwrap();
    let (ok, text) = said(&["list", "--gateways", gateways]);
    assert!(ok && text.contains("kannel  Our Kannel") && text.contains("jasmin  Jasmin"), "{text}");
    assert!(said(&["check", "--gateways", gateways]).0);
    fs::create_dir(folder.path().join("fixtures")).unwrap();
    let fixture = "[[message]]\nabout = \"ours\"\nsecret = \"k\"\nrequest = \"GET /x?secret=k&id=1&from=2&to=50005&text=5&charset=UTF-8 HTTP/1.1\"\n\
                   gives = [{ id = \"1\", from = \"2\", to = \"50005\", text = \"6\" }]\n";
    fs::write(folder.path().join("fixtures/kannel.toml"), fixture).unwrap();
    fs::write(folder.path().join("fixtures/acme.toml"), "").unwrap();
    let (ok, text) = said(&["check", "--gateways", gateways]);
    assert!(!ok && text.contains("kannel: NOT OK") && text.contains("kannel: ours:"), "{text}");
    assert!(text.contains("fixtures/acme.toml: there is no gateway acme"), "{text}");
    fs::write(folder.path().join("kannel.toml"), built_in.replace("{text}", "{txt}")).unwrap();
    let (ok, text) = said(&["check", "--gateways", gateways]);
    assert!(
        !ok && text.contains("kannel.toml: send: query.text: there is no value {txt}: did you mean {text}?"),
        "{text}"
    );
}

#[test]
fn a_link_whose_format_lacks_a_value_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mbush.toml");
    let check = |more: &str| {
        let link = format!(
            "[links.sms]\nkind = \"http\"\nsecret = \"a-secret-of-a-link\"\nurl = \"http://127.0.0.1:1/x\"\n{more}\n"
        );
        fs::write(&file, link).unwrap();
        let output = run(mbush().args(["check", "--config"]).arg(&file).current_dir(folder.path()));
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    for (more, part) in [
        ("gateway = \"kannel\"", "reply_user is missing"),
        ("gateway = \"kannel\"\nreply_user = \"us\"", "reply_secret is missing"),
        ("gateway = \"kanel\"", "did you mean `kannel`?"),
        ("gateway = \"twilio\"\nreply_user = \"us\"\nreply_secret = \"a-secret-for-replies\"", "public_url is missing"),
        ("public_url = \"https://mbush.example.com/\"", "without a path"),
        ("public_url = \"https://a:b@mbush.example.com\"", "without a path"),
        ("reply_user = \"us\"", "has no use for it"),
        ("settings = { x = \"y\" }", "no such setting"),
        (
            "gateway = \"kannel\"\nreply_user = \"u\"\nreply_secret = \"a-secret-for-replies\"\nussd_codes = { 123 = \"50005\" }",
            "ussd_codes",
        ),
    ] {
        let (ok, text) = check(more);
        assert!(!ok && text.contains(part), "{more}: {text}");
    }
    let (ok, text) = check("gateway = \"kannel\"\nreply_user = \"us\"\nreply_secret = \"a-secret-for-replies\"");
    assert!(ok && text.contains("sms: http, gateway kannel: /v1/gateways/sms/messages"), "{text}");
}
