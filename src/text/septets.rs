//! Packs septets into octets (3GPP TS 23.038 §6.1.2.1): eight septets in seven octets, the first septet in the lowest
//! bits.
//!
//! Packed text does not state the number of its septets: seven spare bits at the end look like `@` (septet 0). A sender
//! fills them with a carriage return. A receiver that does not know the number removes a carriage return, or a septet
//! of zeros, that ends at the end of the last octet.

/// The septet that fills seven spare bits.
const CARRIAGE_RETURN: u8 = 0x0d;

/// Packs septets after `fill_bits` (0–6) bits, which follow a user data header up to a septet boundary. Seven spare
/// bits at the end hold a carriage return. A last carriage return that ends at an octet boundary is written twice, so
/// that a receiver does not remove it.
pub fn pack(septets: &[u8], fill_bits: u8) -> Vec<u8> {
    let fill = usize::from(fill_bits.min(6));
    let mut bits = Bits { octets: Vec::with_capacity((fill + septets.len() * 7).div_ceil(8)), pending: 0, count: fill };
    for &septet in septets {
        bits.push(septet);
    }
    let whole = bits.count == 0;
    if bits.count == 1 || (whole && septets.last() == Some(&CARRIAGE_RETURN)) {
        bits.push(CARRIAGE_RETURN);
    }
    bits.finish()
}

/// Unpacks `octets` after `fill_bits` (0–6) bits. `count` is the number of septets, if known (the user data length of a
/// TPDU). Without it, a fill septet at the end is removed.
pub fn unpack(octets: &[u8], fill_bits: u8, count: Option<usize>) -> Vec<u8> {
    let fill = usize::from(fill_bits.min(6));
    let bits = (octets.len() * 8).saturating_sub(fill);
    let held = bits / 7;
    let mut septets: Vec<u8> = (0..count.unwrap_or(held).min(held)).map(|n| septet_at(octets, fill + n * 7)).collect();
    // Only a septet that ends at the end of the last octet can be a fill septet.
    if count.is_none() && bits.is_multiple_of(7) && matches!(septets.last(), Some(&(0 | CARRIAGE_RETURN))) {
        septets.pop();
    }
    septets
}

/// Number of bits between a header of `octets` octets (its length octet included) and the next septet.
pub fn fill_bits(octets: usize) -> u8 {
    // The remainder of (octets * 8) bits, rounded up to a multiple of seven, is 0–6.
    [0, 6, 5, 4, 3, 2, 1].get(octets % 7).copied().unwrap_or(0)
}

/// The septet that begins at `bit`. The caller ensures that it ends inside `octets`.
fn septet_at(octets: &[u8], bit: usize) -> u8 {
    let octet = |at: usize| u16::from(octets.get(at).copied().unwrap_or(0));
    let pair = octet(bit / 8) | octet(bit / 8 + 1) << 8;
    (pair >> (bit % 8)).to_le_bytes()[0] & 0x7f
}

/// Octets that are filled from the lowest bit up.
struct Bits {
    octets: Vec<u8>,
    pending: u16,
    count: usize,
}

impl Bits {
    fn push(&mut self, septet: u8) {
        self.pending |= u16::from(septet & 0x7f) << self.count;
        self.count += 7;
        if self.count >= 8 {
            self.octets.push(self.pending.to_le_bytes()[0]);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.octets.push(self.pending.to_le_bytes()[0]);
        }
        self.octets
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_example_packs_as_published() {
        let octets = [0xe8, 0x32, 0x9b, 0xfd, 0x46, 0x97, 0xd9, 0xec, 0x37];
        assert_eq!(pack(b"hellohello", 0), octets);
        assert_eq!(unpack(&octets, 0, None), b"hellohello");
    }

    #[test]
    fn seven_septets_do_not_become_eight() {
        let octets = pack(b"1234567", 0);
        assert_eq!(octets.len(), 7);
        assert_eq!(octets[6] >> 1, CARRIAGE_RETURN);
        assert_eq!(unpack(&octets, 0, None), b"1234567");
        // A sender that fills with zeros means the same text.
        let mut zeros = octets.clone();
        zeros[6] &= 1;
        assert_eq!(unpack(&zeros, 0, None), b"1234567");
        assert_eq!(unpack(&zeros, 0, Some(8)), b"1234567\0");
    }

    #[test]
    fn a_wanted_carriage_return_on_the_border_is_doubled_not_lost() {
        let octets = pack(b"1234567\r", 0);
        assert_eq!(octets.len(), 8);
        assert_eq!(unpack(&octets, 0, None), b"1234567\r\r");
    }

    #[test]
    fn eight_septets_with_a_letter_at_the_end_are_eight() {
        assert_eq!(unpack(&pack(b"12345678", 0), 0, None), b"12345678");
        assert_eq!(pack(b"12345678", 0).len(), 7);
    }

    #[test]
    fn filling_behind_a_header_ends_on_a_septet() {
        // The header of an 8-bit reference has 6 octets: 48 bits, and 49 begins the next septet.
        assert_eq!(fill_bits(6), 1);
        assert_eq!(fill_bits(7), 0);
        assert_eq!((0..15).map(|octets| (octets * 8 + usize::from(fill_bits(octets))) % 7).sum::<usize>(), 0);
        assert_eq!(pack(b"a", 1), [0xc2]);
        assert_eq!(unpack(&[0xc2], 1, None), b"a");
    }

    proptest! {
        #[test]
        fn a_counted_text_comes_back(septets in prop::collection::vec(0u8..128, 0..170), fill in 0u8..7) {
            let octets = pack(&septets, fill);
            prop_assert_eq!(unpack(&octets, fill, Some(septets.len())), septets);
        }

        #[test]
        fn an_uncounted_text_comes_back(mut septets in prop::collection::vec(0u8..128, 0..170), fill in 0u8..7) {
            septets.push(b'a');
            let octets = pack(&septets, fill);
            prop_assert_eq!(unpack(&octets, fill, None), septets);
        }

        #[test]
        fn any_octets_unpack(octets: Vec<u8>, fill: u8, count in prop::option::of(0usize..300)) {
            prop_assert!(unpack(&octets, fill, count).iter().all(|&septet| septet < 0x80));
        }
    }
}
