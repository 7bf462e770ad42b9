//! Names and numbers that do not exist are said not to exist, with those that may have been meant.

use rstest::rstest;

use super::Office;

#[test]
fn what_does_not_exist_is_refused_and_what_was_meant_is_told() {
    let office = Office::after(None);
    for (arguments, said) in [
        (
            &["statement", "bank_clearing:nobank"][..],
            "there is no account bank_clearing:nobank; there are bank_clearing:bkt, bank_clearing:bpb, ",
        ),
        (&["statement", "bank_clearing:ekonomika"], "; did you mean bank_clearing:ekonomike?"),
        (&["statement", "bank_clearing:nobank", "--csv"], "there is no account"),
        (&["statement", "bank_clearing:nobank", "--json"], "there is no account"),
        (&["statement", "bank_clearng:teb"], "bank_clearing"),
        (&["statement", "dealer:shpia"], "there is no account dealer:shpia; did you mean dealer:shpija?"),
        (&["statement", "shpija"], "did you mean dealer:shpija?"),
        (&["statement", "product:tv:drita"], "did you mean product:tv:drita.h?"),
        (&["statement", "bonus:autum"], "did you mean bonus:autumn?"),
        (&["statement", "suspense:goodwil"], "did you mean suspense:goodwill?"),
        (&["statement", "voucher_liability:00009"], "did you mean voucher_liability:00001?"),
        (&["statement", "049999999"], "there is no account subscriber:38349999999"),
        (&["account", "drita.hh"], "did you mean product:tv:drita.h?"),
        (&["account", "suspend", "dealer:shpia", "--reason", "x"], "did you mean dealer:shpija?"),
        (&["hold", "list", "049999999"], "there is no account subscriber:38349999999"),
        (&["hold", "place", "dealer:shpia", "1", "--reason", "fraud", "--by", "Arta"], "did you mean dealer:shpija?"),
        (
            &["adjust", "propose", "dealer:shpia", "1", "--reason", "goodwill", "--by", "Arta"],
            "did you mean dealer:shpija?",
        ),
        (&["pin", "show", "049999999"], "there is no account subscriber:38349999999"),
        (&["pin", "reset", "049999999", "--yes"], "there is no account subscriber:38349999999"),
        (&["dealer", "summary", "shpia"], "there is no dealer `shpia`; did you mean shpija?"),
        (&["dealer", "pin-reset", "shpia", "--yes"], "did you mean shpija?"),
        (&["dealer", "add", "besa", "--below", "agrn"], "did you mean agron?"),
        (&["voucher", "show", "9"], "there is no batch 9"),
        (&["voucher", "block", "9", "--note", "x", "--yes"], "there is no batch 9"),
        (&["quarantine", "show", "demo:nothing"], "is not in quarantine"),
        (&["reverse", "AAAAAAAAAA", "--reason", "fraud", "--by", "Arta", "--yes"], "there is no transfer"),
    ] {
        let refused = office.refused(arguments);
        assert!(refused.contains(said), "{arguments:?}: {refused}");
    }
    let never = office.run(&["account", "049999999"]);
    assert!(!never.status.success() && super::all(&never).contains("no account"));
}

/// An account that is configured and has never moved exists, and so does one that is configured no longer.
#[rstest]
#[case("bank_clearing:teb", "0 movements: 0.00 in, 0.00 out, balance 0.00")]
#[case("suspense:fraud", "0 movements: ")]
#[case("fees:credit_transfer", "0 movements: ")]
#[case("voucher_liability:00001", "0 movements: ")]
#[case("bank_clearing:bkt", "1 movement: ")]
fn an_account_that_is_summed_exists_by_its_configuration_or_its_transfers(#[case] name: &str, #[case] end: &str) {
    let office = Office::after(Some("11"));
    // The clients of the demo, of whom BKT is one, are taken out.
    let config = std::fs::read_to_string(office.file("mbush.toml")).unwrap();
    let (before, _) = config.split_once("[iso8583]").unwrap();
    std::fs::write(office.file("mbush.toml"), before).unwrap();
    let statement = office.told(&["statement", name]);
    assert!(statement.lines().last().unwrap().starts_with(end), "{statement}");
}
