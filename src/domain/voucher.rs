//! Scratch cards: codes and states.
//!
//! - [`Code`]: sixteen digits, the last a check digit; [`mask_codes`] removes them from stored and shown texts
//! - [`Serial`]: the visible number of a card, by which staff look it up
//! - [`Keys`], [`CodeHash`]: a code is stored as a keyed hash only
//! - [`State`], [`CardBatch`], [`Card`]: states from the draw to the customer, and the table of allowed changes
//! - [`Ladder`], [`Lockout`]: locks after wrong codes, each longer than the last; [`GuessRates`]: limits on all senders
//!   together
//! - [`RedeemCommand`], [`judge`]: the decision on a redemption

mod batch;
mod code;
mod key;
mod lockout;
mod mask;
mod redeem;
mod serial;
mod state;

pub use batch::{CardBatch, Denied, may_approve, may_propose};
pub use code::{Code, DIGITS, InvalidCode};
pub use key::{CodeHash, InvalidKeys, Key, Keys};
pub use lockout::{GuessRates, InvalidLadder, Ladder, Lockout};
pub use mask::{IsNumber, mask_codes, mask_octets, mask_suggested};
pub(super) use redeem::decide;
pub use redeem::{Card, Lookup, RedeemCommand, Redeemed, Use, Verdict, judge};
pub use serial::{BATCH_MAX, CARDS_MAX, InvalidSerial, Serial};
pub use state::State;

/// One step of Damm's check digit: a totally anti-symmetric quasigroup of order ten (H. M. Damm, 2004). The digits of a
/// valid text, with its check digit, lead from 0 back to 0. It detects every wrong digit and every swap of two adjacent
/// digits; the usual algorithm, Luhn's, does not detect 09 for 90.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The check digit of these digits, each 0 to 9; 0 if they end with a valid one.
fn damm(digits: impl IntoIterator<Item = u8>) -> u8 {
    let step = |interim: u8, digit: u8| {
        DAMM.get(usize::from(interim)).and_then(|row| row.get(usize::from(digit))).copied().unwrap_or(0)
    };
    digits.into_iter().fold(0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example() {
        assert_eq!(damm([5, 7, 2]), 4);
        assert_eq!(damm([5, 7, 2, 4]), 0);
    }

    #[test]
    fn the_table_is_what_the_scheme_promises() {
        let d = |a: u8, b: u8| DAMM[usize::from(a)][usize::from(b)];
        for a in 0..10 {
            assert_eq!(d(a, a), 0);
            for (b, c) in (0..10).flat_map(|b| (0..10).map(move |c| (b, c))) {
                assert_eq!(d(a, b) == d(a, c), b == c, "a wrong digit leads elsewhere");
                assert_eq!(d(d(a, b), c) == d(d(a, c), b), b == c, "so do two that changed places");
            }
        }
    }
}
