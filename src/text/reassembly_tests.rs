//! Parts in any order, repeated, late, too many, and with a reference that is used again.

use proptest::prelude::*;

use super::*;
use crate::text::data_coding::{DefaultAlphabet, decode_parts};
use crate::text::national::Tables;

const LIMITS: Limits = Limits { time_limit: Duration::from_mins(1), messages_max: 3, bytes_max: 64 * 1024 };

struct Bench {
    reassembler: Reassembler<u32>,
    sequence: u32,
}

impl Bench {
    fn new(limits: Limits) -> Self {
        Self { reassembler: Reassembler::new(limits), sequence: 0 }
    }

    fn add(
        &mut self,
        source: &str,
        place: (u16, u8, u8),
        text: &str,
        seconds: u64,
    ) -> (Outcome<u32>, Vec<Expired<u32>>) {
        let (reference, total, number) = place;
        self.sequence += 1;
        let key = Key { peer: "smsc".into(), source: source.into(), destination: "50005".into(), reference };
        let body = Coded::new(text.as_bytes(), 0, DefaultAlphabet::Gsm7Unpacked, Tables::default(), 0);
        let part = Part::new(reference, total, number).unwrap();
        self.reassembler.add(&key, part, body, self.sequence, Duration::from_secs(seconds))
    }
}

fn text(parts: Vec<Arrived<u32>>) -> String {
    decode_parts(parts.into_iter().map(|part| part.body).collect()).0
}

fn complete(outcome: (Outcome<u32>, Vec<Expired<u32>>)) -> Vec<Arrived<u32>> {
    match outcome {
        (Outcome::Complete(parts), expired) if expired.is_empty() => parts,
        other => panic!("not complete: {other:?}"),
    }
}

#[test]
fn parts_come_in_any_order_with_their_attachments() {
    let mut bench = Bench::new(LIMITS);
    assert_eq!(bench.add("a", (7, 3, 3), "C", 0).0, Outcome::Waiting { missing: 2 });
    assert_eq!(bench.add("a", (7, 3, 1), "A", 1).0, Outcome::Waiting { missing: 1 });
    let parts = complete(bench.add("a", (7, 3, 2), "B", 2));
    assert_eq!(parts.iter().map(|part| part.attachment).collect::<Vec<_>>(), [2, 3, 1]);
    assert_eq!(text(parts), "ABC");
    assert!(bench.reassembler.is_empty());
    assert_eq!(bench.reassembler.bytes(), 0);
    assert_eq!(bench.reassembler.next_deadline(), None);
}

