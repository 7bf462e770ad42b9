//! A number that stands alone, as in a field of a machine's request: what is a number in a text is one there.

use super::fields::miss::{Miss, Problem};
use super::fields::number::{Grouping, any};
use crate::domain::{Line, NumberProblem, NumberingPlan, Reason};
use crate::text::normalise::normalise;

/// Reads a text that is one number and nothing else.
///
/// # Errors
/// [`Reason::NumberUnknown`], [`Reason::NumberWrongLength`], [`Reason::NumberAmbiguous`], or
/// [`Reason::ForbiddenCharacter`] where a character hides or changes what is read.
pub fn number(text: &str, plan: &NumberingPlan) -> Result<Line, Reason> {
    let text = normalise(text).map_err(|_| Reason::ForbiddenCharacter)?;
    let text = text.folded();
    match any(text, 0, Grouping::default(), plan) {
        Ok(found) if found.is_beginning() => Err(Reason::NumberAmbiguous),
        Ok(found) => match text.get(found.end..).unwrap_or_default() {
            "" => Ok(found.line),
            // More digits: no number is completed or cut short.
            rest if rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_punctuation() || b == b' ') => {
                Err(Reason::NumberWrongLength)
            }
            _ => Err(Reason::NumberUnknown),
        },
        Err(Miss { problem: Problem::Number(NumberProblem::WrongLength), .. }) => Err(Reason::NumberWrongLength),
        Err(_) => Err(Reason::NumberUnknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_alone_is_read_as_in_a_text() {
        let plan = NumberingPlan::kosovo().unwrap();
        for written in [
            "049123456",
            "+383 49 123 456",
            " 049 123 456\t",
            "049-123-456",
            "(049) 123-456",
            "00383 49 123456",
            "٠٤٩١٢٣٤٥٦",
            "０４９１２３４５６",
            "049\u{200b}123\u{200b}456",
            "049/123-456",
            "49123456",
            "+383 (0)49 123-456",
            "\u{202d}+383\u{a0}49\u{2011}123\u{200b}456\u{202c}",
            "\u{feff}049123456",
        ] {
            assert_eq!(number(written, &plan).map(|line| line.msisdn.digits()), Ok("38349123456".into()), "{written}");
        }
        for (written, reason) in [
            ("", Reason::NumberUnknown),
            ("x049123456", Reason::NumberUnknown),
            ("049123456 5 euro", Reason::NumberUnknown),
            ("+381641234567", Reason::NumberUnknown),
            ("04912345", Reason::NumberWrongLength),
            ("0491234565", Reason::NumberWrongLength),
            ("049123456 5", Reason::NumberWrongLength),
            ("038 712 345 6", Reason::NumberAmbiguous),
            ("04٩123456", Reason::ForbiddenCharacter),
            ("049\u{1b}123456", Reason::ForbiddenCharacter),
            ("049\u{202e}123456", Reason::ForbiddenCharacter),
        ] {
            assert_eq!(number(written, &plan).map(|line| line.msisdn.digits()), Err(reason), "{written:?}");
        }
    }
}
