//! Argon2 with a bounded number of concurrent hashes and reused memory. Allocators keep freed memory per thread, so
//! that a thousand hashes with memory of their own can hold a gigabyte.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

/// Memory of one hash in KiB, passes, and lanes. A PIN of four digits has ten thousand values, so that these settings
/// do not protect it from someone who has the key. The secrecy of the key does.
const COST: (u32, u32, u32) = (4 * 1024, 2, 1);
/// Number of concurrent hashes.
const AT_ONCE: usize = 4;
/// Length of a hash in octets.
const OUTPUT: usize = Params::DEFAULT_OUTPUT_LEN;

/// Memory of one hash.
#[derive(Debug, Default)]
pub(super) struct Memory(Vec<Block>);

/// Hashes a PIN with a new salt and with a key that is not in the database.
pub(super) fn hash(pepper: &[u8], pin: &str, memory: &mut Memory) -> Result<String, String> {
    let (kib, passes, lanes) = COST;
    let params = Params::new(kib, passes, lanes, Some(OUTPUT)).map_err(|error| error.to_string())?;
    let salt = Salt::generate();
    let kind = Kind { algorithm: Algorithm::Argon2id, version: Version::V0x13, params };
    let hash = PasswordHash {
        algorithm: kind.algorithm.ident(),
        version: Some(kind.version.into()),
        params: ParamsString::try_from(&kind.params).map_err(|error| error.to_string())?,
        salt: Some(salt),
        hash: Some(output(pepper, pin, kind, &salt, memory)?),
    };
    Ok(hash.to_string())
}

/// Returns whether the PIN has this hash. The cost is read from the hash.
pub(super) fn is(pepper: &[u8], pin: &str, hash: &str, memory: &mut Memory) -> Result<bool, String> {
    let hash = PasswordHash::new(hash).map_err(|error| error.to_string())?;
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Err("a hash without a salt".to_owned()) };
    let params = Params::try_from(&hash).map_err(|error| error.to_string())?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(|error| error.to_string())?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).map_err(|error| error.to_string())?;
    // Constant-time comparison.
    Ok(output(pepper, pin, Kind { algorithm, version, params }, salt, memory)? == *expected)
}

/// Variant and cost of Argon2.
struct Kind {
    algorithm: Algorithm,
    version: Version,
    params: Params,
}

fn output(
    pepper: &[u8],
    pin: &str,
    Kind { algorithm, version, params }: Kind,
    salt: &[u8],
    Memory(blocks): &mut Memory,
) -> Result<Output, String> {
    if blocks.len() < params.block_count() {
        blocks.resize(params.block_count(), Block::new());
    }
    let mut octets = [0; Output::MAX_LENGTH];
    let length = params.output_len().unwrap_or(OUTPUT);
    let octets = octets.get_mut(..length).ok_or("a hash of too many octets")?;
    let argon2 = Argon2::new_with_secret(pepper, algorithm, version, params).map_err(|error| error.to_string())?;
    let filled = argon2.hash_password_into_with_memory(pin.as_bytes(), salt, octets, blocks.as_mut_slice());
    filled.map_err(|error| error.to_string())?;
    Output::new(octets).map_err(|error| error.to_string())
}

/// Runs hashes beside the tasks that serve. Clones share the limit and the memory.
#[derive(Debug, Clone)]
pub(super) struct Hashers {
    free: Arc<Semaphore>,
    memories: Arc<Mutex<Vec<Memory>>>,
    made: Arc<AtomicUsize>,
}

impl Default for Hashers {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(AT_ONCE)), memories: Arc::default(), made: Arc::default() }
    }
}

impl Hashers {
    /// Runs one piece of work when a slot is free. The work runs to its end and keeps its slot, even if the caller is
    /// dropped.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, String> {
        let permit = self.free.clone().acquire_owned().await.map_err(|error| error.to_string())?;
        let this = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut memory = this.take();
            let done = work(&mut memory);
            metrics::counter!("mbush_pin_hashes_total").increment(1);
            this.memories().push(memory);
            drop(permit);
            done
        });
        done.await.map_err(|error| error.to_string())
    }

    /// Takes memory that was used before, or allocates it.
    fn take(&self) -> Memory {
        let used = self.memories().pop();
        used.unwrap_or_else(|| {
            self.made.fetch_add(1, Ordering::Relaxed);
            metrics::gauge!("mbush_pin_memories").increment(1);
            Memory::default()
        })
    }

    fn memories(&self) -> std::sync::MutexGuard<'_, Vec<Memory>> {
        // Each change is one call, so that the list is consistent even after a panic elsewhere.
        self.memories.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of memories that were ever allocated.
    #[cfg(test)]
    pub(super) fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_program_hashed_is_known_and_the_memory_makes_no_difference() {
        let mut memory = Memory::default();
        let theirs = {
            use argon2::password_hash::PasswordHasher;
            let params = Params::new(64, 3, 2, None).unwrap();
            let argon2 = Argon2::new_with_secret(&[7; 32], Algorithm::Argon2id, Version::V0x13, params).unwrap();
            let hash: PasswordHash = argon2.hash_password(b"4711").unwrap();
            hash.to_string()
        };
        let ours = hash(&[7; 32], "4711", &mut memory).unwrap();
        for _ in 0..2 {
            for known in [&theirs, &ours] {
                assert_eq!(is(&[7; 32], "4711", known, &mut memory), Ok(true));
                assert_eq!(is(&[7; 32], "4712", known, &mut memory), Ok(false));
                assert_eq!(is(&[8; 32], "4711", known, &mut Memory::default()), Ok(false));
            }
        }
        assert!(is(&[7; 32], "4711", "no hash", &mut memory).is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_at_once_share_a_few_memories() {
        let hashers = Hashers::default();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let all = (0..300).map(|pin| {
            let (hashers, now, most) = (hashers.clone(), now.clone(), most.clone());
            tokio::spawn(async move {
                let work = move |memory: &mut Memory| {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let hash = hash(&[7; 32], &format!("{pin:04}"), memory);
                    now.fetch_sub(1, Ordering::SeqCst);
                    hash
                };
                hashers.run(work).await.unwrap().unwrap()
            })
        });
        futures_util::future::join_all(all.collect::<Vec<_>>()).await;
        assert!(most.load(Ordering::SeqCst) <= AT_ONCE && hashers.made() <= AT_ONCE, "{most:?} {hashers:?}");
        assert_eq!(hashers.memories().len(), hashers.made(), "each was given back");
    }
}
