//! A search of every table for what must not be in the database.

use sqlx::{Connection, PgConnection, Row, SqliteConnection};

/// The tables and rows in which a text stands.
pub(crate) async fn found(url: &str, text: &str) -> Vec<String> {
    let rows = if url.starts_with("sqlite") { sqlite(url).await } else { postgres(url).await };
    assert!(rows.iter().any(|row| row.contains("38349111222")), "the search finds what is there");
    rows.into_iter().filter(|row| row.contains(text)).collect()
}

async fn sqlite(url: &str) -> Vec<String> {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    let mut all = Vec::new();
    for table in tables {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(columns)).fetch_all(&mut connection).await.unwrap();
        let quoted: Vec<String> =
            columns.iter().map(|name| format!("coalesce(CAST(\"{name}\" AS TEXT), '')")).collect();
        let rows = format!("SELECT {} AS line FROM \"{table}\"", quoted.join(" || ' ' || "));
        for row in sqlx::query(sqlx::AssertSqlSafe(rows)).fetch_all(&mut connection).await.unwrap() {
            let line: Vec<u8> = row.get_unchecked("line");
            all.push(format!("{table}: {}", String::from_utf8_lossy(&line)));
        }
    }
    all
}

async fn postgres(url: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    let mut all = Vec::new();
    for table in tables {
        let rows = format!("SELECT one::text FROM \"{table}\" AS one");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_all(&mut connection).await.unwrap();
        all.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    all
}
