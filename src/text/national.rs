//! National language single-shift tables (3GPP TS 23.038 annex A.2), read on input only: what we send needs none.

/// Which table follows an escape, as information element 0x24 of the user data header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NationalShift {
    /// 1, annex A.2.1.
    Turkish,
    /// 2, annex A.2.2.
    Spanish,
    /// 3, annex A.2.3.
    Portuguese,
}

impl NationalShift {
    /// The table of a national language identifier (§6.2.1.2.4); `None` for those that are not read, whose escape
    /// sequences then fall back to the default alphabet.
    pub fn from_identifier(identifier: u8) -> Option<Self> {
        match identifier {
            1 => Some(Self::Turkish),
            2 => Some(Self::Spanish),
            3 => Some(Self::Portuguese),
            _ => None,
        }
    }

    /// What the table adds to the default extension table.
    pub(super) fn letters(self) -> &'static [(u8, char)] {
        match self {
            Self::Turkish => &TURKISH,
            Self::Spanish => &SPANISH,
            Self::Portuguese => &PORTUGUESE,
        }
    }
}

const TURKISH: [(u8, char); 7] =
    [(0x47, 'Ğ'), (0x49, 'İ'), (0x53, 'Ş'), (0x63, 'ç'), (0x67, 'ğ'), (0x69, 'ı'), (0x73, 'ş')];

const SPANISH: [(u8, char); 9] = [
    (0x09, 'ç'),
    (0x41, 'Á'),
    (0x49, 'Í'),
    (0x4f, 'Ó'),
    (0x55, 'Ú'),
    (0x61, 'á'),
    (0x69, 'í'),
    (0x6f, 'ó'),
    (0x75, 'ú'),
];

const PORTUGUESE: [(u8, char); 28] = [
    (0x05, 'ê'),
    (0x09, 'ç'),
    (0x0b, 'Ô'),
    (0x0c, 'ô'),
    (0x0e, 'Á'),
    (0x0f, 'á'),
    (0x12, 'Φ'),
    (0x13, 'Γ'),
    (0x15, 'Ω'),
    (0x16, 'Π'),
    (0x17, 'Ψ'),
    (0x18, 'Σ'),
    (0x19, 'Θ'),
    (0x1f, 'Ê'),
    (0x41, 'À'),
    (0x49, 'Í'),
    (0x4f, 'Ó'),
    (0x55, 'Ú'),
    (0x5b, 'Ã'),
    (0x5c, 'Õ'),
    (0x61, 'Â'),
    (0x69, 'í'),
    (0x6f, 'ó'),
    (0x75, 'ú'),
    (0x7b, 'ã'),
    (0x7c, 'õ'),
    (0x7f, 'â'),
    (0x14, '^'),
];
