//! The key of the order that a message is about. It consists of the fields that a switch repeats in repetitions and
//! reversals of a transaction: the transmission time (field 7), the trace number (11), the acquirer (32) and the
//! terminal (41). A reversal has the first three of its original in field 90.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::iso8583::{Message, Mti};

/// Fields of the key.
const TRANSMITTED: u8 = 7;
const TRACE: u8 = 11;
pub(super) const ACQUIRER: u8 = 32;
const TERMINAL: u8 = 41;
const ORIGINAL: u8 = 90;

/// The transaction that a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Original {
    /// Its type.
    mti: Mti,
    acquirer: String,
    key: String,
}

impl Original {
    /// Reads the key of a request.
    ///
    /// # Errors
    /// The field that is missing, or that is no time.
    pub(super) fn of(request: &Message, now: DateTime<Utc>) -> Result<Self, String> {
        let acquirer = plain(field(request, ACQUIRER)?);
        let (transmitted, trace) = (field(request, TRANSMITTED)?, field(request, TRACE)?);
        let at = nearest(transmitted, now).ok_or("field 7 is no time, MMDDhhmmss")?;
        Ok(Self::new(request.mti, at, trace, acquirer, field(request, TERMINAL)?))
    }

    /// Reads the key of the request that a reversal is about.
    ///
    /// # Errors
    /// The field that is missing or wrong.
    pub(super) fn of_reversal(reversal: &Message, now: DateTime<Utc>) -> Result<Self, String> {
        // n42: type 4, trace number 6, transmission time 10, acquirer 11, forwarding institution 11.
        let elements = field(reversal, ORIGINAL)?;
        let part = |range: std::ops::Range<usize>| elements.get(range).ok_or("field 90 is too short");
        let (mti, trace, transmitted, acquirer) = (part(0..4)?, part(4..10)?, part(10..20)?, plain(part(20..31)?));
        let mti = mti.parse().map_err(|problem| format!("field 90: {problem}"))?;
        // Some switches leave the original's acquirer out. Then the acquirer of the reversal is taken.
        let acquirer = if acquirer == "0" { plain(field(reversal, ACQUIRER)?) } else { acquirer };
        let at = nearest(transmitted, now).ok_or("field 90 has no time, MMDDhhmmss, behind type and trace number")?;
        Ok(Self::new(mti, at, trace, acquirer, field(reversal, TERMINAL)?))
    }

    fn new(mti: Mti, at: NaiveDateTime, trace: &str, acquirer: String, terminal: &str) -> Self {
        let key = format!("{}-{trace}-{}-{acquirer}", at.format("%Y%m%d%H%M%S"), clean(terminal));
        Self { mti, acquirer, key }
    }

    /// Returns true for a recharge and for its repetition.
    pub(super) const fn is_recharge(&self) -> bool {
        self.mti.is_of_acquirer()
            && self.mti.class() == Mti::FINANCIAL.class()
            && self.mti.function() == Mti::FINANCIAL.function()
    }

    /// The acquirer's identifier, without leading zeros.
    pub(super) fn acquirer(&self) -> &str {
        &self.acquirer
    }

