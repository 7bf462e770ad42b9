//! `mbush grammar`: drafts, fixtures and the examples of other countries.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use testkit::{mbush, run};

use crate::{complaint, printed};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The folders of `examples`.
fn examples() -> Vec<String> {
    let entries = std::fs::read_dir(Path::new(ROOT).join("examples")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_example_can_be_tried_as_the_page_says() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("docs/grammar.md")).unwrap();
    let parse = regex::Regex::new(r#"`mbush parse (\d+) "([^"]+)" --grammars (examples/\w+)`"#).unwrap();
    let documented: Vec<[&str; 3]> = parse.captures_iter(&page).map(|found| found.extract().1).collect();
    assert!(examples().len() > 5);
    for name in examples() {
        let folder = format!("examples/{name}");
        let [to, text, _] = documented.iter().find(|command| command[2] == folder).unwrap_or_else(|| panic!("{name}"));
        let of = |arguments: &[&str]| printed(&run(mbush().args(arguments).current_dir(ROOT)));
        let shown = of(&["parse", to, text, "--grammars", &folder]);
        assert!(shown.starts_with("command  "), "{name}: {shown}");
        let tested = of(&["grammar", "test", "--grammars", &folder]);
        assert!(tested.contains(&format!("{name}/samples.toml")) && tested.contains(" 0 failed;"), "{name}: {tested}");
        assert!(of(&["grammar", "check", "--grammars", &folder]).contains("ok: "), "{name}");
        assert!(of(&["grammar", "try", text, "--grammars", &folder]).contains(&name), "{name}");
    }
}

#[test]
fn a_text_for_the_senders_own_number_is_read_under_any_plan() {
    let of_serbia = |arguments: &[&str]| {
        run(mbush().args(arguments).env("MBUSH_COUNTRY__FOLDER", "countries/rs").current_dir(ROOT))
    };
    let own = of_serbia(&["parse", "6066", "dopuna 500", "--json"]);
    let read: Value = serde_json::from_str(&printed(&own)).unwrap();
    assert!(read["target"].as_str().unwrap().starts_with("+381"), "{read}");
    let tried = of_serbia(&["grammar", "try", "dopuna 500"]);
    assert!(printed(&tried).contains("read by `own number`: top up mobile +381"), "{tried:?}");
    let plan = Path::new(ROOT).join("countries/rs/numbering/serbia.toml");
    let number =
        run(mbush().args(["account", "12"]).env("MBUSH_NUMBERING__FILE", plan).current_dir(std::env::temp_dir()));
    assert!(!String::from_utf8_lossy(&number.stderr).contains("049123456"), "{number:?}");
}

/// An empty folder to write grammars in.
struct Workshop(tempfile::TempDir);

impl Workshop {
    fn new(samples: &[&str]) -> Self {
        let workshop = Self(tempfile::tempdir().unwrap());
        let new = ["new", "seventh", "--name", "Seventh Bank", "--short-code", "50777"];
        printed(&workshop.grammar(&[&new[..], samples].concat()));
        workshop
    }

    fn grammar(&self, arguments: &[&str]) -> Output {
        run(mbush().arg("grammar").args(arguments).current_dir(self.0.path()))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.file(name).parent().unwrap()).unwrap();
        std::fs::write(self.file(name), text).unwrap();
    }
}

#[test]
fn a_draft_of_a_banks_page_reads_every_sample() {
    let samples = ["GIFT NUMBER AMOUNT PIN", "TOPUP 049XXXXXX [amount]", "kredi 500", "BALANCE", "tv USERNAME"];
    let workshop = Workshop::new(&samples);
    let grammar = std::fs::read_to_string(workshop.file("grammars/seventh.toml")).unwrap();
    for part in ["gift {msisdn} {amount} {pin:4}", "action  = \"transfer\"", "topup {msisdn} {amount}", "tv {username}"]
    {
        assert!(grammar.contains(part), "{part} is not in\n{grammar}");
    }
    assert!(printed(&workshop.grammar(&["check"])).contains("no text is read two ways"));
    let parsed = run(mbush().args(["parse", "50777", "kredi 5"]).current_dir(workshop.0.path()));
    let told = String::from_utf8_lossy(&parsed.stdout).into_owned();
    assert!(
        told.contains("the grammars (built in) have the short codes 121, 123") && told.contains("--grammars grammars"),
        "{told}"
    );
    let tested = printed(&workshop.grammar(&["test"]));
    assert!(tested.contains("5 to read, 3 to refuse") && tested.contains("8 passed, 0 failed"), "{tested}");
}

