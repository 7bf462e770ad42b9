//! All that is left of a text.

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Width};
use super::miss::Miss;
use crate::grammar::automaton::anything;

/// `{text}`
pub(in crate::grammar) struct Rest;

impl Kind for Rest {
    const FACTS: Facts =
        Facts { takes_the_rest: true, ..Facts::of("text", "a text", "any text; only at the end of a form") };

    const KEPT: bool = true;

    type Shape = ();
    type Read = ();

    fn shape(_: Width, _: Around) {}

    fn read((): (), at: usize, input: &mut Input<'_, '_>) -> Result<((), usize), Miss> {
        let end = input.text.folded().len();
        if at < end { Ok(((), end)) } else { Err(Miss::absent(at)) }
    }

    fn texts((): (), at: usize, builder: &mut Builder<'_>) -> usize {
        let one = builder.automaton.one(at, anything());
        builder.automaton.many(one, anything())
    }

    fn print((): (), written: Option<&str>, _: Printing<'_>) -> Option<String> {
        Some(written.unwrap_or("...").to_owned())
    }

    fn guess(_: &Sample<'_>) -> Option<Guessed> {
        None
    }
}
