//! The measured cases. Their inputs are constants, so that a count changes only with the code and the grammars.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, TimeDelta, Utc};
use mbush::domain::limits::{Allowance, Limits, Period, Usage, UsageLimits, Velocity};
use mbush::domain::products::Products;
use mbush::domain::validity::{Extend, Validity};
use mbush::domain::voucher::{GuessRates, Ladder};
use mbush::domain::{
    Account, AccountKey, Amount, Channel, Command, CourtesyRules, CreditTransferRules, DealerRules, Decision,
    LinkRules, LoadedRows, NumberingPlan, Payer, RechargeCommand, Redelivery, Routes, Rules, Target, UnknownSubscriber,
    decide,
};
use mbush::grammar::{GrammarSet, Incoming, Reading};
use mbush::smpp::address::Address;
use mbush::smpp::message::ESM_CLASS_UDHI;
use mbush::smpp::pdu::{Body, ShortMessage, Sm};
use mbush::smpp::{Frame, Message, Pdu, decode_delivered, encode};
use mbush::text::data_coding::{self, DefaultAlphabet};
use mbush::text::national::Tables;
use mbush::text::segments::segments;
use mbush::text::templates::{Templates, Values};
use uuid::Uuid;

const SENDER: &str = "38349111222";
const TARGET: &str = "38349123456";

/// The grammars of `grammars/`.
const GRAMMARS: [(&str, &str); 9] = [
    ("ekonomike.toml", include_str!("../../../grammars/ekonomike.toml")),
    ("procredit.toml", include_str!("../../../grammars/procredit.toml")),
    ("bpb.toml", include_str!("../../../grammars/bpb.toml")),
    ("nlb.toml", include_str!("../../../grammars/nlb.toml")),
    ("raiffeisen.toml", include_str!("../../../grammars/raiffeisen.toml")),
    ("teb.toml", include_str!("../../../grammars/teb.toml")),
    ("operator.toml", include_str!("../../../grammars/operator.toml")),
    ("transfer.toml", include_str!("../../../grammars/transfer.toml")),
    ("dealers.toml", include_str!("../../../grammars/dealers.toml")),
];

/// Texts from `fixtures/` that are read, by bank and short code.
const READ: [(&str, &str, &[&str]); 9] = [
    (
        "read ekonomike",
        "50005",
        &["10", "5 eur", "049123456 5", "+383 (0)49 123456 5", "фикс 038712345 20", "duo tv arben"],
    ),
    (
        "read procredit",
        "50333",
        &["0491234565", "0491234565 prap", "038/712-345 5 euro", "+383 38 712 345 5€", "٠٤٩١٢٣٤٥٦٥"],
    ),
    (
        "read bpb",
        "50606",
        &["mbush 5", "Допуна 10", "mbush 049123456 5", "dopuna +383 49 123-456 5 evra", "mbush tv arben"],
    ),
    (
        "read nlb",
        "50707",
        &["5", "10!", "5 049123456", "5 za +383 49 123456", "5,50 per 038 712 345", "arben internet"],
    ),
    (
        "read raiffeisen",
        "50808",
        &["rb 5 1234", "rb*049123456*5*1234#", "rb +383 49 123456 20 9999", "rb duo tv Arben_1 1234"],
    ),
    (
        "read teb",
        "50909",
        &["5 ref A81723", "049 123 456 5 ref A81723", "Dërgo 5 në 049 123 456", "send 5 euro to +38349123456"],
    ),
    ("read operator", "123", &["7401582000319520", "7401582000319520 049 123 456", "ndihme"]),
    ("read transfer", "121", &["049123456 5 1234", "049/123-456 5 eur 0000", "049123456 5 1234 prap"]),
    ("read dealers", "124", &["049123456 5 1234", "stok 049123456 100 1234", "vrati 049123456 5 1234"]),
];

/// Texts from `fixtures/` that are refused, by short code.
const REFUSED: [(&str, &str); 8] = [
    ("50005", "Your OTP is 4821, valid for 5 minutes"),
    ("50005", "a mundesh me më thirr"),
    ("50005", "5 049123456"),
    ("50333", "03871234 5"),
    ("50606", "mbush 5 USD"),
    ("50707", "5 048123456"),
    ("50808", "rb 049123456 5"),
    ("50909", "5 ref A81723 x"),
];

/// One measured case.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Number of messages that one call of `work` processes.
    pub(crate) messages: u64,
    pub(crate) work: Box<dyn FnMut()>,
}

