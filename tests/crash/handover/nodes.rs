//! Two nodes on one database, each bound to an SMSC of its own under the same link name. One is killed.

use testkit::wait::within;

use crate::handover::received::Received;
use crate::handover::scene::{Scene, Step, delivery};
use crate::handover::{LEASE_SECONDS, confirmations, until, until_all_are_sent};
use crate::interfaces::{Interface, payer};
use crate::world::{Kind, World};

/// The node that lives.
struct Other {
    world: World,
    received: Received,
}

impl Other {
    async fn beside(scene: &Scene) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut world = World::on(scene.world.url.clone(), folder, None, Interface::Smpp).await;
        world.lease_seconds = LEASE_SECONDS;
        world.start().await;
        let received = Received::by(&world.smsc);
        Self { world, received }
    }

    /// Its SMSC delivers a message, which is acknowledged and confirmed.
    async fn confirm(&mut self, index: usize) {
        let delivered = within("an acknowledgement", delivery(self.world.smsc.clone(), index)).await;
        assert!(delivered.unwrap(), "message {index} is acknowledged");
        self.world.acknowledge(index);
        let (url, payer) = (&self.world.url, payer(index));
        until("the final state of its reply", async || {
            confirmations(url, &payer).await.iter().any(|reply| reply.state == "sent")
        })
        .await;
    }

    async fn confirmed(&mut self, index: usize) -> usize {
        let reply = confirmations(&self.world.url, &payer(index)).await.remove(0);
        self.received.count(&reply.recipient, &reply.text)
    }
}

async fn one_of_two_dies(step: Step) {
    let Some(mut scene) = Scene::new(Kind::Postgres).await else { return };
    scene.world.start().await;
    let mut other = Other::beside(&scene).await;
    let before = scene.confirm_one().await;
    let (early, late) = (100, 101);
    other.confirm(early).await;
    let struck = scene.die_before(step).await;
    let at_death = scene.confirmed(struck).await;
    assert_eq!(at_death, usize::from(step != Step::Submit), "{step:?}");
    other.confirm(late).await;

    until_all_are_sent(&scene.world.url).await;
    assert_eq!(other.confirmed(struck).await, 1, "{step:?}: the other sends it, once");
    for (own, count) in [(early, 1), (late, 1), (before, 0)] {
        assert_eq!(other.confirmed(own).await, count, "{step:?}: message {own} at the other");
    }
    for (own, count) in [(early, 0), (late, 0), (before, 1), (struck, at_death)] {
        assert_eq!(scene.confirmed(own).await, count, "{step:?}: message {own} at the one that died");
    }
    for index in [before, struck] {
        other.world.acknowledge(index);
    }
    other.world.messages = late + 1;
    other.world.check().await;
    other.world.terminate();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_node_sends_the_replies_of_one_that_dies_and_does_not_repeat_its_own() {
    // Together, because each waits for the end of a lease.
    tokio::join!(one_of_two_dies(Step::Submit), one_of_two_dies(Step::Answer), one_of_two_dies(Step::FinalState));
}
