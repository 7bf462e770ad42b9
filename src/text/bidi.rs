//! Direction controls: checks that a line with such controls is shown in the order in which it is read (UAX #9).
//!
//! Phones put direction controls around numbers that are pasted from contacts. Around left-to-right text they have no
//! effect. If they reorder a line, a person sees another text than the one that is read.

use unicode_bidi::{BidiInfo, Level};

use super::fold::{is_control, is_invisible};

/// Returns the byte offset of the control that makes a text unsafe: a right-to-left override anywhere, or the first
/// control of a line in which controls change the order of letters and digits.
pub(super) fn turned(text: &str) -> Option<usize> {
    text.char_indices().find(|(_, c)| *c == '\u{202e}').map(|(at, _)| at).or_else(|| {
        let mut start = 0;
        text.split_inclusive(is_line_end).find_map(|line| {
            let begin = start;
            start += line.len();
            let controls = || line.char_indices().filter(|(_, c)| is_control(*c));
            let (first, _) = controls().next()?;
            let leftward = controls().find(|(_, c)| matches!(c, '\u{202b}' | '\u{2067}')).map_or(first, |(at, _)| at);
            (!keeps_order(line)).then_some(begin + leftward)
        })
    })
}

/// Returns true if the controls do not change the order in which the line is shown.
fn keeps_order(line: &str) -> bool {
    let stored: Vec<char> = line.chars().filter(|c| c.is_alphanumeric()).collect();
    let shown = shown(line);
    shown == stored || shown == self::shown(&line.replace(is_control, ""))
}

/// Letters and digits in the order in which a phone shows them, from left to right.
fn shown(line: &str) -> Vec<char> {
    let info = BidiInfo::new(line, Some(Level::ltr()));
    let ordered = info.paragraphs.iter().flat_map(|paragraph| {
        let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
        let run = |run: std::ops::Range<usize>| {
            let letters = line.get(run.clone()).unwrap_or_default().chars().filter(|c| c.is_alphanumeric());
            if levels.get(run.start).is_some_and(Level::is_rtl) {
                letters.rev().collect::<Vec<_>>()
            } else {
                letters.collect()
            }
        };
        runs.into_iter().flat_map(run).collect::<Vec<_>>()
    });
    ordered.filter(|c| !is_invisible(*c)).collect()
}

/// Returns true for the ends of lines, the same as in [`super::normalise`].
fn is_line_end(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::override_to_the_right("\u{202d}+38349123456\u{202c} 5")]
    #[case::embedding("\u{202a}+383 49 123-456\u{202c} 5")]
    #[case::isolate("\u{2066}049123456\u{2069} 5")]
    #[case::first_strong("\u{2068}049123456\u{2069} 5")]
    #[case::isolated_to_the_left_in_one_piece("\u{2067}049123456\u{2069} 5")]
    #[case::with_a_plus("\u{2067}+38349123456\u{2069} 5")]
    #[case::nested("\u{202a}\u{2066}049\u{2069}123456\u{202c} 5")]
    #[case::never_closed("\u{202a}049123456 5")]
    #[case::never_opened("049123456\u{202c}\u{2069} 5")]
    #[case::around_all("\u{2066}049123456 5\u{2069}")]
    #[case::arabic_digits("\u{202d}٠٤٩١٢٣٤٥٦\u{202c} 5")]
    #[case::another_line_is_arabic("\u{202d}049123456\u{202c} 5\n\nشكرا جزيلا")]
    fn what_changes_nothing_is_let_through(#[case] text: &str) {
        assert_eq!(turned(text), None);
    }

    #[rstest]
    #[case::override_to_the_left("\u{202e}5", 0)]
    #[case::behind_another("\u{202d}5\u{202c} \u{202e}6", 8)]
    #[case::embedding("\u{202b}10 05\u{202c}", 0)]
    #[case::isolate("\u{2067}049123456 5\u{2069}", 0)]
    #[case::number_turned_round_what_follows("\u{202b}049123456\u{202c} 5", 0)]
    #[case::groups("\u{2067}049 123 456\u{2069} 5", 0)]
    #[case::on_its_second_line("5\n\u{202b}10 05", 2)]
    fn what_turns_a_line_round_is_not(#[case] text: &str, #[case] at: usize) {
        assert_eq!(turned(text), Some(at));
    }

    proptest! {
        #[test]
        fn controls_to_the_right_never_turn_what_is_plain(
            parts in prop::collection::vec(("[ -~]{0,12}", prop::sample::select(vec!["\u{202a}", "\u{202d}", "\u{202c}", "\u{2066}", "\u{2068}", "\u{2069}"])), 0..6),
        ) {
            let text: String = parts.iter().flat_map(|(words, control)| [words.as_str(), control]).collect();
            prop_assert_eq!(turned(&text), None);
        }

        #[test]
        fn any_text_is_judged(text: String) {
            if let Some(at) = turned(&text) {
                prop_assert!(text[at..].starts_with(is_control));
            }
        }
    }
}