impl Case {
    fn new(name: &'static str, messages: usize, work: impl FnMut() + 'static) -> Self {
        Self { name, messages: u64::try_from(messages).expect("a few"), work: Box::new(work) }
    }
}

/// All cases, in the order of the path of a message.
pub(crate) fn all() -> Vec<Case> {
    let plan = Arc::new(NumberingPlan::kosovo().expect("the plan that is built in"));
    let grammars = Arc::new(grammars(&plan));
    let mut cases = vec![decoding()];
    cases.extend(READ.map(|(name, to, texts)| reading(grammars.clone(), name, to, texts)));
    cases.push(refusing(grammars.clone()));
    cases.push(deciding("decide", &grammars, &Usage::default(), |decision| matches!(decision, Decision::Post(_))));
    let spent = Usage { amount_minor: 9_900, count: 4, recent: Vec::new() };
    cases.push(deciding("decide, over a limit", &grammars, &spent, |decision| matches!(decision, Decision::Refuse(_))));
    cases.push(replying("reply, one segment", "applied_own", applied(("number", "049111222")), 1));
    cases.push(replying(
        "reply, two segments",
        "applied_product_wide",
        applied(("username", "шифра1-корисника-из-приштине-000")),
        2,
    ));
    cases
}

fn grammars(plan: &Arc<NumberingPlan>) -> GrammarSet {
    GrammarSet::load(GRAMMARS, plan.clone()).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
}

fn incoming<'t>(to: &'t str, text: &'t str) -> Incoming<'t> {
    Incoming { from: SENDER, to, text, link: None }
}

/// Octets of a `deliver_sm`, up to the text that a grammar reads.
fn decoding() -> Case {
    let sm = Sm {
        source: Address::new(1, 1, SENDER).expect("it fits"),
        destination: Address::new(0, 1, "50005").expect("it fits"),
        short_message: ShortMessage::new(Bytes::from_static(b"049123456 5")).expect("it fits"),
        ..Sm::default()
    };
    let mut octets = BytesMut::new();
    encode(&Pdu::request(7, Body::DeliverSm(sm)), &mut octets).expect("it fits");
    let frame = Frame::new(octets.freeze()).expect("it has a header");
    Case::new("decode deliver_sm", 1, move || {
        let pdu = decode_delivered(black_box(&frame)).expect("it is well formed");
        let message = Message::of(&pdu.body).expect("it has a message");
        let alphabet = DefaultAlphabet::Gsm7Unpacked;
        let text = data_coding::decode(&message.octets, message.data_coding, alphabet, Tables::default());
        assert_eq!(black_box(text).as_deref(), Ok("049123456 5"));
    })
}

fn reading(grammars: Arc<GrammarSet>, name: &'static str, to: &'static str, texts: &'static [&'static str]) -> Case {
    Case::new(name, texts.len(), move || {
        for &text in texts {
            let reading = grammars.read(black_box(&incoming(to, text)));
            assert!(black_box(&reading).is_ok(), "{name}: {text} is not read");
        }
    })
}

/// Reading with the diagnosis, from which the customer's answer is made.
fn refusing(grammars: Arc<GrammarSet>) -> Case {
    Case::new("refuse a text", REFUSED.len(), move || {
        for (to, text) in REFUSED {
            let reading = grammars.read(black_box(&incoming(to, text)));
            assert!(black_box(&reading).is_err(), "{text} is read");
        }
    })
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_420) + TimeDelta::hours(9)
}

fn euros(euros: u32) -> Amount {
    Amount::whole(euros).expect("an amount")
}

/// The published tiers, and a limit of each kind for payers and for accounts.
fn rules() -> Rules {
    let usage = || UsageLimits {
        day: Allowance { amount_max: Some(euros(100)), count_max: Some(10) },
        month: Allowance { amount_max: Some(euros(500)), count_max: Some(50) },
        velocity: vec![Velocity { count_max: 3, minutes: 10 }],
    };
    let credit_transfer = CreditTransferRules {
        enabled: false,
        amount_min: euros(1),
        amount_max: euros(20),
        fee: None,
        balance_min_minor: 0,
        remaining_min_minor: 0,
        days: 0,
        confirm_minutes: None,
        limits: UsageLimits::default(),
    };
    Rules {
        validity: Validity::new(Validity::published_tiers(), Extend::Max, 14).expect("valid tiers"),
        unknown_subscriber: UnknownSubscriber::Refuse,
        language: None,
        amount_min: euros(1),
        amount_max: euros(50),
        limits: Limits { payer: usage(), target: usage(), ..Limits::default() },
        products: Products::default(),
        bonuses: Vec::new(),
        credit_transfer,
        dealers: DealerRules::default(),
        redelivery: Redelivery::default(),
        ladder: Ladder::default(),
        code_rates: GuessRates::default(),
        pin_rates: GuessRates::default(),
        routes: Routes::default(),
        links: LinkRules::default(),
        courtesies: CourtesyRules::default(),
        answered_later: std::collections::BTreeSet::new(),
        banks: BTreeMap::new(),
        accounts: BTreeMap::new(),
    }
}

