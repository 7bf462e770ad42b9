//! The program between two relays, one before its SMSC and one before PostgreSQL, and the step at which it is killed.

use mbush::simulator::{Faults, Smsc};
use mbush::smpp::CommandStatus;
use sqlx::{Connection, PgConnection, SqliteConnection};
use testkit::proxy::Proxy;
use testkit::relay::{Relay, command};
use testkit::wait::{self, within};
use tokio::task::JoinHandle;

use crate::handover::received::Received;
use crate::handover::{LEASE_SECONDS, Reply, confirmations, until};
use crate::interfaces::{Interface, payer, text};
use crate::world::{Kind, World};

/// The step that the program does not live to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It does not learn of its commit: on PostgreSQL the commit is done, on SQLite it has not begun.
    Commit,
    /// The commit is done, and the SMSC does not receive the reply.
    Submit,
    /// The SMSC has the reply and has not answered.
    Answer,
    /// The SMSC has answered, and the final state is not written.
    FinalState,
    /// The final state is written.
    Nothing,
}

/// `enquire_link` with a sequence number that the SMSC does not use.
const ENQUIRE_LINK: [u8; 16] = [0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xf0];

pub(super) struct Scene {
    pub(super) kind: Kind,
    pub(super) world: World,
    pub(super) received: Received,
    relay: Relay,
    /// Before PostgreSQL.
    proxy: Option<Proxy>,
}

/// A transaction of somebody else, which ends when it is dropped.
enum Lock {
    Sqlite { _connection: SqliteConnection },
    Postgres { _connection: PgConnection },
}

impl Scene {
    /// `None` where there is no database of this kind on this machine that is ours.
    pub(super) async fn new(kind: Kind) -> Option<Self> {
        let mut world = World::new(kind, Interface::Smpp).await?;
        let relay = Relay::to(world.smsc.address()).await;
        let proxy = match &world.database {
            Some(server) => Some(Proxy::before(server).await?),
            None => None,
        };
        world.host = relay.address();
        world.way_to_database = proxy.as_ref().map(|proxy| proxy.url.clone());
        world.lease_seconds = LEASE_SECONDS;
        world.log = "warn,mbush::dispatch=debug";
        let received = Received::by(&world.smsc);
        Some(Self { kind, world, received, relay, proxy })
    }

    /// The confirmation of this message, if it is committed.
    pub(super) async fn confirmation(&self, index: usize) -> Option<Reply> {
        let mut found = confirmations(&self.world.url, &payer(index)).await;
        assert!(found.len() < 2, "{found:#?}");
        found.pop()
    }

    /// The number of times that the SMSC received the confirmation of this message.
    pub(super) async fn confirmed(&mut self, index: usize) -> usize {
        match self.confirmation(index).await {
            Some(reply) => self.received.count(&reply.recipient, &reply.text),
            None => 0,
        }
    }

    /// The SMSC delivers one more message.
    fn deliver(&mut self) -> (usize, JoinHandle<bool>) {
        let index = self.world.messages;
        self.world.messages += 1;
        (index, delivery(self.world.smsc.clone(), index))
    }

    /// The SMSC delivers one more message and has it acknowledged.
    async fn deliver_acknowledged(&mut self) -> usize {
        let (index, delivery) = self.deliver();
        assert!(within("an acknowledgement", delivery).await.unwrap(), "message {index} is acknowledged");
        self.world.acknowledge(index);
        index
    }

    /// A message that is confirmed in good order.
    pub(super) async fn confirm_one(&mut self) -> usize {
        let index = self.deliver_acknowledged().await;
        let what = format!("{:?}: the final state of the reply to message {index}", self.kind);
        until(&what, async || self.state(index).await.as_deref() == Some("sent")).await;
        index
    }

    pub(super) async fn state(&self, index: usize) -> Option<String> {
        self.confirmation(index).await.map(|reply| reply.state)
    }

    /// Has the program receive one more message, and kills it before this step of its reply. Returns the message.
    pub(super) async fn die_before(&mut self, step: Step) -> usize {
        let (index, lock) = match step {
            Step::Commit => self.reach_the_commit().await,
            Step::Submit => {
                self.relay.withhold(Some(command::SUBMIT_SM));
                let index = self.deliver_acknowledged().await;
                within("a submission", self.relay.held(1)).await;
                (index, None)
            }
            Step::Answer => {
                self.world.smsc.set_faults(Faults { silent: true, ..Faults::default() });
                let (before, index) = (self.received.total(), self.deliver_acknowledged().await);
                wait::until("a submission", || self.received.total() > before).await;
                (index, None)
            }
            Step::FinalState => self.reach_the_final_state().await,
            Step::Nothing => (self.confirm_one().await, None),
        };
        self.world.kill();
        let smsc = self.world.smsc.clone();
        wait::until("the end of the session", || smsc.sessions() == 0).await;
        drop(lock);
        self.relay.withhold(None);
        if let Some(proxy) = &self.proxy {
            proxy.withhold(false);
        }
        smsc.set_faults(Faults::default());
        index
    }

    async fn reach_the_commit(&mut self) -> (usize, Option<Lock>) {
        let Some(proxy) = &self.proxy else {
            let lock = self.lock(0).await;
            self.relay.withhold(Some(command::DELIVER_SM));
            let (index, delivery) = self.deliver();
            within("a delivery", self.relay.held(1)).await;
            // Lets the delivery through. The program answers what comes after it, and so has read it.
            self.relay.withhold(Some(command::ENQUIRE_LINK_RESP));
            self.relay.inject(ENQUIRE_LINK);
            within("an answer to what came later", self.relay.held(1)).await;
            assert!(!delivery.is_finished(), "a message is not acknowledged before its commit");
            return (index, Some(lock));
        };
        proxy.withhold(true);
        let (index, delivery) = self.deliver();
        until("a commit", async || self.confirmation(index).await.is_some()).await;
        assert!(!delivery.is_finished(), "a message is not acknowledged before the commit is known");
        (index, None)
    }

    async fn reach_the_final_state(&mut self) -> (usize, Option<Lock>) {
        let sent = |world: &World| world.printed().iter().filter(|line| line.contains("reply sent")).count();
        let before = sent(&self.world);
        self.relay.withhold(Some(command::SUBMIT_SM_RESP));
        let index = self.deliver_acknowledged().await;
        within("an answer of the SMSC", self.relay.held(1)).await;
        let lock = self.lock(index).await;
        self.relay.withhold(None);
        wait::until("the answer to arrive", || sent(&self.world) > before).await;
        (index, Some(lock))
    }

    /// Takes the writer of SQLite, or the row with the confirmation of this message on PostgreSQL.
    async fn lock(&self, index: usize) -> Lock {
        if self.kind == Kind::Sqlite {
            let mut connection = SqliteConnection::connect(&self.world.url).await.unwrap();
            sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
            return Lock::Sqlite { _connection: connection };
        }
        let mut connection = PgConnection::connect(&self.world.url).await.unwrap();
        sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
        let locked = sqlx::query("SELECT id FROM outbox WHERE recipient = $1 FOR UPDATE").bind(payer(index));
        assert_eq!(locked.fetch_all(&mut connection).await.unwrap().len(), 1);
        Lock::Postgres { _connection: connection }
    }
}

/// Delivers this message; true if the program acknowledges it.
pub(super) fn delivery(smsc: std::sync::Arc<Smsc>, index: usize) -> JoinHandle<bool> {
    tokio::spawn(async move { smsc.deliver(&text(index)).await.is_ok_and(CommandStatus::is_ok) })
}
