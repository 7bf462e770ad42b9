//! Placeholders in samples, as banks' pages write them (`064XXXXXXX`, `<number>`, `[amount]`, `GIFT NUMBER AMOUNT PIN`),
//! replaced by values that a customer could write.

use std::ops::Range;

use super::fields::Field;
use crate::domain::NumberingPlan;
use crate::text::normalise::normalise;

/// Names of placeholders, folded and without spaces, in English and in languages that banks' pages are often in.
const NAMES: [(Field, &str); 8] = [
    (
        Field::Msisdn,
        "number no nr msisdn phone phonenumber phoneno mobile mobilenumber mobileno tel telefon telefoni telephone cell \
         recipient receiver recipientnumber receivernumber destination destinationnumber numri numriitelefonit broj \
         brojtelefona numero numerodetelefono numerodetelephone celular nomor nohp nomorhp nomer nomertelefona",
    ),
    (
        Field::Amount,
        "amount amt sum value shuma vlera iznos suma summa monto valor montant betrag jumlah nominal price denomination \
         denom",
    ),
    (Field::Pin, "pin mpin tpin pincode pinkod pini old oldpin currentpin yourpin password pass lozinka"),
    (Field::NewPin, "new newpin piniiri novipin"),
    (Field::Username, "username user userid login perdoruesi korisnik"),
    (Field::Reference, "reference referenceno referencenumber referenca txnid transactionid"),
    (Field::Voucher, "voucher vouchercode vouchernumber code cardnumber cardcode kodi kod scratchcode"),
    (Field::Operator, "operator operatori network networkname"),
];

/// Longest text in brackets that is a placeholder, in characters.
const BRACKETED_MAX: usize = 30;

/// A sample with values in place of its placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) text: String,
    /// The values that stand for placeholders, by their bytes in the text.
    pub(super) values: Vec<(Range<usize>, Field)>,
}

