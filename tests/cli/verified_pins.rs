//! The verifiers of the PINs of forms: what a start refuses, and what `check` says of it.

use std::path::Path;

use testkit::{free_ports, mbush, run};

use crate::{complaint, printed};

const FORM: &str = "bank = \"asked\"\nname = \"Asked\"\nshort_codes = [\"50772\"]\nevidence = \"assumed\"\n\
                    [[form]]\nname = \"top-up\"\ntext = \"up {amount} {pin}\"\n";

/// A folder with this grammar and a configuration that names it.
fn folder(grammar: &str, more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("grammars")).unwrap();
    std::fs::write(folder.path().join("grammars/asked.toml"), grammar).unwrap();
    let [port] = free_ports();
    let config = format!(
        "[store]\nurl = \"sqlite://{0}/mbush.db\"\n[http]\nlisten = \"127.0.0.1:{port}\"\n[grammars]\ndir = \"{0}/grammars\"\n\
         [subscribers]\nunknown = \"create\"\n{more}",
        folder.path().display()
    );
    std::fs::write(folder.path().join("mbush.toml"), config).unwrap();
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> std::process::Output {
    run(mbush().current_dir(folder).args(arguments))
}

const ASKED: &str = "[banks.asked.pin_check]\nurl = \"https://bank.example/pin\"\nsecret = \"a-secret-of-the-bank\"\n";

#[test]
fn a_bank_that_is_to_verify_pins_has_to_be_configured() {
    let form = format!("{FORM}pin = \"bank\"\n");
    let world = folder(&form, "");
    let told = "asked: the form `top-up` has pin = \"bank\", and the bank cannot be asked: add [banks.asked.pin_check] with \
                `url` and `secret`";
    for arguments in [["check"], ["serve"]] {
        let output = command(world.path(), &arguments);
        assert_eq!(output.status.code(), Some(if arguments == ["check"] { 1 } else { 3 }), "{output:?}");
        assert!(complaint(&output).contains(told), "{output:?}");
    }
    printed(&command(world.path(), &["grammar", "check"]));
    let world = folder(&form, ASKED);
    let shown = printed(&command(world.path(), &["check"]));
    assert!(shown.contains("PINs           those of asked are verified by the bank\n"), "{shown}");
    assert!(!shown.contains("pin_check"), "{shown}");
    let shown = printed(&command(world.path(), &["parse", "50772", "up 5 4711"]));
    assert!(shown.contains("PIN      if the bank, which is asked, says that it is right\n"), "{shown}");
}

#[test]
fn a_check_of_pins_that_is_not_meant_is_warned_of_or_refused() {
    for (more, told) in [
        (
            ASKED.to_owned() + &ASKED.replace("asked", "other"),
            "banks.other.pin_check: no form of this bank has pin = \"bank\"",
        ),
        (ASKED.replace("https", "http"), "PINs would be sent without encryption: use https"),
    ] {
        let world = folder(&format!("{FORM}pin = \"bank\"\n"), &more);
        let shown = printed(&command(world.path(), &["check"]));
        assert!(shown.contains(told), "{shown}");
    }
    for (more, told) in [
        ("[banks.asked.pin_check]\nurl = \"https://bank.example/pin\"\n", "banks.asked.pin_check.secret is missing"),
        (
            "[banks.asked.pin_check]\nurl = \"bank.example\"\nsecret = \"a-secret-of-the-bank\"\n",
            "banks.asked.pin_check.url",
        ),
        (&format!("{ASKED}timeout_ms = 60000\n"), "banks.asked.pin_check.timeout_ms"),
        (&format!("{ASKED}secret_file = \"/nowhere\"\n"), "both given: keep one"),
    ] {
        let world = folder(&format!("{FORM}pin = \"bank\"\n"), more);
        let output = command(world.path(), &["check"]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(complaint(&output).contains(told), "{output:?}");
    }
}

#[test]
fn without_a_key_it_is_told_whose_forms_do_nothing() {
    let world = folder(&format!("{FORM}pin = \"subscriber\"\n"), "");
    let shown = printed(&command(world.path(), &["check"]));
    let told =
        "[pins] key_file is not configured; dealers and credit transfer, and forms with a PIN of asked are refused";
    assert!(shown.contains(told), "{shown}");
    let refused = command(world.path(), &["parse", "50772", "up 5 4711"]);
    assert!(String::from_utf8_lossy(&refused.stdout).starts_with("refused  pins off\n"), "{refused:?}");
}

#[test]
fn a_pin_that_nobody_verifies_and_a_transfer_without_one_are_mistakes_of_a_grammar() {
    for (form, told) in [
        (FORM.to_owned(), "nobody verifies the `{pin}` of this form"),
        (
            FORM.replace("up {amount} {pin}\"", "{msisdn} {amount}\"\naction = \"transfer\""),
            "a form of action `transfer` without a `{pin}`",
        ),
    ] {
        let world = folder(&form, "");
        for arguments in [&["check"][..], &["grammar", "check"], &["parse", "50772", "up 5 4711"]] {
            let output = command(world.path(), arguments);
            assert!(!output.status.success() && complaint(&output).contains(told), "{arguments:?}: {output:?}");
        }
    }
}
