//! Draws codes from the system's cryptographic random generator.

use zeroize::{Zeroize, Zeroizing};

use crate::domain::voucher::{Code, CodeHash, Keys};

/// Random octets that are requested at once.
const POOL: usize = 8_192;

/// A code with its hash under each key, the newest key first.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) code: Code,
    pub(super) hash: CodeHash,
    pub(super) others: Vec<CodeHash>,
}

/// Drawn codes; they are wiped when dropped.
#[derive(Debug, Default)]
pub(super) struct Drawing(pub(super) Vec<Drawn>);

impl Drop for Drawing {
    fn drop(&mut self) {
        for drawn in &mut self.0 {
            drawn.code.zeroize();
        }
    }
}

/// Draws `count` more codes and sorts all codes by their hashes, without duplicates.
///
/// In this order the database's index of hashes grows at few places at a time. Serial numbers are given in the same
/// order, so they grow too. Without the key, the order reveals nothing about the codes.
pub(super) fn draw(drawing: &mut Drawing, count: usize, keys: &Keys) -> Result<(), getrandom::Error> {
    let wanted = drawing.0.len() + count;
    drawing.0.reserve_exact(count);
    let mut pool = Zeroizing::new([0; POOL]);
    while drawing.0.len() < wanted {
        getrandom::fill(pool.as_mut())?;
        let (words, _) = pool.as_chunks::<8>();
        let room = wanted - drawing.0.len();
        let codes = words.iter().filter_map(|word| Code::draw(u64::from_le_bytes(*word)));
        drawing.0.extend(codes.take(room).filter_map(|code| hashed(code, keys)));
    }
    drawing.0.sort_unstable_by_key(|drawn| drawn.hash);
    drawing.0.dedup_by_key(|drawn| drawn.hash);
    Ok(())
}

fn hashed(code: Code, keys: &Keys) -> Option<Drawn> {
    let mut others = keys.hashes(code);
    let hash = others.pop()?;
    Some(Drawn { code, hash, others })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_drawn_once_and_in_order_of_their_hashes() {
        let keys = Keys::new([("old", &[1; 32][..]), ("new", &[2; 32][..])]).unwrap();
        let mut drawing = Drawing::default();
        draw(&mut drawing, 2_000, &keys).unwrap();
        draw(&mut drawing, 500, &keys).unwrap();
        assert_eq!(drawing.0.len(), 2_500);
        assert!(drawing.0.is_sorted_by(|a, b| a.hash < b.hash));
        let newest = keys.newest().unwrap();
        assert!(drawing.0.iter().all(|drawn| drawn.hash == newest.hash(drawn.code) && drawn.others.len() == 1));
        let mut first_digits = [0; 10];
        for drawn in &drawing.0 {
            first_digits[usize::from(drawn.code.reveal()[0] - b'0')] += 1;
        }
        // With a fair generator: 250 each; a result outside of this range occurs less than once in ten thousand million
        // runs.
        assert!(first_digits.iter().all(|count| (150..350).contains(count)), "{first_digits:?}");
    }
}
