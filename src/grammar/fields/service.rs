//! One of the words of `[services]`.

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Sort, Width};
use super::miss::{Miss, ends};
use crate::domain::Service as Product;
use crate::grammar::action::Action;

/// `{service}`
pub(in crate::grammar) struct Service;

impl Kind for Service {
    const FACTS: Facts = Facts {
        sort: Some(Sort::Service),
        serves: |action| matches!(action, Action::Recharge | Action::Forward),
        ..Facts::of("service", "a service", "one of the words listed under `[services]`")
    };

    const KEPT: bool = true;

    type Shape = ();
    type Read = Product;

    fn shape(_: Width, _: Around) {}

    fn read((): (), at: usize, input: &mut Input<'_, '_>) -> Result<(Product, usize), Miss> {
        let rest = input.text.folded().get(at..).unwrap_or_default();
        let words = input.words.services.iter().filter(|(word, _)| rest.strip_prefix(word.as_str()).is_some_and(ends));
        let longest = words.max_by_key(|(word, _)| word.len());
        longest.map(|(word, service)| (*service, at + word.len())).ok_or(Miss::absent(at))
    }

    fn texts((): (), at: usize, builder: &mut Builder<'_>) -> usize {
        let words = builder.words;
        builder.any_word(at, words.services.iter().map(|(word, _)| word.as_str()))
    }

    fn print((): (), written: Option<&str>, printing: Printing<'_>) -> Option<String> {
        let mut words = printing.words.services.iter();
        words.find(|(_, service)| Some(service.as_str()) == written).map(|(word, _)| word.clone())
    }

    /// Words for services are words of the form.
    fn guess(_: &Sample<'_>) -> Option<Guessed> {
        None
    }
}
