//! Forms of action `forward`: their texts, their replies, and what is wrong with them.

use std::sync::Arc;

use crate::domain::NumberingPlan;
use crate::grammar::{ForwardRequest, GrammarSet, Incoming, Reading};
use crate::text::templates::Templates;

fn load(form: &str) -> Result<GrammarSet, String> {
    let file = format!(
        "bank = \"seventh\"\nname = \"Seventh Bank\"\nshort_codes = [\"50777\"]\nevidence = \"assumed\"\n\
         languages = [\"en\", \"sq\"]\n[amount]\nmax = 500\n[[form]]\nname = \"top-up\"\ntext = \"{{amount}}\"\n\
         [[form]]\nname = \"loan\"\n{form}\n"
    );
    let set = GrammarSet::load([("seventh.toml", file)], Arc::new(NumberingPlan::kosovo().unwrap()));
    set.map_err(|diagnostics| diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn read(form: &str, text: &str) -> ForwardRequest {
    let set = load(form).unwrap_or_else(|problems| panic!("{problems}"));
    let incoming = Incoming { from: "38349111222", to: "50777", text, link: None };
    match set.read(&incoming) {
        Ok(Reading::Forward(request)) => request,
        other => panic!("{text}: {other:?}"),
    }
}

fn problem(form: &str) -> String {
    load(form).err().unwrap_or_default()
}

fn fields(request: &ForwardRequest) -> String {
    serde_json::to_string(&request.fields).unwrap()
}

#[test]
fn every_value_of_a_text_has_its_name_and_its_type() {
    let form = "action = \"forward\"\nforward = \"loan\"\npin = \"subscriber\"\n\
                text = \"loan {msisdn} {amount} {number:1-31} {date} {reference} {pin} {operator} {text}\"";
    let request = read(form, "Loan +383 49 123-456 1,50€ 07 31.12.2026 A-77 4711 ipko Për Besën");
    assert_eq!((request.bank.as_str(), request.form.as_str(), request.name.as_str()), ("seventh", "loan", "loan"));
    assert_eq!(
        fields(&request),
        "[{\"name\":\"msisdn\",\"type\":\"number\",\"value\":\"+38349123456\"},\
         {\"name\":\"amount\",\"type\":\"amount\",\"value\":150},{\"name\":\"number\",\"type\":\"integer\",\"value\":7},\
         {\"name\":\"date\",\"type\":\"date\",\"value\":\"2026-12-31\"},\
         {\"name\":\"reference\",\"type\":\"text\",\"value\":\"A-77\"},\
         {\"name\":\"pin\",\"type\":\"secret\",\"value\":\"****\"},\
         {\"name\":\"operator\",\"type\":\"text\",\"value\":\"ipko\"},\
         {\"name\":\"text\",\"type\":\"text\",\"value\":\"Për Besën\"}]"
    );
    assert!(!format!("{request:?}").contains("4711"));
}

#[test]
fn a_reply_shows_the_values_in_each_language_of_the_bank() {
    let form = "action = \"forward\"\nforward = \"loan\"\ntext = \"loan {msisdn} {amount} {date}\"\n\
                reply = { sq = \"{{ name }}: {{ amount }} për {{ msisdn }}.\", en = \"{{amount}}, {{date}}\" }";
    let set = load(form).unwrap_or_else(|problems| panic!("{problems}"));
    let incoming = Incoming { from: "38349111222", to: "50777", text: "loan 049123456 20 2026-12-31 prap", link: None };
    let replies = set.read_guarded(&incoming).unwrap().replies;
    let templates = Templates::builtin().unwrap();
    let worded = |text| templates.own(text, |name| replies.value(name).map(str::to_owned));
    let of = |code: &str| replies.text(code.parse().unwrap()).map(worded);
    assert_eq!(of("sq").as_deref(), Some("Seventh Bank: 20.00 per 049123456."));
    assert_eq!((of("en").as_deref(), of("sr")), (Some("20.00, 31.12.2026"), None));
    assert_eq!(replies.first().map(worded), of("en"), "the first language of the bank");
}

#[test]
fn a_request_needs_a_name_and_only_a_request_has_one() {
    for (form, told) in [
        ("action = \"forward\"\ntext = \"loan\"", "a form of action `forward` has no `forward`"),
        ("action = \"forward\"\nforward = \"A loan\"\ntext = \"loan\"", "`A loan` is not the name of a request"),
        ("action = \"forward\"\nforward = \"\"\ntext = \"loan\"", "`` is not the name of a request"),
        ("action = \"balance\"\nforward = \"loan\"\ntext = \"loan\"", "action `balance` has no use for `forward`"),
        ("action = \"balance\"\nreply = { en = \"x\" }\ntext = \"loan\"", "action `balance` has no use for `reply`"),
    ] {
        assert!(problem(form).contains(told), "{form}\n{}", problem(form));
    }
}

#[test]
fn what_only_a_top_up_has_is_refused() {
    for (keys, key) in [
        ("price = 5", "`price`"),
        ("target = \"own\"", "`target`"),
        ("service = \"tv\"", "`service`"),
        ("operators = [\"ipko\"]", "`operators`"),
        ("amount = { max = 5 }", "`amount`"),
        ("amount = { operators = { ipko = { max = 5 } } }", "`amount.operators`"),
    ] {
        let form = format!("action = \"forward\"\nforward = \"loan\"\ntext = \"loan\"\n{keys}");
        let told = format!("a form of action `forward` moves no money, and has no use for {key}");
        assert!(problem(&form).contains(&told), "{keys}\n{}", problem(&form));
    }
    for (words, key) in [("price = 5", "price"), ("service = \"tv\"", "service"), ("operator = \"ipko\"", "operator")] {
        let form = |text| {
            let table = format!("[services]\ntv = [\"tv\"]\n[fields.package]\nwords.night = {{ {words} }}");
            format!("action = \"forward\"\nforward = \"info\"\ntext = \"{text}\"\n{table}")
        };
        let told = format!("has no use for the `{key}` of the words of `{{package}}`");
        assert!(problem(&form("info {package}")).contains(&told), "{words}\n{}", problem(&form("info {package}")));
        if key == "operator" {
            assert_eq!(problem(&form("info {msisdn} {package}")), "", "it is compared with the operator of the number");
        }
    }
    let with_limits = "action = \"forward\"\nforward = \"loan\"\ntext = \"loan {amount}\"\namount = { min = 20 }";
    assert_eq!(problem(with_limits), "");
}

#[test]
fn a_reply_that_cannot_be_sent_is_refused() {
    let reply = |reply: &str| {
        problem(&format!(
            "action = \"forward\"\nforward = \"loan\"\ntext = \"loan [{{amount}}] {{pin}}\"\nreply = {reply}"
        ))
    };
    for (written, told) in [
        ("{ en = \"ok\" }", "`reply` of `loan` has no text in the language `sq`"),
        ("{ en = \"ok\", sq = \"po\", FR = \"oui\" }", "`FR` is no code of a language"),
        ("\"ok\"", "`reply` is a table"),
        ("{ en = \"{{ amount }}\", sq = \"po\" }", "`reply.en` of `loan`: there is no `amount` to show"),
        ("{ en = \"{{ pin }}\", sq = \"po\" }", "`reply.en` of `loan`: there is no `pin` to show"),
    ] {
        assert!(reply(written).contains(told), "{written}\n{}", reply(written));
    }
    let wide = |letters| reply(&format!("{{ en = \"ok\", sq = \"{}\" }}", "文".repeat(letters)));
    assert!(
        wide(71).contains("`reply.sq` of `loan`: it has 71 characters, and one SMS in UCS-2 has 70"),
        "{}",
        wide(71)
    );
    assert!(!wide(70).contains("reply"), "{}", wide(70));
    let long = format!("{{ en = \"{}{{{{ name }}}}\", sq = \"po\" }}", "x".repeat(149));
    assert!(reply(&long).contains("it has 161 characters with its longest values"), "{}", reply(&long));
}

/// The name of a value and whether the request is said to be once more.
fn remark(form: &str, text: &str) -> (Option<String>, bool) {
    let request = read(form, text);
    let remark = request.fields.iter().find(|field| field.name == "text").map(|field| field.value.to_string());
    (remark, request.repeat)
}

#[test]
fn a_remark_ends_before_the_word_that_says_once_more() {
    for text in ["{msisdn} {amount} {text}", "{msisdn} {amount}[ {text}]"] {
        let form = format!("action = \"forward\"\nforward = \"loan\"\ntext = \"loan {text}\"");
        for (written, expected, repeat) in [
            ("për Besën", "për Besën", false),
            ("për Besën prap", "për Besën", true),
            ("për Besën  PRAP! 👍", "për Besën", true),
            ("për Besën\nprap", "për Besën", true),
            ("prap për Besën", "prap për Besën", false),
            ("për prap Besën prap", "për prap Besën", true),
            ("për Besënprap", "për Besënprap", false),
        ] {
            let read = remark(&form, &format!("loan 049123456 5 {written}"));
            assert_eq!(read, (Some(expected.to_owned()), repeat), "{text}: {written}");
        }
    }
    let required = "action = \"forward\"\nforward = \"loan\"\ntext = \"loan {amount} {text}\"";
    assert_eq!(remark(required, "loan 5 prap"), (Some("prap".to_owned()), false), "a remark is not empty");
}

#[test]
fn noise_behind_a_form_with_an_optional_remark_is_no_remark() {
    let form = "action = \"forward\"\nforward = \"loan\"\ntext = \"loan {msisdn} {amount}[ {text}]\"";
    for (written, repeat) in
        [("", false), (" 👍", false), (" :)", false), (" prap", true), (" prap 👍", true), ("\n\nBesa", false)]
    {
        let read = remark(form, &format!("loan 049123456 5{written}"));
        assert_eq!(read, (None, repeat), "{written:?}");
    }
    assert_eq!(remark(form, "loan 049123456 5 👍 Besa"), (Some("👍 Besa".to_owned()), false));
}
