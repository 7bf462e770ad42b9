//! Reading a message: microseconds per bank, and the ratio to a hand-written reader of the same forms on `regex`.
//!
//! The hand-written one is what one would write without a grammar: a `RegexSet` of all forms of the short code, the
//! captures of the one that matched, the digits stripped of their grouping, the number looked up in the same plan. It
//! does less: no folding beyond ASCII case, no accents, no limits or operators, no check that only one form matched.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use mbush::domain::NumberingPlan;
use mbush::grammar::{GrammarSet, Incoming};
use regex::{Regex, RegexSet};

const SENDER: &str = "38349111222";

/// Long enough for calls of a microsecond.
const SHORT: Duration = Duration::from_secs(1);

/// What customers write, by short code.
const TEXTS: [(&str, &str, &[&str]); 6] = [
    ("ekonomike", "50005", &["10", "049123456 5", "044 123 456 20", "fix 038712345 20", "tv arben1", "duotv arben1"]),
    ("procredit", "50333", &["049123456 5", "0491234565", "+383 49 123 456 5", "038712345 5", "tv", "arben1 duotv"]),
    ("bpb", "50606", &["mbush 5", "mbush 049123456 5", "mbush 044 123 456 10", "mbush fix 038712345 5"]),
    ("nlb", "50707", &["5", "5 049123456", "5 044 123 456", "5 038712345", "arben1 internet"]),
    ("raiffeisen", "50808", &["rb 5 1234", "rb 049123456 5 1234", "rb*049123456*10*1234#", "rb duotv arben1 1234"]),
    ("teb", "50909", &["5", "049123456 5", "049123456 5 ref A81723", "dergo 5 ne 049123456", "telefon 038712345 5"]),
];

const NUMBER: &str = r"(?P<number>\+?[0-9][0-9 /()-]{6,18}[0-9])";
const AMOUNT: &str = r"(?:€|eur|e)?\s?(?P<amount>[0-9]{1,5}(?:[.,][0-9]{1,2})?)\s*(?:€|eur|euro|evra|e)?";
const NAME: &str = r"(?P<name>[\w.@-]{2,32})";
const END: &str = r"(?:\s+(?P<repeat>prap|opet|again))?[\s.!?)]*$";

/// The same forms, written down as patterns.
fn patterns(bank: &str) -> Vec<String> {
    let forms: &[&str] = match bank {
        "ekonomike" => &[
            "AMOUNT",
            "NUMBER AMOUNT",
            "fi(?:x|ks) NUMBER AMOUNT",
            "int NAME",
            r"tv NAME",
            r"duo\s?tv NAME",
            r"duo\s?fix NAME",
        ],
        "procredit" => &["NUMBER AMOUNT", "(?P<number>0[0-9]{8})AMOUNT", "tv", "internet", "duotv", "NAME duotv"],
        "bpb" => &[
            "(?:mbush|dopuna|topup) AMOUNT",
            "(?:mbush|dopuna|topup) NUMBER AMOUNT",
            "(?:mbush|dopuna|topup) fi(?:x|ks) NUMBER AMOUNT",
            "(?:mbush|dopuna|topup) tv NAME",
        ],
        "nlb" => {
            &["AMOUNT", "AMOUNT (?:(?:per|za|for) )?NUMBER", "NAME (?:internet|net)", "shqip", "srpski", "english"]
        }
        "raiffeisen" => &[
            r"rb[ *]AMOUNT[ *][0-9]{4}\s?#?",
            r"rb[ *]NUMBER[ *]AMOUNT[ *][0-9]{4}\s?#?",
            r"rb[ *]fix[ *]NUMBER[ *]AMOUNT[ *][0-9]{4}\s?#?",
            r"rb[ *]duo\s?tv[ *]NAME[ *][0-9]{4}\s?#?",
        ],
        _ => &[
            "AMOUNT(?: ref (?P<ref>[a-z0-9_-]{4,12}))?",
            "NUMBER AMOUNT(?: ref (?P<ref>[a-z0-9_-]{4,12}))?",
            "(?:dergo|posalji|send) AMOUNT (?:ne|na|to) NUMBER",
            "telefon NUMBER AMOUNT",
            "paguaj (?:internet|tv|duotv) NAME",
        ],
    };
    let spaced = |form: &&str| {
        let form = form.replace(' ', r"\s+").replace("NUMBER", NUMBER).replace("AMOUNT", AMOUNT).replace("NAME", NAME);
        format!("(?i)^{form}{END}")
    };
    forms.iter().map(spaced).collect()
}

/// One short code by hand.
struct ByHand {
    any: RegexSet,
    each: Vec<Regex>,
}

impl ByHand {
    fn new(bank: &str) -> Self {
        let patterns = patterns(bank);
        let each = patterns.iter().map(|pattern| Regex::new(pattern).expect("a pattern of this bench")).collect();
        Self { any: RegexSet::new(&patterns).expect("patterns of this bench"), each }
    }

