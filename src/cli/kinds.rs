//! The kinds of accounts that the configured grammars declare.

use super::resources;
use crate::config::Config;
use crate::domain::{AccountKind, OtherAccount};
use crate::grammar::GrammarSet;
use crate::text::near::nearest;

/// The declared kinds. Invalid grammars, which are reported elsewhere, declare none.
pub(super) struct Kinds(Option<GrammarSet>);

impl Kinds {
    pub(super) fn read(config: &Config) -> Self {
        Self(resources::plan(config).and_then(|plan| resources::grammars(config, &plan)).ok())
    }

    /// The reason why no message can name this account: there is no such kind, or no form takes the identifier.
    pub(super) fn problem(&self, other: &OtherAccount) -> Option<String> {
        let declared = self.0.as_ref().map(GrammarSet::account_kinds).unwrap_or_default();
        if declared.contains(&other.kind()) {
            let is_right = self.0.as_ref().is_some_and(|grammars| grammars.has_identifier(other));
            let problem =
                || format!("{other}: its length, its prefix or its check digit is not as the grammars want it");
            return (!is_right).then(problem);
        }
        let own = AccountKind::ALL.iter().filter(|kind| **kind != AccountKind::Other);
        let kinds: Vec<&str> = own.map(|kind| kind.as_str()).chain(declared).collect();
        let meant = nearest(other.kind(), kinds.iter().copied())
            .map_or_else(|| format!("there is {}", kinds.join(", ")), |near| format!("did you mean {near}?"));
        Some(format!("`{}` is not a kind of account; {meant}", other.kind()))
    }
}
