//! Error texts for wrong configurations, and the validity of the example.

use super::*;

fn problem(text: &str) -> String {
    Config::from_toml(text).unwrap_err().to_string()
}

#[test]
fn the_defaults_are_valid() {
    let config = Config::default();
    assert_eq!(config.rules.amount_max.minor(), 5_000);
    assert!(config.links.is_empty());
}

fn names(text: &str, parts: &[&str]) {
    let problem = problem(text);
    for part in parts {
        assert!(problem.contains(part), "`{part}` is not in: {problem}");
    }
}

/// Texts with an error, and words of its message.
const ERRORS: &[(&str, &[&str])] = &[
    ("[store]\nurl = \"mysql://x\"", &["store.url", "sqlite://PATH"]),
    ("[stor]\nurl = \"sqlite://x\"", &["stor", "store"]),
    ("[http]\nlisten = \"nowhere\"", &["http.listen", "127.0.0.1:8080"]),
    ("[processor]\nbatch_max = 0", &["processor.batch_max", "1"]),
    ("[processor]\nbatch_max = \"many\"", &["processor.batch_max", "many"]),
    ("[limits]\namount_min = \"5.00\"\namount_max = \"1.00\"", &["limits.amount_max", "lower than 5.00"]),
    ("[validity]\ntiers = []", &["validity.tiers", "at least one"]),
    ("[banks.ekonomike]\nduplicate_window_seconds = 90000", &["banks.ekonomike.duplicate_window_seconds", "86400"]),
    ("[links.ipko]\nhosts = []", &["links.ipko", "kind"]),
    ("[links.ipko]\nkind = \"fax\"", &["links.ipko.kind", "fax", "smsc"]),
    ("[links.ipko]\nkind = \"smpp\"", &["links.ipko: kind = \"smpp\" is now kind = \"smsc\""]),
    ("[links.k]\nkind = \"http\"\nurl = \"http://127.0.0.1/\"", &["links.k", "secret_file"]),
    ("[links.k]\nkind = \"http\"\nurl = \"ftp://x\"\nsecret = \"s\"", &["links.k.url", "http://"]),
    ("[links.teb]\nkind = \"esme\"\nsystem_id = \"teb\"", &["links.teb", "password_file"]),
    (
        "[links.teb]\nkind = \"esme\"\nsystem_id = \"teb\"\npassword = \"s\"\naddresses = [\"here\"]",
        &["links.teb", "here", "network"],
    ),
    (
        "[clients.9]\nbank = \"b\"\nchannel = \"atm\"\nconfirm_link = \"x\"\nconfirm_sender = \"y\"",
        &["clients.9", "begins with a letter", "[links.x]"],
    ),
    ("[clients.a]\nbank = \"b\"\nchannel = \"sms\"", &["clients.a.channel", "ebanking"]),
    ("[clients.a]\nbank = \"b\"\nchannel = \"atm\"\nservices = [\"tv\"]", &["clients.a.services[0]", "mobile"]),
    ("[clients.a]\nbank = \"b\"\nchannel = \"atm\"\nconfirm_sender = \"y\"", &["clients.a.confirm_sender", "together"]),
    (
        "[clients.a]\nbank = \"b\"\nchannel = \"atm\"\n[clients.a.amounts]\namount_min = \"60.00\"",
        &["clients.a.amounts", "at least 60.00 EUR and at most 50.00"],
    ),
    (
        "[clients.c2]\nbank = \"b\"\nchannel = \"api\"\nsecret = \"client-t\u{eb}o-secret-22\"",
        &["clients.c2.secret: its character 9 is not of ASCII"],
    ),
    ("[http]\nadmin_secret = \"t\u{eb}o\"", &["http.admin_secret: its character 2", "no header of HTTP"]),
    (
        "[links.k]\nkind = \"http\"\nurl = \"http://127.0.0.1/\"\nsecret = \"s\u{fc}\"",
        &["links.k.secret: its character 2"],
    ),
    (
        "[links.k]\nkind = \"http\"\nurl = \"http://127.0.0.1/\"\nsecret = \"s\"\nreply_secret = \"\u{20ac}\"",
        &["links.k.reply_secret: its character 1"],
    ),
    (
        "[links.t]\nkind = \"esme\"\nsystem_id = \"t\"\npassword = \"p\u{eb}\"",
        &["links.t.password: its character 2", "no bind of SMPP"],
    ),
    ("[links.t]\nkind = \"esme\"\nsystem_id = \"t\u{eb}\"\npassword = \"p\"", &["links.t.system_id", "ASCII"]),
    ("[smpp_server]\nsystem_id = \"t\u{eb}\"", &["smpp_server.system_id", "ASCII"]),
    ("[smpp_server]\nsession_init_seconds = 60", &["smpp_server.session_init_seconds", "30"]),
    ("[life]\nwarn_link = \"ipko\"", &["life.warn_link", "[links.ipko]"]),
    ("[life]\nwarn_days = [0]", &["life.warn_days[0]", "1"]),
    ("[life]\nhours_from = \"21:00:00\"", &["life.hours_from", "hours_until"]),
    (
        "[life]\nwarn_days = [10]\nwarn_link = \"k\"\n[links.k]\nkind = \"http\"\nsecret = \"s\"\nurl = \"http://127.0.0.1/\"",
        &["life.warn_days", "10"],
    ),
    ("[audit]\ntrusted_keys = [\"abc\"]", &["audit.trusted_keys[0]", "64 hexadecimal"]),
    ("[audit]\nseal_after_minutes = 0", &["audit.seal_after_minutes", "5"]),
    ("[subscribers]\nunknown = \"maybe\"", &["unknown", "maybe", "create"]),
];

