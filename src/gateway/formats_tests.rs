//! The files that are built in, and mistakes that a file is refused for.

use super::{Gateways, fixture};

/// A file that is valid.
const GOOD: &str = r#"
title = "Acme"
evidence = "own"

[auth]
in = "signature"
header = "X-Signature"
algorithm = "hmac-sha256"
encoding = "hex"
content = "{body}"

[message]
methods = ["POST"]
fields_in = "json"
id = "id"
from = "from"
to = "to"
text = "text"
taken = { status = 200 }

[send]
json = { to = "{to}", text = "{text}" }

[[send.answers]]
status = [2]
means = "sent"
"#;

fn problem(text: &str) -> String {
    Gateways::load([("acme.toml".to_owned(), text.to_owned())]).expect_err("it has a mistake").join("\n")
}

#[test]
fn every_gateway_that_is_built_in_reads_its_fixtures() {
    let gateways = Gateways::load(Gateways::built_in()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let (mut number, mut failures) = (0, Vec::new());
    for gateway in gateways.all() {
        let fixtures = fixture::built_in(&gateway.id).unwrap_or_else(|| panic!("{} has no fixtures", gateway.id));
        match fixture::run(gateway, &fixtures) {
            Ok(count) => {
                assert!(count > 5, "{} has {count} fixtures", gateway.id);
                number += 1;
            }
            Err(failed) => failures.extend(failed.into_iter().map(|failure| format!("{}: {failure}", gateway.id))),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(number, 8);
}

#[test]
fn a_signature_covers_everything_that_is_read() {
    assert!(Gateways::load([("acme.toml".to_owned(), GOOD.to_owned())]).is_ok());
    let query = |text: &str| text.replace("\"POST\"", "\"GET\"").replace("\"json\"", "\"query\"");
    for text in [
        GOOD.replace("{body}", "x"),
        GOOD.replace("{body}", "{url}"),
        query(GOOD),
        GOOD.replace("fields_in = \"json\"", "fields_in = \"any\""),
        GOOD.replace("{body}", "{fields}").replace("id = \"id\"", "id = \"/deep/id\""),
        GOOD.replace("{body}", "{fields}").replace("id = \"id\"", "each = \"/results\"\nid = \"id\""),
    ] {
        assert!(problem(&text).contains("leaves out what is read"), "{text}");
    }
    for text in [query(&GOOD.replace("{body}", "{url}")), GOOD.replace("{body}", "{fields}")] {
        assert!(Gateways::load([("acme.toml".to_owned(), text)]).is_ok());
    }
    let window = "content = \"{body}\"\nwindow_seconds = 9";
    for more in ["", "\ntimestamp_header = \"X-Time\"", "\ntimestamp_field = \"time\""] {
        let text = GOOD.replace("content = \"{body}\"", &format!("{window}{more}"));
        assert!(problem(&text).contains("anybody could change it"), "{more}");
    }
}

#[test]
fn what_a_file_says_in_vain_is_a_mistake() {
    for (from, to, part) in [
        ("methods = [\"POST\"]", "methods = []", "methods is empty"),
        ("methods = [\"POST\"]", "methods = [\"GET\"]", "a GET has no body"),
        ("id = \"id\"", "id = []", "id: give the name"),
        ("id = \"id\"", "each = \"/a/*/b\"\nid = \"id\"", "each is one list"),
        ("status = 200 }", "status = 20 }", "200 to 599"),
        ("status = 200 }", "status = 200, content_type = \"a\\nb\" }", "content_type"),
        ("status = [2]", "status = [20]", "status 20"),
        ("text = \"text\"\ntaken", "taken", "either text or octets"),
        ("text = \"text\"\ntaken", "text = \"text\"\nudh_within = true\ntaken", "are for octets"),
        ("text = \"text\"\ntaken", "octets = \"text\"\ncodings = { 1 = \"utf8\" }\ntaken", "codings needs coding"),
        ("text = \"text\"\ntaken", "octets = \"text\"\ncharset = \"c\"\ntaken", "go together"),
        ("header = \"X-Signature\"", "header = \"X-Signature\"\nfield = \"s\"", "keep one of the two"),
        ("header = \"X-Signature\"", "header_part = \"v1\"", "needs the header"),
        ("{ to = \"{to}\"", "{ to = \"{too}\"", "did you mean {to}?"),
        ("{ to = \"{to}\"", "{ on = 2026-01-01, to = \"{to}\"", "is a date"),
        ("[send]\n", "[send]\nform = { a = \"b\" }\n", "a form or JSON"),
        ("[send]\n", "[send]\ngsm7 = { form = { a = \"b\" } }\n", "a form or JSON"),
        ("[send]\n", "[send]\nmethod = \"GET\"\n", "a GET has no body"),
        ("[send]\n", "[send]\nheaders = { \"a b\" = \"c\" }\n", "no name of a header"),
        ("means = \"sent\"", "means = \"later\"", "no answer means \"sent\""),
        ("means = \"sent\"", "means = \"sent\"\nid = \"x\"", "no place in JSON"),
        ("title", "titel", "unknown field `titel`"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let problem = problem(&GOOD.replacen(from, to, 1));
        assert!(problem.contains(part) && problem.starts_with("acme.toml: "), "{to}: {problem}");
    }
}
