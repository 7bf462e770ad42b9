//! Every file under `fixtures/<bank>/` is checked: the texts in it that must be read, and how, and those that must be
//! refused, and why. All banks are loaded together, so that no text may be read by two forms; what was read can be
//! written out and read again. Each folder of `examples/` has the grammar of a country, its numbering plan and
//! its fixtures.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mbush::domain::NumberingPlan;
use mbush::grammar::{Fixture, GrammarSet};

use crate::node;

/// Sorted paths of a folder's entries.
fn listing(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One line for each text that is not read or refused as its file says.
fn wrong(folder: &Path, set: &GrammarSet) -> Vec<String> {
    let files =
        listing(folder).into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "toml"));
    let of_file = |file: PathBuf| {
        let fixture =
            Fixture::from_toml(&file.display().to_string(), &read(&file)).unwrap_or_else(|error| panic!("{error}"));
        fixture.check(set).into_iter().map(|line| format!("{}: {line}", file.display())).collect::<Vec<_>>()
    };
    files.flat_map(of_file).collect()
}

#[test]
fn texts_of_each_bank_are_read_or_refused_as_their_fixtures_say() {
    let banks = listing(Path::new("fixtures")).into_iter();
    let wrong: Vec<String> = banks.flat_map(|folder| wrong(&folder, &node::grammars())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn texts_of_each_example_are_read_or_refused_as_its_fixtures_say() {
    let of_country = |folder: PathBuf| {
        let country = folder.file_name().map(PathBuf::from).unwrap_or_default();
        let file = country.with_extension("toml");
        let plan = NumberingPlan::from_toml(&read(&folder.join("numbering").join(&file)));
        let plan = Arc::new(plan.unwrap_or_else(|error| panic!("{}: {error}", country.display())));
        let grammar = folder.join(file);
        let set = GrammarSet::load([(grammar.display().to_string(), read(&grammar))], plan);
        let set = set.unwrap_or_else(|errors| panic!("{}: {errors:?}", grammar.display()));
        wrong(&folder.join("fixtures").join(country), &set)
    };
    let wrong: Vec<String> = listing(Path::new("examples")).into_iter().flat_map(of_country).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
