//! The beginning of a number, to be compared with the prefixes of many ranges.

/// The first eight digits as one number: all ranges but the one of a number are passed over without comparing texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    digits: u64,
    /// The bits of the digits that are there.
    mask: u64,
}

impl Head {
    pub(super) fn of(digits: &str) -> Self {
        let (mut head, mut mask) = ([0; 8], [0; 8]);
        for ((place, bits), digit) in head.iter_mut().zip(&mut mask).zip(digits.bytes()) {
            *place = digit;
            *bits = u8::MAX;
        }
        Self { digits: u64::from_ne_bytes(head), mask: u64::from_ne_bytes(mask) }
    }

    /// Tells whether `other` begins with these digits.
    pub(super) const fn begins(self, other: Self) -> bool {
        self.digits == other.digits & self.mask
    }
}
