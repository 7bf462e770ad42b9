//! An operator of the numbering plan, by its identifier or its name.

use super::kind::{Around, Builder, Facts, Guessed, Input, Kind, Printing, Sample, Sort, Width};
use super::miss::{Miss, ends};

/// `{operator}`
pub(in crate::grammar) struct Operator;

impl Kind for Operator {
    const FACTS: Facts = Facts {
        sort: Some(Sort::Operator),
        ..Facts::of(
            "operator",
            "an operator",
            "an operator of the numbering plan; if the plan knows the operator of the number, both must agree",
        )
    };

    const KEPT: bool = true;

    type Shape = ();
    type Read = String;

    fn shape(_: Width, _: Around) {}

    fn read((): (), at: usize, input: &mut Input<'_, '_>) -> Result<(String, usize), Miss> {
        let rest = input.text.folded().get(at..).unwrap_or_default();
        let named = input.plan.operators().find_map(|id| {
            let name = input.plan.operator_name(id).unwrap_or(id).to_lowercase();
            let written = [id, name.as_str()].into_iter().find(|word| rest.strip_prefix(word).is_some_and(ends))?;
            Some((id.to_owned(), at + written.len()))
        });
        named.ok_or(Miss::absent(at))
    }

    fn texts((): (), at: usize, builder: &mut Builder<'_>) -> usize {
        let plan = builder.plan;
        let name = |id| plan.operator_name(id).unwrap_or(id).to_lowercase();
        let words: Vec<String> = plan.operators().flat_map(|id| [id.to_owned(), name(id)]).collect();
        builder.any_word(at, words.iter().map(String::as_str))
    }

    /// That of the number beside it.
    fn print((): (), _: Option<&str>, printing: Printing<'_>) -> Option<String> {
        let of_number = printing.plan.read(printing.mobile?, false).ok().and_then(|line| line.operator);
        let of_number = of_number.map(|id| id.to_string());
        of_number.or_else(|| printing.plan.operators().next().map(str::to_owned))
    }

    /// An operator's name may be any word of the form.
    fn guess(_: &Sample<'_>) -> Option<Guessed> {
        None
    }
}
