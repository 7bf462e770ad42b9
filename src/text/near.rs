//! How far one word is from another, for hints only: nothing is ever read by being near.

/// Longest words that are compared; longer ones are as far as they are long.
const COMPARED_MAX: usize = 24;

/// How many letters have to be put in, left out, changed or swapped with their neighbour to make `b` of `a`
/// (optimal string alignment).
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() > COMPARED_MAX || b.len() > COMPARED_MAX {
        return a.len().max(b.len());
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &to) in b.iter().enumerate() {
            let mut least = (above[j] + usize::from(from != to)).min(above[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0 && j > 0 && from == b[j - 1] && a[i - 1] == to;
            if swapped && let Some(&diagonal) = before.get(j - 1) {
                least = least.min(diagonal + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(a.len())
}

/// Those of `known` that `word` is nearest to, where they are near enough to be meant: one slip in three letters, in
/// whichever case.
pub fn near<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let word = word.to_lowercase();
    let mut least = (word.chars().count() / 3).max(1);
    let mut near = Vec::new();
    for candidate in known {
        let slips = distance(&word, &candidate.to_lowercase());
        if slips < least {
            near.clear();
            least = slips;
        }
        if slips == least {
            near.push(candidate);
        }
    }
    near
}

/// The first of those.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    near(word, known).first().copied()
}

/// Whether `typed` is `keyword` with a slip of the finger. Of words as short as `tv` nearly every other is one letter
/// away, so that only a doubled, added or swapped letter counts there.
pub fn is_slip(typed: &str, keyword: &str) -> bool {
    let (long_typed, long) = (typed.chars().count(), keyword.chars().count());
    match (long, distance(typed, keyword)) {
        (2, 1) => long_typed == 3 || same_letters(typed, keyword),
        (3.., 1) | (6.., 2) => true,
        _ => false,
    }
}

fn same_letters(a: &str, b: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(a) == sorted(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in
            [("", "", 0), ("tv", "tv", 0), ("ttv", "tv", 1), ("vt", "tv", 1), ("fx", "fix", 1), ("int", "tv", 3)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn those_that_are_nearest_are_told_and_none_that_is_far() {
        let banks = ["bkt", "teb", "tek", "nlb", "ekonomike"];
        for (word, meant) in [
            ("tebb", &["teb"][..]),
            ("TEB", &["teb"]),
            ("te", &["teb", "tek"]),
            ("ekonomia", &["ekonomike"]),
            ("nobank", &[]),
            ("x", &[]),
            ("", &[]),
        ] {
            assert_eq!(near(word, banks), meant, "{word}");
            assert_eq!(nearest(word, banks), meant.first().copied(), "{word}");
        }
    }

    #[test]
    fn a_slip_is_not_any_other_word() {
        for (typed, keyword) in
            [("ttv", "tv"), ("vt", "tv"), ("fx", "fix"), ("duotvv", "duotv"), ("intrenet", "internet")]
        {
            assert!(is_slip(typed, keyword), "{typed}");
        }
        for (typed, keyword) in
            [("te", "tv"), ("tv", "tv"), ("hello", "tv"), ("5", "tv"), ("duofix", "duotv"), ("x", "")]
        {
            assert!(!is_slip(typed, keyword), "{typed}");
        }
    }
}
