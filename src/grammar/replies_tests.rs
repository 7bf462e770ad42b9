//! Replies that top-ups have of their own: what they may show, and what is wrong with them.

use std::sync::Arc;

use crate::domain::NumberingPlan;
use crate::grammar::GrammarSet;
use crate::text::templates::{Templates, longest_values};

const METER: &str = "text = \"pay {meter} {amount} {branch:word}[ {date}] {code}\"";

fn load(head: &str, form: &str) -> Result<GrammarSet, String> {
    let file = format!(
        "bank = \"light\"\nname = \"Light\"\nshort_codes = [\"50777\"]\nevidence = \"assumed\"\n{head}\n\
         [services]\ntv = [\"tv\"]\n[amount]\nmax = 500\n[fields.meter]\ndigits = 11\naccount = true\n\
         [fields.code]\ndigits = 6\nsecret = true\n[fields.balance]\ndigits = 4\n\
         [[form]]\nname = \"up\"\n{form}\n"
    );
    let set = GrammarSet::load([("light.toml", file)], Arc::new(NumberingPlan::kosovo().unwrap()));
    set.map_err(|diagnostics| diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn problem(form: &str) -> String {
    load("languages = [\"en\"]", form).err().unwrap_or_default()
}

fn saying(form: &str, reply: &str) -> String {
    problem(&format!("{form}\nreply = {{ en = '{reply}' }}"))
}

#[test]
fn a_reply_shows_the_values_of_the_text_and_of_the_top_up() {
    let of_all = "{{ name }}{{ amount }}{{ balance }}{{ valid_until }}{{ receipt }}{{ currency }}";
    for (form, more) in [
        (METER, "{{ meter }}{{ account }}{{ branch }}"),
        ("text = \"pay {msisdn} {amount}\"", "{{ msisdn }}{{ number }}"),
        ("text = \"pay {landline} {amount}\"", "{{ landline }}{{ number }}"),
        ("text = \"pay {amount}\"", "{{ number }}"),
        ("text = \"tv {username} {amount}\"\nservice = \"tv\"", "{{ username }}"),
        ("text = \"tv {amount}\"\nservice = \"tv\"", "{{ username }}"),
        ("text = \"card {voucher}\"", "{{ number }}"),
    ] {
        assert_eq!(saying(form, &format!("{of_all}{more}")), "", "{form}");
    }
}

#[test]
fn what_a_reply_cannot_show_is_refused() {
    for (form, place) in [
        (METER, "code"),
        (METER, "date"),
        (METER, "number"),
        (METER, "fee"),
        ("text = \"pay {msisdn} {amount} {pin}\"\npin = \"subscriber\"", "pin"),
        ("text = \"card {voucher}\"", "voucher"),
        ("text = \"tv {username} {amount}\"\nservice = \"tv\"", "number"),
        ("text = \"pay ({meter}|{msisdn}) {amount}\"", "account"),
        ("text = \"pay {amount} {branch:word}\"\ndiscard = [\"branch\"]", "branch"),
    ] {
        let told = saying(form, &format!("{{{{ {place} }}}}"));
        let wanted = format!("`reply.en` of `up`: there is no `{place}` to show; the places are ");
        assert!(told.contains(&wanted), "{form}\n{told}");
    }
}

#[test]
fn a_reply_is_of_a_top_up_in_each_language_and_fits_at_its_longest() {
    for (action, text) in [
        ("transfer", "give {msisdn} {amount} {pin}"),
        ("sale", "sell {msisdn} {amount} {pin}"),
        ("balance", "balance"),
        ("help", "how"),
    ] {
        let told = saying(&format!("text = \"{text}\"\naction = \"{action}\""), "ok");
        assert!(told.contains(&format!("a form of action `{action}` has no use for `reply`")), "{told}");
        assert!(told.contains("only a top-up and a form of action `forward` have a reply"), "{told}");
    }
    let missing = load("languages = [\"en\", \"sq\"]", &format!("{METER}\nreply = {{ en = \"ok\" }}"));
    assert!(missing.unwrap_err().contains("`reply` of `up` has no text in the language `sq`"));
    // An amount has 6 characters, a balance 9, a meter 11.
    let long = |letters| saying(METER, &("x".repeat(letters) + "{{ meter }}{{ amount }}{{ balance }}"));
    assert_eq!(long(134), "");
    assert!(long(135).contains("it has 161 characters with its longest values, and one SMS has 160"), "{}", long(135));
    let wide = |letters| saying(METER, &("ঋ".repeat(letters) + "{{ meter }}{{ amount }}{{ balance }}"));
    assert_eq!(wide(44), "");
    assert!(wide(45).contains("it has 71 characters, and one SMS in UCS-2 has 70"), "{}", wide(45));
}

#[test]
fn a_name_that_may_be_two_values_is_refused() {
    for (text, name) in
        [("pay {msisdn} {amount} {balance}", "balance"), ("pay {msisdn} {amount} nr {number}", "number")]
    {
        let told = saying(&format!("text = \"{text}\""), "ok");
        assert!(told.contains(&format!("`{name}` in the reply of `up` may be two values")), "{told}");
        assert_eq!(problem(&format!("text = \"{text}\"")), "", "without a reply it is one");
    }
}

#[test]
fn a_reply_fits_in_the_alphabet_of_its_language() {
    let text = include_str!("../../countries/rs/texts/sr-Cyrl.toml");
    let texts = Templates::load(
        vec![("sr-Cyrl.toml".to_owned(), text.replace("fallback", "# fallback"))],
        &[],
        &longest_values(),
    );
    let texts = texts.unwrap_or_else(|errors| panic!("{errors:?}"));
    let problems = |letters: usize| {
        let reply = format!("{METER}\nreply = {{ sr-Cyrl = \"{}\" }}", "ж".repeat(letters));
        load("languages = [\"sr-Cyrl\"]", &reply).unwrap().too_long(&texts)
    };
    assert_eq!(problems(70), [""; 0]);
    let told =
        "bank `light`, form `up`, `reply.sr-Cyrl`: it has 71 characters, and one SMS in UCS-2 has 70: shorten it";
    assert_eq!(problems(71), [told]);
}