#[test]
fn every_error_names_the_key_and_the_remedy() {
    for (text, parts) in ERRORS {
        names(text, parts);
    }
}

#[test]
fn errors_in_rules_of_top_ups_name_the_key_and_the_remedy() {
    for (text, parts) in [
        ("[limits.channels.fax]\namount_max = \"0.01\"", &["fax", "ussd"][..]),
        (
            "[limits.banks.teb]\namount_min = \"0.09\"\namount_max = \"0.08\"",
            &["limits.banks.teb.amount_max", "lower than 0.09"],
        ),
        ("[limits.banks.teb]\namount_max = \"0.50\"", &["through bank `teb`", "at least 1.00 EUR and at most 0.50"]),
        ("[limits.payer]\nday_count_max = 0", &["limits.payer.day_count_max", "1"]),
        (
            "[limits.payer]\nday_amount_max = \"5.00\"\nmonth_amount_max = \"4.00\"",
            &["limits.payer.month_amount_max", "lower than 5.00"],
        ),
        (
            "[limits.target]\nvelocity = [{ count_max = 101, minutes = 1 }]",
            &["limits.target.velocity[0].count_max", "100"],
        ),
        ("[products.tv]\nprice = \"0.00\"", &["products.tv.price", "lower than 0.01"]),
        ("[products.fax]\nprice = \"0.01\"", &["fax", "duotv"]),
        ("[[bonus]]\nname = \"a\"", &["bonus `a`", "percent", "fixed"]),
        ("[[bonus]]\nname = \"a b\"\npercent = 5", &["bonus[0].name", "new-year"]),
        ("[[bonus]]\nname = \"a\"\npercent = 5\nservices = [\"tv\"]", &["bonus[0].services[0]", "mobile"]),
        (
            "[[bonus]]\nname = \"a\"\npercent = 5\nfrom = \"2026-12-02\"\nuntil = \"2026-12-01\"",
            &["bonus `a`", "until is before from"],
        ),
        (
            "[[bonus]]\nname = \"a\"\npercent = 5\n[[bonus]]\nname = \"a\"\nfixed = \"0.05\"",
            &["bonus `a`", "another rule"],
        ),
    ] {
        names(text, parts);
    }
}

#[test]
fn the_example_loads_and_says_the_defaults() {
    let example = Config::from_toml(include_str!("../../mbush.example.toml")).unwrap();
    let defaults = Config::default();
    assert_eq!(format!("{:?}", example.store), format!("{:?}", defaults.store));
    assert_eq!(format!("{:?}", example.dispatch), format!("{:?}", defaults.dispatch));
    assert_eq!(format!("{:?}", example.smpp_server), format!("{:?}", defaults.smpp_server));
    assert_eq!(format!("{:?}", example.iso8583), format!("{:?}", defaults.iso8583));
    assert_eq!(example.vouchers.lock_minutes, defaults.vouchers.lock_minutes);
    assert_eq!(example.vouchers.denominations, defaults.vouchers.denominations);
    assert_eq!(format!("{:?}", example.processor), format!("{:?}", defaults.processor));
    assert_eq!(format!("{:?}", example.life), format!("{:?}", defaults.life));
    assert_eq!(format!("{:?}", example.audit), format!("{:?}", defaults.audit));
    assert_eq!(format!("{:?}", example.dealers), format!("{:?}", defaults.dealers));
    assert_eq!(example.rules.validity, defaults.rules.validity);
    assert_eq!(example.links.keys().collect::<Vec<_>>(), ["gateway", "ipko", "teb"]);
}

#[test]
fn all_problems_are_told_at_once() {
    let problem = problem("[processor]\nbatch_max = 0\n[dispatch]\nconcurrency = 0\n[links.x]\nkind = \"fax\"");
    for part in ["processor.batch_max", "dispatch.concurrency", "links.x.kind"] {
        assert!(problem.contains(part), "{problem}");
    }
}

