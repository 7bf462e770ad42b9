//! Similarity of words, for hints only: no text is accepted because it is similar.

/// Longest words that are compared. The distance of longer ones is their length.
const COMPARED_MAX: usize = 24;

/// Number of letters to insert, delete, change or swap with their neighbour to turn `a` into `b` (optimal string
/// alignment).
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

/// Returns the words of `known` that are nearest to `word`, if they are near enough to be meant: at most one change in
/// three letters, in any case.
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

/// Returns the first of the nearest words.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    near(word, known).first().copied()
}

/// Returns true if `typed` may be a mistyped `keyword`. In words as short as `tv` only a doubled, added or swapped
/// letter counts, because nearly every other short word is one letter away.
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
