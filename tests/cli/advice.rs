//! The commands that the program advises can be run as they are printed, with values in place of their placeholders.

use regex::Regex;
use testkit::{mbush, run};

use crate::printed;

/// Commands that print advice, after which the advice is followed.
const ADVISED: [&[&str]; 22] = [
    &["account", "049999999"],
    &["account", "nobody.h"],
    &["account", "dealer:nobody"],
    &["account", "dealer:shpija"],
    &["account", "bank_clearing:teb"],
    &["account", "product:tv:nobody"],
    &["account", "voucher_liability:99"],
    &["account", "suspense:nothing"],
    &["account", "suspend", "nobody.h", "--by", "arta", "--reason", "lost", "--yes"],
    &["statement", "receivable:nobody"],
    &["enrol", "049123456", "internet", "--remove", "--by", "arta"],
    &["dealer", "summary", "nobody"],
    &["dealer", "add", "besa", "--by", "arta"],
    &["dealer", "phone", "shpija", "049123456", "--remove", "--by", "arta"],
    &["adjust", "propose", "049123456", "5", "--reason", "goodwill", "--by", "arta"],
    &["hold", "void", "0190a1b2-0000-7000-8000-000000000000", "--reason", "goodwill", "--by", "arta", "--yes"],
    &["quarantine", "show", "nothing"],
    &["voucher", "show", "99"],
    &["pin", "reset", "049123456", "--by", "arta", "--yes"],
    &["audit", "seal"],
    &["demo", "--way", "99"],
    &["grammar", "new", "own", "--name", "Own", "--short-code", "50777", "kredi 5"],
];

#[test]
fn advice_can_be_followed() {
    let folder = tempfile::tempdir().unwrap();
    printed(&run(mbush().args(["demo", "--once", "--dir"]).arg(folder.path())));
    let url = format!("sqlite://{}/mbush.db", folder.path().display());
    let of = |arguments: &[&str]| {
        run(mbush().args(arguments).env("MBUSH_STORE__URL", &url).env("USER", "besim").current_dir(folder.path()))
    };
    let advised = Regex::new("`mbush ([^`]+)`|(?m:[:;] mbush ([^;\\n]+))").unwrap();
    let mut followed = 0;
    for arguments in ADVISED {
        let output = of(arguments);
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let commands = advised.captures_iter(&told).map(|found| found.get(1).or(found.get(2)).unwrap().as_str());
        for command in commands.filter(|command| !command.starts_with("serve")) {
            let file = folder.path().join(format!("new-{followed}")).display().to_string();
            let word = |word: &str| match word {
                "NAME" => "drita".to_owned(),
                "NUMBER" => "049123456".to_owned(),
                "AMOUNT" => "5".to_owned(),
                "FILE" => file.clone(),
                other => other.to_owned(),
            };
            let mut words: Vec<String> = command.split_whitespace().map(word).collect();
            if words.starts_with(&["account".into(), "open".into()]) || words.contains(&"approve".to_owned()) {
                words.push("--yes".to_owned());
            }
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let output = of(&words);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{arguments:?} advises `mbush {command}`, which fails: {said}\n{told}");
            followed += 1;
        }
    }
    assert!(followed > 15, "{followed} commands were advised");
}

#[test]
fn an_account_that_does_not_exist_is_not_sent_to_its_statement() {
    let folder = tempfile::tempdir().unwrap();
    printed(&run(mbush().args(["demo", "--once", "--way", "5", "--dir"]).arg(folder.path())));
    let url = format!("sqlite://{}/mbush.db", folder.path().display());
    let told = |arguments: &[&str]| {
        let output = run(mbush().args(arguments).env("MBUSH_STORE__URL", &url));
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for name in ["dealer:nobody", "bank_clearing:tebb", "product:tv:nobody", "foo:bar"] {
        assert_eq!(told(&["account", name]), told(&["statement", name]), "{name}");
    }
    assert!(told(&["account", "bank_clearing:teb"]).contains("`mbush statement bank_clearing:teb` shows this account"));
}
