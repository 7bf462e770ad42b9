//! National language tables (3GPP TS 23.038 annex A), by septet; [`super::shift`] writes with them.
//!
//! A user data header selects tables by language. A *locking shift* table replaces the default alphabet; a *single
//! shift* table follows an escape. The two are selected independently.

mod locking;
mod single;

/// Characters by place: each run begins at a septet and continues from there.
type Runs = &'static [(u8, &'static str)];

/// A language with tables (national language identifiers, §6.2.1.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NationalLanguage {
    /// 1.
    Turkish,
    /// 2; without a locking shift table.
    Spanish,
    /// 3.
    Portuguese,
    /// 4; also for Assamese.
    Bengali,
    /// 5.
    Gujarati,
    /// 6.
    Hindi,
    /// 7.
    Kannada,
    /// 8.
    Malayalam,
    /// 9.
    Oriya,
    /// 10.
    Punjabi,
    /// 11.
    Tamil,
    /// 12.
    Telugu,
    /// 13.
    Urdu,
}

/// The tables of a 7-bit text; the default ones unless a header selects others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Tables {
    /// Language of the table that replaces the default alphabet.
    pub locking: Option<NationalLanguage>,
    /// Language of the table that follows an escape.
    pub single: Option<NationalLanguage>,
}

impl NationalLanguage {
    const ALL: [Self; 13] = [
        Self::Turkish,
        Self::Spanish,
        Self::Portuguese,
        Self::Bengali,
        Self::Gujarati,
        Self::Hindi,
        Self::Kannada,
        Self::Malayalam,
        Self::Oriya,
        Self::Punjabi,
        Self::Tamil,
        Self::Telugu,
        Self::Urdu,
    ];

    /// Returns the language of an identifier; `None` for 0, the default tables, and for reserved identifiers, which a
    /// receiver ignores.
    pub fn from_identifier(identifier: u8) -> Option<Self> {
        Self::ALL.get(usize::from(identifier).checked_sub(1)?).copied()
    }

    /// The identifier of the language in a header, 1–13.
    pub(super) fn identifier(self) -> u8 {
        let at = Self::ALL.iter().position(|known| *known == self).unwrap_or_default();
        u8::try_from(at + 1).unwrap_or_default()
    }

    /// The language of a name as files of texts have it.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.name() == name)
    }

    /// The names of all languages.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().map(Self::name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Turkish => "turkish",
            Self::Spanish => "spanish",
            Self::Portuguese => "portuguese",
            Self::Bengali => "bengali",
            Self::Gujarati => "gujarati",
            Self::Hindi => "hindi",
            Self::Kannada => "kannada",
            Self::Malayalam => "malayalam",
            Self::Oriya => "oriya",
            Self::Punjabi => "punjabi",
            Self::Tamil => "tamil",
            Self::Telugu => "telugu",
            Self::Urdu => "urdu",
        }
    }

    pub(super) const fn has_locking(self) -> bool {
        !matches!(self, Self::Spanish)
    }

    /// Its tables add letters to the default alphabet. The locking shift tables of the others have letters of another
    /// script, and their single shift tables have those of the default alphabet.
    pub(super) const fn is_latin(self) -> bool {
        matches!(self, Self::Turkish | Self::Spanish | Self::Portuguese)
    }

    /// Character of the locking shift table at this septet, for which the default alphabet has `default`; U+FFFD if it
    /// has none.
    pub(super) fn locking(self, septet: u8, default: char) -> char {
        let (own, others) = match self {
            Self::Turkish => (locking::TURKISH, None),
            Self::Spanish => return default,
            Self::Portuguese => (locking::PORTUGUESE, None),
            Self::Bengali => (locking::BENGALI, Some(locking::INDIC)),
            Self::Gujarati => (locking::GUJARATI, Some(locking::INDIC)),
            Self::Hindi => (locking::HINDI, Some(locking::INDIC)),
            Self::Kannada => (locking::KANNADA, Some(locking::INDIC)),
            Self::Malayalam => (locking::MALAYALAM, Some(locking::INDIC)),
            Self::Oriya => (locking::ORIYA, Some(locking::INDIC)),
            Self::Punjabi => (locking::PUNJABI, Some(locking::INDIC)),
            Self::Tamil => (locking::TAMIL, Some(locking::INDIC)),
            Self::Telugu => (locking::TELUGU, Some(locking::INDIC)),
            Self::Urdu => (locking::URDU, Some(locking::INDIC)),
        };
        match (find(own, septet), others) {
            (Some(found), _) => found,
            (None, Some(shared)) => find(shared, septet).unwrap_or(char::REPLACEMENT_CHARACTER),
            (None, None) => default,
        }
    }

    /// Character of the single shift table at this septet, without the default extension table, which every table
    /// repeats.
    pub(super) fn single(self, septet: u8) -> Option<char> {
        let (own, shared) = match self {
            Self::Turkish => (single::TURKISH, None),
            Self::Spanish => (single::SPANISH, None),
            Self::Portuguese => (single::PORTUGUESE, None),
            Self::Bengali => (single::BENGALI, Some(single::INDIC)),
            Self::Gujarati => (single::GUJARATI, Some(single::INDIC)),
            Self::Hindi => (single::HINDI, Some(single::INDIC)),
            Self::Kannada => (single::KANNADA, Some(single::INDIC)),
            Self::Malayalam => (single::MALAYALAM, Some(single::INDIC)),
            Self::Oriya => (single::ORIYA, Some(single::INDIC)),
            Self::Punjabi => (single::PUNJABI, Some(single::INDIC)),
            Self::Tamil => (single::TAMIL, Some(single::INDIC)),
            Self::Telugu => (single::TELUGU, Some(single::INDIC)),
            Self::Urdu => (single::URDU, Some(single::INDIC)),
        };
        find(own, septet).or_else(|| shared.and_then(|shared| find(shared, septet)))
    }
}

fn find(runs: Runs, septet: u8) -> Option<char> {
    let (start, characters) = runs.iter().rev().find(|(start, _)| *start <= septet)?;
    characters.chars().nth(usize::from(septet - start))
}
