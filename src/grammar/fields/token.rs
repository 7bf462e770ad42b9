//! Runs of digits or characters, which several kinds of values are.

use nom::bytes::complete::take_while_m_n;
use nom::{IResult, Parser};

use super::miss::{Miss, ends};

/// Most characters of a value whose width a form may say.
pub(in crate::grammar) const CHARACTERS_MAX: u32 = 32;

/// Digits of a group, where a code may stand in groups.
pub(in crate::grammar) const GROUP_DIGITS: u32 = 4;

/// The spelling of a run of digits or characters in one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grammar) struct DigitsShape {
    /// Fewest and most of them.
    pub(in crate::grammar) width: (u32, u32),
    /// Another value follows at once.
    pub(in crate::grammar) glued: bool,
}

/// Digits, as many as the shape says, and no more behind them unless they are glued.
pub(in crate::grammar) fn digits(text: &str, at: usize, shape: DigitsShape) -> Result<usize, Miss> {
    run(text, at, shape, |c| c.is_ascii_digit())
}

/// So many digits in groups of four, with white space or one dash between two of them.
pub(in crate::grammar) fn grouped_digits(text: &str, at: usize, width: u32) -> Result<usize, Miss> {
    let group_of = DigitsShape { width: (GROUP_DIGITS, GROUP_DIGITS), glued: false };
    let mut end = digits(text, at, group_of)?;
    for _ in 1..width / GROUP_DIGITS {
        let rest = text.get(end..).unwrap_or_default();
        let group = rest.strip_prefix('-').unwrap_or_else(|| rest.trim_start_matches([' ', '\n']));
        if group.len() == rest.len() {
            return Err(Miss::absent(at));
        }
        let start = text.len() - group.len();
        end = digits(text, start, group_of).map_err(|_| Miss::absent(at))?;
    }
    Ok(end)
}

/// As many characters as the shape says, and no letter or digit behind them unless they are glued.
pub(in crate::grammar) fn run(
    text: &str,
    at: usize,
    shape: DigitsShape,
    of: impl Fn(char) -> bool,
) -> Result<usize, Miss> {
    let (input, (low, high)) = (text.get(at..).unwrap_or_default(), shape.width);
    let taken: IResult<&str, &str> = take_while_m_n(low as usize, high as usize, of).parse(input);
    match taken {
        Ok((rest, taken)) if shape.glued || ends(rest) => Ok(at + taken.len()),
        _ => Err(Miss::absent(at)),
    }
}

/// So many digits that mean nothing.
pub(in crate::grammar) fn digits_for_show(count: u32) -> String {
    "1234567890".chars().cycle().take(count as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths() {
        let shape = |glued| DigitsShape { width: (4, 4), glued };
        assert_eq!(digits("1234 5", 0, shape(false)), Ok(4));
        assert!(digits("12345", 0, shape(false)).is_err());
        assert_eq!(digits("12345", 0, shape(true)), Ok(4));
    }
}
