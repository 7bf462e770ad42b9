//! The languages of replies. There is no list of them: the files of texts say which there are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Octets of the longest code, `lll-Ssss`.
const OCTETS_MAX: usize = 8;

/// The code of a language as BCP 47 has it: two or three small letters, and a script where a language has several.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language {
    /// The code, and zeros behind it.
    octets: [u8; OCTETS_MAX],
}

/// A text is no code of a language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no code of a language: write two or three small letters, and a script if it needs one, such as `sq`, `bn` \
     or `sr-Cyrl`"
)]
pub struct NotALanguage(String);

impl Language {
    /// English, which explains replies to people who try the program.
    pub const EN: Self = Self { octets: *b"en\0\0\0\0\0\0" };

    pub fn code(&self) -> &str {
        let end = self.octets.iter().position(|&octet| octet == 0).unwrap_or(OCTETS_MAX);
        self.octets.get(..end).and_then(|code| std::str::from_utf8(code).ok()).unwrap_or_default()
    }
}

impl FromStr for Language {
    type Err = NotALanguage;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let (language, script) = code.split_once('-').map_or((code, None), |(before, behind)| (before, Some(behind)));
        let small = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase());
        let is_script = |script: &str| {
            let (first, rest) = script.split_at_checked(1).unwrap_or_default();
            rest.len() == 3 && first.bytes().all(|b| b.is_ascii_uppercase()) && small(rest)
        };
        if !matches!(language.len(), 2 | 3) || !small(language) || !script.is_none_or(is_script) {
            return Err(NotALanguage(code.to_owned()));
        }
        let mut octets = [0; OCTETS_MAX];
        for (place, octet) in octets.iter_mut().zip(code.bytes()) {
            *place = octet;
        }
        Ok(Self { octets })
    }
}

impl TryFrom<String> for Language {
    type Error = NotALanguage;

    fn try_from(code: String) -> Result<Self, NotALanguage> {
        code.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.code().to_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_bcp_47_is_kept_as_it_is_written() {
        for code in ["sq", "bn", "vi", "fil", "sr-Cyrl", "sr-Latn", "fil-Latn"] {
            let language: Language = code.parse().unwrap();
            assert_eq!(language.code(), code);
            assert_eq!(serde_json::to_string(&language).unwrap(), format!("\"{code}\""));
            assert_eq!(serde_json::from_str::<Language>(&format!("\"{code}\"")).unwrap(), language);
        }
        assert_eq!("en".parse(), Ok(Language::EN));
    }

    #[test]
    fn anything_else_is_refused_with_what_to_write() {
        for text in [
            "",
            "s",
            "SQ",
            "Sq",
            "sqip",
            "sr_Cyrl",
            "sr-",
            "sr-cyrl",
            "sr-Cyr",
            "sr-Cyrlx",
            "sr-RS",
            "sr-Cyrl-RS",
            "ще",
            "sq\0",
        ] {
            let error = text.parse::<Language>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is no code of a language: write ")), "{error}");
        }
    }
}
