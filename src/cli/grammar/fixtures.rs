//! The fixture files of banks, with what is wrong in them.

use std::path::{Path, PathBuf};

use super::Room;
use crate::grammar::{BankInfo, Fixture, GrammarSet};
use crate::text::near::nearest;

/// A fixture file, or the folder where it is missing, with what is wrong in it.
pub(super) struct Read {
    pub(super) place: PathBuf,
    pub(super) fixture: Result<Fixture, String>,
}

impl Room {
    /// The fixture files of a bank, by name. Without a case, there is one problem.
    pub(super) fn fixtures_of(&self, bank: &BankInfo<'_>) -> Vec<Read> {
        let folder = self.fixtures.join(bank.id);
        let problem = |why: &str| {
            let advice = "list texts of customers in samples.toml there, or name another folder with --fixtures";
            vec![Read { place: folder.clone(), fixture: Err(format!("{}: {why}: {advice}", folder.display())) }]
        };
        if !folder.is_dir() {
            return problem(&format!("{} has no fixtures", bank.id));
        }
        match toml_files(&folder) {
            Err(error) => problem(&error.to_string()),
            Ok(files) if files.is_empty() => problem("there is no *.toml in it"),
            Ok(files) => files.into_iter().map(|place| Read { fixture: read(&place, bank), place }).collect(),
        }
    }

    /// The mistakes in the fixture files that there are.
    pub(super) fn fixture_problems(&self, set: &GrammarSet) -> Vec<String> {
        let banks = set.banks().filter(|bank| self.fixtures.join(bank.id).exists());
        let read = banks.flat_map(|bank| self.fixtures_of(&bank));
        read.filter_map(|read| read.fixture.err()).chain(self.misnamed(set)).collect()
    }

    /// Folders with a name that is nearly that of a bank without a folder.
    pub(super) fn misnamed(&self, set: &GrammarSet) -> Vec<String> {
        let without: Vec<&str> =
            set.banks().map(|bank| bank.id).filter(|id| !self.fixtures.join(id).exists()).collect();
        let folders = std::fs::read_dir(&self.fixtures).into_iter().flatten().flatten();
        let folders = folders.filter(|entry| entry.path().is_dir());
        let problem = |name: String| {
            let near = nearest(&name, without.iter().copied())?;
            let place = self.fixtures.join(&name);
            Some(format!("{}: there is no bank `{name}`; did you mean `{near}`?", place.display()))
        };
        folders.filter_map(|entry| problem(entry.file_name().to_string_lossy().into_owned())).collect()
    }
}

/// The `*.toml` files of a folder, by name.
fn toml_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok(files)
}

fn read(file: &Path, bank: &BankInfo<'_>) -> Result<Fixture, String> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let fixture = Fixture::from_toml(&name, &text).map_err(|error| error.to_string())?;
    if fixture.read.is_empty() && fixture.refuse.is_empty() {
        return Err(format!("{name}: it has no case: add a [[read]] or a [[refuse]]"));
    }
    let codes: Vec<&str> = bank.short_codes.iter().map(crate::domain::ShortCode::as_str).collect();
    if !codes.contains(&fixture.short_code.as_str()) {
        let (code, codes) = (&fixture.short_code, codes.join(", "));
        return Err(format!("{name}: short_code = \"{code}\": the texts to {} go to {codes}", bank.id));
    }
    Ok(fixture)
}
