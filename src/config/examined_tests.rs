//! Configurations with errors in one part: all errors are reported, and no others.

use super::*;

/// The findings of `check` about a text with errors.
fn examined(text: &str) -> Examined {
    let text = config::File::from_str(text, config::FileFormat::Toml);
    Config::from_source(config::Config::builder().add_source(text), &BTreeSet::new()).unwrap()
}

#[test]
fn an_error_in_one_section_leaves_what_others_say() {
    let rest = "[banks.bkt]\n[limits.banks.teb]\namount_min = \"2.00\"\n[clients.c]\nbank = \"bkt\"\nchannel = \"atm\"\n\
        [clients.c.amounts]\namount_min = \"60.00\"\n[limits]\namount_max = \"100.00\"\n";
    assert!(examined(rest).problems.is_empty());
    for (wrong, place) in [
        ("[validity]\ntiers = []\n", "validity.tiers"),
        ("[validity]\nextend = \"longer\"\n", "validity.extend"),
        ("[products.tv]\nprice = \"0.00\"\n", "products.tv.price"),
        ("[[bonus]]\nname = \"a\"\n", "bonus `a`"),
        ("[dealers]\nlow_stock = \"-0.01\"\n", "dealers.low_stock"),
        ("[credit_transfer]\namount_min = \"0.00\"\n", "credit_transfer.amount_min"),
        ("[vouchers]\nlock_minutes = []\n", "vouchers.lock_minutes"),
        ("[limits.channels.fax]\namount_max = \"0.01\"\n", "limits.channels.fax"),
        ("[limits.payer]\nday_count_max = 0\n", "limits.payer.day_count_max"),
        ("[banks.nlb]\nenabled = \"maybe\"\n", "banks.nlb.enabled"),
    ] {
        let examined = examined(&(wrong.to_owned() + rest));
        assert!(examined.problems.iter().all(|problem| problem.contains(place)), "{:?}", examined.problems);
        assert!(!examined.problems.is_empty(), "{place}");
        let rules = &examined.config.rules;
        assert!(rules.banks.contains_key("bkt") && rules.limits.banks.contains_key("teb"), "{place}: {rules:?}");
        assert_eq!(rules.amount_max.minor(), 10_000, "{place}");
    }
    // A value that could not be read is not compared with others.
    let unread = rest.replace("100.00", "much");
    assert!(examined(&unread).problems.iter().all(|problem| problem.contains("limits.amount_max")));
}

#[test]
fn the_listeners_of_a_file_are_known_whatever_else_of_it_is_wrong() {
    let listeners = |text: &str| {
        let named = examined(text).named;
        named.listeners.iter().map(|(key, address)| format!("{key} {}", address.port())).collect::<Vec<_>>()
    };
    let (http, both) = (vec!["http.listen 8080"], vec!["http.listen 8080", "smpp_server.listen 2775"]);
    assert_eq!(listeners(""), http);
    for esme in [
        "kind = \"esme\"\nsystem_id = \"t\"\npassword = \"\"",
        "kind = \"esme\"\nsystem_id = \"t\"",
        "kind = \"esme\"",
        "kind = \"esme\"\nsystem_id = 5\nwrong = 1\npasswd = \"x\"",
    ] {
        assert_eq!(listeners(&format!("[links.t]\n{esme}")), both, "{esme}");
    }
    let switch = "[clients.c]\nbnk = \"b\"\nchannel = \"atm\"\nacquirer_id = \"1\"\n";
    assert_eq!(listeners(switch), ["http.listen 8080", "iso8583.listen 8583"]);
    assert!(listeners("[http]\nlisten = \"nowhere\"").is_empty(), "a default is not what was meant");
}

#[test]
fn a_wrong_word_is_answered_with_all_that_there_are() {
    let client = "[clients.a]\nbank = \"b\"\nchannel = \"atm\"\n";
    for (text, parts) in [
        (
            "[[bonus]]\nname = \"a\"\npercent = 5\nservices = [\"mobilee\"]".to_owned(),
            &["bonus", "`mobilee`", "mobile or fixed or"][..],
        ),
        (
            "[[bonus]]\nname = \"a\"\npercent = 5\nchannels = [\"sms\", \"fax\"]".to_owned(),
            &["`fax`", "sms or ussd or atm"],
        ),
        (format!("{client}services = [\"tvv\"]"), &["clients.a", "`tvv`", "or duotv or"]),
        (client.replace("atm", "atmm"), &["clients.a", "`atmm`", "or ebanking or"]),
        ("[subscribers]\nlanguage = \"shqip\"".to_owned(), &["subscribers.language", "`shqip`", "such as `sq`"]),
        ("[subscribers]\nunknown = \"maybe\"".to_owned(), &["subscribers.unknown", "`maybe`", "create or refuse"]),
        ("[log]\nformat = \"xml\"".to_owned(), &["log.format", "`xml`", "text or json"]),
        ("[iso8583]\nframing = \"x\"".to_owned(), &["iso8583.framing", "`x`", "binary2 or binary4 or ascii4"]),
    ] {
        let problem = Config::from_toml(&text).unwrap_err().to_string();
        for part in parts {
            assert!(problem.contains(part), "`{part}` is not in: {problem}");
        }
        assert!(!problem.contains("variant") && !problem.contains("enum"), "{problem}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_for_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let told = |path: &Path| Config::load(Some(path)).unwrap_err().to_string();
    assert!(told(folder.path()).contains("it is a folder: name a file") && told(folder.path()).contains("mbush.toml"));
    assert!(told(&folder.path().join("gone.toml")).contains("not found"));
    assert!(told(Path::new("/dev/null/mbush.toml")).contains("Not a directory"));
}

#[test]
fn all_keys_of_a_link_or_a_client_that_are_wrong_are_told_each_by_its_name() {
    let smpp = "[links.a]\nkind = \"smsc\"\nsystem_id = \"m\"\npassword = \"p\"\n";
    let client = "[clients.a]\nbank = \"b\"\n";
    for (text, wanted) in [
        (
            format!("{smpp}hosts = [\"h\"]\nreceipts = \"x\"\nwindow = \"y\"\nwrong = 1\nbind = \"pairr\""),
            &["links.a.receipts: ", "links.a.window: ", "unknown field `wrong`", "links.a.bind: ", "links.a.hosts[0]"]
                [..],
        ),
        (format!("{smpp}hosts = \"h:1\"\nwindow = \"y\""), &["links.a.hosts: ", "links.a.window: "]),
        (format!("{smpp}window = \"y\""), &["links.a.window: ", "hosts"]),
        (format!("{smpp}hosts = [\"h:1\"]\ntls = {{ ca = \"x\", cart = \"y\" }}"), &["unknown field `cart`"]),
        (
            format!("{client}channel = \"atm\"\nservices = [\"x\"]\nwrong = 1\naddresses = [\"here\"]"),
            &["`x` is not allowed here", "unknown field `wrong`", "`here` is not an address"],
        ),
        (format!("{client}channel = \"fax\"\nwrong = 1"), &["`fax` is not allowed here", "unknown field `wrong`"]),
    ] {
        let error = Config::from_toml(&text).unwrap_err();
        let problems = error.problems();
        for part in wanted {
            let said = problems.iter().filter(|problem| problem.contains(part)).count();
            assert_eq!(said, 1, "`{part}`, once: {problems:#?}");
        }
        assert_eq!(problems.len(), wanted.len(), "{problems:#?}");
    }
}
