//! `mbush country check`: everything that a folder has to have, without a server.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use crate::cli::demo::Day;
use crate::cli::exit::Exit;
use crate::cli::prepare::Draft;
use crate::cli::style::{complain, counted, line, object};
use crate::cli::{grammar, resources};
use crate::config::Examined;
use crate::domain::locale::Locale;
use crate::text::normalise::keyword_spellings;

pub(super) fn run(folder: &Path) -> anyhow::Result<ExitCode> {
    let folder = folder.canonicalize().with_context(|| folder.display().to_string())?;
    let examined = resources::of_country(&folder)?;
    let country = &examined.config.country;
    let locale = Locale::get();
    line(&format!("country    {} ({}), {}, {}", country.name, country.code, locale.currency, locale.time_zone))?;
    let mut problems = proved(&examined)?;
    match Day::read(&folder) {
        Ok(Some(day)) => {
            let steps = counted(day.steps.len() as u64, "step");
            line(&format!("demo.toml  ok, {steps}: mbush demo --once --country {}", folder.display()))?;
        }
        Ok(None) => line("demo.toml  missing: `mbush demo --country` has nothing to play")?,
        Err(problem) => problems.push(format!("{problem:#}")),
    }
    for problem in &problems {
        complain(problem);
    }
    object(&json!({ "country": country.code, "currency": locale.currency.code(), "problems": problems }))?;
    line(if problems.is_empty() { "the country is complete" } else { "the country is not complete" })?;
    Ok(Exit::from(problems.is_empty()).into())
}

/// Proves the parts, prints those that are good, and returns the problems of the others.
fn proved(examined: &Examined) -> anyhow::Result<Vec<String>> {
    let mut draft = Draft::of(examined);
    let mut problems = std::mem::take(&mut draft.findings.errors);
    problems.extend(Locale::get().words.iter().filter_map(|word| {
        let problem = keyword_spellings(word).err()?;
        Some(format!("currency.words: `{word}` can never be read: {problem}"))
    }));
    if let Ok(plan) = &draft.plan {
        line(&format!("numbering  ok, {}", counted(plan.operators().count() as u64, "operator")))?;
    }
    if let Ok(templates) = &draft.templates {
        let names: Vec<String> = templates.languages().map(|language| language.to_string()).collect();
        line(&format!("texts      ok, {}; each reply fits at its longest", names.join(", ")))?;
        let listed = &examined.config.country.languages;
        let spoken: Vec<_> = templates.languages().collect();
        problems.extend(listed.iter().filter(|language| !spoken.contains(language)).map(|language| {
            format!(
                "languages: there is no file of texts for `{language}`: write texts/{language}.toml, or take it out"
            )
        }));
    }
    if let Ok(menus) = &draft.menus {
        line(&format!("menus      ok, {}", counted(menus.screens() as u64, "screen")))?;
    }
    if let Ok(grammars) = &draft.grammars {
        let forms: usize = grammars.banks().map(|bank| bank.forms.len()).sum();
        let banks = counted(grammars.banks().count() as u64, "bank");
        line(&format!("grammars   ok, {banks}, {}; no text is read two ways", counted(forms as u64, "form")))?;
        problems.extend(grammar::failures(&examined.config)?);
    }
    Ok(problems)
}
