//! Languages that the configuration and the grammars name, compared with those that there are texts in.

use anyhow::bail;

use crate::config::Config;
use crate::domain::Language;
use crate::grammar::GrammarSet;
use crate::text::templates::Templates;

/// Languages of grammars that there are no texts in, and replies of forms that do not fit in the alphabet of their language.
pub(super) fn unspoken(grammars: &GrammarSet, templates: &Templates) -> Vec<String> {
    let mut problems = grammars.unspoken(&known(templates));
    problems.extend(grammars.too_long(templates));
    problems
}

/// # Errors
/// All of [`unspoken`].
pub(super) fn ensure_spoken(grammars: &GrammarSet, templates: &Templates) -> anyhow::Result<()> {
    let problems = unspoken(grammars, templates);
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    Ok(())
}

/// The configured language of customers who have not chosen one, if there are no texts in it.
pub(super) fn without_texts(config: &Config, templates: &Templates) -> Option<String> {
    let known = known(templates);
    let language = config.rules.language.filter(|language| !known.contains(language))?;
    let list = known.iter().map(Language::code).collect::<Vec<_>>().join(", ");
    Some(format!("subscribers.language = \"{language}\": there are no texts in this language: write one of {list}"))
}

fn known(templates: &Templates) -> Vec<Language> {
    templates.languages().collect()
}
