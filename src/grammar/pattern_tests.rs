//! The language of forms.

use super::*;

fn word(text: &str) -> Node {
    Node::Word(text.to_owned())
}

#[test]
fn every_item_of_the_language() {
    let nodes = parse(r"(duotv|duo_tv) {username}[ {pin:4}]\_#", &OwnFields::default()).unwrap();
    let gap = |required| Node::Separator { required };
    assert_eq!(
        nodes,
        [
            Node::Either(vec![vec![word("duotv")], vec![word("duo"), gap(false), word("tv")]]),
            gap(true),
            Node::Field(Field::Username, Width::default()),
            Node::Optional(vec![gap(true), Node::Field(Field::Pin, Width { low: Some(4), ..Width::default() })]),
            word("_"),
            word("#"),
        ]
    );
    assert_eq!(parse("", &OwnFields::default()), Ok(Vec::new()));
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (text, span, message) in [
        ("{amont}", 1..6, "there is no field `amont`"),
        ("a (b|c", 2..3, "not closed"),
        ("a [b", 2..3, "not closed"),
        ("a b)", 3..4, "closes nothing"),
        ("{amount", 0..1, "not closed"),
        ("{username:3}", 9..11, "has no width"),
        ("{msisdn:99}", 7..10, "cannot have this width"),
        ("{number:9-3}", 7..11, "cannot have this range"),
        ("a\\", 1..2, "lone"),
        ("((((((((((a))))))))))", 8..9, "deep"),
    ] {
        let error = parse(text, &OwnFields::default()).unwrap_err();
        assert_eq!(error.span, span, "{text}");
        assert!(error.message.contains(message), "{text}: {}", error.message);
    }
    assert_eq!(parse("{amont}", &OwnFields::default()).unwrap_err().help.as_deref(), Some("did you mean `amount`?"));
}
