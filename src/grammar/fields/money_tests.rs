//! Amounts as people write them.

use super::*;

fn euro() -> Money {
    Money::new(None, 2)
}

fn minor(text: &str) -> Result<(i64, &str), Problem> {
    let read = read(text, 0, AmountShape::default(), &euro()).map_err(|miss| miss.problem)?;
    Ok((read.minor, &text[read.end..]))
}

#[test]
fn every_spelling_of_five_euros() {
    for text in [
        "5", "5€", "€5", "€ 5", "5 €", "5 eur", "5eur", "eur 5", "5 euro", "5 evra", "5e", "5,00", "5.0", "05",
        "5,00 €",
    ] {
        assert_eq!(minor(text), Ok((500, "")), "{text}");
    }
    assert_eq!(minor("5,5"), Ok((550, "")));
    assert_eq!(minor("0,07"), Ok((7, "")));
    assert_eq!(minor("0"), Ok((0, "")));
    assert_eq!(minor("5. "), Ok((500, ". ")));
    assert_eq!(minor("5 faleminderit"), Ok((500, " faleminderit")));
}

#[test]
fn what_can_be_read_two_ways_is_not_read() {
    for text in ["5.000", "1.234.56", "1,234,567", "1.2345,6", "12345.678,90", "5.00.00", "005", "049"] {
        assert_eq!(minor(text), Err(Problem::Ambiguous), "{text}");
    }
}

/// Texts with their sums in minor units; `None` if they can be read in two ways.
type Texts<'t> = &'t [(&'t str, Option<i64>)];

#[test]
fn groups_of_digits_are_read_where_they_cannot_be_decimals() {
    let cases: [(u8, Texts<'_>); 3] = [
        (
            0,
            &[
                ("50.000", Some(50_000)),
                ("50,000", Some(50_000)),
                ("1.234.567", Some(1_234_567)),
                ("500", Some(500)),
                ("50.00", None),
                ("50.0000", None),
                ("1.234,567", None),
                ("1234.567", None),
                ("50,000.00", None),
                ("0.500", None),
            ],
        ),
        (
            2,
            &[
                ("1.234,56", Some(123_456)),
                ("1,234.5", Some(123_450)),
                ("1.234.567,89", Some(123_456_789)),
                ("1,234", None),
                ("1,234.567", None),
            ],
        ),
        (3, &[("1.234", Some(1_234)), ("5,5", Some(5_500)), ("1,234.500", Some(1_234_500)), ("1.2345", None)]),
    ];
    for (decimals, texts) in cases {
        let money = Money { decimals, ..Money::new(None, 7) };
        for (text, expected) in texts {
            let found = read(text, 0, AmountShape::default(), &money).map(|read| (read.minor, read.end));
            let expected = expected.map(|minor| (minor, text.len())).ok_or(Problem::Ambiguous);
            assert_eq!(found.map_err(|miss| miss.problem), expected, "{text} with {decimals} decimals");
        }
    }
}

#[test]
fn other_money_and_other_words() {
    for text in ["5 usd", "$5", "5$", "usd 5", "5 lek", "500 din", "5\n\nusd"] {
        assert_eq!(minor(text), Err(Problem::OtherCurrency), "{text}");
    }
    for text in ["five", "5x", "5e5", "-5", "+5", ",5", "eur", "123456", "e"] {
        assert_eq!(minor(text), Err(Problem::Absent), "{text}");
    }
}

#[test]
fn fixed_width_and_minor() {
    let shape = AmountShape { width: Some(8), minor: true, ..AmountShape::default() };
    assert_eq!(read("00000500x", 0, shape, &euro()), Ok(Written { minor: 500, end: 8 }));
    assert!(read("0000050", 0, shape, &euro()).is_err());
}

/// Words of a currency that are abbreviated by a full stop, declared with it or without.
#[test]
fn a_currency_may_be_abbreviated_by_a_stop() {
    for own in [&["rs", "rs."][..], &["rs."], &["rs"]] {
        let rupees = Money::new(Some(own.iter().map(|&word| word.to_owned()).collect()), 4);
        let stop_is_declared = own.contains(&"rs.");
        let minor = |text: &str, shape| read(text, 0, shape, &rupees).map(|read| (read.minor, read.end));
        for text in ["rs.199", "rs. 199", "rs.\n199"] {
            assert_eq!(minor(text, AmountShape::default()), Ok((19_900, text.len())), "{text} {own:?}");
        }
        for text in ["199rs.", "199 rs.", "199.00 rs."] {
            let end = if stop_is_declared { text.len() } else { text.len() - 1 };
            assert_eq!(minor(text, AmountShape::default()), Ok((19_900, end)), "{text} {own:?}");
        }
        let separated = AmountShape { decimals: Decimals { comma: true, stop: false }, ..AmountShape::default() };
        assert_eq!(minor("rs.199", separated).is_ok(), stop_is_declared, "a stop between values ends one: {own:?}");
    }
    assert_eq!(minor("€.5"), Err(Problem::Absent));
    assert_eq!(minor("usd.5"), Err(Problem::OtherCurrency));
}
