//! The separators between the values of a form.

use super::walk::{Placed, Source};

/// Signs that may stand where a form has a separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Separators {
    /// White space inside a line.
    pub(super) space: bool,
    /// White space that breaks the line.
    pub(super) newline: bool,
    /// Signs, one bit for each of [`SIGNS`].
    pub(super) signs: u8,
}

/// The signs that a grammar may declare as separators, and their names in a file.
pub(super) const SIGNS: [(char, &str); 8] = [
    (',', "comma"),
    ('.', "dot"),
    ('*', "star"),
    ('#', "hash"),
    ('/', "slash"),
    (':', "colon"),
    (';', "semicolon"),
    ('-', "dash"),
];

impl Default for Separators {
    /// White space of any kind.
    fn default() -> Self {
        Self { space: true, newline: true, signs: 0 }
    }
}

impl Separators {
    pub(super) fn has(self, sign: char) -> bool {
        SIGNS.iter().enumerate().any(|(bit, &(known, _))| known == sign && self.signs & (1 << bit) != 0)
    }

    /// These and some signs.
    pub(super) fn with(self, signs: &[char]) -> Self {
        let bits = SIGNS.iter().enumerate().filter(|(_, (sign, _))| signs.contains(sign));
        Self { signs: bits.fold(self.signs, |all, (bit, _)| all | 1 << bit), ..self }
    }

    /// These and those.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            space: self.space || other.space,
            newline: self.newline || other.newline,
            signs: self.signs | other.signs,
        }
    }

    /// As it is printed: a space where that is one, else the first sign.
    pub(super) fn printed(self) -> &'static str {
        if self.space {
            return " ";
        }
        let sign = SIGNS.iter().enumerate().find(|(bit, _)| self.signs & (1 << bit) != 0);
        match sign.map(|(_, &(sign, _))| sign) {
            Some(',') => ",",
            Some('.') => ".",
            Some('*') => "*",
            Some('#') => "#",
            Some('/') => "/",
            Some(':') => ":",
            Some(';') => ";",
            Some('-') => "-",
            _ => "\n",
        }
    }

    /// The end of a separator that begins at `at`: white space, or one sign with white space around it.
    pub(super) fn read(self, text: &str, at: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let white = |mut at: usize| {
            let mut broken = false;
            while let Some(byte @ (b' ' | b'\n')) = bytes.get(at) {
                broken |= *byte == b'\n';
                at += 1;
            }
            (at, broken)
        };
        let (after, broken) = white(at);
        if let Some(&sign) = bytes.get(after)
            && self.signs != 0
            && self.has(char::from(sign))
        {
            return Some(white(after + 1).0);
        }
        let allowed = if broken { self.newline } else { self.space };
        (after > at && allowed).then_some(after)
    }
}

/// The separators that a file lists; `None` where it lists none.
pub(super) fn read(source: &mut Source<'_>, list: Option<&[Placed<String>]>) -> Option<Separators> {
    let list = list?;
    let mut set = Separators { space: false, newline: false, signs: 0 };
    for name in list {
        match name.value.as_str() {
            "space" | " " => set.space = true,
            "newline" | "\n" => set.newline = true,
            other => {
                let bit = SIGNS.iter().position(|&(sign, known)| known == other || other.chars().eq([sign]));
                if let Some(bit) = bit {
                    set.signs |= 1 << bit;
                } else {
                    let names: Vec<&str> = SIGNS.iter().map(|&(_, name)| name).collect();
                    let help = format!("the separators are space, newline, {}", names.join(", "));
                    source.report(name.span.clone(), format!("there is no separator `{other}`"), help);
                }
            }
        }
    }
    Some(set)
}
