//! The paths that a text can be of, found by its first word and by the characters of their keywords.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::path::{Path, Step};

/// The paths that a text can be of, by its beginning.
#[derive(Debug, Clone, Default)]
pub(super) struct Dispatch {
    /// By the first word, folded.
    pub(super) by_word: ByText<Vec<usize>>,
    /// Paths that begin with a value or with something that is not a whole word.
    pub(super) open: Vec<usize>,
    /// By path, the characters that every text of it has.
    needed: Vec<Characters>,
}

/// A set of bytes of folded texts: letters have a bit each, and so have digits and signs; rarer bytes share these.
pub(super) type Characters = u64;

impl Dispatch {
    /// A path that begins with a whole word is found by it; any other is tried on every text.
    pub(super) fn of(paths: &[Path]) -> Self {
        let mut by_word: ByText<Vec<usize>> = ByText::default();
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
        Self { by_word, open, needed: paths.iter().map(needed).collect() }
    }

    /// Tells whether a text with these characters may be of this path. Of many forms that begin with a number, only those
    /// are left whose keywords the text may have.
    pub(super) fn may_read(&self, path: usize, found: Characters) -> bool {
        self.needed.get(path).is_none_or(|needed| needed & !found == 0)
    }

    /// The paths of which a text with this first word can be.
    pub(super) fn paths(&self, first_word: &str) -> impl Iterator<Item = usize> {
        let worded = if first_word.is_empty() { None } else { self.by_word.get(first_word) };
        worded.into_iter().flatten().chain(&self.open).copied()
    }
}

/// A map by short texts from grammar files, with the hash of Fowler, Noll and Vo. Messages only look keys up, so that no
/// sender can choose keys that collide.
pub(super) type ByText<V> = HashMap<String, V, BuildHasherDefault<ShortHash>>;

/// The hash of a short text.
#[derive(Debug, Clone)]
pub(super) struct ShortHash(u64);

impl Default for ShortHash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for ShortHash {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The letters and digits that a folded text begins with.
pub(super) fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    &text[..end]
}

/// The bytes of a folded text.
pub(super) fn characters(text: &str) -> Characters {
    text.bytes().fold(0, |all, byte| all | 1 << (byte & 0x1f | (byte & 0x40) >> 1))
}

/// The bytes of the words of a path; of a word with several spellings, those that all of them have.
fn needed(path: &Path) -> Characters {
    let words = path.steps.iter().filter_map(|step| match step {
        Step::Word(word) => Some(word),
        Step::Separator { .. } | Step::Value(_) | Step::Own(_) | Step::List(_) => None,
    });
    let shared =
        |spellings: &[String]| spellings.iter().map(|spelling| characters(spelling)).fold(!0, |all, one| all & one);
    words.fold(0, |all, word| all | shared(&word.spellings))
}