#[test]
fn a_repeated_part_is_ignored_and_its_newer_attachment_kept() {
    let mut bench = Bench::new(LIMITS);
    bench.add("a", (7, 2, 1), "A", 0);
    let bytes = bench.reassembler.bytes();
    assert_eq!(bench.add("a", (7, 2, 1), "A", 1).0, Outcome::Repeated(1));
    assert_eq!(bench.reassembler.bytes(), bytes);
    let parts = complete(bench.add("a", (7, 2, 2), "B", 2));
    assert_eq!(parts.iter().map(|part| part.attachment).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn messages_with_the_same_reference_from_two_phones_are_two() {
    let mut bench = Bench::new(LIMITS);
    bench.add("a", (7, 2, 1), "A", 0);
    bench.add("b", (7, 2, 2), "D", 0);
    assert_eq!(text(complete(bench.add("a", (7, 2, 2), "B", 1))), "AB");
    assert_eq!(text(complete(bench.add("b", (7, 2, 1), "C", 1))), "CD");
}

#[test]
fn what_stays_incomplete_is_handed_out_with_what_came() {
    let mut bench = Bench::new(LIMITS);
    bench.add("a", (7, 3, 2), "B", 10);
    bench.add("a", (7, 3, 3), "C", 69);
    assert_eq!(bench.reassembler.next_deadline(), Some(Duration::from_secs(70)));
    assert!(bench.reassembler.expire(Duration::from_secs(69)).is_empty());
    let mut expired = bench.reassembler.expire(Duration::from_secs(70));
    let lost = expired.pop().unwrap();
    assert_eq!((lost.reason, lost.total, lost.key.source.as_str()), (ExpiryReason::TimeLimit, 3, "a"));
    assert_eq!(lost.parts.iter().map(|part| part.number).collect::<Vec<_>>(), [2, 3]);
    assert!(expired.is_empty() && bench.reassembler.is_empty());
}

#[test]
fn a_late_part_begins_anew() {
    let mut bench = Bench::new(LIMITS);
    bench.add("a", (7, 2, 1), "A", 0);
    let (outcome, expired) = bench.add("a", (7, 2, 2), "B", 60);
    assert_eq!(outcome, Outcome::Waiting { missing: 1 });
    assert_eq!(expired[0].reason, ExpiryReason::TimeLimit);
}

#[test]
fn a_reused_reference_gives_up_the_older_message() {
    let mut bench = Bench::new(LIMITS);
    bench.add("a", (7, 3, 1), "old", 0);
    let (_, expired) = bench.add("a", (7, 2, 1), "A", 1);
    assert_eq!((expired[0].reason, expired[0].total), (ExpiryReason::ReferenceReused, 3));
    let (_, expired) = bench.add("a", (7, 2, 1), "another", 2);
    assert_eq!(expired[0].reason, ExpiryReason::ReferenceReused);
    assert_eq!(text(complete(bench.add("a", (7, 2, 2), " text", 3))), "another text");
}

#[test]
fn the_oldest_makes_room_for_the_newest() {
    let mut bench = Bench::new(LIMITS);
    for (at, source) in ["a", "b", "c"].into_iter().enumerate() {
        assert!(bench.add(source, (7, 2, 1), "A", at as u64).1.is_empty());
    }
    let (outcome, expired) = bench.add("d", (7, 2, 1), "A", 3);
    assert_eq!(outcome, Outcome::Waiting { missing: 1 });
    assert_eq!((expired[0].key.source.as_str(), expired[0].reason), ("a", ExpiryReason::Memory));
    assert_eq!(bench.reassembler.len(), 3);
}

#[test]
fn memory_is_bounded_in_bytes() {
    let mut bench = Bench::new(Limits { bytes_max: 2_000, messages_max: 1_000, ..LIMITS });
    for reference in 0..100 {
        bench.add("a", (reference, 2, 1), &"x".repeat(150), 0);
        assert!(bench.reassembler.bytes() <= 2_000);
    }
    assert_eq!(bench.reassembler.len(), 4);
}

#[test]
fn a_message_of_one_part_is_complete_at_once() {
    assert_eq!(text(complete(Bench::new(LIMITS).add("a", (7, 1, 1), "10", 0))), "10");
}

proptest! {
    #[test]
    fn every_order_with_repetitions_gives_the_same_text(mut order in Just((1u8..=8).collect::<Vec<_>>()).prop_shuffle(), extra in prop::collection::vec(1u8..=8, 0..8)) {
        let last = order.pop().unwrap();
        order.extend(extra.into_iter().filter(|&number| number != last));
        let mut bench = Bench::new(LIMITS);
        for &number in &order {
            bench.add("a", (1, 8, number), &number.to_string(), 0);
        }
        let parts = complete(bench.add("a", (1, 8, last), &last.to_string(), 0));
        prop_assert_eq!(text(parts), "12345678");
    }

    #[test]
    fn accounting_never_drifts(steps in prop::collection::vec((0u16..4, 1u8..4, 1u8..4, "[a-z]{0,3}", 0u64..30), 0..120)) {
        let mut bench = Bench::new(Limits { bytes_max: 1_500, ..LIMITS });
        let mut now = 0;
        for (reference, total, number, text, later) in steps {
            now += later;
            if number <= total {
                bench.add("a", (reference, total, number), &text, now);
            }
            prop_assert!(bench.reassembler.len() <= 3 && bench.reassembler.bytes() <= 1_500);
        }
        bench.reassembler.expire(Duration::from_secs(now + 60));
        prop_assert!(bench.reassembler.is_empty());
        prop_assert_eq!(bench.reassembler.bytes(), 0);
    }
}
