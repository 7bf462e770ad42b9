//! A user name, never altered.

use std::ops::RangeInclusive;

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Sort, Width};
use super::miss::{Miss, Problem};
use crate::grammar::action::Action;
use crate::grammar::automaton::{any_of, anything, digit, letter};
use crate::grammar::trees::Tree;
use crate::text::fold::is_mixed_script;
use crate::text::normalise::Normalised;

/// Fewest and most characters of a user name.
const USERNAME_LENGTH: RangeInclusive<usize> = 2..=32;

/// Tells whether a character may stand in a user name.
pub(in crate::grammar) fn in_username(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@')
}

/// A user name: 2 to 32 letters, digits and `.` `_` `-` `@`, a letter among them, of one script; a full stop that ends it
/// is punctuation. The end of it; what was typed there is taken from the original text.
pub(in crate::grammar) fn read(text: &Normalised<'_>, at: usize) -> Result<usize, Miss> {
    let input = text.folded().get(at..).unwrap_or_default();
    let length = input.find(|c| !in_username(c)).unwrap_or(input.len());
    let name = input[..length].trim_end_matches('.');
    if name.is_empty() {
        return Err(Miss::absent(at));
    }
    let end = at + name.len();
    let typed = text.as_typed(at..end);
    let valid = name.contains(char::is_alphabetic)
        && USERNAME_LENGTH.contains(&typed.chars().count())
        && !is_mixed_script(&typed);
    if valid { Ok(end) } else { Err(Miss { at, end, problem: Problem::Username }) }
}

/// The characters at the beginning of a text that may stand in a user name.
pub(in crate::grammar) fn run(text: &str) -> &str {
    &text[..text.find(|c| !in_username(c)).unwrap_or(text.len())]
}

/// `{username}`
pub(in crate::grammar) struct Username;

impl Kind for Username {
    const FACTS: Facts = Facts {
        names_target: true,
        shown: Some("USERNAME"),
        sort: Some(Sort::Name),
        serves: |action| matches!(action, Action::Recharge | Action::Forward),
        ..Facts::of(
            "username",
            "a user name",
            "2 to 32 letters, digits and `. _ - @` of one script, with at least one letter; kept as it was typed. A word \
             that a form of the bank uses is not a user name",
        )
    };

    const KEPT: bool = true;

    type Shape = ();
    type Read = ();

    fn shape(_: Width, _: Around) {}

    fn read((): (), at: usize, input: &mut Input<'_, '_>) -> Result<((), usize), Miss> {
        let end = read(input.text, at)?;
        let name = input.text.folded().get(at..end).unwrap_or_default();
        if input.words.reserved.contains(name) { Err(Miss::absent(at)) } else { Ok(((), end)) }
    }

    /// Any user name with a letter in it that is no word of the bank's forms: a reserved word is followed along its
    /// tree, and only leaving the tree, or stopping short of a word's end, is a name.
    fn texts((): (), at: usize, builder: &mut Builder<'_>) -> usize {
        let tree = Tree::of(&builder.words.reserved);
        let automaton = &mut builder.automaton;
        let end = automaton.state();
        let others = digit() | any_of("._-@");
        let (without, with) = (automaton.state(), automaton.state());
        automaton.edge(without, others, without);
        automaton.edge(without, letter(), with);
        automaton.edge(with, letter() | others, with);
        automaton.free(with, end);
        let places = automaton.places(&tree);
        for (node, &from) in tree.nodes.iter().zip(&places) {
            let known = automaton.branches(node, from, &places, anything());
            automaton.edge(from, letter() & !known, with);
            automaton.edge(from, others & !known, if node.has_letter { with } else { without });
            if !node.reserved && node.has_letter {
                automaton.free(from, end);
            }
        }
        automaton.free(at, *places.first().unwrap_or(&end));
        end
    }

    fn print((): (), written: Option<&str>, _: Printing<'_>) -> Option<String> {
        written.map(str::to_owned)
    }

    /// Behind a word for a service, the next word.
    fn guess(sample: &Sample<'_>) -> Option<Guessed> {
        let name = run(sample.rest());
        let looks_like_one = name.starts_with(char::is_alphanumeric) && name.contains(char::is_alphabetic);
        let is_name = looks_like_one && sample.is_service && !sample.has::<Self>();
        is_name.then(|| Guessed::to(sample.at + name.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normalise::normalise;

    fn name(text: &str) -> Result<String, Problem> {
        let text = normalise(text).unwrap();
        let end = read(&text, 0).map_err(|miss| miss.problem)?;
        Ok(text.as_typed(0..end).into_owned())
    }

    #[test]
    fn user_names_are_as_they_were_typed() {
        for typed in ["Arben1", "shfrytëzuesi1", "a.b_c-d@ipko.com", "ab", "Шифра1", "1a"] {
            assert_eq!(name(typed), Ok(typed.into()));
        }
        assert_eq!(name("arben."), Ok("arben".into()));
        assert_eq!(name("arben!"), Ok("arben".into()));
        for refused in ["a", "12345", "aрben", "--"] {
            assert_eq!(name(refused), Err(Problem::Username), "{refused}");
        }
        assert_eq!(name(&"a".repeat(33)), Err(Problem::Username));
        assert_eq!(name("!arben"), Err(Problem::Absent));
    }
}
