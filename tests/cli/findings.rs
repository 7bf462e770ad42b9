//! What `check` finds is what is wrong: nothing beside it that would be right, and all of it.

use serde_json::Value;
use testkit::{free_ports, mbush, run};

use crate::check::{configuration, ended};

fn found(sections: &str) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let sections = format!("{sections}\n[subscribers]\nunknown = \"create\"\n");
    let check = ended(&["check", "--json"], &configuration(folder.path(), &sections));
    let report: Value = serde_json::from_str(&check.printed).unwrap_or_else(|error| panic!("{error}: {}", check.said));
    let list = |key: &str| {
        report[key].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    (list("errors"), list("warnings"))
}

/// A bank without a grammar, which its own section and a client vouch for; and a bank that a limit and a bonus name.
const BANKS: &str = "[banks.bkt]\n[clients.bkt]\nbank = \"bkt\"\nchannel = \"atm\"\nsecret = \"long enough to be one\"\n\
    [limits.banks.bkt]\namount_min = \"2.00\"\n";

#[test]
fn an_error_in_one_section_makes_no_other_wrong() {
    assert_eq!(found(BANKS), (Vec::new(), Vec::new()));
    for (wrong, place) in [
        ("[validity]\ntiers = []", "validity.tiers"),
        ("[validity]\nreceive_only_days = \"x\"", "validity.receive_only_days"),
        ("[products.tv]\nprice = \"0.00\"", "products.tv.price"),
        ("[products]\nunknown = \"x\"", "products.unknown"),
        ("[[bonus]]\nname = \"a\"\npercent = 5\nfixed = \"0.05\"", "bonus `a`"),
        ("[[bonus]]\nname = \"a\"\npercent = 5\nservices = [\"mobilee\"]", "`mobilee`"),
        ("[dealers]\nsummary_sender = \"\"", "dealers.summary_sender"),
        ("[[dealers.commission]]\nname = \"a\"\nlevel = 0", "dealers.commission[0].fixed"),
        ("[limits.payer]\nday_count_max = 0", "limits.payer.day_count_max"),
        ("[limits.channels.fax]\namount_max = \"0.01\"", "limits.channels.fax"),
        ("[vouchers]\nlock_minutes = [0]", "vouchers.lock_minutes"),
        ("[banks.nlb]\nenabled = \"maybe\"", "banks.nlb.enabled"),
        ("[grammars]\ndir = [\"x\"]", "grammars.dir"),
    ] {
        let (errors, warnings) = found(&format!("{wrong}\n{BANKS}"));
        assert!(!errors.is_empty() && errors.iter().all(|error| error.contains(place)), "{wrong}: {errors:#?}");
        assert!(warnings.is_empty(), "{wrong}: {warnings:#?}");
    }
}

#[test]
fn two_doors_at_one_port_are_told_beside_what_else_is_wrong() {
    let [port, _] = free_ports();
    for esme in ["password = \"\"", "password = \"long enough\"\nwrong = 1", "passwd = \"long enough\""] {
        let (errors, _) = found(&format!(
            "[http]\nlisten = \"127.0.0.1:{port}\"\n[smpp_server]\nlisten = \"127.0.0.1:{port}\"\n\
             [links.t]\nkind = \"esme\"\nsystem_id = \"t\"\n{esme}\n"
        ));
        let clash = |error: &&String| error.starts_with("smpp_server.listen") && error.contains("http.listen");
        assert_eq!(errors.iter().filter(clash).count(), 1, "{errors:#?}");
        assert!(errors.iter().any(|error| error.contains("links.t")), "{errors:#?}");
    }
}

#[test]
fn what_cannot_work_is_found_with_its_key() {
    let smpp = "kind = \"smsc\"\nsystem_id = \"mbush\"\npassword = \"long enough\"";
    for (sections, key) in [
        (format!("[links.a]\n{smpp}\nhosts = [\"127.0.0.1\"]"), "links.a.hosts[0]"),
        (format!("[links.a]\n{smpp}\nhosts = [\"127.0.0.1:99999\"]"), "links.a.hosts[0]"),
        (format!("[links.a]\n{smpp}\nhosts = [\"\"]"), "links.a.hosts[0]"),
        ("[vouchers]\nrecipients = [\"age1nope\"]".to_owned(), "vouchers.recipients[0]"),
        ("[life]\nwarn_sender = \"x\\u001b\"".to_owned(), "life.warn_sender"),
        ("[log]\nfilter = \"inof\"".to_owned(), "log.filter"),
        ("[log]\nfilter = \"inf o=,,\"".to_owned(), "log.filter"),
    ] {
        let (errors, _) = found(&sections);
        assert!(errors.len() == 1 && errors[0].starts_with(key), "{sections}: {errors:#?}");
    }
    // A variable sets the key, and is found as the file is.
    let told = run(mbush().arg("check").env("MBUSH_LOG__FILTER", "verbose").current_dir(std::env::temp_dir()));
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.code() == Some(1) && said.contains("log.filter = \"verbose\""), "{said}");
    assert!(said.contains("off, error, warn, info, debug, trace"), "{said}");
    let told = run(mbush().args(["check", "-c"]).arg(std::env::temp_dir()));
    assert!(
        told.status.code() == Some(3) && String::from_utf8_lossy(&told.stderr).contains("it is a folder"),
        "{told:?}"
    );
}

#[test]
fn a_system_for_requests_that_no_form_asks_for_is_told() {
    let (errors, warnings) =
        found("[forward.loan]\nurl = \"http://127.0.0.1:9/\"\nsecret = \"long enough to be one\"\n");
    assert_eq!((errors, warnings), (Vec::new(), vec!["forward.loan: no form has forward = \"loan\"".to_owned()]));
}
