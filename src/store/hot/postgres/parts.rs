//! Parts of long messages. Differs from SQLite's: one array per column carries all signs, messages or parts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Batch, Store};
use crate::store::StoreError;
use crate::store::hot::parts::{Held, Part, PartRow, PartState, Sign, Whole, report_bits, with_states};
use crate::store::value::shown;

const UNDER: &str = "SELECT parts.* FROM parts
    JOIN UNNEST($1::text[], $2::text[], $3::text[], $4::bigint[]) AS sign (link, sender, short_code, reference)
        ON parts.link = ANY(ARRAY[sign.link]) AND parts.sender = ANY(ARRAY[sign.sender])
            AND parts.short_code = ANY(ARRAY[sign.short_code]) AND parts.reference = ANY(ARRAY[sign.reference])
    ORDER BY generation, number";
const HELD: &str = "SELECT link, count(*), coalesce(sum(length(octets)), 0)::bigint FROM parts
    WHERE state <> 'done' AND link = ANY($1) GROUP BY link";
const KEEP: &str = "INSERT INTO parts (link, sender, short_code, reference, generation, number, total, key, octets,
        has_header, data_coding, alphabet, report, received_at, session_since, sender_ton, sender_npi, state)
    SELECT *, 'waiting' FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
        $7::bigint[], $8::text[], $9::bytea[], $10::boolean[], $11::bigint[], $12::text[], $13::bigint[],
        $14::timestamptz[], $15::timestamptz[], $16::bigint[], $17::bigint[])
    ON CONFLICT DO NOTHING";
const GIVE_UP: &str = "UPDATE parts SET state = 'given_up'
    FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
        AS whole (link, sender, short_code, reference, generation)
    WHERE parts.link = ANY(ARRAY[whole.link]) AND parts.sender = ANY(ARRAY[whole.sender]) AND parts.short_code = ANY(ARRAY[whole.short_code])
        AND parts.reference = ANY(ARRAY[whole.reference]) AND parts.generation = ANY(ARRAY[whole.generation]) AND state = 'waiting'";
const WITHDRAW: &str = "DELETE FROM parts
    USING UNNEST($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
        AS part (link, sender, short_code, reference, generation, number)
    WHERE parts.link = ANY(ARRAY[part.link]) AND parts.sender = ANY(ARRAY[part.sender]) AND parts.short_code = ANY(ARRAY[part.short_code])
        AND parts.reference = ANY(ARRAY[part.reference]) AND parts.generation = ANY(ARRAY[part.generation]) AND parts.number = ANY(ARRAY[part.number])
        AND state = 'waiting'";
const FINISH: &str = "UPDATE parts SET state = 'done', received_at = $6
    FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
        AS whole (link, sender, short_code, reference, generation)
    WHERE parts.link = ANY(ARRAY[whole.link]) AND parts.sender = ANY(ARRAY[whole.sender]) AND parts.short_code = ANY(ARRAY[whole.short_code])
        AND parts.reference = ANY(ARRAY[whole.reference]) AND parts.generation = ANY(ARRAY[whole.generation])";

type Statement<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// Binds $1 to $5.
fn bind_wholes<'q>(statement: Statement<'q>, wholes: &[&Whole]) -> Statement<'q> {
    let column = |of: fn(&Sign) -> &str| wholes.iter().map(|whole| of(&whole.sign).to_owned()).collect::<Vec<_>>();
    statement
        .bind(column(|sign| &sign.link))
        .bind(column(|sign| &sign.from))
        .bind(column(|sign| &sign.to))
        .bind(wholes.iter().map(|whole| i64::from(whole.sign.reference)).collect::<Vec<_>>())
        .bind(wholes.iter().map(|whole| whole.generation).collect::<Vec<_>>())
}

async fn under<'e>(on: impl sqlx::PgExecutor<'e>, signs: &[Sign]) -> Result<Vec<(Part, PartState)>, StoreError> {
    let column = |of: fn(&Sign) -> &str| signs.iter().map(|sign| of(sign).to_owned()).collect::<Vec<_>>();
    let rows: Vec<PartRow> = sqlx::query_as(UNDER)
        .bind(column(|sign| &sign.link))
        .bind(column(|sign| &sign.from))
        .bind(column(|sign| &sign.to))
        .bind(signs.iter().map(|sign| i64::from(sign.reference)).collect::<Vec<_>>())
        .fetch_all(on)
        .await?;
    Ok(with_states(rows))
}

impl Store {
    pub(crate) async fn parts_under(&self, of: &Sign) -> Result<Vec<(Part, PartState)>, StoreError> {
        under(&self.pool, std::slice::from_ref(of)).await
    }
}

impl Batch {
    pub(crate) async fn parts_under(&mut self, signs: &[Sign]) -> Result<Vec<(Part, PartState)>, StoreError> {
        under(&mut *self.on, signs).await
    }

    pub(crate) async fn parts_held(&mut self, links: &[String]) -> Result<HashMap<String, Held>, StoreError> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(HELD).bind(links).fetch_all(&mut *self.on).await?;
        Ok(rows.into_iter().map(|(link, parts, octets)| (link, Held { parts, octets })).collect())
    }

    pub(crate) async fn keep_parts(&mut self, parts: &[Part], given_up: &[Whole]) -> Result<u64, StoreError> {
        if !given_up.is_empty() {
            let wholes: Vec<&Whole> = given_up.iter().collect();
            bind_wholes(sqlx::query(GIVE_UP), &wholes).execute(&mut *self.on).await?;
        }
        if parts.is_empty() {
            return Ok(0);
        }
        let wholes: Vec<&Whole> = parts.iter().map(|part| &part.whole).collect();
        let keep = bind_wholes(sqlx::query(KEEP), &wholes)
            .bind(parts.iter().map(|part| i64::from(part.number)).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| i64::from(part.total)).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| shown(&part.key)).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| part.octets.as_slice()).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| part.has_header).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| i64::from(part.data_coding)).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| part.alphabet.as_str()).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| report_bits(part.report)).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| part.received_at).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| part.redelivery_doubt_since).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| part.from_type.map(|labelled| i64::from(labelled.ton))).collect::<Vec<_>>())
            .bind(parts.iter().map(|part| part.from_type.map(|labelled| i64::from(labelled.npi))).collect::<Vec<_>>());
        Ok(keep.execute(&mut *self.on).await?.rows_affected())
    }

    pub(crate) async fn withdraw_parts(&mut self, parts: &[(Whole, u8)]) -> Result<(), StoreError> {
        let wholes: Vec<&Whole> = parts.iter().map(|(whole, _)| whole).collect();
        let numbers: Vec<i64> = parts.iter().map(|(_, number)| i64::from(*number)).collect();
        bind_wholes(sqlx::query(WITHDRAW), &wholes).bind(numbers).execute(&mut *self.on).await?;
        Ok(())
    }

    pub(crate) async fn finish_parts(&mut self, wholes: &[&Whole], now: DateTime<Utc>) -> Result<(), StoreError> {
        bind_wholes(sqlx::query(FINISH), wholes).bind(now).execute(&mut *self.on).await?;
        Ok(())
    }
}
