//! Addresses of messages: numbers, short codes and names, the same for every channel.
//!
//! An address is shown to staff, written to files and sent to peers. It therefore holds only visible characters: a
//! control sequence or an invisible character in an address is an attack or a fault.

use super::fold::{Folded, fold};

/// Longest address in characters: that of the longest field of SMPP (`data_sm`). Other channels and PDUs allow less.
pub const LENGTH_MAX: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// More than [`LENGTH_MAX`] characters.
    #[error("it has {0} characters; an address has at most {LENGTH_MAX}")]
    TooLong(usize),
    /// The character is not visible as it is: a control character, white space other than a plain space, an invisible
    /// or unassigned character, or a direction control.
    #[error("U+{:04X} is not allowed in an address", u32::from(*.0))]
    Unseen(char),
}

/// Checks that a text can be an address. An empty one passes: the caller decides whether an address is required.
///
/// # Errors
/// The first problem.
pub fn check(address: &str) -> Result<(), InvalidAddress> {
    if let Some(unseen) = address.chars().find(|&c| !is_seen(c)) {
        return Err(InvalidAddress::Unseen(unseen));
    }
    // Characters are counted only if the number of octets does not decide.
    match address.len() {
        0..=LENGTH_MAX => Ok(()),
        _ => match address.chars().count() {
            0..=LENGTH_MAX => Ok(()),
            length => Err(InvalidAddress::TooLong(length)),
        },
    }
}

/// Returns true if an identifier from a machine has 1 to `chars_max` visible characters and is not blank.
pub fn is_printable(text: &str, chars_max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= chars_max && text.chars().all(is_seen)
}

fn is_seen(c: char) -> bool {
    match c {
        ' '..='~' => true,
        c => !matches!(
            fold(c),
            Folded::Space | Folded::LineBreak | Folded::Invisible | Folded::Unseen | Folded::Undecodable
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_codes_and_names_are_addresses() {
        for address in ["", "38349111222", "+383 49-111.222", "*123*049123456*5#", "EKONOMIKE", "Café", "Përshëndetje"]
        {
            assert_eq!(check(address), Ok(()), "{address}");
        }
    }

    #[test]
    fn what_nobody_sees_is_in_no_address() {
        for unseen in [
            '\0',
            '\t',
            '\n',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{a0}',
            '\u{ad}',
            '\u{200b}',
            '\u{200e}',
            '\u{202a}',
            '\u{202e}',
            '\u{2028}',
            '\u{2066}',
            '\u{2069}',
            '\u{3000}',
            '\u{3164}',
            '\u{206a}',
            '\u{fffc}',
            '\u{378}',
            '\u{ffff}',
            '\u{e000}',
            '\u{feff}',
            '\u{fffd}',
            '\u{e0041}',
        ] {
            for address in [format!("{unseen}"), format!("383{unseen}49"), format!("38349{unseen}")] {
                assert_eq!(check(&address), Err(InvalidAddress::Unseen(unseen)), "{address:?}");
            }
        }
    }

    #[test]
    fn what_is_not_seen_is_in_no_identifier() {
        for good in ["+38349123456", "50005", "Banka", "Шифра", "a b", &"x".repeat(20)] {
            assert!(is_printable(good, 20), "{good}");
        }
        for bad in ["", " ", "5\u{1b}[2J", "5\n", "5\u{7f}", "5\u{9b}2J", "5\u{202e}", "5\u{200b}", &"x".repeat(21)] {
            assert!(!is_printable(bad, 20), "{bad:?}");
        }
    }

    #[test]
    fn an_address_has_an_end() {
        assert_eq!(check(&"4".repeat(LENGTH_MAX)), Ok(()));
        assert_eq!(check(&"ë".repeat(LENGTH_MAX)), Ok(()), "characters, not octets");
        assert_eq!(check(&"ë".repeat(LENGTH_MAX + 1)), Err(InvalidAddress::TooLong(LENGTH_MAX + 1)));
    }
}
