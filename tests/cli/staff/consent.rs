//! What moves money or is hard to take back is shown, and asked for.

use serde_json::Value;

use super::{Office, all, argument};

const WHY: [&str; 4] = ["--reason", "wrong_number", "--by", "Arta"];

fn receipt(office: &Office) -> String {
    let statement = office.told(&["statement", "049123456", "--json"]);
    let last: Value = serde_json::from_str(statement.lines().last().unwrap()).unwrap();
    last["receipt"].as_str().unwrap().to_owned()
}

fn balance(office: &Office) -> i64 {
    let account: Value = serde_json::from_str(&office.told(&["account", "049123456", "--json"])).unwrap();
    account["account"]["balance_minor"].as_i64().unwrap()
}

#[test]
fn a_reversal_shows_what_goes_back_and_asks() {
    let office = Office::after(Some("5"));
    let receipt = receipt(&office);
    let reverse = [&["reverse", &receipt], &WHY[..]].concat();
    let shown = ["top_up", "5.00 EUR from subscriber:38349123456 back to bank_clearing:ekonomike", "7.00 EUR after it"];

    let unasked = office.run(&reverse);
    assert_eq!(unasked.status.code(), Some(2), "{}", all(&unasked));
    assert!(String::from_utf8_lossy(&unasked.stderr).contains("use --yes"), "{}", all(&unasked));
    let dry = office.told(&[&reverse[..], &["--dry-run"]].concat());
    for part in shown.into_iter().chain([&receipt[..], "nothing was done"]) {
        assert!(dry.contains(part) && all(&unasked).contains(part), "`{part}` is not in {dry}");
    }
    assert_eq!(balance(&office), 1_200);

    let file = office.file("mbush.toml");
    let at_terminal = [&["--config", argument(&file)], &reverse[..]].concat();
    for (answer, code) in [("n\n", 1), ("\n", 1), ("no\n", 1)] {
        let declined = office.typed(&at_terminal, answer);
        assert!(all(&declined).contains("Continue? [y/N]") && all(&declined).contains("nothing was done"));
        assert_eq!((declined.status.code(), balance(&office)), (Some(code), 1_200), "{answer:?}");
    }
    let agreed = office.typed(&at_terminal, "y\n");
    for part in shown.into_iter().chain([&format!("reversed {receipt}: 5.00 EUR")[..], "receipt   "]) {
        assert!(all(&agreed).contains(part), "`{part}` is not in {}", all(&agreed));
    }
    assert_eq!((agreed.status.code(), balance(&office)), (Some(0), 700));
    let again = office.refused(&[&reverse[..], &["--dry-run"]].concat());
    assert!(again.contains("already been reversed"), "what would be refused is refused at once: {again}");
}

#[test]
fn programs_are_told_what_was_not_done_and_people_are_asked_beside_it() {
    let office = Office::after(Some("5"));
    let receipt = receipt(&office);
    let reverse = [&["reverse", &receipt], &WHY[..], &["--json"]].concat();
    let read = |text: &[u8]| serde_json::from_slice::<Value>(text).unwrap();

    let dry = read(office.told(&[&reverse[..], &["--dry-run"]].concat()).as_bytes());
    assert_eq!(dry["done"], Value::Null);
    assert!(dry["would"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().contains("5.00 EUR")), "{dry}");
    let unasked = office.run(&reverse);
    assert_eq!((unasked.status.code(), read(&unasked.stdout)), (Some(2), dry));
    let told = String::from_utf8_lossy(&unasked.stderr).into_owned();
    assert!(told.contains("5.00 EUR") && told.contains("use --yes"), "{told}");
    assert_eq!(balance(&office), 1_200);
    let done = read(office.told(&[&reverse[..], &["--yes"]].concat()).as_bytes());
    assert_eq!((&done["amount_minor"], balance(&office)), (&500.into(), 700), "{done}");
    let missing = office.run(&["account", "suspend", "dealer:shpijaa", "--reason", "lost", "--json"]);
    assert_eq!((missing.status.code(), &missing.stdout[..]), (Some(3), &b""[..]), "{}", all(&missing));
}

