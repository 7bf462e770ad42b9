//! Killed at random moments under load: only a reply that was on its way at such a moment is repeated.

use std::collections::HashMap;
use std::time::Duration;

use testkit::wait;

use crate::chance::Chance;
use crate::handover::received::Received;
use crate::handover::{LEASE_SECONDS, REPLIES, replies, until_all_are_sent};
use crate::interfaces::Interface;
use crate::world::{Kind, Moment, Victim, World};

const KILLS: usize = 5;
/// New messages between two kills.
const MESSAGES: usize = 60;
/// Longest time from the last acknowledgement that is waited for to the end.
const PAUSE_MAX: Duration = Duration::from_millis(15);

/// The number of times that each text may be repeated.
#[derive(Default)]
struct Allowed {
    /// Receptions of each text up to the last kill.
    at_last_kill: HashMap<(String, String), usize>,
    repeats: HashMap<(String, String), usize>,
}

impl Allowed {
    /// The program is dead. A reply that the SMSC has received since the last kill and that has no final state may be
    /// repeated.
    async fn note_kill(&mut self, url: &str, received: &mut Received) {
        for reply in replies(url, REPLIES).await {
            let (count, is_open) = (received.count(&reply.recipient, &reply.text), reply.state == "open");
            let key = (reply.recipient, reply.text);
            let before = self.at_last_kill.insert(key.clone(), count).unwrap_or(0);
            if is_open && count > before {
                *self.repeats.entry(key).or_default() += count - before;
            }
        }
    }

    /// Each reply was received, and only those on their way at a kill more than once. Returns the number of repeats.
    async fn check(&self, kind: Kind, url: &str, received: &mut Received) -> usize {
        let mut written: HashMap<(String, String), usize> = HashMap::new();
        for reply in replies(url, REPLIES).await {
            *written.entry((reply.recipient, reply.text)).or_default() += 1;
        }
        let mut repeats = 0;
        for (key, times) in written {
            let (count, most) = (received.count(&key.0, &key.1), self.repeats.get(&key).copied().unwrap_or(0));
            assert!((times..=times + most).contains(&count), "{kind:?}: {key:?}: {count} of {times}, {most} in flight");
            repeats += count - times;
        }
        repeats
    }

    fn most(&self) -> usize {
        self.repeats.values().sum()
    }
}

async fn world(kind: Kind) -> Option<(World, Received)> {
    let mut world = World::new(kind, Interface::Smpp).await?;
    world.lease_seconds = LEASE_SECONDS;
    let received = Received::by(&world.smsc);
    Some((world, received))
}

async fn is_killed_again_and_again(kind: Kind) {
    let mut chance = Chance::new(&format!("handover {kind:?}"));
    let Some((mut world, mut received)) = world(kind).await else { return };
    let mut allowed = Allowed::default();
    for _ in 0..KILLS {
        world.start().await;
        world.messages += MESSAGES;
        let load = world.unacknowledged();
        let moment = Moment { answers: chance.up_to(load.len()), pause: chance.time_up_to(PAUSE_MAX) };
        println!("{kind:?}: {} messages, killed at {moment:?}", load.len());
        world.send(load, Victim::Program, moment).await;
        let smsc = world.smsc.clone();
        wait::until("the end of the session", || smsc.sessions() == 0).await;
        allowed.note_kill(&world.url, &mut received).await;
        world.check().await;
    }
    world.start().await;
    world.settle().await;
    until_all_are_sent(&world.url).await;
    let repeats = allowed.check(kind, &world.url, &mut received).await;
    println!("{kind:?}: {repeats} replies repeated, {} were on their way at a kill", allowed.most());
    world.check_all().await;
}

async fn runs_on(kind: Kind) {
    let Some((mut world, mut received)) = world(kind).await else { return };
    world.start().await;
    for _ in 0..KILLS {
        let first = world.messages;
        world.messages += MESSAGES;
        world.send((first..world.messages).collect(), Victim::Nobody, Moment::NEVER).await;
    }
    assert_eq!(world.unacknowledged().len(), 0, "{kind:?}: {}", world.refusal());
    until_all_are_sent(&world.url).await;
    let allowed = Allowed::default();
    assert_eq!(allowed.check(kind, &world.url, &mut received).await, 0);
    assert_eq!(received.total(), world.messages, "{kind:?}");
    world.check_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_replies_on_their_way_at_a_kill_are_repeated() {
    // Together, because each waits for the end of a lease.
    tokio::join!(is_killed_again_and_again(Kind::Sqlite), is_killed_again_and_again(Kind::Postgres));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_kill_no_reply_is_repeated() {
    tokio::join!(runs_on(Kind::Sqlite), runs_on(Kind::Postgres));
}
