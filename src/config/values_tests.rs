//! Invalid values are refused with their keys, all at once.

use super::*;
use crate::config::Config;

const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

fn said(text: &str) -> Vec<String> {
    Config::from_toml(text).err().map(|error| error.problems().to_vec()).unwrap_or_default()
}

fn smpp(more: &str) -> String {
    format!("[links.a]\nkind = \"smsc\"\nsystem_id = \"mbush\"\npassword = \"long enough\"\n{more}\n")
}

#[test]
fn a_host_has_a_port_that_can_be_connected_to() {
    for good in ["127.0.0.1:2776", "[::1]:2776", "smsc.ipko:1", "smsc_1.example.com.:65535", "localhost:80"] {
        assert!(said(&smpp(&format!("hosts = [\"{good}\"]"))).is_empty(), "{good}");
    }
    for (wrong, part) in [
        ("127.0.0.1", "has no port: write host:port"),
        ("127.0.0.1:99999", "`99999` of"),
        ("127.0.0.1:0", "`0` of"),
        ("127.0.0.1:+80", "`+80` of"),
        ("127.0.0.1:", "is not a port"),
        ("", "has no port"),
        (":2776", "is no host"),
        ("300.1.1.1:2776", "is no host"),
        ("::1:2776", "is no host"),
        ("smsc ipko:2776", "is no host"),
        ("-smsc:2776", "is no host"),
        ("http://smsc:2776", "is no host"),
    ] {
        let said = said(&smpp(&format!("hosts = [\"127.0.0.1:1\", \"{wrong}\"]")));
        assert!(said.len() == 1 && said[0].starts_with("links.a.hosts[1]: ") && said[0].contains(part), "{said:?}");
    }
}

#[test]
fn a_sender_is_a_number_or_a_name_that_the_network_carries() {
    for good in ["124", "50005", "12345678901234567890", "mbush", "IPKO Mbush", "11character"] {
        assert!(sender(good, &()).is_ok(), "{good}");
    }
    for (wrong, part) in [
        ("", "it is empty"),
        ("ThisIsMuchTooLongName", "has 21 characters"),
        ("12characters", "has 12 characters"),
        ("123456789012345678901", "is not a sender"),
        ("x\u{1b}", "is not a sender"),
        ("IPKÖ", "is not a sender"),
        ("a[b]", "is not a sender"),
        (" mbush", "is not a sender"),
        ("+38349123456", "is not a sender"),
        ("12 34", "is not a sender"),
    ] {
        let said = sender(wrong, &()).unwrap_err().to_string();
        assert!(said.contains(part) && said.contains("a name of 1 to 11"), "{said}");
    }
}

#[test]
fn what_could_not_work_is_refused_wherever_it_stands_and_all_of_it_at_once() {
    let client = "bank = \"b\"\nchannel = \"atm\"\nconfirm_link = \"a\"\nconfirm_sender = \"ThisIsMuchTooLongName\"\n";
    let text = smpp(
        "hosts = [\"127.0.0.1\", \"\"]\nshort_codes = [\"\"]\nussd_codes = { \"*1\" = \"50005\" }\nsystem_type = \"\\u0007\"\n\
         tls = { ca = \"ca.pem\", server_name = \"a:b\" }",
    ) + "[links.g]\nkind = \"http\"\nsecret = \"long enough\"\nurl = \"http://127.0.0.1:0/\"\n\
         [links.e]\nkind = \"esme\"\nsystem_id = \"t\\u001b\"\npassword = \"long enough\"\nshort_codes = [\"x\"]\n"
        + "[life]\nwarn_sender = \"x\\u001b\"\n[dealers]\nsummary_sender = \"\"\n[staff]\nnotify_sender = \"+383\"\n"
        + "[vouchers]\nrecipients = [\"age1nope\"]\n[smpp_server]\nsystem_id = \"mbüsh\"\n[clients.c]\n"
        + client;
    let said = said(&text);
    let mut places: Vec<&str> = said.iter().filter_map(|line| line.split(": ").next()).collect();
    places.sort_unstable();
    let wanted = [
        "clients.c.confirm_sender",
        "dealers.summary_sender",
        "life.warn_sender",
        "links.a.hosts[0]",
        "links.a.hosts[1]",
        "links.a.short_codes[0]",
        "links.a.system_type",
        "links.a.tls.server_name",
        "links.a.ussd_codes",
        "links.e.short_codes[0]",
        "links.e.system_id",
        "links.g.url",
        "smpp_server.system_id",
        "staff.notify_sender",
        "vouchers.recipients[0]",
    ];
    assert_eq!(places, wanted, "{said:#?}");
}

#[test]
fn a_recipient_is_a_public_key_of_age() {
    assert!(recipient(RECIPIENT, &()).is_ok());
    for wrong in ["age1nope", "", "ssh-ed25519 AAAA"] {
        assert!(recipient(wrong, &()).unwrap_err().to_string().contains("`age-keygen`"), "{wrong}");
    }
}

#[test]
fn a_url_can_be_posted_to() {
    for good in ["http://127.0.0.1:9090/sms", "https://gateway.example.com"] {
        assert!(http_url(good, &()).is_ok(), "{good}");
    }
    for wrong in ["ftp://x", "nowhere", "", "http://", "http://127.0.0.1:99999/", "http://127.0.0.1:0/"] {
        assert!(http_url(wrong, &()).is_err(), "{wrong}");
    }
}
