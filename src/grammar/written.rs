//! One number or one code, written by a person into a field of its own: read as a text would have it read.

use zeroize::Zeroize;

use super::fields::number::{self, Grouping};
use super::fields::{Miss, Problem};
use crate::domain::voucher::{Code, InvalidCode};
use crate::domain::{Line, NumberProblem, NumberingPlan};
use crate::text::normalise::normalise;

/// Reads a telephone number that is all of `written`, in every spelling that a form takes: international or national,
/// grouped or not, with digits of every script that is read, with marks that nobody sees.
///
/// # Errors
/// The digits are too few or too many for their range; or they are of none, or not all of `written` is one number.
pub fn written_number(written: &str, plan: &NumberingPlan) -> Result<Line, NumberProblem> {
    let text = normalise(written).map_err(|_| NumberProblem::NotInPlan)?;
    let folded = text.folded();
    match number::any(folded, 0, Grouping::default(), plan) {
        Ok(found) if found.end == folded.len() => Ok(found.line),
        // A complete number with digits behind it has too many; anything else behind it is something else.
        Ok(found) if folded[found.end..].bytes().all(|b| matches!(b, b' ' | b'0'..=b'9')) => {
            Err(NumberProblem::WrongLength)
        }
        Err(Miss { problem: Problem::Number(problem), .. }) => Err(problem),
        _ => Err(NumberProblem::NotInPlan),
    }
}

/// Reads the code of a scratch card that is all of `written`: its digits in groups or not, of every script that is read,
/// with marks that nobody sees.
///
/// # Errors
/// Not sixteen digits, or their check digit is another.
pub fn written_code(written: &str) -> Result<Code, InvalidCode> {
    let text = normalise(written).map_err(|_| InvalidCode::Length)?;
    let mut digits = text.folded().replace('\n', " ");
    let code = digits.parse();
    digits.zeroize();
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(written: &str) -> Result<String, NumberProblem> {
        written_number(written, &NumberingPlan::kosovo().unwrap()).map(|line| line.msisdn.digits())
    }

    #[test]
    fn a_number_is_read_however_it_is_written() {
        for written in [
            "049123456",
            " 049 123 456 ",
            "049-123-456",
            "049/123-456",
            "(049) 123 456",
            "49123456",
            "+38349123456",
            "+383 49 123 456",
            "+383 (0)49 123-456",
            "00383 49 123 456",
            "٠٤٩١٢٣٤٥٦",
            "０４９１２３４５６",
            "\u{202d}+383\u{a0}49\u{2011}123\u{200b}456\u{202c}",
            "\u{feff}049123456",
        ] {
            assert_eq!(number(written), Ok("38349123456".to_owned()), "{written:?}");
        }
        assert_eq!(number("038 712 345"), Ok("38338712345".to_owned()), "a fixed line too");
    }

    #[test]
    fn what_is_more_or_less_than_a_number_is_none() {
        use NumberProblem::{NotInPlan, WrongLength};
        for (written, problem) in [
            ("", NotInPlan),
            ("abc", NotInPlan),
            ("050123456", NotInPlan),
            ("04912345", WrongLength),
            ("0491234567", WrongLength),
            ("049123456 7", WrongLength),
            ("049123456 049123456", WrongLength),
            ("049123456 euro", NotInPlan),
            ("049123456.", NotInPlan),
            ("04٩123456", NotInPlan),
            ("\u{202e}049123456", NotInPlan),
            ("049\u{fffd}123456", NotInPlan),
        ] {
            assert_eq!(number(written), Err(problem), "{written:?}");
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_written() {
        let code = Code::draw(740_158_200_031_952).unwrap();
        let digits = String::from_utf8(code.reveal().to_vec()).unwrap();
        let arabic: String = digits.chars().filter_map(|c| char::from_u32(0x660 + c.to_digit(10)?)).collect();
        let grouped = format!("{} {}-{}\u{2011}{}", &digits[..4], &digits[4..8], &digits[8..12], &digits[12..]);
        let marked = format!("\u{200b}{}\u{200b}{}\u{2069}", &digits[..5], &digits[5..]);
        for written in [digits.clone(), format!(" {digits}\n"), arabic, grouped, marked.replace('\u{2069}', "")] {
            assert_eq!(written_code(&written), Ok(code), "{written:?}");
        }
        for written in ["", "12345", "a123456789012345", &format!("{digits}0"), &format!("{digits}\u{fffd}")] {
            assert_eq!(written_code(written), Err(InvalidCode::Length), "{written:?}");
        }
    }
}
