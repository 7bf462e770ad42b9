//! Tests of the assignment of parts to messages.

use chrono::DateTime;

use super::*;
use crate::domain::ReportWanted;
use crate::text::data_coding::DefaultAlphabet;
use crate::text::udh;

fn part(number: u8, total: u8, text: &str) -> InboundPart {
    InboundPart {
        link: "ipko".into(),
        from: "38349111222".into(),
        from_type: None,
        to: "50005".into(),
        place: udh::Part::new(7, total, number).unwrap(),
        key: format!("ipko:{number}{text}"),
        key_is_given: false,
        octets: text.as_bytes().to_vec(),
        has_header: false,
        data_coding: 0,
        alphabet: DefaultAlphabet::default(),
        report: ReportWanted::default(),
        received_at: DateTime::UNIX_EPOCH,
        redelivery_doubt_since: None,
    }
}

fn kept_as(key: &str) -> Placed {
    Placed::Kept(key.to_owned())
}

/// The rows that the next batch finds.
fn next(places: Places, state: PartState) -> Places {
    Places::new(places.kept.into_iter().map(|part| (part, state)).collect(), places.held)
}

/// A completed text of two parts.
fn done(first: &str, last: &str) -> Vec<(Part, PartState)> {
    let mut places = Places::default();
    places.place(&part(1, 2, first));
    places.place(&part(2, 2, last));
    places.kept.into_iter().map(|part| (part, PartState::Done)).collect()
}

/// The stored rows after a batch with these parts; the stored rows before it are the first argument.
fn after(kept: Vec<(Part, PartState)>, parts: &[InboundPart]) -> (Places, Vec<(Part, PartState)>) {
    let mut places = Places::new(kept.clone(), HashMap::new());
    for part in parts {
        places.place(part);
    }
    let is_withdrawn = |part: &Part| places.withdrawn.contains(&(part.whole.clone(), part.number));
    let mut kept: Vec<_> = kept.into_iter().filter(|(part, _)| !is_withdrawn(part)).collect();
    kept.extend(places.kept.iter().map(|part| (part.clone(), PartState::Waiting)));
    kept.sort_by_key(|(part, _)| (part.whole.generation, part.number));
    (places, kept)
}

fn texts(wholes: &[Vec<Part>]) -> Vec<String> {
    let text =
        |parts: &Vec<Part>| parts.iter().map(|part| String::from_utf8_lossy(&part.octets).into_owned()).collect();
    wholes.iter().map(text).collect()
}

/// The next step of the newest message, so many seconds after its parts arrived.
fn fate_after(kept: &[(Part, PartState)], seconds: i64) -> Fate {
    let newest = kept.last().unwrap().0.whole.clone();
    fate(kept.to_vec(), &newest, DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds))
}

#[test]
fn parts_in_any_order_are_one_message_under_the_key_of_the_first_that_came() {
    let mut places = Places::default();
    assert_eq!(places.place(&part(3, 3, "c")), kept_as("ipko:3c"));
    assert_eq!(places.place(&part(1, 3, "a")), kept_as("ipko:3c"));
    assert_eq!(places.place(&part(1, 3, "a")), kept_as("ipko:3c"), "it came again");
    assert!(places.wholes().is_empty());
    let mut places = next(places, PartState::Waiting);
    assert_eq!(places.place(&part(2, 3, "b")), kept_as("ipko:3c"));
    let wholes = places.wholes();
    let numbers: Vec<u8> = wholes[0].iter().map(|part| part.number).collect();
    assert_eq!((wholes.len(), numbers.as_slice()), (1, [1, 2, 3].as_slice()));
    assert_eq!((places.kept.len(), places.given_up.len()), (1, 0));
}

#[test]
fn a_given_key_stays_the_parts_own() {
    let given = |number, text| InboundPart { key_is_given: true, ..part(number, 2, text) };
    let mut places = Places::default();
    assert_eq!(places.place(&given(2, "b")), kept_as("ipko:2b"));
    assert_eq!(places.place(&given(1, "a")), kept_as("ipko:1a"));
}

#[test]
fn a_reference_that_is_used_again_begins_another_message() {
    for other in [part(1, 2, "x"), part(2, 3, "b")] {
        let mut places = Places::default();
        places.place(&part(1, 2, "a"));
        let mut places = next(places, PartState::Waiting);
        places.place(&other);
        assert_eq!(places.given_up.iter().map(|whole| whole.generation).collect::<Vec<_>>(), [0]);
        assert_eq!(places.kept[0].whole.generation, 1);
    }
}

