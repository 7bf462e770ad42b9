//! Replies in languages that are sent in UCS-2 or with national language tables, in several parts: from the processor
//! through the dispatcher to the phone.

use mbush::config::section;
use mbush::dispatch::Dispatcher;
use mbush::links::Links;
use mbush::links::smpp::{Application, SmscLink};
use mbush::simulator::Submitted;
use mbush::smpp::pdu::Sm;
use mbush::text::templates::{Templates, longest_values};
use testkit::wait::within;
use tokio_util::sync::CancellationToken;

use crate::node::Node;
use crate::smpp_link::spoken::{SpokenSmsc, listen};
use crate::smpp_link::till::{Till, application, link, link_at, smsc};

const BENGALI: &str = "code = \"bn\"\nname = \"Bengali\"\nalphabet = \"ucs2\"\nsegments = 3\nfallback = \"en\"\n\
                       currency = \"টাকা\"\nthousands = \",\"\n[replies]\n\
                       applied_other = 'আপনার অনুরোধে {{ number }} নম্বরে {{ amount }} {{ currency }} রিচার্জ সফল হয়েছে। বর্তমান \
                       ব্যালেন্স {{ balance }} {{ currency }}, মেয়াদ {{ valid_until }} পর্যন্ত। রেফারেন্স {{ receipt }}। ধন্যবাদ!'\n";
const CYRILLIC: &str = "code = \"sr-Cyrl\"\nname = \"Serbian\"\nalphabet = \"ucs2\"\nsegments = 2\nfallback = \"en\"\n\
                        currency = \"дин.\"\ndecimal = \",\"\n[replies]\n\
                        applied_other = 'Број {{ number }} је допуњен са {{ amount }} {{ currency }}. Стање: {{ balance }} \
                        {{ currency }}, важи до {{ valid_until }}. Бр. {{ receipt }}. Хвала!'\n";

const TURKISH: &str = "code = \"tr\"\nname = \"Turkish\"\nnational = \"turkish\"\nsegments = 2\nfallback = \"en\"\n\
                       currency = \"TL\"\ndecimal = \",\"\n[replies]\n\
                       applied_other = 'Yükleme başarılı: {{ number }}, {{ amount }} {{ currency }}. Teşekkürler!";

/// The texts of a country with this language, which is the default.
fn texts(language: &str) -> Templates {
    let english = include_str!("../../../countries/xk/texts/en.toml");
    let files = [("own.toml", format!("[language]\n{language}")), ("en.toml", english.to_owned())];
    let files = files.map(|(name, text)| (name.to_owned(), text));
    Templates::load(files.into(), &[], &longest_values()).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Does a top-up of 5.00, and dispatches its reply to the link until `seen` is over.
async fn topped_up<T>(templates: Templates, link: SmscLink, seen: impl Future<Output = T>) -> T {
    let node = Node::start_worded(templates, |_| {}).await;
    let mut links = Links::default();
    links.insert("ipko", link.outbound());
    let stop = CancellationToken::new();
    let dispatcher = Dispatcher::new(node.store.clone(), links, section::Dispatch::default(), node.clock.clone());
    let dispatcher = tokio::spawn(dispatcher.run(stop.clone()));
    node.text("1", "38349111222", "50005", "049123456 5").await.unwrap();
    let seen = within("a reply", seen).await;
    stop.cancel();
    dispatcher.await.unwrap();
    link.stop().await;
    seen
}

/// The SMS that a phone gets after a top-up.
async fn told(language: &str) -> Submitted {
    let (smsc, till) = (smsc().await, Till::open());
    let mut seen = smsc.submitted();
    topped_up(texts(language), link(&smsc, &till, ""), async move { seen.recv().await.unwrap() }).await
}

/// The PDUs of the reply in Turkish, with more words at its end.
async fn submitted(words: &str, more: &str, count: usize) -> Vec<Sm> {
    let templates = texts(&format!("{TURKISH}{words}'\n"));
    let (till, (listener, address)) = (Till::open(), listen().await);
    let application = Application { national: templates.national(), ..application(&till) };
    let link = link_at(address, application, "mbush", more);
    let mut smsc = SpokenSmsc::bound(&listener).await;
    let seen = async move {
        let mut parts = Vec::new();
        for _ in 0..count {
            parts.push(smsc.submitted().await);
        }
        tokio::spawn(async move { smsc.unbound().await });
        parts
    };
    topped_up(templates, link, seen).await
}

/// The septets of a text in the default alphabet with the Turkish single shift table (3GPP TS 23.038, A.2.1).
fn septets(text: &str) -> Vec<u8> {
    let septets = text.chars().flat_map(|c| match c {
        'ş' => vec![0x1b, 0x73],
        'ı' => vec![0x1b, 0x69],
        'ü' => vec![0x7e],
        ascii => vec![u8::try_from(ascii).unwrap()],
    });
    septets.collect()
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

const TOLD: &str = "Yükleme başarılı: 049123456, 5,00 TL. Teşekkürler!";

#[tokio::test]
async fn a_reply_in_turkish_is_sent_with_the_turkish_table() {
    let parts = submitted("", "", 1).await;
    let expected = [&[0x03, 0x24, 0x01, 0x01][..], &septets(TOLD)].concat();
    assert_eq!((parts[0].esm_class, parts[0].data_coding), (0x40, 0));
    assert_eq!(parts[0].short_message.octets().to_vec(), expected);
}

#[tokio::test]
async fn a_long_reply_in_turkish_has_the_table_in_each_part() {
    let more = " Yeni kampanyalar için bizi arayın".replace('ç', "") + &" ve hattınıza sık sık yükleyin".repeat(4);
    let parts = submitted(&more, "", 2).await;
    let headers = parts.iter().map(|part| &part.short_message.octets()[..9]);
    let [first, second]: [&[u8]; 2] = headers.collect::<Vec<_>>().try_into().unwrap();
    let reference = first[3];
    assert_eq!(first, [0x08, 0x00, 0x03, reference, 2, 1, 0x24, 0x01, 0x01]);
    assert_eq!(second, [0x08, 0x00, 0x03, reference, 2, 2, 0x24, 0x01, 0x01]);
    let bodies: Vec<&[u8]> = parts.iter().map(|part| &part.short_message.octets()[9..]).collect();
    assert!(bodies.iter().all(|body| body.len() <= 149));
    assert_eq!(bodies.concat(), septets(&format!("{TOLD}{more}")));
}

#[tokio::test]
async fn an_smsc_that_passes_no_headers_gets_ucs2() {
    let parts = submitted("", "national_tables = false", 1).await;
    assert_eq!((parts[0].esm_class, parts[0].data_coding), (0, 8));
    let units: Vec<u8> = TOLD.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(parts[0].short_message.octets().to_vec(), units);
}