/// A top-up of an existing account by another phone, whose limits on a day were used as given: the rows that it needs,
/// and the decision.
fn deciding(name: &'static str, grammars: &GrammarSet, used: &Usage, expected: fn(&Decision) -> bool) -> Case {
    let Ok(Reading::Recharge(request)) = grammars.read(&incoming("50005", "049123456 5")) else {
        panic!("the text is a top-up");
    };
    let Target::Line(line) = &request.target else { panic!("the target is a number") };
    let key = AccountKey::subscriber(line.msisdn);
    assert_eq!(key, AccountKey::subscriber(TARGET.parse().expect("a number")));
    let valid_until = Some(now() + TimeDelta::days(20));
    let account = Account { balance_minor: 1_250, valid_until, ..Account::open(key.clone(), now()) };
    let command = Command::Recharge(RechargeCommand {
        id: Uuid::from_u128(0x0199_a000_7000_8000_0000_0000_0000_0007),
        request,
        payer: Payer::Phone(SENDER.parse().expect("a number")),
        channel: Channel::Sms,
        received_at: now(),
        redelivery_doubt_since: None,
    });
    let rules = rules();
    let mut rows = LoadedRows::default();
    rows.accounts.insert(key, account);
    for usage in command.needs(&rules, &rows.enrolments, &rows.orders, now()).usage {
        let is_day_of_payer = usage.subject.starts_with("payer") && matches!(usage.period, Period::Day(_));
        let used = if is_day_of_payer { used.clone() } else { Usage::default() };
        rows.usage.insert(usage, used);
    }
    Case::new(name, 1, move || {
        let mut needs = command.needs(&rules, &rows.enrolments, &rows.orders, now());
        needs.put_in_order();
        black_box(needs);
        let decision = decide(black_box(&rows), &command, &rules, now());
        assert!(expected(black_box(&decision)), "{name}: {decision:?}");
    })
}

/// The values of a confirmation, as the processor gives them; `beneficiary` is a number or a user name.
fn applied(beneficiary: (&'static str, &str)) -> Values {
    let values = [
        ("amount", "5.00"),
        ("balance", "17.50"),
        ("valid_until", "27.01.2026"),
        ("receipt", "1M0CK3QYAT"),
        ("commission", "0.00"),
        ("fee", "0.00"),
        ("bonus", "0.00"),
        ("bonus_name", ""),
        ("service", "DuoTV"),
        beneficiary,
    ];
    values.map(|(name, value)| (name, value.to_owned())).into()
}

/// An Albanian reply, from its template to the octets of each `submit_sm`.
fn replying(name: &'static str, template: &'static str, values: Values, parts: usize) -> Case {
    let templates = Templates::builtin().expect("the replies that are built in");
    let language = templates.choose([]);
    let mut octets = BytesMut::with_capacity(1024);
    let national = templates.national();
    Case::new(name, 1, move || {
        octets.clear();
        let text = templates.words(language, template, black_box(&values)).expect("it can be rendered");
        let segments = segments(&text, DefaultAlphabet::Gsm7Unpacked, 7, &national).expect("it is short");
        assert_eq!(segments.len(), parts, "{name}: {text}");
        for (sequence, segment) in (8..).zip(segments) {
            let sm = Sm {
                source: Address::new(0, 1, "50005").expect("it fits"),
                destination: Address::new(1, 1, SENDER).expect("it fits"),
                esm_class: if segment.has_header { ESM_CLASS_UDHI } else { 0 },
                data_coding: segment.data_coding,
                short_message: ShortMessage::new(segment.octets.into()).expect("it fits"),
                ..Sm::default()
            };
            encode(&Pdu::request(sequence, Body::SubmitSm(sm)), &mut octets).expect("it fits");
        }
        black_box(&octets);
    })
}
