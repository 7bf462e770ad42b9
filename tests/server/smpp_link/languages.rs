//! Replies in languages that are sent in UCS-2, in several parts: from the processor through the dispatcher to the phone.

use mbush::config::section;
use mbush::dispatch::Dispatcher;
use mbush::links::Links;
use mbush::simulator::Submitted;
use mbush::text::templates::{Templates, longest_values};
use testkit::wait::within;
use tokio_util::sync::CancellationToken;

use crate::node::Node;
use crate::smpp_link::till::{Till, link, smsc};

const BENGALI: &str = "code = \"bn\"\nname = \"Bengali\"\nalphabet = \"ucs2\"\nsegments = 3\nfallback = \"en\"\n\
                       currency = \"টাকা\"\nthousands = \",\"\n[replies]\n\
                       applied_other = 'আপনার অনুরোধে {{ number }} নম্বরে {{ amount }} {{ currency }} রিচার্জ সফল হয়েছে। বর্তমান \
                       ব্যালেন্স {{ balance }} {{ currency }}, মেয়াদ {{ valid_until }} পর্যন্ত। রেফারেন্স {{ receipt }}। ধন্যবাদ!'\n";
const CYRILLIC: &str = "code = \"sr-Cyrl\"\nname = \"Serbian\"\nalphabet = \"ucs2\"\nsegments = 2\nfallback = \"en\"\n\
                        currency = \"дин.\"\ndecimal = \",\"\n[replies]\n\
                        applied_other = 'Број {{ number }} је допуњен са {{ amount }} {{ currency }}. Стање: {{ balance }} \
                        {{ currency }}, важи до {{ valid_until }}. Бр. {{ receipt }}. Хвала!'\n";

/// The SMS that a phone gets after a top-up of 5.00, where this is the default language.
async fn told(language: &str) -> Submitted {
    let english = include_str!("../../../countries/xk/texts/en.toml");
    let files = [("own.toml", format!("[language]\n{language}")), ("en.toml", english.to_owned())];
    let files = files.map(|(name, text)| (name.to_owned(), text));
    let templates = Templates::load(files.into(), &[], &longest_values()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let node = Node::start_worded(templates, |_| {}).await;
    let (smsc, till) = (smsc().await, Till::open());
    let link = link(&smsc, &till, "");
    let mut links = Links::default();
    links.insert("ipko", link.outbound());
    let (stop, mut seen) = (CancellationToken::new(), smsc.submitted());
    let dispatcher = Dispatcher::new(node.store.clone(), links, section::Dispatch::default(), node.clock.clone());
    let dispatcher = tokio::spawn(dispatcher.run(stop.clone()));
    node.text("1", "38349111222", "50005", "049123456 5").await.unwrap();
    let got = within("a reply", seen.recv()).await.unwrap();
    stop.cancel();
    dispatcher.await.unwrap();
    link.stop().await;
    got
}

#[tokio::test]
async fn a_reply_in_bengali_comes_whole_and_as_it_is_written() {
    let got = told(BENGALI).await;
    let begins = "আপনার অনুরোধে 049123456 নম্বরে 5.00 টাকা রিচার্জ সফল হয়েছে। বর্তমান ব্যালেন্স 5.00 টাকা, মেয়াদ ";
    assert!(got.text.starts_with(begins) && got.text.ends_with("। ধন্যবাদ!"), "{}", got.text);
    assert_eq!(got.segments, 3);
}

#[tokio::test]
async fn a_reply_in_cyrillic_comes_whole_and_as_it_is_written() {
    let got = told(CYRILLIC).await;
    let begins = "Број 049123456 је допуњен са 5,00 дин. Стање: 5,00 дин., важи до ";
    assert!(
        got.text.starts_with(begins.replace("дин. С", "дин.. С").as_str()) && got.text.ends_with(". Хвала!"),
        "{}",
        got.text
    );
    assert_eq!(got.segments, 2);
}
