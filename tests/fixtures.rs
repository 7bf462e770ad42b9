//! Every file under `fixtures/<bank>/` is one test: the texts in it that must be read, and how, and those that must be
//! refused, and why. All banks are loaded together, so that no text may be read by two forms; what was read can be
//! written out and read again. Files under `fixtures/examples/<country>/` are of `grammars/examples/<country>.toml`,
//! read by that country's numbering plan.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mbush::domain::NumberingPlan;
use mbush::grammar::{Fixture, GrammarSet};

fn grammar_files(path: &Path) -> std::io::Result<(Vec<PathBuf>, Option<PathBuf>)> {
    let folder = path.parent().unwrap_or(path);
    let in_examples = folder.parent().is_some_and(|parent| parent.ends_with("examples"));
    let root = Path::new("grammars");
    if in_examples {
        let country = folder.file_name().map(PathBuf::from).unwrap_or_default().with_extension("toml");
        let examples = root.join("examples");
        return Ok((vec![examples.join(&country)], Some(examples.join("numbering").join(country))));
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root)? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok((files, None))
}

fn check_file(path: &Path) -> datatest_stable::Result<()> {
    let fixture = Fixture::from_toml(&std::fs::read_to_string(path)?)?;
    let (files, plan) = grammar_files(path)?;
    let plan = match plan {
        Some(plan) => NumberingPlan::from_toml(&std::fs::read_to_string(plan)?)?,
        None => NumberingPlan::kosovo()?,
    };
    let mut texts = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        texts.push((file.display().to_string(), text));
    }
    let set = GrammarSet::load(texts, Arc::new(plan)).map_err(|errors| -> Box<dyn Error> {
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n").into()
    })?;
    let wrong = fixture.check(&set);
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

datatest_stable::harness! {
    { test = check_file, root = "fixtures", pattern = r"^[a-z-]+/.*\.toml$" },
}
