//! A bank's reference: the key under which its request is done once.

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Sort, Width, Widths};
use super::miss::Miss;
use super::number::is_meant;
use super::token::{self, DigitsShape};
use super::username::run;
use crate::grammar::automaton::{alphanumeric, any_of};

/// The spelling of a reference in one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grammar) struct ReferenceShape {
    characters: DigitsShape,
    /// A telephone number is a reference too.
    pub(in crate::grammar) may_be_number: bool,
}

/// Words behind a form that say "once more", unless the bank declares its own.
pub(in crate::grammar) const REPETITIONS: [&str; 3] = ["prap", "opet", "again"];

/// A bank's reference: letters, digits, `-` and `_`. A word that marks a repetition is none: taken for one, it would
/// make every later request under it a duplicate for ever.
fn read(text: &str, at: usize, shape: ReferenceShape, markers: &[String]) -> Result<usize, Miss> {
    let end = token::run(text, at, shape.characters, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))?;
    let marks_repetition = text.get(at..end).is_some_and(|word| markers.iter().any(|marker| marker == word));
    if marks_repetition { Err(Miss::absent(at)) } else { Ok(end) }
}

/// `{reference}`
pub(in crate::grammar) struct Reference;

impl Kind for Reference {
    const FACTS: Facts = Facts {
        width: Widths::Size("write how many characters it has, at most 32: `{reference:4}` or `{reference:4-8}`"),
        shown: Some("A81723"),
        sort: Some(Sort::Name),
        serves: |action| action.giving().is_none(),
        ..Facts::of(
            "reference",
            "a reference",
            "1 to 32 letters, digits, `-`, `_`: a reference under which the request is carried out once; \
             `{reference:12}`. In a customer's form without a number or user name, text that reads as a number of the \
             plan does not match, because the customer means that number and not the phone that sends the message",
        )
    };

    const KEPT: bool = true;

    type Shape = ReferenceShape;
    type Read = ();

    fn fits(width: Width) -> bool {
        width.counts_to(token::CHARACTERS_MAX)
    }

    fn shape(width: Width, around: Around) -> ReferenceShape {
        let characters = DigitsShape { width: width.span(1, token::CHARACTERS_MAX), glued: around.glued };
        ReferenceShape { characters, may_be_number: true }
    }

    fn read(shape: ReferenceShape, at: usize, input: &mut Input<'_, '_>) -> Result<((), usize), Miss> {
        let text = input.text.folded();
        let end = read(text, at, shape, &input.words.repeat)?;
        let is_number = !shape.may_be_number && is_meant(&text[at..end], input.plan);
        if is_number { Err(Miss::absent(at)) } else { Ok(((), end)) }
    }

    fn texts(shape: ReferenceShape, at: usize, builder: &mut Builder<'_>) -> usize {
        let (low, high) = shape.characters.width;
        builder.automaton.run(at, alphanumeric() | any_of("-_"), low, high)
    }

    fn print(_: ReferenceShape, written: Option<&str>, _: Printing<'_>) -> Option<String> {
        written.map(str::to_owned)
    }

    /// The word behind `ref`.
    fn guess(sample: &Sample<'_>) -> Option<Guessed> {
        let is_asked = sample.form.trim_end_matches([' ', '=', ':']).ends_with("ref");
        let written = run(sample.rest());
        let is_one = is_asked && written.starts_with(char::is_alphanumeric);
        is_one.then(|| Guessed::to(sample.at + written.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_ends_at_a_sign_and_is_no_word_that_marks_a_repetition() {
        let shape = ReferenceShape { characters: DigitsShape { width: (1, 32), glued: false }, may_be_number: true };
        let markers = REPETITIONS.map(str::to_owned);
        assert_eq!(read("a81-7;", 0, shape, &markers), Ok(5));
        assert!(read("prap", 0, shape, &markers).is_err());
        assert!(read("encore", 0, shape, &["encore".to_owned()]).is_err());
    }
}