    fn read(&self, text: &str, plan: &NumberingPlan) -> Option<(String, i64)> {
        let text = text.trim().to_lowercase();
        for index in self.any.matches(&text) {
            let captures = self.each.get(index)?.captures(&text)?;
            let target = match (captures.name("number"), captures.name("name")) {
                (Some(number), _) => {
                    let digits: String = number.as_str().chars().filter(char::is_ascii_digit).collect();
                    match plan.read(&digits, number.as_str().starts_with('+')) {
                        Ok(line) => line.msisdn.digits(),
                        Err(_) => continue,
                    }
                }
                (None, Some(name)) => name.as_str().to_owned(),
                (None, None) => SENDER.to_owned(),
            };
            let minor = match captures.name("amount") {
                Some(amount) => minor(amount.as_str())?,
                None => 0,
            };
            return Some((target, minor));
        }
        None
    }
}

/// Minor units of `5`, `5,5` or `5.50`.
fn minor(written: &str) -> Option<i64> {
    let (whole, fraction) = written.split_once([',', '.']).unwrap_or((written, "0"));
    let tens = if fraction.len() == 1 { 10 } else { 1 };
    Some(whole.parse::<i64>().ok()? * 100 + fraction.parse::<i64>().ok()? * tens)
}

fn grammars(plan: &Arc<NumberingPlan>) -> GrammarSet {
    let files = TEXTS.map(|(bank, ..)| {
        let path = format!("grammars/{bank}.toml");
        let text = std::fs::read_to_string(&path).expect("run from the crate's root");
        (path, text)
    });
    GrammarSet::load(files, plan.clone()).expect("the shipped grammars")
}

fn message<'t>(to: &'t str, text: &'t str) -> Incoming<'t> {
    Incoming { from: SENDER, to, text, link: None }
}

/// Median of many short runs, in nanoseconds a call.
fn median_ns(mut call: impl FnMut()) -> f64 {
    let mut runs: Vec<Duration> = (0..201)
        .map(|_| {
            let start = Instant::now();
            (0..200).for_each(|_| call());
            start.elapsed()
        })
        .collect();
    runs.sort();
    runs[runs.len() / 2].as_secs_f64() * 1e9 / 200.0
}

/// Sixty forms of one short code, half of them told apart by their first word and half by their last.
fn sixty_forms(plan: &Arc<NumberingPlan>) -> GrammarSet {
    let mut file = "bank = \"many\"\nname = \"Many\"\nshort_codes = [\"50001\"]\nevidence = \"assumed\"\n".to_owned();
    for first in ["a", "b", "c", "d", "f"] {
        for second in ["k", "l", "m", "n", "o", "p"] {
            let word = format!("{first}{second}{first}");
            for (place, text) in
                [("first", format!("{word} {{msisdn}} {{amount}}")), ("last", format!("{{msisdn}} {{amount}} {word}"))]
            {
                file.extend(["[[form]]\nname = \"", &word, " ", place, "\"\ntext = \"", &text, "\"\n"]);
            }
        }
    }
    GrammarSet::load([("many.toml", file)], plan.clone()).expect("sixty forms that differ")
}

fn compare(plan: &Arc<NumberingPlan>, set: &GrammarSet) {
    println!("{:<12} {:>10} {:>10} {:>8}", "bank", "grammar", "by hand", "ratio");
    for (bank, to, texts) in TEXTS {
        let by_hand = ByHand::new(bank);
        let (mut ours, mut theirs) = (0.0, 0.0);
        for text in texts {
            assert!(set.read(&message(to, text)).is_ok(), "{bank}: {text}");
            assert!(by_hand.read(text, plan).is_some(), "{bank} by hand: {text}");
            ours += median_ns(|| drop(black_box(set.read(&message(to, black_box(text))))));
            theirs += median_ns(|| drop(black_box(by_hand.read(black_box(text), plan))));
        }
        let count = f64::from(u32::try_from(texts.len()).expect("a handful"));
        let (ours, theirs) = (ours / count / 1e3, theirs / count / 1e3);
        println!("{bank:<12} {ours:>7.2} us {theirs:>7.2} us {:>7.2}x", ours / theirs);
    }
    let many = sixty_forms(plan);
    for text in ["fpf 049123456 5", "049123456 5 fpf"] {
        assert!(many.read(&message("50001", text)).is_ok(), "{text}");
        let ns = median_ns(|| drop(black_box(many.read(&message("50001", black_box(text))))));
        println!("60 forms     {:>7.2} us   {text}", ns / 1e3);
    }
    let files: HashMap<String, String> = (0..100)
        .map(|number| {
            let text = std::fs::read_to_string("grammars/teb.toml").expect("run from the crate's root");
            let text = text.replace("\"teb\"", &format!("\"teb{number}\"")).replace("50909", &format!("6{number:04}"));
            (format!("{number}.toml"), text)
        })
        .collect();
    let start = Instant::now();
    GrammarSet::load(&files, plan.clone()).expect("a hundred banks");
    println!("100 grammars {:>7.0} ms   loaded and proven disjoint", start.elapsed().as_secs_f64() * 1e3);
}

fn main() {
    let plan = Arc::new(NumberingPlan::kosovo().expect("the built-in plan"));
    let set = grammars(&plan);
    compare(&plan, &set);
    let mut criterion =
        Criterion::default().configure_from_args().sample_size(30).warm_up_time(SHORT).measurement_time(SHORT);
    let mut group = criterion.benchmark_group("read");
    for (bank, to, texts) in TEXTS {
        group.bench_function(bank, |bencher| {
            let mut texts = texts.iter().cycle();
            bencher.iter(|| texts.next().map(|text| set.read(&message(to, black_box(text)))));
        });
    }
    group.finish();
    criterion.final_summary();
}
