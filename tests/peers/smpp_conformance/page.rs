//! `docs/smpp-conformance.md`, made of what is in here; a test fails when it is stale.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::smpp_conformance::differences::cases;
use crate::smpp_conformance::promises::rows;

const HEAD: &str = "# What SMPP peers may rely on

`mbush` implements SMPP 3.4, and accepts peers of 5.0, in both roles: links to SMSCs (`[links.<name>]`) and
a server that banks bind to (`[smpp_server]`). [interop.md](interop.md) lists the peers that it was tested with.
`tests/peers/smpp_conformance/` generates this page and fails if it is stale;
`MBUSH_WRITE_DOCS=1 cargo test --test peers smpp_conformance` generates it again.
";

const PROMISES: &str = "
## Promises

| | promise | shown by |
| --- | --- | --- |
";

const DIFFERENCES: &str = "
## Differences from another codec

`mbush` and rusmpp 0.4 read each other's PDUs with equal fields. Each test run checks this with thousands of PDUs of
every kind. They differ intentionally on malformed PDUs and on some unusual ones. Each PDU of this table was followed by an
`enquire_link` in the same stream.

| PDU | mbush | rusmpp | reason |
| --- | --- | --- | --- |
";

fn page() -> String {
    let mut text = HEAD.to_owned();
    text.push_str(PROMISES);
    for row in rows() {
        writeln!(text, "{row}").expect("a text takes all");
    }
    text.push_str(DIFFERENCES);
    for case in cases() {
        writeln!(text, "{}", case.row()).expect("a text takes all");
    }
    text
}

#[test]
fn the_page_is_not_stale() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/smpp-conformance.md");
    if std::env::var_os("MBUSH_WRITE_DOCS").is_some_and(|value| value == "1") {
        fs::write(&file, page()).expect("the file can be written");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, page(), "docs/smpp-conformance.md is stale; write it with MBUSH_WRITE_DOCS=1");
}
