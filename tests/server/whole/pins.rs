//! Many PINs at once take as much memory as a few; and who guesses them over many numbers is told of, and slowed down.

use futures_util::future::join_all;

use crate::whole::world::{Answer, World};

const PHONES: u8 = 60;
/// Wrong PINs of one link that are looked at in a minute.
const WRONG_MAX: u8 = 30;

fn world(folder: &tempfile::TempDir) -> World {
    let key = folder.path().join("pin.key");
    std::fs::write(&key, "0f".repeat(32)).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    World::start("", &format!("[pins]\nkey_file = \"{}\"\n", key.display()))
}

fn phone(place: u8) -> String {
    format!("383491000{place:02}")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_tries_one_pin_over_many_numbers_is_told_of_and_waits() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder);
    for place in 0..PHONES {
        let opened = Answer::of(world.sms(&format!("up-{place}"), &phone(place), "50005", "5")).await.json();
        assert_eq!(opened["outcome"], "applied", "{opened}");
    }
    let mut reasons = std::collections::BTreeMap::<String, u8>::new();
    for place in 0..PHONES {
        let tried = world.sms(&format!("try-{place}"), &phone(place), "121", "049100099 1 4711");
        let tried = Answer::of(tried).await.json();
        *reasons.entry(tried["reason"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    // Within the time that it takes, some of them may be forgotten.
    assert!((WRONG_MAX..PHONES).contains(&reasons["pin_wrong"]) && reasons["pin_locked"] > 0, "{reasons:?}");
    let alarms = world.lines(1, "too many wrong PINs in a minute");
    assert!(alarms[0].contains("gateway"), "{alarms:?}");
    for (metric, reason) in [("wrong", "pin_wrong"), ("throttled", "pin_locked")] {
        let counted = world.metric(&format!("mbush_pins_{metric}_total{{link=\"gateway\"}}")).await;
        assert!((counted - f64::from(reasons[reason])).abs() < 0.5, "{metric}: {counted}, {reasons:?}");
    }
    let again = Answer::of(world.sms("try-0", &phone(0), "121", "049100099 1 4711")).await.json();
    assert_eq!((&again["reason"], &again["replayed"]), (&"pin_wrong".into(), &true.into()), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_phones_change_their_pins_at_once_in_a_few_memories() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&folder);
    let texts = |to: &'static str, text: &'static str| {
        let world = &world;
        join_all((0..PHONES).map(move |place| {
            let request = world.sms(&format!("{text}-{place}"), &phone(place), to, text);
            async move { Answer::of(request).await.json() }
        }))
    };
    for opened in texts("50005", "1").await {
        assert_eq!(opened["outcome"], "applied", "{opened}");
    }
    for changed in texts("123", "pin 0000 4711").await {
        assert_eq!(changed["topic"], "pin_changed", "{changed}");
    }
    // Each was compared, and hashed.
    assert!((world.metric("mbush_pin_hashes_total").await - 2.0 * f64::from(PHONES)).abs() < 0.5);
    let memories = world.metric("mbush_pin_memories").await;
    assert!((1.0..=4.0).contains(&memories), "{memories} memories of 4 MiB");
}
