//! Struck down again and again at random moments.

use std::time::Duration;

use rstest::rstest;

use crate::chance::Chance;
use crate::interfaces::Interface;
use crate::world::{Kind, Moment, Victim, World};

/// Cycles of all tests of this file together, where `MBUSH_CRASH_CYCLES` does not say otherwise.
const CYCLES: usize = 24;
/// Tests that share them.
const TESTS: usize = 8;
/// New messages of a cycle.
const MESSAGES: usize = 60;
/// Longest time from the last acknowledgement that is waited for to the end.
const PAUSE_MAX: Duration = Duration::from_millis(15);
/// Of so many in a hundred acknowledged messages the acknowledgement got lost on its way, and they are sent again.
const REDELIVERED_PERCENT: u64 = 20;

fn cycles() -> usize {
    let asked = std::env::var("MBUSH_CRASH_CYCLES").ok().map(|cycles| cycles.parse().expect("a number"));
    asked.unwrap_or(CYCLES).div_ceil(TESTS)
}

/// New messages, those of before without an acknowledgement, and some of the last cycle's with one, in any order.
fn load(world: &mut World, chance: &mut Chance) -> Vec<usize> {
    let last = world.messages.saturating_sub(MESSAGES);
    let again: Vec<usize> = (last..world.messages)
        .filter(|index| world.is_acknowledged(*index) && chance.percent(REDELIVERED_PERCENT))
        .collect();
    world.messages += MESSAGES;
    let mut load = world.unacknowledged();
    for index in again {
        load.insert(chance.up_to(load.len()), index);
    }
    load
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_is_killed_and_loses_and_doubles_nothing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(Interface::Http, Interface::Smpp, Interface::Bank)] interface: Interface,
) {
    let mut chance = Chance::new(&format!("program {kind:?} {interface:?}"));
    let Some(mut world) = World::new(kind, interface).await else { return };
    for cycle in 0..cycles() {
        world.start().await;
        let load = load(&mut world, &mut chance);
        let moment = Moment { answers: chance.up_to(load.len()), pause: chance.time_up_to(PAUSE_MAX) };
        println!("cycle {cycle}: {} messages, killed at {moment:?}", load.len());
        world.send(load, Victim::Program, moment).await;
        world.check().await;
    }
    world.start().await;
    world.check_all().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_killed_and_the_program_goes_on_with_it(
    #[values(Interface::Http, Interface::Smpp)] interface: Interface,
) {
    let mut chance = Chance::new(&format!("database {interface:?}"));
    let Some(mut world) = World::new(Kind::Postgres, interface).await else { return };
    if !world.database.as_ref().is_some_and(testkit::postgres::Postgres::is_private) {
        println!("left out: the server is not ours to kill");
        return;
    }
    world.start().await;
    for cycle in 0..cycles() {
        let load = load(&mut world, &mut chance);
        let moment = Moment { answers: chance.up_to(load.len()), pause: chance.time_up_to(PAUSE_MAX) };
        println!("cycle {cycle}: {} messages, killed at {moment:?}", load.len());
        world.send(load, Victim::Database, moment).await;
        world.settle().await;
        world.check().await;
    }
    world.check_all().await;
}
