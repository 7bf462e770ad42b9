//! Runs of digits in a text, and stars in place of those that nobody may see.

use super::normalise::normalise;
use super::unseen::is_unseen;

/// Replaces the runs of digits that are `hidden` with stars; the length in characters is kept. An invisible character
/// does not end a run.
pub fn starred(text: &str, hidden: impl Fn(&str) -> bool) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let numeric = first.is_numeric();
        let end = if numeric { run(rest) } else { rest.find(char::is_numeric).unwrap_or(rest.len()) };
        let (run, behind) = rest.split_at(end);
        if numeric && hidden(run) {
            masked.extend(run.chars().map(|_| '*'));
        } else {
            masked.push_str(run);
        }
        rest = behind;
    }
    masked
}

/// Converts the digits of a run to ASCII, whatever their script, and removes the invisible characters between them.
pub fn plain_digits(run: &str) -> String {
    let digits: String = run.chars().filter(|c| c.is_numeric()).collect();
    normalise(&digits).map(|text| text.folded().to_owned()).unwrap_or_default()
}

/// Length in octets of the run of digits at the beginning of a text.
fn run(text: &str) -> usize {
    let within = text.char_indices().take_while(|(_, c)| c.is_numeric() || is_unseen(*c));
    let last = within.filter(|(_, c)| c.is_numeric()).last();
    last.map_or(0, |(at, c)| at + c.len_utf8())
}