    /// The key of the order, in the form of a client's key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

fn field(message: &Message, number: u8) -> Result<&str, String> {
    message.get(number).ok_or_else(|| format!("field {number} is missing"))
}

/// Removes leading zeros from an institution's number. Fields of fixed length have them, others do not.
pub(super) fn plain(institution: &str) -> String {
    let digits = institution.trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
}

/// Reads a time `MMDDhhmmss` in UTC. It has no year, so the year that brings it nearest to `now` is taken. A repetition
/// after New Year therefore still belongs to the year before.
fn nearest(transmitted: &str, now: DateTime<Utc>) -> Option<NaiveDateTime> {
    let two = |at: usize| transmitted.get(at..at + 2)?.parse::<u32>().ok();
    let time = NaiveTime::from_hms_opt(two(4)?, two(6)?, two(8)?)?;
    let (month, day) = (two(0)?, two(2)?);
    let of_year = |year: i32| Some(NaiveDate::from_ymd_opt(year, month, day)?.and_time(time));
    let distance = |at: &NaiveDateTime| -> TimeDelta { (*at - now.naive_utc()).abs() };
    (now.year() - 1..=now.year() + 1).filter_map(of_year).min_by_key(distance)
}

/// Replaces each character of a terminal that is not allowed in a key by `~` and its code.
fn clean(terminal: &str) -> String {
    let terminal = terminal.trim_end();
    terminal
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("~{b:02x}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn request(transmitted: &str, terminal: &str) -> Message {
        let message = Message::new("0200".parse().unwrap());
        message.with(7, transmitted).with(11, "000137").with(32, "12345").with(41, terminal)
    }

    fn reversal(elements: &str) -> Message {
        let message = Message::new("0420".parse().unwrap());
        message.with(7, "1122181000").with(11, "000138").with(32, "12345").with(41, "ATM00042").with(90, elements)
    }

    #[test]
    fn a_reversal_finds_its_original() {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 18, 9, 5).unwrap();
        let original = Original::of(&request("1122180900", "ATM00042"), now).unwrap();
        assert_eq!((original.key(), original.acquirer()), ("20261122180900-000137-ATM00042-12345", "12345"));
        for elements in ["020000013711221809000000001234500000000000", "020000013711221809000000000000000000000000"] {
            assert_eq!(Original::of_reversal(&reversal(elements), now).as_ref(), Ok(&original));
        }
        let other = Original::of_reversal(&reversal("020000013811221809000000001234500000000000"), now).unwrap();
        assert_ne!(other, original);
        for wrong in ["0200000137112218090000000012345000000000", "020000013713221809000000001234500000000000"] {
            let found = Original::of_reversal(&reversal(wrong), now);
            assert!(found.is_err() || wrong.len() < 42, "{found:?}");
        }
        assert!(Original::of(&request("1122186000", "ATM00042"), now).is_err(), "no such minute");
        let is_recharge = |elements: &str| Original::of_reversal(&reversal(elements), now).unwrap().is_recharge();
        for mti in ["0200", "0201"] {
            assert!(is_recharge(&format!("{mti}00013711221809000000001234500000000000")), "{mti}");
        }
        for mti in ["0800", "0400", "0420", "0100", "0210", "0220", "0000"] {
            assert!(!is_recharge(&format!("{mti}00013711221809000000001234500000000000")), "{mti}");
        }
    }

    #[test]
    fn the_year_is_the_one_that_is_nearest() {
        let key = |transmitted, now| Original::of(&request(transmitted, "A"), now).unwrap().key().to_owned();
        let new_year = Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 5).unwrap();
        assert!(key("1231235959", new_year).starts_with("20261231"));
        assert!(key("0101000004", new_year).starts_with("20270101"));
        let before = Utc.with_ymd_and_hms(2026, 12, 31, 23, 59, 58).unwrap();
        assert!(key("0101000001", before).starts_with("20270101"), "their clock may be ahead");
        let leap = Utc.with_ymd_and_hms(2027, 3, 1, 0, 0, 0).unwrap();
        assert!(key("0229120000", leap.with_year(2028).unwrap()).starts_with("20280229"));
        assert!(Original::of(&request("0230120000", "A"), leap).is_err());
    }

    #[test]
    fn a_terminal_is_told_apart_and_fits_a_key() {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 18, 9, 5).unwrap();
        let key = |terminal| Original::of(&request("1122180900", terminal), now).unwrap().key().to_owned();
        assert_eq!(key("A 1     "), "20261122180900-000137-A~201-12345");
        assert_ne!(key("A-1"), key("A_1"));
        assert!(key("########").len() <= crate::links::clients::KEY_MAX);
    }
}
