//! Whose part a part is.

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
        session_since: None,
    }
}

fn kept(key: &str) -> Placed {
    Placed::Kept(key.to_owned())
}

/// What the next batch finds.
fn next(places: Places, state: PartState) -> Places {
    Places::new(places.kept.into_iter().map(|part| (part, state)).collect(), places.held)
}

#[test]
fn parts_in_any_order_are_one_message_under_the_key_of_the_first_that_came() {
    let mut places = Places::default();
    assert_eq!(places.place(&part(3, 3, "c")), kept("ipko:3c"));
    assert_eq!(places.place(&part(1, 3, "a")), kept("ipko:3c"));
    assert_eq!(places.place(&part(1, 3, "a")), kept("ipko:3c"), "it came again");
    assert!(places.wholes().is_empty());
    let mut places = next(places, PartState::Waiting);
    assert_eq!(places.place(&part(2, 3, "b")), kept("ipko:3c"));
    let wholes = places.wholes();
    let numbers: Vec<u8> = wholes[0].iter().map(|part| part.number).collect();
    assert_eq!((wholes.len(), numbers.as_slice()), (1, [1, 2, 3].as_slice()));
    assert_eq!((places.kept.len(), places.given_up.len()), (1, 0));
}

#[test]
fn a_given_key_stays_the_parts_own() {
    let given = |number, text| InboundPart { key_is_given: true, ..part(number, 2, text) };
    let mut places = Places::default();
    assert_eq!(places.place(&given(2, "b")), kept("ipko:2b"));
    assert_eq!(places.place(&given(1, "a")), kept("ipko:1a"));
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
fn what_comes_again_after_the_whole_is_known_and_what_is_new_is_another_message() {
    for state in [PartState::Done, PartState::GivenUp] {
        let mut places = Places::default();
        places.place(&part(1, 2, "a"));
        places.place(&part(2, 2, "b"));
        let mut places = next(places, state);
        assert_eq!(places.place(&part(2, 2, "b")), kept("ipko:1a"));
        assert!(places.kept.is_empty() && places.wholes().is_empty());
        places.place(&part(1, 2, "x"));
        assert_eq!((places.kept[0].whole.generation, places.given_up.len()), (1, 0));
    }
}

#[test]
fn above_the_cap_no_new_part_is_taken_but_those_that_are_kept_are_known() {
    let mut places = Places::default();
    places.place(&part(1, 2, "a"));
    places.held.insert("ipko".into(), Held { parts: PARTS_MAX, octets: 0 });
    assert_eq!(places.place(&part(2, 2, "b")), Placed::Full);
    assert_eq!(places.place(&part(1, 2, "a")), kept("ipko:1a"));
    places.held.insert("ipko".into(), Held { parts: 0, octets: OCTETS_MAX });
    assert_eq!(places.place(&part(2, 2, "b")), Placed::Full);
    let of_another = InboundPart { link: "teb".into(), ..part(1, 2, "a") };
    assert_eq!(places.place(&of_another), kept("ipko:1a"), "its cap is its own");
}
