//! A disk that is full: what cannot be kept is refused, not acknowledged; once there is room, all goes on.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use rstest::rstest;
use tempfile::TempDir;
use testkit::postgres::Postgres;
use testkit::run;

use crate::interfaces::Interface;
use crate::world::{Kind, Moment, Victim, World};

/// Room on the disk; most of it is soon taken.
const SIZE: &str = "size=64m";
/// Room that is left: some hundreds of messages.
const ROOM: u64 = 512 * 1024;
/// New messages of a round.
const MESSAGES: usize = 100;
/// Rounds in which so little room is used up many times over.
const ROUNDS_MAX: usize = 100;
/// How an interface says that it cannot keep a message now, and that its sender should.
const NOT_NOW: [&str; 4] = ["503 Service Unavailable", "ESME_RX_T_APPN", "ESME_RSYSERR", "ESME_RMSGQFUL"];

/// A file system in memory, unmounted when dropped.
struct Disk(TempDir);

impl Disk {
    /// `None`, with a printed line, where this user may not mount; a failure where `MBUSH_REQUIRE_PEERS=1`.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mounted = run(Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(folder.path()));
        if mounted.status.success() {
            return Some(Self(folder));
        }
        let required = std::env::var("MBUSH_REQUIRE_PEERS").is_ok_and(|value| value == "1");
        let why = String::from_utf8_lossy(&mounted.stderr).into_owned();
        assert!(!required, "MBUSH_REQUIRE_PEERS=1, and no small disk can be mounted here: {why}");
        println!("left out: no small disk can be mounted here: {why}");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn filling(&self) -> PathBuf {
        self.path().join("filling")
    }

    /// Takes all room but a little.
    fn fill(&self) {
        let mut file = File::create(self.filling()).expect("there is room for a name");
        let mut octets = [1_u8; 4_096].as_slice();
        let full = loop {
            match file.write(octets) {
                Ok(0) | Err(_) if octets.len() > 1 => octets = &octets[..octets.len() / 2],
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull);
        let length = file.metadata().expect("it is open").len();
        file.set_len(length.saturating_sub(ROOM)).expect("a file can be cut");
    }

    /// Gives the room back.
    fn clear(&self) {
        std::fs::remove_file(self.filling()).expect("it is there");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a program that is about to end may still use it.
        drop(Command::new("umount").arg("-l").arg(self.path()).status());
    }
}

async fn on(disk: &Disk, kind: Kind, interface: Interface) -> Option<World> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (url, server) = match kind {
        Kind::Sqlite => (format!("sqlite://{}", disk.path().join("mbush.db").display()), None),
        Kind::Postgres => {
            let server = Postgres::with_tables_in(disk.path())?;
            (server.url.clone(), Some(server))
        }
    };
    Some(World::on(url, folder, server, interface).await)
}

/// Sends new messages until some are refused.
async fn send_until_refused(world: &mut World) {
    for _ in 0..ROUNDS_MAX {
        let (first, before) = (world.messages, world.unacknowledged().len());
        world.messages += MESSAGES;
        world.send((first..world.messages).collect(), Victim::Nobody, Moment::NEVER).await;
        if world.unacknowledged().len() > before {
            let refusal = world.refusal();
            assert!(NOT_NOW.iter().any(|known| refusal.contains(known)), "{refusal}");
            return;
        }
    }
    panic!("the disk is not full after {} messages", world.messages);
}

/// Sends new messages until who watches is told that writes fail: a small one may find room after a large one has not.
async fn send_until_told(world: &mut World) {
    for _ in 0..ROUNDS_MAX {
        if world.health().await == 503 {
            return;
        }
        send_until_refused(world).await;
    }
    panic!("the disk is full, and nobody is told");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_full_disk_cannot_keep_is_refused_until_there_is_room(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(Interface::Http, Interface::Smpp, Interface::Bank)] interface: Interface,
) {
    let Some(disk) = Disk::mount() else { return };
    let Some(mut world) = on(&disk, kind, interface).await else { return };
    world.start().await;
    disk.fill();
    assert_eq!(world.health().await, 200, "there is room yet");
    send_until_refused(&mut world).await;
    send_until_told(&mut world).await;
    world.check().await;
    disk.clear();
    world.settle().await;
    assert_eq!(world.health().await, 200);
    world.check().await;
    // Once more, and this time nobody makes room before the program is gone.
    disk.fill();
    send_until_refused(&mut world).await;
    world.kill();
    disk.clear();
    world.start().await;
    world.check_all().await;
}