#[test]
fn keys_that_are_wrong_in_several_sections_are_all_told_at_once() {
    let problem = problem(
        "[stor]\nurl = \"x\"\n[http]\nlisten = \"nowhere\"\nport = 1\n[clients.a]\nbnk = \"b\"\n[dispatch]\nconcurrency = 0\n\
         [dealers]\nsummary_link = \"gone\"\n[log]\nformat = \"xml\"",
    );
    for part in [
        "`stor`",
        "http.listen",
        "`port`",
        "clients.a",
        "`bnk`",
        "dispatch.concurrency",
        "[links.gone]",
        "log.format",
        "xml",
    ] {
        assert!(problem.contains(part), "`{part}` is not in: {problem}");
    }
}

#[test]
fn a_secret_never_shows_in_debug() {
    let text = "[links.k]\nkind = \"http\"\nurl = \"http://127.0.0.1/\"\nsecret = \"topsecret\"";
    assert!(!format!("{:?}", Config::from_toml(text).unwrap()).contains("topsecret"));
}

#[test]
fn a_secret_that_keeps_nobody_out_is_refused_wherever_it_is() {
    let url = "url = \"http://127.0.0.1/\"";
    for none in ["", " ", "\\t", "\\u0000", "a\\nb"] {
        for (text, place) in [
            (format!("[http]\nadmin_secret = \"{none}\""), "http.admin_secret"),
            (format!("[links.k]\nkind = \"http\"\n{url}\nsecret = \"{none}\""), "links.k.secret"),
            (
                format!("[links.k]\nkind = \"http\"\n{url}\nsecret = \"s\"\nreply_secret = \"{none}\""),
                "links.k.reply_secret",
            ),
            (format!("[links.t]\nkind = \"esme\"\nsystem_id = \"t\"\npassword = \"{none}\""), "links.t.password"),
            (
                format!("[links.i]\nkind = \"smsc\"\nhosts = [\"h:1\"]\nsystem_id = \"i\"\npassword = \"{none}\""),
                "links.i.password",
            ),
            (format!("[clients.a]\nbank = \"b\"\nchannel = \"atm\"\nsecret = \"{none}\""), "clients.a.secret"),
        ] {
            names(&text, &[place]);
        }
    }
}

#[test]
fn two_who_come_by_http_have_two_secrets() {
    let gateway = |name: &str, secret: &str| {
        format!("[links.{name}]\nkind = \"http\"\nurl = \"http://127.0.0.1/\"\nsecret = \"{secret}\"\n")
    };
    let client = |name: &str, secret: &str| {
        format!("[clients.{name}]\nbank = \"b\"\nchannel = \"atm\"\nsecret = \"{secret}\"\n")
    };
    let staff = "[http]\nadmin_secret = \"one\"\n";
    for (text, places) in [
        (gateway("a", "one") + &gateway("b", "one"), ["links.a.secret", "links.b.secret"]),
        (gateway("a", "one") + &client("c", "one"), ["links.a.secret", "clients.c.secret"]),
        (client("c", "one") + &client("d", "one"), ["clients.c.secret", "clients.d.secret"]),
        (staff.to_owned() + &client("c", "one"), ["http.admin_secret", "clients.c.secret"]),
        (
            gateway("a", "one") + &gateway("b", "two") + "reply_secret = \"one\"\n",
            ["links.a.secret", "links.b.reply_secret"],
        ),
    ] {
        names(&text, &places);
    }
    let own = gateway("a", "one") + "reply_secret = \"one\"\n" + &gateway("b", "two") + &client("c", "three");
    assert!(Config::from_toml(&own).is_ok(), "a gateway may be shown its own");
}

#[test]
fn short_secrets_and_open_files_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "a secret that is long enough\n").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let text = format!(
        "[http]\nadmin_secret = \"0123456789abcdef\"\n[links.t]\nkind = \"esme\"\nsystem_id = \"t\"\npassword = \"1234567\"\n\
         [clients.a]\nbank = \"b\"\nchannel = \"atm\"\nsecret_file = \"{}\"\n\
         [clients.c]\nbank = \"b\"\nchannel = \"atm\"\nsecret = \"0123456789abcde\"\n",
        file.display()
    );
    let weak = Config::from_toml(&text).unwrap().weak_secrets();
    let starts = ["links.t.password: it has 7", "clients.c.secret: it has 15", "clients.a.secret_file = "];
    assert!(weak.len() == 3 && weak.iter().zip(starts).all(|(weak, start)| weak.starts_with(start)), "{weak:?}");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(Config::from_toml(&text).unwrap().weak_secrets().len(), 2);
}
