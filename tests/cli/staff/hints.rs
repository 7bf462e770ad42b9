//! What the program tells somebody to do next works when it is done, letter by letter.

use std::process::Command;

use regex::Regex;
use testkit::{mbush, run};

use super::{Office, all, argument, typed};

const WHY: [&str; 4] = ["--reason", "goodwill", "--by", "Arta"];

/// The command that a line tells to give, with a name and a sum in the place of those words.
fn hinted(shown: &str) -> String {
    let command = Regex::new("mbush [a-z].*").unwrap().find(shown).unwrap_or_else(|| panic!("no command in {shown}"));
    command.as_str().replace("NAME", "Besim").replace("AMOUNT", "5")
}

/// Gives a command as it is printed to a shell, in the office's folder; nobody is named by the environment.
fn given(office: &Office, command: &str, more: &str) -> String {
    let program = env!("CARGO_BIN_EXE_mbush");
    let script = format!("mbush() {{ '{program}' \"$@\"; }}; {command} {more}");
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).current_dir(office.folder.path()).env_remove("USER");
    let output = run(&mut shell);
    assert!(output.status.success(), "{command}: {}", all(&output));
    all(&output)
}

#[test]
fn what_is_to_be_done_next_is_told_so_that_it_can_be_done() {
    let office = Office::after(Some("5"));
    let proposed = office.told(&[&["adjust", "propose", "049123456", "1"], &WHY[..]].concat());
    assert!(given(&office, &hinted(&proposed), "--yes").contains("adjusted: 1.00 EUR"));
    let added = office.told(&["dealer", "add", "besa", "--phone", "049700009"]);
    let proposed = given(&office, &hinted(added.lines().last().unwrap()), "");
    assert!(given(&office, &hinted(&proposed).replace("Besim", "Arta"), "--yes").contains("dealer:besa"));
    let taken = office.refused(&["dealer", "phone", "shpija", "049700009"]);
    assert!(given(&office, &hinted(&taken), "").contains("no longer acts for besa"));
    let unknown = office.refused(&["statement", "bonus:nothing"]);
    assert!(unknown.contains("[[bonus]] of the configuration"), "{unknown}");
    let unknown = office.refused(&["statement", "bank_clearing:nobank"]);
    let named =
        unknown.split([' ', ',']).find(|word| *word == "bank_clearing:teb").unwrap_or_else(|| panic!("{unknown}"));
    assert!(given(&office, &format!("mbush statement {named}"), "").contains("0 movements"));
}

#[test]
fn a_batch_is_made_as_the_page_tells_it() {
    let office = Office::after(Some("1"));
    let page = std::fs::read_to_string("docs/vouchers.md").unwrap();
    let block = page.split_once("## One batch\n\n```sh\n").unwrap().1.split_once("```").unwrap().0;
    let key = age::x25519::Identity::generate().to_public().to_string();
    let block = block.replace("\"$(age-keygen -y printer.key)\"", &key).replace("--count 100000", "--count 10");
    // The demo's batch is the first of its database.
    let block = Regex::new(r"(print|distribute|propose|approve) 1 ").unwrap().replace_all(&block, "$1 2 ").into_owned();
    let commands = block.replace("\\\n", " ");
    let shown: Vec<String> = commands
        .lines()
        .map(|line| line.split(" #").next().unwrap())
        .map(|line| given(&office, line, if line.contains("approve") { "--yes" } else { "" }))
        .collect();
    assert!(shown.last().unwrap().contains("batch 2 is active"), "{shown:#?}");
    let printed = Regex::new("when the printer has it: (.*)").unwrap().captures(&shown[1]).unwrap()[1].to_owned();
    assert_eq!(printed, "mbush voucher print 2 --file cards-5.age --by NAME");
}

#[test]
fn a_print_file_with_a_space_in_its_name_is_told_as_a_shell_takes_it() {
    let office = Office::after(Some("1"));
    let key = age::x25519::Identity::generate().to_public().to_string();
    let draw = ["--amount", "5", "--count", "1", "--expires", "2099-12-31", "--recipient", &key, "--by", "arta"];
    let file = office.file("my cards.age");
    let shown = office.told(&[&["voucher", "generate", "--file", argument(&file)], &draw[..]].concat());
    assert!(given(&office, &hinted(shown.lines().last().unwrap()), "").contains("is printed"), "{shown}");
}

#[test]
fn a_new_key_is_told_as_the_configuration_takes_it() {
    let office = Office::after(Some("1"));
    let file = office.file("next.key");
    let shown = office.told(&["voucher", "keys", "--new", argument(&file)]);
    let keys = shown.lines().find(|line| line.contains("keys = [")).unwrap().trim();
    let config = std::fs::read_to_string(office.file("mbush.toml")).unwrap();
    let named = Regex::new("keys = .*").unwrap().replace(&config, regex::NoExpand(keys)).into_owned();
    std::fs::write(office.file("mbush.toml"), named).unwrap();
    let listed = office.told(&["voucher", "keys"]);
    let newest = listed.lines().last().unwrap();
    assert!(
        listed.lines().count() == 2 && newest.contains("for new batches") && !newest.starts_with("demo"),
        "{listed}"
    );
    assert!(!shown.contains("[pins]"), "PINs have a key of their own: {shown}");

    let folder = tempfile::tempdir().unwrap();
    let shown = all(&run(mbush().args(["pin", "key", "--new", "pin.key"]).current_dir(folder.path())));
    let pins = shown.split_once("in the configuration:\n").unwrap().1;
    std::fs::write(folder.path().join("mbush.toml"), pins).unwrap();
    let again = run(mbush().args(["pin", "key", "--new", "pin.key"]).current_dir(folder.path()));
    assert!(!again.status.success() && all(&again).contains("exists"), "{}", all(&again));
    let replaced = all(&run(mbush().args(["pin", "key", "--new", "other.key"]).current_dir(folder.path())));
    assert!(
        replaced.contains("The present key is pin.key. If it is replaced, every PIN has to be set again."),
        "{replaced}"
    );
    let checked = run(mbush().arg("check").current_dir(folder.path()));
    assert!(checked.status.success(), "{}", all(&checked));
}