/// Commands that ask, each as it would be done now.
fn commands(office: &Office) -> Vec<Vec<String>> {
    let first = |shown: String, place: usize| shown.split_whitespace().nth(place).unwrap().to_owned();
    let proposed = first(office.told(&[&["adjust", "propose", "049123456", "1"], &WHY[..]].concat()), 0);
    let hold = first(office.told(&[&["hold", "place", "049123456", "1"], &WHY[..]].concat()), 1);
    let list = office.told(&["quarantine", "list"]);
    let kept = list.split_whitespace().next().unwrap().to_owned();
    let by = ["--by", "Besa"];
    let own = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let receipt = receipt(office);
    vec![
        own(&[&["reverse", &receipt], &WHY[..]].concat()),
        own(&[&["adjust", "approve", &proposed], &by[..]].concat()),
        own(&[&["hold", "post", &hold], &WHY[..]].concat()),
        own(&[&["hold", "void", &hold], &WHY[..]].concat()),
        own(&["account", "suspend", "049123456", "--reason", "stolen"]),
        own(&["account", "suspend", "dealer:shpija", "--reason", "stolen"]),
        own(&["pin", "reset", "049123456"]),
        own(&["dealer", "pin-reset", "shpija"]),
        own(&["quarantine", "discard", &kept, "--note", "a greeting"]),
        own(&["voucher", "block", "1", "--note", "stolen"]),
        own(&["voucher", "block", "00001-0000001-", "--note", "lost"]),
    ]
}

#[test]
fn every_command_that_is_hard_to_take_back_does_nothing_without_consent() {
    let office = Office::after(Some("5"));
    let mut commands = commands(&office);
    let card = serial(&office);
    for command in &mut commands {
        for word in command.iter_mut().filter(|word| word.as_str() == "00001-0000001-") {
            word.clone_from(&card);
        }
    }
    let before = office.content();
    for command in &commands {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let unasked = office.run(&words);
        assert_eq!(unasked.status.code(), Some(2), "{command:?}: {}", all(&unasked));
        assert!(String::from_utf8_lossy(&unasked.stderr).contains("--yes"), "{command:?}: {}", all(&unasked));
        let dry = office.told(&[&words[..], &["--dry-run"]].concat());
        assert!(dry.ends_with("nothing was done: --dry-run\n") && dry.lines().count() > 1, "{command:?}: {dry}");
        assert!(before == office.content(), "{command:?} has done something");
    }
    // The hold is void when it is posted, and so on: those that exclude each other come last to first.
    for command in commands.iter().rev().filter(|command| command[1] != "post") {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        office.told(&[&words[..], &["--yes"]].concat());
    }
    assert!(office.told(&["audit"]).contains("sound"));
}

/// The serial of a card of the demo that nobody has used.
fn serial(office: &Office) -> String {
    let mut found = (0..10).map(|check| format!("00001-0000001-{check}"));
    found
        .find(|serial| office.run(&["voucher", "show", serial]).status.success())
        .expect("one of the check digits is right")
}

#[test]
fn activating_voiding_and_restoring_ask_too() {
    let office = Office::after(Some("1"));
    office.told(&["voucher", "block", "1", "--note", "stolen", "--yes"]);
    office.told(&["voucher", "activate", "propose", "1", "--by", "Besim"]);
    let copy = office.file("copy.db");
    let before = office.content();
    for command in
        [&["voucher", "activate", "approve", "1", "--by", "Drita"][..], &["voucher", "void", "1", "--note", "x"]]
    {
        assert_eq!(office.run(command).status.code(), Some(2), "{command:?}");
        let dry = office.told(&[command, &["--dry-run"]].concat());
        assert!(dry.contains("batch 1, 10 cards of 5.00 EUR, 50.00 EUR in all"), "{dry}");
        assert!(before == office.content(), "{command:?} has done something");
    }
    office.told(&["voucher", "activate", "approve", "1", "--by", "Drita", "--yes"]);

    let restore = ["restore", argument(&copy)];
    let in_place = office.refused(&[&restore[..], &["--dry-run"]].concat());
    assert!(in_place.contains("mbush.db"), "a database that is there is never written over: {in_place}");
    for end in ["", "-wal", "-shm"] {
        drop(std::fs::rename(office.file(&format!("mbush.db{end}")), office.file(&format!("moved.db{end}"))));
    }
    assert_eq!(office.run(&restore).status.code(), Some(2));
    assert!(office.told(&[&restore[..], &["--dry-run"]].concat()).contains("copy.db as sqlite://"));
    assert!(!office.file("mbush.db").exists());
    office.told(&[&restore[..], &["--yes"]].concat());
    assert!(office.told(&["audit"]).contains("sound"));
}
