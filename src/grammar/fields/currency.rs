//! A word or sign for the bank's currency, in a form that requires one.

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Width};
use super::miss::{Miss, ends};

/// `{currency}`
pub(in crate::grammar) struct Currency;

impl Kind for Currency {
    const FACTS: Facts =
        Facts::of("currency", "a currency", "a word for the bank's currency, in a form that requires one");

    type Shape = ();
    type Read = ();

    fn shape(_: Width, _: Around) {}

    fn read((): (), at: usize, input: &mut Input<'_, '_>) -> Result<((), usize), Miss> {
        let rest = input.text.folded().get(at..).unwrap_or_default();
        let length = input.words.money.own_at(rest).filter(|&length| ends(&rest[length..]));
        length.map(|length| ((), at + length)).ok_or(Miss::absent(at))
    }

    fn texts((): (), at: usize, builder: &mut Builder<'_>) -> usize {
        let words = builder.words;
        builder.any_word(at, words.money.own.iter().map(String::as_str))
    }

    fn print((): (), _: Option<&str>, printing: Printing<'_>) -> Option<String> {
        printing.words.money.own.first().cloned()
    }

    /// An amount takes the currency beside it.
    fn guess(_: &Sample<'_>) -> Option<Guessed> {
        None
    }
}
