//! Times of SMPP: `YYMMDDhhmmsstnnp` (section 7.1.1).

/// Returns true if a time is valid: empty, absolute (`p` is `+` or `-`, an offset of `nn` quarters of an hour) or
/// relative (`p` is `R`).
pub fn is_valid(time: &[u8]) -> bool {
    let Ok(&[y1, y2, mo1, mo2, d1, d2, h1, h2, mi1, mi2, s1, s2, tenth, n1, n2, p]) = <&[u8; 16]>::try_from(time)
    else {
        return time.is_empty();
    };
    let number = |a: u8, b: u8| (a.is_ascii_digit() && b.is_ascii_digit()).then(|| (a - b'0') * 10 + (b - b'0'));
    let (Some(_), Some(month), Some(day), Some(hour), Some(minute), Some(second), Some(quarters)) = (
        number(y1, y2),
        number(mo1, mo2),
        number(d1, d2),
        number(h1, h2),
        number(mi1, mi2),
        number(s1, s2),
        number(n1, n2),
    ) else {
        return false;
    };
    let within = match p {
        b'R' => true,
        b'+' | b'-' => (1..=12).contains(&month) && (1..=31).contains(&day) && quarters <= 48,
        _ => false,
    };
    within && tenth.is_ascii_digit() && (p == b'R' || (hour <= 23 && minute <= 59 && second <= 59))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_can_be() {
        for time in ["", "261122172500000+", "261122172500004-", "000002000000000R"] {
            assert!(is_valid(time.as_bytes()), "{time}");
        }
        for time in
            ["26", "2611221725000000", "261322172500000+", "261122242500000+", "2611221725x0000+", "261122172500049+"]
        {
            assert!(!is_valid(time.as_bytes()), "{time}");
        }
    }
}
