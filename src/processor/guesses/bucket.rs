//! A bucket that fills by one with each wrong guess, and empties within a minute.

use std::time::Duration;

use tokio::time::Instant;

pub(super) const MINUTE: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    pub(super) filled: f64,
    at: Instant,
    /// Guesses that are being checked.
    pub(super) looked_at: u32,
}

/// The reason why a guess is not checked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// Too many were wrong; the next may be checked after this time.
    For(Duration),
    /// Too many are being checked; some of them have to be settled first.
    UntilSettled,
}

impl Bucket {
    pub(super) const fn new(now: Instant) -> Self {
        Self { filled: 0.0, at: now, looked_at: 0 }
    }

    /// Checks whether one more guess may be checked, with a limit of `a_minute` wrong ones per minute; 0 for no limit.
    pub(super) fn has_room(&mut self, a_minute: u32, now: Instant) -> Result<(), Full> {
        if a_minute == 0 {
            return Ok(());
        }
        let most = f64::from(a_minute);
        let emptied = now.saturating_duration_since(self.at).as_secs_f64() * most / MINUTE.as_secs_f64();
        self.filled = (self.filled - emptied).max(0.0);
        self.at = now;
        let over = self.filled + 1.0 - most;
        if over > 0.0 {
            return Err(Full::For(MINUTE.mul_f64((over / most).min(1.0))));
        }
        if over + f64::from(self.looked_at) > 0.0 { Err(Full::UntilSettled) } else { Ok(()) }
    }

    pub(super) fn known(&mut self, is_wrong: bool) {
        self.looked_at = self.looked_at.saturating_sub(1);
        if is_wrong {
            self.filled += 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks codes that are all wrong, and returns how many were let through.
    fn wrong(bucket: &mut Bucket, a_minute: u32, now: Instant) -> usize {
        let mut looked_at = 0;
        while looked_at < 100 && bucket.has_room(a_minute, now).is_ok() {
            bucket.looked_at += 1;
            bucket.known(true);
            looked_at += 1;
        }
        looked_at
    }

    #[tokio::test]
    async fn a_bucket_lets_so_many_wrong_ones_through_in_a_minute_and_no_more() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        for _ in 0..1_000 {
            assert_eq!(bucket.has_room(30, at(0)), Ok(()), "right ones take no room");
            bucket.looked_at += 1;
            bucket.known(false);
        }
        assert_eq!(wrong(&mut bucket, 30, at(0)), 30);
        assert_eq!(bucket.has_room(30, at(0)), Err(Full::For(Duration::from_secs(2))));
        assert_eq!(wrong(&mut bucket, 30, at(20)), 10);
        assert_eq!(wrong(&mut bucket, 30, at(600)), 30);
        assert_eq!(wrong(&mut bucket, 0, at(600)), 100, "0 is no limit");
    }

    #[tokio::test]
    async fn those_that_are_looked_at_may_all_be_wrong() {
        let now = Instant::now();
        let mut bucket = Bucket::new(now);
        let looked_at = (0..100).take_while(|_| {
            let room = bucket.has_room(30, now);
            bucket.looked_at += u32::from(room.is_ok());
            room.is_ok()
        });
        assert_eq!(looked_at.count(), 30);
        assert_eq!(bucket.has_room(30, now), Err(Full::UntilSettled));
        bucket.known(false);
        assert_eq!(bucket.has_room(30, now), Ok(()));
    }
}
