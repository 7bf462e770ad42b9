//! Requests that are handed on, by the whole program: an SMS, the post to the bank's system, the answer to the customer,
//! and what staff do.

mod world;

use rstest::rstest;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use world::{World, is_signed};

const LOAN: &str = "action = \"forward\"\nforward = \"loan\"\ntext = \"loan {amount}\"\n\
    reply = { en = \"{{ name }}: a loan of {{ amount }} EUR is looked at.\", sq = \"Kredia {{ amount }}\" }";
const REGISTER: &str = "action = \"forward\"\nforward = \"register\"\ntext = \"register {code} {text}\"\n\
    [fields.code]\ndigits = 8\nsecret = true";

fn ok(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "text": text }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_is_posted_until_it_is_taken_and_its_words_are_sent_once() {
    let answers = vec![ResponseTemplate::new(500), ok("Kredia u pranua: 20.00 EUR më 5.12.")];
    let world = World::start(LOAN, "answer = \"webhook\"", answers).await;
    let answer = world.sms("1", "loan 20").await;
    assert_eq!((&answer["outcome"], &answer["reply"]), (&json!("informed"), &Value::Null));
    assert_eq!(world.replies(1).await, ["Kredia u pranua: 20.00 EUR me 5.12."]);

    let posts = world.posts(2).await;
    let body: Value = posts[1].body_json().unwrap();
    let id = body["id"].as_str().unwrap();
    let fields = json!([{ "name": "amount", "type": "amount", "value": 2_000 }]);
    let expected = json!({
        "id": id, "name": "loan", "bank": "seventh", "form": "asked", "key": "bank:1", "number": "+38349111222",
        "language": "en", "currency": "EUR", "fields": fields, "received_at": body["received_at"],
    });
    assert_eq!(body, expected);
    for post in &posts {
        assert_eq!(post.headers["Idempotency-Key"], id);
        assert!(is_signed(post, "loan-secret"), "{:?}", post.headers);
        assert!(!is_signed(post, "another"));
    }
    let shown = world.object(&["forward", "show", id]);
    assert_eq!((&shown["state"], &shown["attempts"]), (&json!("done"), &json!(2)));

    let again = world.sms("2", "Loan 20.00").await;
    assert_eq!(again["outcome"], "duplicate");
    let told = again["reply"].as_str().unwrap();
    assert!(told.starts_with("This request was already received on "), "{told}");
    assert_eq!(world.sms("1", "loan 20").await["outcome"], "informed", "the same message gets its first answer");
    assert_eq!(world.sms("3", "loan 20 again").await["outcome"], "informed");
    assert_eq!(world.posts(3).await.len(), 3);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_is_not_taken_is_staffs_who_have_it_tried_again() {
    let refused = ResponseTemplate::new(422).set_body_string("no contract");
    let world = World::start(LOAN, "", vec![refused]).await;
    let answer = world.sms("1", "loan 20").await;
    assert_eq!(answer["reply"], "Seventh Bank: a loan of 20.00 EUR is looked at.");
    let failed = world.listed("failed").await;
    assert_eq!(failed["answer"], "422 Unprocessable Entity: no contract");
    let id = failed["id"].as_str().unwrap();
    let printed = world.told(&["forward", "show", id]);
    for told in
        ["loan of 38349111222 > 50777", "value     amount: 20.00", "answer    422 Unprocessable Entity: no contract"]
    {
        assert!(printed.contains(told), "{told}\n{printed}");
    }
    world.told(&["forward", "retry", id, "--by", "arta"]);
    let done = world.listed("done").await;
    assert_eq!((&done["id"], &done["by"]), (&failed["id"], &json!("arta")));
    let refused = world.refused(&["forward", "settle", id, "--by", "arta", "--note", "x", "--yes"]);
    assert!(refused.contains("it is done already"), "{refused}");
    assert_eq!(world.replies(1).await, ["Seventh Bank: a loan of 20.00 EUR is looked at."], "the only SMS");
    world.stop().await;
}

#[rstest]
#[case::too_long(ok(&"x".repeat(161)))]
#[case::empty(ok(""))]
#[case::not_json(ResponseTemplate::new(200).set_body_string("fine"))]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn words_that_cannot_be_sent_are_replaced_by_the_forms_reply(#[case] answer: ResponseTemplate) {
    let world = World::start(LOAN, "answer = \"webhook\"", vec![answer]).await;
    world.sms("1", "loan 20").await;
    assert_eq!(world.replies(1).await, ["Seventh Bank: a loan of 20.00 EUR is looked at."]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_system_that_does_not_answer_in_time_is_posted_to_again() {
    let slow = ok("late").set_delay(std::time::Duration::from_secs(5));
    let world = World::start(LOAN, "answer = \"webhook\"\ntimeout_seconds = 1", vec![slow, ok("in time")]).await;
    world.sms("1", "loan 20").await;
    assert_eq!(world.replies(1).await, ["in time"]);
    let posts = world.posts(2).await;
    assert_eq!(posts[0].headers["Idempotency-Key"], posts[1].headers["Idempotency-Key"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_system_staff_do_it_and_no_secret_is_kept() {
    let world = World::start(REGISTER, "", Vec::new()).await;
    let answer = world.sms("1", "register 47114811 Besa Krasniqi").await;
    assert_eq!(answer["outcome"], "informed");
    let waiting = world.listed("waiting").await;
    let fields = json!([
        { "name": "code", "type": "secret", "value": "****" }, { "name": "text", "type": "text", "value": "Besa Krasniqi" },
    ]);
    assert_eq!((&waiting["name"], &waiting["fields"]), (&json!("register"), &fields));
    let id = waiting["id"].as_str().unwrap();
    let refused = world.refused(&["forward", "retry", id, "--by", "arta"]);
    assert!(refused.contains("there is no [forward.register] with a `url`"), "{refused}");
    assert_eq!(
        world.sms("2", "register 47114812 Besa Krasniqi").await["outcome"],
        "informed",
        "another secret is another request"
    );
    let again = world.sms("4", "REGISTER  47114811 Besa Krasniqi").await;
    assert_eq!(again["outcome"], "duplicate", "another spelling is the same request: {again}");
    assert_eq!(world.sms("3", "register 47114811").await["outcome"], "quarantined");
    let by_hand = ["forward", "settle", id, "--by", "arta", "--note", "done at the desk", "--text", "Welcome, Besa!"];
    let dry = world.told(&[&by_hand[..], &["--dry-run"]].concat());
    assert!(dry.contains("customer  reads: Welcome, Besa!"), "{dry}");
    world.told(&[&by_hand[..], &["--yes"]].concat());
    let standard = "We received your request. We will answer you by SMS.";
    let replies = world.replies(5).await;
    assert_eq!(replies.iter().filter(|reply| *reply == standard).count(), 2, "{replies:?}");
    assert!(replies.iter().any(|reply| reply == "Welcome, Besa!"), "{replies:?}");
    assert!(replies.iter().all(|reply| !reply.contains("47114811")), "{replies:?}");
    let settled = world.object(&["forward", "show", id]);
    let signed = (&settled["state"], &settled["by"], &settled["note"]);
    assert_eq!(signed, (&json!("settled"), &json!("arta"), &json!("done at the desk")));
    let metrics = world.metrics().await;
    assert!(metrics.contains("mbush_forwards{name=\"register\",state=\"waiting\"} 1"), "{metrics}");
    assert!(metrics.contains("mbush_forward_oldest_seconds{name=\"register\"}"), "{metrics}");
    assert!(!world.database().contains("47114811"), "a secret is in the database");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_a_phone_asks_by_a_customers_form() {
    let world = World::start(LOAN, "", Vec::new()).await;
    let answer = world.sms_from("1", "SHOP", "loan 20").await;
    assert_eq!((&answer["outcome"], &answer["reason"]), (&json!("refused"), &json!("sender_not_phone")));
    assert_eq!(world.object_lines(&["forward", "list"]), Vec::<Value>::new());
    world.stop().await;
}