#[test]
fn a_sample_that_would_be_refused_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let new = |samples: &[&str]| {
        let head = ["grammar", "new", "own", "--name", "Own", "--short-code", "50777"];
        complaint(&run(mbush().args(head).args(samples).current_dir(folder.path())))
    };
    assert!(new(&["kredi 04912345 5"]).contains("04912345 has too few or too many digits"));
    assert!(new(&["kredi <meter> 5"]).contains("no field is known for <meter>"));
    assert!(new(&["kredi 5", "--from", "038712345"]).contains("--from: give a mobile number"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn fixtures_that_prove_nothing_or_have_mistakes_fail() {
    let workshop = Workshop::new(&["kredi 5"]);
    let samples = std::fs::read_to_string(workshop.file("fixtures/seventh/samples.toml")).unwrap();
    let both = |part: &str| {
        for verb in ["test", "check"] {
            let output = workshop.grammar(&[verb]);
            let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(!output.status.success() && told.contains(part), "{verb}: {part} is not in\n{told}");
        }
    };
    workshop.write("fixtures/seventh/samples.toml", &samples.replace("amount =", "amuont ="));
    both("there is no key `amuont`");
    both("fixtures/seventh/samples.toml:");
    both("did you mean `amount`?");
    workshop.write("fixtures/seventh/samples.toml", &samples.replace("\"unreadable\"", "\"unreadible\""));
    both("there is no reason `unreadible`");
    both("did you mean `unreadable`?");
    workshop.write("fixtures/seventh/samples.toml", &samples.replace("50777", "50778"));
    both("short_code = \"50778\": the texts to seventh go to 50777");
    workshop.write("fixtures/seventh/samples.toml", "short_code = \"50777\"\nfrom = \"38349111222\"\n");
    both("it has no case: add a [[read]] or a [[refuse]]");
    std::fs::remove_file(workshop.file("fixtures/seventh/samples.toml")).unwrap();
    both("fixtures/seventh: there is no *.toml in it");
    std::fs::remove_dir(workshop.file("fixtures/seventh")).unwrap();
    let tested = workshop.grammar(&["test"]);
    assert_eq!(tested.status.code(), Some(1));
    let told = String::from_utf8_lossy(&tested.stdout).into_owned();
    assert!(told.contains("seventh has no fixtures") && told.contains("1 place without a test"), "{told}");
    assert!(workshop.grammar(&["check"]).status.success(), "a grammar may be checked before it has fixtures");
    workshop.write("fixtures/sevnth/samples.toml", &samples);
    both("there is no bank `sevnth`; did you mean `seventh`?");
}

#[test]
fn what_goes_wrong_is_told_with_its_line_and_never_as_rust_prints_it() {
    let workshop = Workshop::new(&["kredi 5", "gift 049123456 5 4711"]);
    let head = "short_code = \"50777\"\nfrom = \"38349111222\"\n";
    let cases = "[[refuse]]\ntext = \"help\"\nreason = \"unreadable\"\n[[refuse]]\ntext = \"gift 049123456 5 4711\"\nreason = \"unreadable\"\n";
    workshop.write("fixtures/seventh/samples.toml", &format!("{head}{cases}"));
    let told = String::from_utf8(workshop.grammar(&["test"]).stdout).unwrap();
    for part in
        ["line 4: `help` must be refused, but was read as", "action = \"help\"", "line 7: `gift", "amount = \"5.00\""]
    {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    assert!(!told.contains("Help {") && !told.contains("Some("), "{told}");
}

#[test]
fn amounts_that_the_configuration_refuses_are_an_error_of_check() {
    let workshop = Workshop::new(&["kredi 500", "gift 049123456 5 4711"]);
    let config = |limits: &str| {
        workshop.write(
            "mbush.toml",
            &format!("[grammars]\ndir = \"grammars\"\n[subscribers]\nunknown = \"create\"\n{limits}"),
        );
        let of = |arguments: &[&str]| run(mbush().args(arguments).current_dir(workshop.0.path()));
        [of(&["check"]), of(&["grammar", "check"])].map(|output| {
            (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
        })
    };
    assert!(config("").iter().all(|(good, _)| *good), "{:?}", config(""));
    for (section, part) in [
        (
            "[limits]\namount_min = \"600.00\"\namount_max = \"700.00\"\n",
            "amounts from 600.00 to 700.00 are allowed, and none of them is one of the form `own number`",
        ),
        (
            "[limits.banks.seventh]\namount_min = \"600.00\"\namount_max = \"700.00\"\n",
            "of the form `own number` of Seventh Bank",
        ),
        (
            "[credit_transfer]\namount_min = \"501.00\"\namount_max = \"600.00\"\nday_amount_max = \"700.00\"\nmonth_amount_max = \"700.00\"\n",
            "of the form `credit transfer` of Seventh Bank",
        ),
        (
            "[limits.payer]\nday_amount_max = \"0.50\"\n",
            "limits.payer.day_amount_max = \"0.50\": it is below the lowest top-up, 1.00 EUR",
        ),
    ] {
        for (good, told) in config(section) {
            assert!(!good && told.contains(part), "{section}: {part} is not in\n{told}");
        }
    }
}
