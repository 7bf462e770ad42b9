//! Waiting that ends: nothing a test waits for may keep it for ever, or say nothing when it does not come.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

/// How long a test waits for something that has to happen; only one that would hang reaches it.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// What the future gives, which has to come.
///
/// # Panics
/// It does not come: with what was waited for, and from where.
#[track_caller]
pub fn within<F: Future>(what: &str, future: F) -> impl Future<Output = F::Output> {
    let (what, from) = (what.to_owned(), Location::caller());
    async move {
        let waited = tokio::time::timeout(DEADLINE, future).await;
        waited.unwrap_or_else(|_| panic!("waited in vain for {what}, from {from}"))
    }
}

/// Asks again and again until the answer is yes, and leaves the processor to others in between.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) -> impl Future<Output = ()> {
    within(what, async move {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
}
