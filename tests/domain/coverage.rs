//! The fixtures of the shipped banks prove enough: every way through every form is gone by one of them, and each bank
//! has at least 25 texts that are read and 15 that are refused.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use mbush::domain::NumberingPlan;
use mbush::grammar::{Fixture, GrammarSet};

fn toml_files(folder: &Path) -> Vec<(String, String)> {
    let listing = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = listing.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn every_way_through_a_form_has_a_fixture() {
    let plan = Arc::new(NumberingPlan::kosovo().unwrap());
    let set = GrammarSet::load(toml_files(Path::new("grammars")), plan).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut fixtures: BTreeMap<String, Vec<Fixture>> = BTreeMap::new();
    for bank in set.banks() {
        let files = toml_files(&Path::new("fixtures").join(bank.id));
        let read = files.iter().map(|(name, text)| Fixture::from_toml(name, text).unwrap_or_else(|e| panic!("{e}")));
        fixtures.insert(bank.id.to_owned(), read.collect());
    }
    for (bank, files) in &fixtures {
        let read: usize = files.iter().map(|file| file.read.len()).sum();
        let refused: usize = files.iter().map(|file| file.refuse.len()).sum();
        assert!(read >= 25 && refused >= 15, "{bank} has {read} texts that are read and {refused} that are refused");
    }
    let untried = set.untried(fixtures.values().flatten().flat_map(Fixture::messages));
    let untried: Vec<String> = untried.iter().map(|way| format!("{}, {}: {}", way.bank, way.form, way.way)).collect();
    assert_eq!(untried, Vec::<String>::new());
}
