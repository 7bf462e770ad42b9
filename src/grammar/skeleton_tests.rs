//! Drafts of banks' files from samples.

use super::super::Fixture;
use super::super::testing::{drawn, plan};
use super::*;

fn new_bank<'n>(samples: &'n [&'n str]) -> NewBank<'n> {
    let (id, name, short_code, sender) = ("seventh", "Seventh Bank", "50111", "38349111222");
    NewBank { id, name, short_code, sender, languages: &[Language::EN], samples }
}

fn made(samples: &[&str]) -> Skeleton {
    made_by(samples, &plan())
}

fn made_by(samples: &[&str], plan: &Arc<NumberingPlan>) -> Skeleton {
    let sender = plan.sample_mobile("111222").unwrap().digits();
    skeleton(&NewBank { sender: &sender, ..new_bank(samples) }, plan).unwrap_or_else(|error| match error {
        NoSkeleton::Draft(errors) => panic!("{}", drawn(&errors)),
        NoSkeleton::Sample(problem) => panic!("{problem}"),
        NoSkeleton::Refused(failure) => panic!("{}", failure.picture()),
    })
}

/// The draft holds, and every sample is read.
fn holds(samples: &[&str], plan: &Arc<NumberingPlan>) -> Skeleton {
    let made = made_by(samples, plan);
    let set = GrammarSet::load([("seventh.toml", made.grammar.as_str())], plan.clone()).unwrap();
    let fixture = Fixture::from_toml("samples.toml", &made.fixtures).unwrap();
    assert_eq!(fixture.check(&set), Vec::<String>::new(), "{}\n{}", made.grammar, made.fixtures);
    assert_eq!(fixture.read.len(), samples.len(), "{}\n{}", made.grammar, made.fixtures);
    assert_eq!(set.untried(fixture.messages()).iter().filter(|way| way.form != "help").count(), 0);
    made
}

#[test]
fn samples_become_a_grammar_whose_fixtures_hold() {
    for samples in [
        &["pay 5", "pay 049123456 5", "tv arben1"][..],
        &["5*1234#", "049123456*5*1234#", "fix 038712345 20 ref A81723"],
        &["TOPUP;049123456;5.00;REF=A81723", "10 eur", "internet Shfrytëzuesi1"],
        &["GIFT NUMBER AMOUNT PIN", "BALANCE", "PIN 1234 5678", "help", "english", "stop", "rc NUMBER AMOUNT"],
        &["kredi 500", "kredi 049123456 0.50", "kredi 049123456 120000"],
        &["pay 500 din", "pay 049123456 200 din.", "send 049123456 200"],
        &["1234567890123456", "pay <number> <amount>", "tv [username]"],
    ] {
        holds(samples, &plan());
    }
}

#[test]
fn placeholders_of_another_country_become_fields() {
    let serbia = include_str!("../../countries/rs/numbering/serbia.toml");
    let serbia = Arc::new(NumberingPlan::from_toml(serbia).unwrap());
    let samples =
        ["DOPUNA 064XXXXXXX 500", "DOPUNA XXX", "POKLON 064 XXX XXXX IZNOS PIN", "GIFT <number> <amount> <PIN>"];
    let grammar = holds(&samples, &serbia).grammar;
    for line in [
        "text    = \"dopuna {msisdn} {amount}\"\nexample = \"DOPUNA 0641234567 500\"",
        "text    = \"dopuna {amount}\"",
        "# The sample: DOPUNA 064XXXXXXX 500",
        "text    = \"gift {msisdn} {amount} {pin:4}\"\nexample = \"GIFT 064123456 5 1234\"\naction  = \"transfer\"",
        "max = \"500.00\" # of a sample",
    ] {
        assert!(grammar.contains(line), "{line} is not in\n{grammar}");
    }
}

#[test]
fn the_meaning_of_a_sample_is_asked_where_it_is_in_doubt() {
    for (sample, parts) in [
        ("GIFT 049123456 5 1234", &["{msisdn} {amount} {pin:4}", "action  = \"transfer\"", "take `action` out"][..]),
        ("dërgo 049123456 5 1234", &["dergo {msisdn} {amount} {pin:4}", "action  = \"transfer\""]),
        (
            "rc 049123456 5 1234",
            &["rc {msisdn} {amount} {pin:4}", "Are they one?", "pin     = \"subscriber\" # the PIN"],
        ),
        (
            "send 049123456 5",
            &["send {msisdn} {amount}", "# If the sender's own credit is sent, add action = \"transfer\""],
        ),
        ("pin 1111 2222", &["pin {pin:4} {new_pin:4}", "action  = \"pin\""]),
        ("stanje", &["text    = \"stanje\"", "action  = \"balance\""]),
        ("srpski", &["action  = \"language\"", "language = \"sr\""]),
        ("paket 049123456 12 3", &["paket {msisdn} {amount} {number:0-9}", "does not tell the meaning"]),
    ] {
        let grammar = made(&[sample, "kredi 5"]).grammar;
        for part in parts {
            assert!(grammar.contains(part), "{sample}: {part} is not in\n{grammar}");
        }
    }
}

#[test]
fn a_sample_that_the_draft_would_refuse_is_told_and_never_becomes_a_refusal() {
    let refused = skeleton(&new_bank(&["kredi 04912345 5"]), &plan());
    assert!(refused.is_err(), "{refused:?}");
    let unknown = skeleton(&new_bank(&["pay <meter> 5"]), &plan()).unwrap_err();
    assert!(matches!(&unknown, NoSkeleton::Sample(problem) if problem.contains("<meter>")), "{unknown:?}");
}

#[test]
fn samples_of_one_form_are_one_form() {
    let grammar = made(&["pay 5", "pay 10", "PAY €20"]).grammar;
    assert_eq!(grammar.matches("[[form]]").count(), 1, "{grammar}");
}

#[test]
fn a_customers_own_digits_are_never_a_word_of_the_form() {
    for (sample, form) in [
        ("kontrata 1234567 5", "kontrata {number:0-9999999} {amount}"),
        ("5 kontrata 123456789", "{amount} kontrata {pin:9}"),
        ("karta 1234567890123456", "karta {voucher}"),
        ("mbush 5 31122026", "mbush {amount} {date}"),
        ("mbush 5 12", "mbush {amount} {number:0-99}"),
    ] {
        let guess = Guess::of(sample, &plan(), &[]).unwrap();
        assert_eq!(guess.text, form, "{sample}");
    }
}
