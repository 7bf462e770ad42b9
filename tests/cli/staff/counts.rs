//! The same thing is counted the same way wherever it is told, in words that fit the number.

use testkit::{mbush, run};

use super::{Office, all};

/// What the demo of a way says of its books, and what `check` says of its database.
fn told(way: Option<&str>) -> (String, String, Office) {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = mbush();
    demo.args(["demo", "--once", "--dir"]).arg(folder.path());
    if let Some(way) = way {
        demo.args(["--way", way]);
    }
    let shown = all(&run(&mut demo));
    let books =
        shown.lines().find(|line| line.contains("customers have")).unwrap_or_else(|| panic!("{shown}")).to_owned();
    let office = Office { folder, config: None };
    let check = office.told(&["check"]);
    let database = check.lines().find(|line| line.starts_with("database")).unwrap().to_owned();
    (books, database, office)
}

#[test]
fn the_demo_check_and_dealers_summaries_count_alike() {
    for (way, messages, top_ups, credit, stock) in [
        ("1", "3 messages", "2 top-ups", "10.00", "400.00"),
        ("2", "5 messages", "1 top-up, 1 reversed", "0.00", "400.00"),
        ("3", "4 messages", "1 top-up", "10.00", "390.30"),
        ("11", "2 messages", "1 top-up", "20.00", "400.00"),
    ] {
        let (books, database, office) = told(Some(way));
        let expected = format!(
            "{messages}, {top_ups}; customers have {credit} EUR in credit and products, dealers {stock} EUR in stock"
        );
        assert_eq!(books, expected, "way {way}");
        assert!(database.contains(&format!("{messages}, {top_ups};")), "way {way}: {database}");
        let sold = office.told(&["dealer", "summary", "shpija"]);
        assert!(sold.contains("0 sales, 0.00 EUR, commission 0.00 EUR"), "way {way}: {sold}");
        if way == "3" {
            let sold = office.told(&["dealer", "summary", "agron"]);
            assert!(sold.contains("1 sale, 10.00 EUR, commission"), "{sold}");
        }
    }
}

/// A number and the plural of a word behind it, where the number is one.
fn misfits(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let plural = |word: &str| {
        let word = word.trim_end_matches([',', ';', ':', '.']);
        word.len() > 2 && word.ends_with('s') && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    };
    words.windows(2).filter(|pair| pair[0] == "1" && plural(pair[1])).map(|pair| pair.join(" ")).collect()
}

#[test]
fn one_of_a_thing_is_told_in_the_singular() {
    let office = Office::after(Some("11"));
    let mut shown = all(&run(mbush().args(["demo", "--once", "--way", "11"])));
    for arguments in [
        &["check"][..],
        &["audit"],
        &["statement", "049111001"],
        &["dealer", "list"],
        &["voucher", "show", "1"],
        &["voucher", "keys"],
        &["grammar", "check"],
    ] {
        shown.push_str(&office.told(arguments));
    }
    assert_eq!(misfits(&shown), Vec::<String>::new(), "{shown}");
    for part in ["1 applied message", "1 top-up", "1 link", "1 movement", "1 batch"] {
        assert!(shown.contains(part), "`{part}` is not in {shown}");
    }
    assert_eq!(misfits("there is 1 links, and 21 links"), ["1 links,"]);
}
