//! The handler behind Kannel: a GET for each message, one durable transaction, and the reply as the body of the response.
//!
//! Environment: `DATABASE_URL`, `LISTEN` (address), `POOL` (connections to PostgreSQL).

use std::env;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::serve::ListenerExt;
use serde::Deserialize;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// One round trip and one transaction: a message that is new opens or tops up the account and is recorded with its
/// transfer. A message that is not new returns no row.
const TOP_UP: &str = "
    WITH new AS (
        INSERT INTO message (id, sender, receiver, body) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING RETURNING id
    ), topped_up AS (
        INSERT INTO account (number, minor) SELECT $5, $6 FROM new
        ON CONFLICT (number) DO UPDATE SET cents = account.cents + excluded.cents
        RETURNING cents
    )
    INSERT INTO transfer (message, number, minor, minor_after) SELECT $1, $5, $6, minor FROM topped_up
    RETURNING id, minor_after";

/// The result of a message that came before.
const EARLIER: &str = "SELECT id, minor_after FROM transfer WHERE message = $1";

const HELP: &str = "Nuk u kuptua. Shkruani numrin dhe shumen: 049123456 5";

/// A message as Kannel passes it on.
#[derive(Deserialize)]
struct Message {
    id: String,
    from: String,
    to: String,
    text: String,
}

/// A number and minor units: `049123456 5`, `049123456 5.50`.
fn read(text: &str) -> Option<(&str, i64)> {
    let mut words = text.split_ascii_whitespace();
    let (number, amount) = (words.next()?, words.next()?);
    let is_number = number.len() == 9 && number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
    let (euros, minor) = amount.split_once(['.', ',']).unwrap_or((amount, "00"));
    let is_amount = euros.len() <= 4 && minor.len() == 2;
    let minor = euros.parse::<u16>().ok().zip(minor.parse::<u8>().ok());
    let minor = minor.map(|(euros, minor)| i64::from(euros) * 100 + i64::from(minor));
    let is_whole = is_number && is_amount && words.next().is_none();
    Some((number, minor.filter(|minor| is_whole && *minor > 0)?))
}

fn euros(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

async fn top_up(pool: &PgPool, message: &Message, number: &str, minor: i64) -> sqlx::Result<(i64, i64)> {
    let new = sqlx::query_as(TOP_UP)
        .bind(&message.id)
        .bind(&message.from)
        .bind(&message.to)
        .bind(&message.text)
        .bind(number)
        .bind(minor);
    match new.fetch_optional(pool).await? {
        Some(done) => Ok(done),
        None => sqlx::query_as(EARLIER).bind(&message.id).fetch_one(pool).await,
    }
}

/// Kannel asks again after a 503 (`http-request-retry`).
async fn receive(State(pool): State<PgPool>, Query(message): Query<Message>) -> Result<String, StatusCode> {
    let Some((number, minor)) = read(&message.text) else { return Ok(HELP.to_owned()) };
    let (transfer, after) = top_up(&pool, &message, number, minor).await.map_err(|error| {
        eprintln!("message {}: {error}", message.id);
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    let (minor, after) = (euros(minor), euros(after));
    Ok(format!("Numri {number} u mbush me {minor} EUR. Bilanci i tij: {after} EUR. Nr. {transfer}. Faleminderit!"))
}

fn setting(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("set {name} in the environment"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let connections = setting("POOL")?.parse()?;
    let pool = PgPoolOptions::new()
        .min_connections(connections)
        .max_connections(connections)
        .test_before_acquire(false)
        .connect(&setting("DATABASE_URL")?)
        .await?;
    let listener = TcpListener::bind(setting("LISTEN")?).await?;
    println!("listening on {}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let mut terminate = signal(SignalKind::terminate())?;
    let routes = Router::new().route("/sms", get(receive)).with_state(pool);
    let stopped = async move {
        terminate.recv().await;
    };
    axum::serve(listener, routes).with_graceful_shutdown(stopped).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_an_amount_are_read() {
        assert_eq!(read("049123456 5"), Some(("049123456", 500)));
        assert_eq!(read(" 049123456  5,50 "), Some(("049123456", 550)));
        for wrong in ["", "5", "049123456", "49123456 5", "049123456 5 5", "049123456 0", "049123456 5.5", "x 5"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