/// The demo's own suggestions, after a tour of everything and after one way alone.
#[test]
fn the_demos_suggestions_do_what_they_show() {
    let tour = all(&typed(mbush().args(["demo", "--way", "11"]), ""));
    let suggested = tour.split_once("You are a phone.").unwrap().1;
    let texts = Regex::new(r"(?m)^  (\d[\d ]+\d)   ").unwrap();
    let texts: Vec<&str> = texts.captures_iter(suggested).map(|found| found.extract::<1>().1[0]).collect();
    assert_eq!(texts.len(), 2, "{suggested}");
    for way in [None, Some("1"), Some("5")] {
        let again = tempfile::tempdir().unwrap();
        let mut demo = mbush();
        demo.args(["demo", "--dir"]).arg(again.path());
        if let Some(way) = way {
            demo.args(["--way", way]);
        }
        let shown = all(&typed(&mut demo, &format!("{}\n{}\n*123*CARD#\n", texts[0], texts[1])));
        let typed_at = shown.split_once("help, quit\n").unwrap().1;
        assert!(typed_at.matches("was topped up").count() == 2 && typed_at.contains("5.00 EUR"), "{way:?}: {typed_at}");
        let office = Office { folder: again, config: None };
        let look = shown.lines().last().unwrap().split_once("look at it with: ").unwrap().1.to_owned();
        assert!(given(&office, &look, "").contains("balance"), "{way:?}: {look}");
    }
}

#[test]
fn what_is_dialled_in_the_demo_can_be_dialled() {
    let shown = all(&typed(mbush().args(["demo", "--once"]), ""));
    let dialled: Vec<&str> =
        shown.lines().filter_map(|line| line.split_once(" dials   ")).map(|(_, text)| text).collect();
    assert!(dialled.len() > 5, "{shown}");
    for text in dialled {
        assert!(text.chars().all(|c| c.is_ascii_digit() || c == '*' || c == '#'), "{text}");
    }
}

/// Whether a command with these words is whole: what it requires is there, and it has no option that there is not.
fn is_whole(words: &[&str]) -> Result<(), String> {
    let mut command = mbush::cli::command();
    command.build();
    let (mut command, mut rest) = (&command, words);
    while let Some(below) = rest.first().and_then(|word| command.find_subcommand(word)) {
        (command, rest) = (below, &rest[1..]);
    }
    if command.is_subcommand_required_set() {
        return Err("it needs a verb".to_owned());
    }
    let (mut positionals, mut given, mut at) = (0, Vec::new(), 0);
    while let Some(word) = rest.get(at) {
        at += 1;
        let Some(name) = word.strip_prefix("--") else {
            positionals += 1;
            continue;
        };
        let known = command.get_arguments().find(|arg| arg.get_long() == Some(name) || name == "help");
        let arg = known.ok_or_else(|| format!("there is no --{name}"))?;
        given.push(name);
        at += usize::from(arg.get_action().takes_values() && name != "help");
    }
    let wanted = |arg: &&clap::Arg| arg.is_required_set() && !given.contains(&"help");
    let missing = command.get_arguments().filter(wanted).filter(|arg| arg.get_long().is_some());
    let missing: Vec<&str> = missing.filter_map(|arg| arg.get_long()).filter(|name| !given.contains(name)).collect();
    let places = command.get_positionals().filter(wanted).count();
    if missing.is_empty() && positionals >= places {
        return Ok(());
    }
    Err(format!("it lacks {missing:?}, or {places} words are wanted where there are {positionals}"))
}

/// Every command that stands in a text of the program is one that can be given as it stands, with names and numbers in the
/// place of words in capitals.
#[test]
fn every_command_that_is_told_is_whole() {
    let told = Regex::new(r"`mbush ([a-z][^`]*)`|(?:with|now|first|it): mbush ([a-z][^`;]*?)(?:;|\x22|$)").unwrap();
    let continued = Regex::new(r"\\\n\s*").unwrap();
    let (mut folders, mut looked_at, mut wrong) = (vec![std::path::PathBuf::from("src")], 0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let code: String =
                text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            let code = continued.replace_all(&code, "").into_owned();
            for found in told.captures_iter(&code) {
                let command = found.get(1).or(found.get(2)).unwrap().as_str().trim();
                let words: Vec<&str> = command.split(' ').collect();
                if let Err(lacks) = is_whole(&words) {
                    wrong.push(format!("{}: `mbush {command}`: {lacks}", entry.path().display()));
                }
                looked_at += 1;
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(looked_at > 30, "{looked_at}");
    for (command, is) in
        [("voucher print 1 --file x", false), ("voucher print 1 --file x --by NAME", true), ("hold", false)]
    {
        assert_eq!(is_whole(&command.split(' ').collect::<Vec<_>>()).is_ok(), is, "{command}");
    }
}
