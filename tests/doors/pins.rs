//! Many PINs at once take as much memory as a few.

use futures_util::future::join_all;

use crate::world::{Answer, World};

const PHONES: u8 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn many_phones_change_their_pins_at_once_in_a_few_memories() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("pin.key");
    std::fs::write(&key, "0f".repeat(32)).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let world = World::start("", &format!("[pins]\nkey_file = \"{}\"\n", key.display()));
    let phone = |place: u8| format!("383491000{place:02}");
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
