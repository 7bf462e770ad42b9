//! Another client of the database (a person at a console, a tool) holds a row, and does not let go of it.

use std::time::Duration;

use futures_util::future::join_all;
use mbush::domain::{Amount, Outcome};
use mbush::processor::NotAccepted;
use rstest::rstest;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use testkit::wait::within;

use crate::node::Node;
use crate::store::harness::{Database, Kind, assert_sound};

/// Top-ups beside the one whose row is held.
const OTHERS: u64 = 60;

fn phone(of: u64) -> String {
    format!("383491110{of:02}")
}

async fn top_up(node: &Node, round: u64, of: u64) -> Result<Outcome, NotAccepted> {
    let key = format!("{round}:{of}");
    let text = format!("0491234{of:02} {round}");
    node.text(&key, &phone(of), "50005", &text).await.map(|answer| answer.outcome)
}

#[rstest]
#[case::the_account_that_is_credited("SELECT 1 FROM accounts WHERE name = 'subscriber:38349123400' FOR UPDATE")]
#[case::what_its_payer_used("SELECT 1 FROM usage WHERE subject = 'payer:38349111000' FOR UPDATE")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_others_go_on_while_one_is_held(#[case] lock: &'static str) {
    let Some(database) = Database::new(Kind::Postgres) else { return };
    let node = Node::start_with(|config| {
        config.store.url.clone_from(&database.url);
        config.rules.limits.payer.day.amount_max = Some(Amount::whole(500).unwrap());
    })
    .await;
    for answer in join_all((0..=OTHERS).map(|of| top_up(&node, 1, of))).await {
        assert!(matches!(answer, Ok(Outcome::Applied(_))), "{answer:?}");
    }
    let mut client = PgConnection::connect(&database.url).await.unwrap();
    let mut transaction = client.begin().await.unwrap();
    let held = sqlx::query(AssertSqlSafe(lock)).fetch_all(&mut *transaction).await.unwrap();
    assert!(!held.is_empty(), "a row is held");

    // All at once, the one among them, so that it shares a batch with others; twice: the second time it is known who waits.
    let order: Vec<u64> = (1..=OTHERS / 2).chain([0]).chain(OTHERS / 2 + 1..=OTHERS).collect();
    for round in [2, 3] {
        let answers = within("all of them", join_all(order.iter().map(|of| top_up(&node, round, *of)))).await;
        for (of, answer) in order.iter().zip(answers) {
            if *of == 0 {
                assert_eq!(
                    answer,
                    Err(NotAccepted::Store),
                    "its sender is told to try again while the row is still held"
                );
            } else {
                assert!(matches!(answer, Ok(Outcome::Applied(_))), "{of}: {answer:?}");
            }
        }
    }
    transaction.rollback().await.unwrap();
    for round in [2, 3] {
        let again = async {
            loop {
                match top_up(&node, round, 0).await {
                    Ok(outcome) => return outcome,
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        let outcome = within("the one, tried again", again).await;
        assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
    }
    let totals = node.store.totals().await.unwrap();
    assert_eq!((totals.transfers, totals.transferred_minor), (183, 61 * 600));
    assert_sound(&node.stop().await).await;
}