#[test]
fn what_comes_again_after_the_whole_is_known_and_leads_to_nothing() {
    for state in [PartState::Done, PartState::GivenUp] {
        let kept: Vec<_> = done("a", "b").into_iter().map(|(part, _)| (part, state)).collect();
        let mut places = Places::new(kept.clone(), HashMap::new());
        assert_eq!(places.place(&part(2, 2, "b")), kept_as("ipko:1a"));
        assert!(places.wholes().is_empty() && places.given_up.is_empty());
        let (_, kept) = after(kept, &[part(2, 2, "b")]);
        assert_eq!([0, 119, 120].map(|seconds| fate_after(&kept, seconds)), [Fate::Waits, Fate::Waits, Fate::IsNone]);
        let (places, kept) = after(kept, &[part(1, 2, "a")]);
        assert!(places.wholes().is_empty(), "the whole of it came again");
        // Its last part may still arrive, and replace the redelivered one.
        assert_eq!([0, 4, 5].map(|seconds| fate_after(&kept, seconds)), [Fate::Waits, Fate::Waits, Fate::IsNone]);
    }
    let given = |number, text| InboundPart { key_is_given: true, ..part(number, 2, text) };
    let mut places = Places::default();
    places.place(&given(1, "a"));
    places.place(&given(2, "b"));
    let mut places = next(places, PartState::Done);
    assert_eq!(places.place(&given(2, "b")), kept_as("ipko:2b"));
    assert!(places.kept.is_empty(), "its sender says that it is the same");
}

#[test]
fn a_later_text_with_the_same_part_is_whole_in_every_order_once_no_other_part_comes() {
    let (a, x, b) = (part(1, 2, "x"), part(1, 2, "a"), part(2, 2, "b"));
    for (parts, whole) in [([&b, &a], "xb"), ([&a, &b], "xb")] {
        let (places, kept) = after(done("a", "b"), &parts.map(Clone::clone));
        assert!(places.wholes().is_empty() && places.given_up.is_empty(), "the network may have delivered b again");
        assert_eq!([0, 4, 5].map(|seconds| fate_after(&kept, seconds)), [Fate::Waits, Fate::Waits, Fate::Goes]);
        let newest: Vec<Part> =
            kept.iter().filter(|(part, _)| part.whole.generation == 1).map(|(p, _)| p.clone()).collect();
        assert_eq!(texts(&[newest]), [whole]);
    }
    // A text that begins as the one before it did.
    let (places, kept) = after(done("a", "b"), &[x, part(2, 2, "y")]);
    assert!(places.wholes().is_empty());
    assert_eq!(fate_after(&kept, 5), Fate::Goes);
}

#[test]
fn a_part_that_was_delivered_again_gives_way_to_the_one_of_the_later_text() {
    let again = part(2, 2, "b");
    for parts in [[again.clone(), part(1, 2, "x"), part(2, 2, "y")], [part(1, 2, "x"), again, part(2, 2, "y")]] {
        // In one batch, and each in its own.
        let (places, _) = after(done("a", "b"), &parts);
        assert_eq!((texts(&places.wholes()), places.withdrawn.len()), (vec!["xy".to_owned()], 0));
        let (_, kept) = after(done("a", "b"), &parts[..1]);
        let (_, kept) = after(kept, &parts[1..2]);
        let (places, kept) = after(kept, &parts[2..]);
        assert_eq!((texts(&places.wholes()), places.withdrawn.len()), (vec!["xy".to_owned()], 1));
        assert_eq!(fate_after(&kept, 0), Fate::Goes);
    }
}

#[test]
fn a_part_that_was_delivered_again_does_not_disturb_a_text_that_waits() {
    let (places, kept) = after(done("a", "b"), &[part(1, 2, "x"), part(1, 2, "a")]);
    assert!(places.given_up.is_empty());
    let (places, _) = after(kept, &[part(2, 2, "y")]);
    assert_eq!(texts(&places.wholes()), ["xy"]);
}

#[test]
fn repeats_alone_make_room_for_a_text_of_another_length_without_being_given_up() {
    let (_, kept) = after(done("a", "b"), &[part(2, 2, "b")]);
    let (places, kept) = after(kept, &[part(1, 3, "x"), part(2, 3, "y"), part(3, 3, "z")]);
    assert_eq!((texts(&places.wholes()), places.given_up.len()), (vec!["xyz".to_owned()], 0));
    assert_eq!(kept.len(), 5, "the repeat is gone");
}

#[test]
fn after_five_minutes_it_is_another_text() {
    let late = InboundPart { received_at: DateTime::UNIX_EPOCH + TimeDelta::minutes(5), ..part(2, 2, "b") };
    let (_, kept) = after(done("a", "b"), &[late]);
    assert_eq!(fate_after(&kept, 420), Fate::Goes, "to staff, without its first part");
}

#[test]
fn above_the_cap_no_new_part_is_taken_but_those_that_are_kept_are_known() {
    let mut places = Places::default();
    places.place(&part(1, 2, "a"));
    places.held.insert("ipko".into(), Held { parts: PARTS_MAX, octets: 0 });
    assert_eq!(places.place(&part(2, 2, "b")), Placed::Full);
    assert_eq!(places.place(&part(1, 2, "a")), kept_as("ipko:1a"));
    places.held.insert("ipko".into(), Held { parts: 0, octets: OCTETS_MAX });
    assert_eq!(places.place(&part(2, 2, "b")), Placed::Full);
    let of_another = InboundPart { link: "teb".into(), ..part(1, 2, "a") };
    assert_eq!(places.place(&of_another), kept_as("ipko:1a"), "its cap is its own");
}
