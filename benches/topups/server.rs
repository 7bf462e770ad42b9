//! A PostgreSQL server that is measured.

use tokio_postgres::{Client, NoTls};

use crate::cpu;

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The process that all of the server's processes belong to.
pub(crate) async fn postmaster(client: &Client) -> u32 {
    let backend: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    cpu::parent(u32::try_from(backend).unwrap())
}
