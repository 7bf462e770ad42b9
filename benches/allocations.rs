//! Allocations and allocated octets for one message, counted by the allocator: `cargo bench --bench allocations`. The
//! counts do not depend on the optimisation, so `--profile dev` prints nearly the same and builds faster.
//!
//! The cases of the pure path are those of `scripts/instructions`. A whole message is a top-up through the processor,
//! from its text to the committed transaction on SQLite, alone or in a batch. SQLite's own memory is not counted: its
//! library does not use this allocator.

#[path = "instructions/src/cases.rs"]
mod cases;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/node/mod.rs"]
mod node;

use std::alloc::System;

use cases::Case;
use futures_util::future::join_all;
use mbush::domain::{InboundSms, Outcome};
use node::Node;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Calls of each case that are counted.
const ROUNDS: usize = 100;
/// Messages that are sent at once, and the times that so many are sent.
const BATCHES: [(usize, usize); 2] = [(1, 256), (256, 8)];

fn main() {
    println!("{:<36}{:>13}{:>10}", "one message", "allocations", "octets");
    for case in cases::all() {
        pure(case);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (batch, times) in BATCHES {
        runtime.block_on(whole(batch, times));
    }
}

fn pure(mut case: Case) {
    // The first call may initialise what later ones use.
    (case.work)();
    let region = Region::new(ALLOCATOR);
    for _ in 0..ROUNDS {
        (case.work)();
    }
    let messages = ROUNDS * usize::try_from(case.messages).unwrap();
    print(case.name, &region.change(), messages);
}

/// Top-ups of phones that have an account.
async fn whole(batch: usize, times: usize) {
    let node = Node::start().await;
    through(&node, messages(&node, batch, times, "5")).await;
    let counted = messages(&node, batch, times, "10");
    let region = Region::new(ALLOCATOR);
    through(&node, counted).await;
    let change = region.change();
    print(&format!("whole, {batch} at once, SQLite"), &change, batch * times);
    node.stop().await.close().await;
}

/// Batches of messages, each of another phone.
fn messages(node: &Node, batch: usize, times: usize, text: &str) -> Vec<Vec<InboundSms>> {
    let message = |number: usize| {
        let phone = format!("38349{:06}", 100_000 + number);
        node.message(&format!("{text}-{number}"), &phone, "50005", text)
    };
    (0..times).map(|time| (0..batch).map(|place| message(time * batch + place)).collect()).collect()
}

/// Sends the messages of a batch at once.
async fn through(node: &Node, batches: Vec<Vec<InboundSms>>) {
    for batch in batches {
        for answer in join_all(batch.into_iter().map(|message| node.processor.accept(message))).await {
            assert!(matches!(answer.unwrap().outcome, Outcome::Applied(_)));
        }
    }
}

fn print(name: &str, change: &Stats, messages: usize) {
    let each = |sum: usize| (sum + messages / 2) / messages;
    let allocations = each(change.allocations + change.reallocations);
    println!("{name:<36}{allocations:>13}{:>10}", each(change.bytes_allocated));
}
