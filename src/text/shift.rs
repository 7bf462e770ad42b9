//! Writing with national language tables (3GPP TS 23.038 §6.2.1.2): the place of each character in the tables that a
//! user data header names, and the sets of tables that a country's texts are sent with.

use std::sync::Arc;

use super::gsm7::{self, ESCAPE, Septet};
use super::national::{NationalLanguage, Tables};
use super::udh::Element;

/// Octets of user data in an SMS.
const OCTETS_MAX: usize = 140;
/// Octets of a header beside its elements: its length.
const HEADER_LENGTH: usize = 1;
/// Octets of an element that names a table.
const TABLE_ELEMENT: usize = 3;
/// Octets of the element that names a part of a long message.
const PART_ELEMENT: usize = 5;
/// A letter of every set of tables, which stands for those of values.
const SAMPLE: char = 'W';

/// Tables, and the place of each character in them.
#[derive(Debug, PartialEq, Eq)]
pub struct Charset {
    tables: Tables,
    /// Sorted by character.
    places: Vec<(char, Septet)>,
}

impl Charset {
    /// The characters are those that a receiver decodes with these tables. Of several places of one character, the first
    /// without an escape is taken.
    fn new(tables: Tables) -> Self {
        let septets = || (0..=0x7f).filter(|&septet| septet != ESCAPE);
        let decoded = |octets: &[u8]| gsm7::decode_lossy(octets, tables).0.chars().next();
        let base = septets().filter_map(|septet| Some((decoded(&[septet])?, Septet::Base(septet))));
        let shifted = septets().filter_map(|septet| Some((decoded(&[ESCAPE, septet])?, Septet::Extension(septet))));
        let mut places: Vec<_> = base.chain(shifted).filter(|(c, _)| *c != char::REPLACEMENT_CHARACTER).collect();
        // The sort is stable: the first place of a character stays the first.
        places.sort_by_key(|(c, _)| *c);
        places.dedup_by_key(|(c, _)| *c);
        Self { tables, places }
    }

    pub(super) fn septet_of(&self, c: char) -> Option<Septet> {
        let at = self.places.binary_search_by_key(&c, |(known, _)| *known).ok()?;
        self.places.get(at).map(|(_, septet)| *septet)
    }

    pub(super) fn has(&self, c: char) -> bool {
        self.septet_of(c).is_some()
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        text.chars().all(|c| self.has(c))
    }

    /// Septets of a character; 1 if it has no place.
    pub(super) fn cost(&self, c: char) -> usize {
        self.septet_of(c).map_or(1, Septet::count)
    }

    /// The text, one septet in a byte; `None` if a character has no place.
    pub(super) fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let mut septets = Vec::with_capacity(text.len());
        for c in text.chars() {
            match self.septet_of(c)? {
                Septet::Base(septet) => septets.push(septet),
                Septet::Extension(septet) => septets.extend([ESCAPE, septet]),
            }
        }
        Some(septets)
    }

    /// The elements of the header that name the tables.
    pub(super) fn elements(&self) -> impl Iterator<Item = Element> {
        let single = self.tables.single.map(|language| Element::SingleShift(language.identifier()));
        let locking = self.tables.locking.map(|language| Element::LockingShift(language.identifier()));
        single.into_iter().chain(locking)
    }

    /// Septets of a message of one segment, or of a part of several.
    pub(super) fn room(&self, is_part: bool) -> usize {
        let part = if is_part { PART_ELEMENT } else { 0 };
        let header = HEADER_LENGTH + TABLE_ELEMENT * self.elements().count() + part;
        (OCTETS_MAX - header) * 8 / 7
    }
}

/// The tables of a language that the texts of a file are written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letters {
    pub(super) language: NationalLanguage,
    /// Its locking shift table is used, too.
    pub(super) locking: bool,
    /// A text has only characters that all of these have, so that it can be sent with each of them.
    sets: Arc<[Charset]>,
}

impl Letters {
    pub(super) fn new(language: NationalLanguage, locking: bool) -> Self {
        let single = Tables { single: Some(language), locking: None };
        let both = Tables { locking: Some(language), ..single };
        let sets = match (locking && language.has_locking(), language.is_latin()) {
            (false, _) => vec![single],
            (true, true) => vec![single, both],
            // The letters are in the locking shift table only.
            (true, false) => vec![both],
        };
        Self { language, locking, sets: sets.into_iter().map(Charset::new).collect() }
    }

    /// The tables that a file of texts names. `is_wide` tells that its texts are sent in UCS-2.
    ///
    /// # Errors
    /// The key that cannot be so, and the problem.
    pub(super) fn read(
        national: Option<&str>,
        locking: Option<bool>,
        is_wide: bool,
    ) -> Result<Option<Self>, (&'static str, String)> {
        let Some(name) = national else {
            let problem = "it is about the tables of `national`: write that too, or take it out";
            return locking.map_or(Ok(None), |_| Err(("locking", problem.to_owned())));
        };
        let Some(language) = NationalLanguage::from_name(name) else {
            let names = NationalLanguage::names().collect::<Vec<_>>().join(", ");
            return Err(("national", format!("there are no such tables: write one of {names}")));
        };
        if is_wide {
            let problem = "a language that is sent in UCS-2 needs no tables: take it out, or set alphabet = \"gsm7\"";
            return Err(("national", problem.to_owned()));
        }
        if locking == Some(false) && !language.is_latin() {
            let problem = "the letters of this language are in its locking shift table: take it out";
            return Err(("locking", problem.to_owned()));
        }
        Ok(Some(Self::new(language, locking.unwrap_or(true))))
    }

    pub(super) fn sets(&self) -> &[Charset] {
        &self.sets
    }

    /// Tells whether a text may have this character.
    pub(super) fn has(&self, c: char) -> bool {
        self.sets.iter().all(|set| set.has(c))
    }

    /// A letter that is written as it is.
    pub(super) fn keeps(&self, c: char) -> bool {
        c.is_alphabetic() && self.has(c)
    }

    /// Places that a character takes of those of a value, whose length is proven in capital letters.
    pub(super) fn weight(&self, c: char) -> usize {
        let weights = self.sets.iter().map(|set| 1 + set.cost(c).saturating_sub(set.cost(SAMPLE)));
        weights.max().unwrap_or(1)
    }
}

/// The sets of tables that the texts of a country are sent with, beside the default ones; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NationalTables(Arc<[Charset]>);

impl NationalTables {
    /// Of each language the single shift table, the locking shift table, and both. The first of several that do equally
    /// well is taken: a phone without a single shift table shows a plain letter in place of each one that it lacks.
    pub(super) fn of<'l>(languages: impl Iterator<Item = &'l Letters>) -> Self {
        let mut tables: Vec<Tables> = Vec::new();
        for Letters { language, locking, .. } in languages {
            let (single, both) = (Some(*language), Some(*language).filter(|known| *locking && known.has_locking()));
            tables.push(Tables { single, locking: None });
            if both.is_some() {
                tables.extend([Tables { single: None, locking: both }, Tables { single, locking: both }]);
            }
        }
        let mut sets: Vec<Charset> = Vec::new();
        for tables in tables {
            if sets.iter().all(|known| known.tables != tables) {
                sets.push(Charset::new(tables));
            }
        }
        Self(sets.into())
    }

    /// The sets that have every character of the text.
    pub(super) fn holding(&self, text: &str) -> impl Iterator<Item = &Charset> {
        self.0.iter().filter(|set| set.holds(text))
    }
}

#[cfg(test)]
#[path = "shift_tests.rs"]
mod tests;
