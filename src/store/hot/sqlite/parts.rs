//! Parts of long messages. Differs from PostgreSQL's: one JSON text carries all signs, messages or parts, with octets
//! in hexadecimal.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json as value};

use super::convert::{json, micros};
use super::{Batch, Store};
use crate::store::StoreError;
use crate::store::hot::parts::{Held, Part, PartRow, PartState, Sign, Whole, report_bits, with_states};

/// CROSS JOIN makes the planner look up the few signs in the table, never the other way round.
const UNDER: &str =
    "SELECT link, sender, short_code, reference, generation, number, total, parts.key, octets, has_header,
        data_coding, alphabet, sender_ton, sender_npi, report, received_at, session_since, state
    FROM json_each($1) AS sign CROSS JOIN parts
    WHERE link = sign.value->>0 AND sender = sign.value->>1 AND short_code = sign.value->>2
        AND reference = sign.value->>3
    ORDER BY generation, number";
const HELD: &str = "SELECT link, count(*), sum(length(octets)) FROM parts
    WHERE state <> 'done' AND link IN (SELECT value FROM json_each($1)) GROUP BY link";
const KEEP: &str =
    "INSERT OR FAIL INTO parts (link, sender, short_code, reference, generation, number, total, key, octets,
        has_header, data_coding, alphabet, report, received_at, session_since, sender_ton, sender_npi, state)
    SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, unhex(value->>8),
        value->>9, value->>10, value->>11, value->>12, value->>13, value->>14, value->>15,
        value->>16, 'waiting'
    FROM json_each($1)";
const GIVE_UP: &str = "UPDATE parts SET state = 'given_up' FROM json_each($1) AS whole
    WHERE link = whole.value->>0 AND sender = whole.value->>1 AND short_code = whole.value->>2
        AND reference = whole.value->>3 AND generation = whole.value->>4 AND state = 'waiting'";
const WITHDRAW: &str = "DELETE FROM parts WHERE state = 'waiting' AND EXISTS (SELECT 1 FROM json_each($1) AS part
        WHERE link = part.value->>0 AND sender = part.value->>1 AND short_code = part.value->>2
            AND reference = part.value->>3 AND generation = part.value->>4 AND number = part.value->>5)";
const FINISH: &str = "UPDATE parts SET state = 'done', received_at = $2 FROM json_each($1) AS whole
    WHERE link = whole.value->>0 AND sender = whole.value->>1 AND short_code = whole.value->>2
        AND reference = whole.value->>3 AND generation = whole.value->>4";

fn sign(sign: &Sign) -> Value {
    value!([sign.link, sign.from, sign.to, sign.reference])
}

fn whole(whole: &Whole) -> Value {
    let Whole { sign, generation } = whole;
    value!([sign.link, sign.from, sign.to, sign.reference, generation])
}

fn part(part: &Part) -> Value {
    let Whole { sign, generation } = &part.whole;
    let (octets, received_at) = (hex::encode(&part.octets), micros(part.received_at));
    let (report, since) = (report_bits(part.report), part.redelivery_doubt_since.map(micros));
    value!([
        sign.link,
        sign.from,
        sign.to,
        sign.reference,
        generation,
        part.number,
        part.total,
        part.key,
        octets,
        i64::from(part.has_header),
        part.data_coding,
        part.alphabet,
        report,
        received_at,
        since,
        part.from_type.map(|labelled| labelled.ton),
        part.from_type.map(|labelled| labelled.npi)
    ])
}

impl Store {
    pub(crate) async fn parts_under(&self, of: &Sign) -> Result<Vec<(Part, PartState)>, StoreError> {
        let rows: Vec<PartRow> =
            sqlx::query_as(UNDER).bind(json("parts", &[sign(of)])?).fetch_all(&self.readers).await?;
        Ok(with_states(rows))
    }
}

impl Batch {
    pub(crate) async fn parts_under(&mut self, signs: &[Sign]) -> Result<Vec<(Part, PartState)>, StoreError> {
        let signs: Vec<Value> = signs.iter().map(sign).collect();
        let rows: Vec<PartRow> = sqlx::query_as(UNDER).bind(json("parts", &signs)?).fetch_all(&mut *self.on).await?;
        Ok(with_states(rows))
    }

    pub(crate) async fn parts_held(&mut self, links: &[String]) -> Result<HashMap<String, Held>, StoreError> {
        let rows: Vec<(String, i64, i64)> =
            sqlx::query_as(HELD).bind(json("parts", links)?).fetch_all(&mut *self.on).await?;
        Ok(rows.into_iter().map(|(link, parts, octets)| (link, Held { parts, octets })).collect())
    }

    pub(crate) async fn keep_parts(&mut self, parts: &[Part], given_up: &[Whole]) -> Result<u64, StoreError> {
        if !given_up.is_empty() {
            let wholes: Vec<Value> = given_up.iter().map(whole).collect();
            sqlx::query(GIVE_UP).bind(json("parts", &wholes)?).execute(&mut *self.on).await?;
        }
        if parts.is_empty() {
            return Ok(0);
        }
        let rows: Vec<Value> = parts.iter().map(part).collect();
        Ok(sqlx::query(KEEP).bind(json("parts", &rows)?).execute(&mut *self.on).await?.rows_affected())
    }

    pub(crate) async fn withdraw_parts(&mut self, parts: &[(Whole, u8)]) -> Result<(), StoreError> {
        let one = |(Whole { sign, generation }, number): &(Whole, u8)| {
            value!([sign.link, sign.from, sign.to, sign.reference, generation, number])
        };
        let rows: Vec<Value> = parts.iter().map(one).collect();
        sqlx::query(WITHDRAW).bind(json("parts", &rows)?).execute(&mut *self.on).await?;
        Ok(())
    }

    pub(crate) async fn finish_parts(&mut self, wholes: &[&Whole], now: DateTime<Utc>) -> Result<(), StoreError> {
        let wholes: Vec<Value> = wholes.iter().map(|one| whole(one)).collect();
        let finish = sqlx::query(FINISH).bind(json("parts", &wholes)?).bind(micros(now));
        finish.execute(&mut *self.on).await?;
        Ok(())
    }
}
