//! The program is killed between every two steps, and started again.

use rstest::rstest;

use crate::handover::scene::{Scene, Step};
use crate::handover::until_all_are_sent;
use crate::world::Kind;

/// The number of confirmations that the SMSC has received when the program dies, and the most in the end.
const fn receptions(step: Step) -> (usize, usize) {
    match step {
        Step::Commit | Step::Submit => (0, 1),
        Step::Answer | Step::FinalState => (1, 2),
        Step::Nothing => (1, 1),
    }
}

async fn die_and_go_on(kind: Kind, step: Step) {
    let Some(mut scene) = Scene::new(kind).await else { return };
    let (at_death, most) = receptions(step);
    scene.world.start().await;
    let before = scene.confirm_one().await;
    let struck = scene.die_before(step).await;
    let expected = match step {
        Step::Commit if kind == Kind::Sqlite => None,
        Step::Nothing => Some("sent"),
        _ => Some("open"),
    };
    assert_eq!(scene.state(struck).await.as_deref(), expected, "{kind:?}");
    assert_eq!(scene.world.is_acknowledged(struck), step != Step::Commit, "{kind:?}");
    assert_eq!(scene.confirmed(struck).await, at_death, "{kind:?}");

    scene.world.start().await;
    // The SMSC delivers again what was not acknowledged.
    scene.world.settle().await;
    let after = scene.confirm_one().await;
    until_all_are_sent(&scene.world.url).await;
    let confirmed = scene.confirmed(struck).await;
    assert!((1..=most).contains(&confirmed), "{kind:?}: {confirmed} confirmations");
    for other in [before, after] {
        assert_eq!(scene.confirmed(other).await, 1, "{kind:?}: message {other}");
    }
    scene.world.check_all().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_is_sent_at_whatever_step_the_program_dies(
    #[values(Step::Commit, Step::Submit, Step::Answer, Step::FinalState, Step::Nothing)] step: Step,
) {
    // Together, because each waits for the end of a lease.
    tokio::join!(die_and_go_on(Kind::Sqlite, step), die_and_go_on(Kind::Postgres, step));
}
