//! The secrets of a text: PINs, codes of cards, and the secret fields of a bank's own, at every place where they stand.

use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::own::OwnField;
use super::token::GROUP_DIGITS;
use super::{Captures, Field, pin};
use crate::text::normalise::Normalised;
use crate::text::runs::{plain_digits, starred};

/// A secret at one of its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grammar) struct SecretCapture {
    /// Bytes of the folded text.
    pub(in crate::grammar) range: Range<usize>,
    pub(in crate::grammar) of: SecretOf,
}

/// The field of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grammar) enum SecretOf {
    Known(Field),
    Own(Arc<OwnField>),
}

impl Field {
    /// Its values are worth money, or spend it.
    pub(in crate::grammar) const fn is_secret(self) -> bool {
        matches!(self, Self::Pin | Self::NewPin | Self::Voucher)
    }
}

impl SecretCapture {
    /// A value of the same field that is nobody's.
    fn for_show(&self, text: &Normalised<'_>) -> String {
        match &self.of {
            SecretOf::Own(field) => field.shown(),
            SecretOf::Known(field) => pin::for_show(self.digits(text).len(), *field == Field::NewPin),
        }
    }

    fn digits(&self, text: &Normalised<'_>) -> Zeroizing<String> {
        let folded = text.folded().get(self.range.clone()).unwrap_or_default();
        // A text that grows would leave digits behind where it was before.
        let mut digits = Zeroizing::new(String::with_capacity(folded.len()));
        digits.extend(folded.chars().filter(char::is_ascii_digit));
        digits
    }
}

impl Captures {
    /// The digits of its secrets, whatever the form does with them. A long code may be written in groups, each of which is
    /// one more secret.
    pub(in crate::grammar) fn secret_digits(&self, text: &Normalised<'_>) -> Vec<Zeroizing<String>> {
        let mut all: Vec<Zeroizing<String>> = Vec::new();
        for secret in &self.secrets {
            let digits = secret.digits(text);
            let groups = groups(&digits);
            all.push(digits);
            all.extend(groups);
        }
        all
    }

    /// The text as typed, with values for show in place of its secrets, and stars for them in a remark: a PIN and the code
    /// of a card are never repeated to anybody.
    pub(in crate::grammar) fn without_secrets(&self, read: &Normalised<'_>) -> String {
        let mut changed: Vec<(Range<usize>, String)> =
            self.secrets.iter().map(|secret| (secret.range.clone(), secret.for_show(read))).collect();
        if let Some(((), range)) = &self.text {
            changed.push((range.clone(), concealed(&read.as_typed(range.clone()), &self.secret_digits(read))));
        }
        changed.sort_unstable_by_key(|(range, _)| range.start);
        let (mut typed, mut at) = (String::new(), 0);
        for (range, shown) in changed {
            typed.push_str(&read.as_typed(at..range.start));
            typed.push_str(&shown);
            at = range.end;
        }
        typed.push_str(&read.as_typed(at..read.folded().len()));
        typed
    }
}

/// A text with stars in place of these secrets.
pub(in crate::grammar) fn concealed(text: &str, secrets: &[Zeroizing<String>]) -> String {
    starred(text, |run| {
        let run = Zeroizing::new(plain_digits(run));
        secrets.contains(&run)
    })
}

fn groups(digits: &str) -> Vec<Zeroizing<String>> {
    let size = GROUP_DIGITS as usize;
    let is_grouped = digits.len() > size && digits.len().is_multiple_of(size);
    let groups = is_grouped.then(|| digits.as_bytes().chunks(size));
    groups.into_iter().flatten().map(|group| Zeroizing::new(String::from_utf8_lossy(group).into_owned())).collect()
}

#[cfg(test)]
#[path = "secret_tests.rs"]
mod tests;
