//! Confirmations that a form has of its own: the values of its text, and those of the top-up that was done.

use mbush::config::Config;
use mbush::domain::{Outcome, Receipt};
use mbush::processor::Answer;
use testkit::postgres::Postgres;

use crate::node::Node;

const PAYER: &str = "38349111222";
const BANK: &str = r#"
bank = "light"
name = "Light"
short_codes = ["50001"]
evidence = "assumed"
languages = ["en", "sq"]

[fields.meter]
digits = 11
account = true

[[form]]
name = "meter"
text = "pay {meter} {amount} {branch:word}"

[form.reply]
en = "{{ name }}: {{ amount }} {{ currency }} for meter {{ meter }} at {{ branch }}, balance {{ balance }}, ref. {{ receipt }}."
sq = "Njehsori {{ account }} në {{ branch }}: {{ amount }} {{ currency }}, gjithsej {{ balance }}, ref. {{ receipt }}."

[[form]]
name = "gift"
text = "gift {msisdn} {amount} {text}"

[form.reply]
en = "{{ number }} has {{ amount }}: {{ text }}"
sq = "{{ number }} ka {{ amount }}: {{ text }}"

[[form]]
name = "plus"
text = "plus {amount}"

[form.reply]
en = "{{ amount }} and {{ bonus }} of {{ bonus_name }}"
sq = "{{ amount }} dhe {{ bonus }}: {{ bonus_name }}"

[[form]]
name = "in English"
text = "english"
action = "language"
language = "en"

[[form]]
name = "in Serbian"
text = "srpski"
action = "language"
language = "sr"
"#;

/// The receipt, and the reply with stars in its place.
fn told(answer: &Answer) -> String {
    let Outcome::Applied(applied) = &answer.outcome else { panic!("{answer:?}") };
    let receipt = Receipt::of(applied.transfer).to_string();
    let reply = answer.reply.as_deref().unwrap();
    assert!(reply.contains(&receipt) || !reply.contains("ref."), "{reply}");
    reply.replace(&receipt, "*")
}

/// The configuration of a bonus on top-ups of 20.00 and more.
fn with_bonus(config: &mut Config) {
    let bonus = "[[bonus]]\nname = \"new-year\"\npercent = 10\namount_min = \"20.00\"";
    config.rules.bonuses = Config::from_toml(bonus).unwrap().rules.bonuses;
}

async fn exercise(node: &Node) {
    let send = async |key: &str, text: &str| node.text(key, PAYER, "50001", text).await.unwrap();
    let first = send("1", "pay 04123456784 5 Lipjan").await;
    assert_eq!(told(&first), "Njehsori 04123456784 ne Lipjan: 5.00 EUR, gjithsej 5.00, ref. *.");
    send("2", "gift 049111222 1 first").await;
    send("2e", "english").await;
    let second = send("3", "pay 04123456784 2.50 Lipjan").await;
    let english = "Light: 2.50 EUR for meter 04123456784 at Lipjan, balance 7.50, ref. *.";
    assert_eq!(told(&second), english);
    let again = send("1", "pay 04123456784 5 Lipjan").await;
    assert_eq!((again.replayed, &again.reply), (true, &first.reply), "the first reply, in the language of then");

    let duplicate = send("4", "pay 04123456784 2.50 Lipjan").await;
    let refused = send("5", "pay 04123456784 9999 Lipjan").await;
    for other in [duplicate, refused] {
        assert!(!matches!(other.outcome, Outcome::Applied(_)), "{other:?}");
        assert!(!other.reply.unwrap().contains("Lipjan"), "it has the standard text");
    }
    for (sum, remark) in [(6, "{{ receipt }}"), (7, "{{ amount"), (8, "}} {{ name }}"), (9, "{% raw %}{{x}}")] {
        let gift = send(&format!("gift {sum}"), &format!("gift 049123456 {sum} {remark}")).await;
        assert_eq!(told(&gift), format!("049123456 has {sum}.00: {remark}"));
    }
    let bonus = send("9b", "gift 049123456 20 party").await;
    assert_eq!(told(&bonus), "049123456 has 20.00: party");
    let named = send("9c", "plus 20").await;
    assert_eq!(told(&named), "20.00 and 2.00 of new-year");
    assert_eq!(told(&send("9d", "plus 5").await), "5.00 and 0.00 of ");
    send("10", "srpski").await;
    let serbian = told(&send("11", "pay 04123456784 1 Lipjan").await);
    assert!(
        serbian.contains('*') && !serbian.contains("Lipjan"),
        "the standard text in the customer's language: {serbian}"
    );
}

#[tokio::test]
async fn a_top_up_is_confirmed_in_the_words_of_its_form_on_sqlite() {
    exercise(&Node::start_reading(BANK, with_bonus).await).await;
}

#[tokio::test]
async fn a_top_up_is_confirmed_in_the_words_of_its_form_on_postgres() {
    let Some(server) = Postgres::start() else { return };
    let node = Node::start_reading(BANK, |config| {
        with_bonus(config);
        config.store.url = server.url.clone();
    });
    exercise(&node.await).await;
}
