//! `docs/smpp.md` has every reason with its number and meaning, and `docs/iso8583.md` the response code of each. Some code
//! sends each reply.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mbush::domain::Reason;

use crate::pages::{is_made, page, texts};

#[test]
fn the_page_has_every_reason() {
    let mut rows: BTreeMap<u8, String> = Reason::ALL
        .iter()
        .map(|reason| {
            let later = if reason.is_transient() { "yes" } else { "no" };
            (reason.code(), format!("`{}` | {later} | {}", reason.as_str(), reason.meaning()))
        })
        .collect();
    rows.insert(2, " | | The reason is one that only a newer version of the program knows.".to_owned());
    rows.insert(1, "`duplicate` | no | The same request was carried out before.".to_owned());
    let mut table =
        "| number | reason | the same message may succeed later | meaning |\n| ---: | --- | --- | --- |\n".to_owned();
    for (number, row) in rows {
        writeln!(table, "| {number} | {row} |").unwrap();
    }
    is_made("docs/smpp.md", "the reasons", &table);
}

#[test]
fn the_page_has_the_response_code_of_every_reason() {
    let mut by_code: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for reason in Reason::ALL {
        by_code.entry(reason.iso8583()).or_default().push(format!("`{}`", reason.as_str()));
    }
    by_code.insert("05", vec!["all others".to_owned()]);
    let mut table = "| code | reasons |\n| --- | --- |\n".to_owned();
    for (code, reasons) in by_code {
        writeln!(table, "| {code} | {} |", reasons.join(", ")).unwrap();
    }
    is_made("docs/iso8583.md", "the codes of reasons", &table);
}

#[test]
fn every_reply_is_of_a_reason_or_is_named_in_the_code() {
    let file = page("src/text/replies.toml");
    let replies: Vec<&str> = file.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).collect();
    assert!(replies.len() > Reason::ALL.len(), "{replies:?}");
    let sources = texts("src", "rs");
    let is_named = |reply: &&str| {
        let quoted = format!("\"{reply}\"");
        sources.iter().any(|(_, text)| text.contains(&quoted))
    };
    let unsent: Vec<&&str> = replies.iter().filter(|reply| !is_named(reply)).collect();
    assert!(unsent.is_empty(), "no code sends {unsent:?}");
}
