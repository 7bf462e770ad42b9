//! Banks for tests.

use std::sync::Arc;

use super::{GrammarSet, Incoming};
use crate::domain::NumberingPlan;

/// The files of all banks that are shipped.
pub(super) const BANKS: [(&str, &str); 6] = [
    ("bpb.toml", include_str!("../../grammars/bpb.toml")),
    ("ekonomike.toml", include_str!("../../grammars/ekonomike.toml")),
    ("nlb.toml", include_str!("../../grammars/nlb.toml")),
    ("procredit.toml", include_str!("../../grammars/procredit.toml")),
    ("raiffeisen.toml", include_str!("../../grammars/raiffeisen.toml")),
    ("teb.toml", include_str!("../../grammars/teb.toml")),
];

pub(super) fn plan() -> Arc<NumberingPlan> {
    Arc::new(NumberingPlan::kosovo().unwrap())
}

pub(super) fn all_banks() -> GrammarSet {
    GrammarSet::load(BANKS, plan()).unwrap_or_else(|errors| panic!("{}", drawn(&errors)))
}

/// The operator's own short codes.
pub(super) fn operator() -> GrammarSet {
    let files = [
        ("dealers.toml", include_str!("../../grammars/dealers.toml")),
        ("operator.toml", include_str!("../../grammars/operator.toml")),
        ("transfer.toml", include_str!("../../grammars/transfer.toml")),
    ];
    GrammarSet::load(files, plan()).unwrap_or_else(|errors| panic!("{}", drawn(&errors)))
}

/// A bank of these forms, each as its name and the rest of its table.
pub(super) fn bank_of(forms: &[(&str, &str)]) -> String {
    let forms = forms.iter().map(|(name, rest)| format!("\n[[form]]\nname = \"{name}\"\n{rest}\n"));
    let head = "bank = \"test\"\nname = \"Test\"\nshort_codes = [\"50001\"]\nevidence = \"assumed\"\n";
    format!("{head}{}", forms.collect::<String>())
}

pub(super) fn load(file: &str) -> Result<GrammarSet, String> {
    GrammarSet::load([("test.toml", file)], plan()).map_err(|errors| drawn(&errors))
}

pub(super) fn drawn(errors: &[super::Diagnostic]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

pub(super) fn incoming<'t>(to: &'t str, text: &'t str) -> Incoming<'t> {
    Incoming { from: "38349111222", to, text, link: None }
}
