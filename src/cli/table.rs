//! Tables for spreadsheets (CSV). Cells with text of a customer or a bank are marked as text, so that no spreadsheet
//! program takes them for formulas.

use super::style::lines;
use crate::text::visible::visible;

/// Characters that begin a formula in a spreadsheet.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

pub(super) fn rows<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> anyhow::Result<()> {
    let mut table = csv::Writer::from_writer(Vec::new());
    for row in rows {
        table.write_record(row.map(|cell| harmless(&cell)))?;
    }
    lines(&String::from_utf8(table.into_inner()?)?)?;
    Ok(())
}

/// The escaped cell, with an apostrophe before each character that could begin a formula: at the beginning, and after a
/// semicolon, where some spreadsheet programs begin a new cell. Numbers and telephone numbers are unchanged.
fn harmless(cell: &str) -> String {
    let shown = visible(cell);
    if is_number(&shown) {
        return shown.into_owned();
    }
    let (mut safe, mut begins) = (String::with_capacity(shown.len() + 1), true);
    for c in shown.chars() {
        if begins && FORMULA.contains(&c) {
            safe.push('\'');
        }
        begins = c == ';' || (begins && (c == '"' || c.is_whitespace()));
        safe.push(c);
    }
    safe
}

/// `-5.00`, `+38349111222`, `+383 49 111 222`.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let is_part = |c: char| c.is_ascii_digit() || c == ' ';
    let (whole, minor) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| part.starts_with(|c: char| c.is_ascii_digit()) && part.chars().all(is_part);
    is_digits(whole) && is_digits(minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_take_for_a_formula_is_text() {
        for (cell, safe) in [
            ("=HYPERLINK(\"http://x\",\"y\")", "'=HYPERLINK(\"http://x\",\"y\")"),
            ("@SUM(1)", "'@SUM(1)"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("-1-1", "'-1-1"),
            (" =1", " '=1"),
            ("\t=1", "\\t=1"),
            ("\r@x", "\\r@x"),
            ("＝1", "'＝1"),
            ("a;=1", "a;'=1"),
            ("a; \"=1", "a; \"'=1"),
            ("+", "'+"),
            ("-", "'-"),
            ("-.", "'-."),
        ] {
            assert_eq!(harmless(cell), safe, "{cell}");
        }
    }

    #[test]
    fn numbers_telephone_numbers_and_plain_text_stay() {
        for cell in
            ["-5.00", "12.30", "+38349111222", "+383 49 111 222", "product:tv:arta", "a=b", "it's", "", "2026-11-22"]
        {
            assert_eq!(harmless(cell), cell);
        }
    }
}
