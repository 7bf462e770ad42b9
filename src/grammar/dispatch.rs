//! The paths that a text can be of, found by its first word.

use std::collections::HashMap;

use super::path::{Path, Step};

/// The paths that a text can be of, by its beginning.
#[derive(Debug, Clone, Default)]
pub(super) struct Dispatch {
    /// By the first word, folded.
    pub(super) by_word: HashMap<String, Vec<usize>>,
    /// Paths that begin with a value or with something that is not a whole word.
    pub(super) open: Vec<usize>,
}

impl Dispatch {
    /// A path that begins with a whole word is found by it; any other is tried on every text.
    pub(super) fn of(paths: &[Path]) -> Self {
        let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
        let mut open = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            match path.steps.first() {
                Some(Step::Word(word)) if !word.glued && word.spellings.iter().all(|s| !first_word(s).is_empty()) => {
                    for spelling in &word.spellings {
                        let entry = by_word.entry(first_word(spelling).to_owned()).or_default();
                        if entry.last() != Some(&index) {
                            entry.push(index);
                        }
                    }
                }
                _ => open.push(index),
            }
        }
        Self { by_word, open }
    }

    /// The paths of which a text with this first word can be.
    pub(super) fn paths(&self, first_word: &str) -> impl Iterator<Item = usize> {
        let worded = if first_word.is_empty() { None } else { self.by_word.get(first_word) };
        worded.into_iter().flatten().chain(&self.open).copied()
    }
}

/// The letters and digits that a folded text begins with.
pub(super) fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    &text[..end]
}