/// Replaces the placeholders of a sample.
///
/// # Errors
/// A placeholder in brackets that no field is known for.
pub(super) fn filled(sample: &str, plan: &NumberingPlan) -> Result<Filled, String> {
    let mut filled = Filled::default();
    let mut rest = sample.trim();
    while let Some(c) = rest.chars().next() {
        let is_start = !filled.text.ends_with(char::is_alphanumeric);
        let value = match bracketed(rest)? {
            Some(value) => Some(value),
            None if is_start => digits(rest, &filled, plan).or_else(|| word(rest, filled.text.trim().is_empty())),
            None => None,
        };
        let taken = if let Some(Placeholder { field, value, length }) = value {
            filled.put(field, &value.or_else(|| made_up(field, plan)).unwrap_or_default());
            length
        } else {
            filled.text.push(c);
            c.len_utf8()
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    Ok(filled)
}

impl Filled {
    fn put(&mut self, field: Field, value: &str) {
        let start = self.text.len();
        self.text += value;
        self.values.push((start..self.text.len(), field));
    }

    fn has(&self, field: Field) -> bool {
        self.values.iter().any(|(_, known)| *known == field)
    }
}

/// A placeholder at the beginning of a text.
struct Placeholder {
    field: Field,
    /// Its own digits; `None` for a value that is made up.
    value: Option<String>,
    /// Its bytes.
    length: usize,
}

/// A value that a customer could write.
fn made_up(field: Field, plan: &NumberingPlan) -> Option<String> {
    let number = plan.sample_mobile("123456789");
    Some(match field {
        Field::Msisdn => plan.national(number?),
        Field::Operator => plan.line(number?)?.operator?.to_string(),
        Field::Pin => "1234".to_owned(),
        Field::NewPin => "5678".to_owned(),
        Field::Username => "arben1".to_owned(),
        Field::Reference => "A81723".to_owned(),
        Field::Voucher => "1234567890123456".to_owned(),
        _ => "5".to_owned(),
    })
}

/// `<number>`, `[amount]`, `{PIN}`, `<064XXXXXXX>`.
fn bracketed(rest: &str) -> Result<Option<Placeholder>, String> {
    let close = match rest.chars().next() {
        Some('<') => '>',
        Some('[') => ']',
        Some('{') => '}',
        _ => return Ok(None),
    };
    let Some((inside, _)) = rest[1..].split_once(close) else { return Ok(None) };
    let is_name = inside.chars().any(char::is_alphabetic)
        && inside.chars().count() <= BRACKETED_MAX
        && inside.chars().all(|c| c.is_alphanumeric() || " _-.'/+".contains(c));
    if !is_name {
        return Ok(None);
    }
    let length = inside.len() + 2;
    let field =
        named(inside).or_else(|| inside.chars().any(|c| c.eq_ignore_ascii_case(&'x')).then(|| of_exes(inside))?);
    let field = field.ok_or_else(|| {
        let placeholder = &rest[..length];
        format!("no field is known for {placeholder}: write a value in its place, as a customer would")
    })?;
    Ok(Some(Placeholder { field, value: None, length }))
}

/// The field with this name.
fn named(name: &str) -> Option<Field> {
    let folded = normalise(name).ok()?.folded().replace(|c: char| !c.is_alphanumeric(), "");
    let own = folded.strip_prefix("your").unwrap_or(&folded);
    NAMES
        .iter()
        .find(|(_, names)| names.split(' ').any(|known| known == folded || known == own))
        .map(|(field, _)| *field)
}

/// A word in capitals that names a field, alone or with the next one (`NEW PIN`). With a value behind it, or as the first
/// word, it is a keyword, unless it names what many messages begin with.
fn word(rest: &str, is_first: bool) -> Option<Placeholder> {
    let one = capitals(rest)?;
    let two = rest[one.len()..].strip_prefix([' ', '_']).and_then(capitals).map(|next| one.len() + 1 + next.len());
    let found = two.and_then(|length| Some((named(&rest[..length])?, length)));
    let (field, length) = found.or_else(|| Some((named(one)?, one.len())))?;
    let behind = rest[length..].trim_start_matches([' ', ':', '=']);
    let has_value = behind.starts_with(|c: char| c.is_ascii_digit() || c == '+');
    let may_begin = matches!(field, Field::Msisdn | Field::Amount);
    (!has_value && (may_begin || !is_first)).then_some(Placeholder { field, value: None, length })
}

/// The capitals that a text begins with, if they are a word.
fn capitals(rest: &str) -> Option<&str> {
    let word = &rest[..rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())];
    let is_capital = word.chars().count() > 1 && word.chars().all(char::is_uppercase);
    (is_capital && !word.bytes().all(|b| b == b'X')).then_some(word)
}

/// Digits of which some or all are written as X.
fn digits(rest: &str, before: &Filled, plan: &NumberingPlan) -> Option<Placeholder> {
    let length = run_of_exes(rest, plan)?;
    let written = &rest[..length];
    let field = match of_exes(written)? {
        Field::Pin if !before.has(Field::Amount) && !before.text.contains(|c: char| c.is_ascii_digit()) => {
            Field::Amount
        }
        field => field,
    };
    let own = with_digits(written);
    let value = match field {
        Field::Msisdn => Some(own).filter(|own| is_number(own, plan)),
        Field::Voucher => Some(own),
        _ => None,
    };
    Some(Placeholder { field, value, length })
}

fn is_number(written: &str, plan: &NumberingPlan) -> bool {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    plan.read(&digits, written.starts_with('+')).is_ok_and(|line| line.kind == crate::domain::LineKind::Mobile)
}

fn with_digits(written: &str) -> String {
    let mut fill = ('1'..='9').cycle();
    written.chars().map(|c| if is_ex(c) { fill.next().unwrap_or('1') } else { c }).collect()
}

const fn is_ex(c: char) -> bool {
    matches!(c, 'x' | 'X')
}

/// The length of digits and X at the beginning of a text: one group, or several of a number, of which each behind the
/// first X begins with one, up to where they are a number.
fn run_of_exes(rest: &str, plan: &NumberingPlan) -> Option<usize> {
    let body = rest.strip_prefix('+').unwrap_or(rest);
    let mut end = rest.len() - body.len();
    let is_national = rest.starts_with('+') || rest.starts_with(plan.trunk_prefix());
    let mut has_ex = false;
    loop {
        let group = &rest[end..];
        let length = group.find(|c: char| !c.is_ascii_digit() && !is_ex(c)).unwrap_or(group.len());
        if length == 0 || rest[end + length..].starts_with(char::is_alphanumeric) {
            break;
        }
        has_ex |= group[..length].contains(is_ex);
        end += length;
        let joint = rest[end..].starts_with([' ', '-', '/', '.']);
        let next = rest.get(end + 1..).and_then(|next| next.chars().next());
        let goes_on = next.is_some_and(|next| is_ex(next) || (!has_ex && next.is_ascii_digit()));
        if !joint || !goes_on || !is_national || is_number(&with_digits(&rest[..end]), plan) {
            break;
        }
        end += 1;
    }
    let written = rest[..end].trim_end_matches([' ', '-', '/', '.']);
    let exes = written.chars().filter(|c| is_ex(*c)).count();
    let is_one = written.chars().filter(|c| is_ex(*c)).all(|c| c == 'X') || exes > 2;
    (exes > 0 && is_one).then_some(written.len())
}

/// The field that so many digits are of.
fn of_exes(written: &str) -> Option<Field> {
    let count = written.chars().filter(|c| c.is_ascii_digit() || is_ex(*c)).count();
    let begins_with_digit = written.starts_with(|c: char| c.is_ascii_digit() || c == '+');
    match count {
        1..=3 => Some(Field::Amount),
        4..=5 if !begins_with_digit => Some(Field::Pin),
        12..=19 if !begins_with_digit => Some(Field::Voucher),
        6..=15 => Some(Field::Msisdn),
        _ => None,
    }
}

#[cfg(test)]
#[path = "placeholder_tests.rs"]
mod tests;
