//! Dealers, their phones, and the days whose summary they have received.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::{Account, Dealer, DealerName, LEVELS_MAX, Msisdn, Needs, OutboundSms, receivable, wallet};
use crate::store::db::{columns, execute, rows};
use crate::store::{Batch, Store, StoreError, Writes, value};

/// A dealer, as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealerListed {
    pub name: DealerName,
    /// The dealer above it.
    pub parent: Option<DealerName>,
    pub phones: Vec<Msisdn>,
    /// The member of staff who added it.
    pub by: String,
}

/// Result of an addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DealerAdded {
    Done,
    /// A dealer of this name exists; nothing was added.
    NameTaken,
    /// This phone belongs to a dealer already, or is named twice; nothing was added.
    PhoneTaken(Msisdn),
}

const ADD: &str = "INSERT INTO dealers (name, parent, added_by, added_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO NOTHING";
const ADD_PHONE: &str = "INSERT INTO dealer_phones (phone, dealer, added_by, added_at)
    VALUES ($1, $2, $3, $4) ON CONFLICT (phone) DO NOTHING";
const REMOVE_PHONE: &str = "DELETE FROM dealer_phones WHERE phone = $1 AND dealer = $2";
const LIST: &str = "SELECT name, parent, added_by FROM dealers WHERE name > $1 ORDER BY name LIMIT $2";
const PHONES: &str = "SELECT phone FROM dealer_phones WHERE dealer = $1 ORDER BY phone";
/// The dealer of a phone and those above it, the nearest first. More than the maximum depth means that the rows form a
/// cycle.
const OF_PHONE: &str = "WITH RECURSIVE up (name, parent, level) AS (
        SELECT d.name, d.parent, 0 FROM dealers d JOIN dealer_phones p ON p.dealer = d.name WHERE p.phone = $1
        UNION ALL
        SELECT d.name, d.parent, up.level + 1 FROM dealers d JOIN up ON d.name = up.parent WHERE up.level < 8
    ) SELECT name FROM up ORDER BY level";
/// The same for a dealer by name.
const NAMED: &str = "WITH RECURSIVE up (name, parent, level) AS (
        SELECT d.name, d.parent, 0 FROM dealers d WHERE d.name = $1
        UNION ALL
        SELECT d.name, d.parent, up.level + 1 FROM dealers d JOIN up ON d.name = up.parent WHERE up.level < 8
    ) SELECT name FROM up ORDER BY level";
const DAY_DONE: &str = "INSERT INTO dealer_days (day, phone) VALUES ($1, $2) ON CONFLICT DO NOTHING";

struct Named {
    name: DealerName,
    parent: Option<DealerName>,
    added_by: String,
}

columns!(in "dealers", Named: name, parent, added_by);

struct Phone {
    phone: Msisdn,
}

columns!(in "dealer_phones", Phone: phone);

/// Makes a dealer of its name and the names of those above it.
fn dealer(names: Vec<(String,)>) -> Result<Option<Dealer>, StoreError> {
    let mut names = names.into_iter().map(|(name,)| value::read("dealers", name));
    let Some(name) = names.next().transpose()? else { return Ok(None) };
    let above: Vec<DealerName> = names.collect::<Result<_, _>>()?;
    if above.len() > LEVELS_MAX {
        return Err(StoreError::corrupt("dealers", format!("{name} has more than {LEVELS_MAX} dealers above it")));
    }
    Ok(Some(Dealer { name, above }))
}

impl Batch {
    /// Adds a dealer. Returns `false` if one of this name exists.
    async fn add_dealer(
        &mut self,
        name: &DealerName,
        parent: Option<&DealerName>,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        Ok(execute!(self.connection(), ADD, [name, parent, by, at])? == 1)
    }

    /// Adds a phone to a dealer. Returns `false` if it belongs to one already.
    async fn add_dealer_phone(
        &mut self,
        phone: Msisdn,
        dealer: &DealerName,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        Ok(execute!(self.connection(), ADD_PHONE, [phone, dealer, by, at])? == 1)
    }
}

impl Store {
    /// Returns the dealer of a phone.
    ///
    /// # Errors
    /// The database fails, or its rows are not valid dealers.
    pub async fn dealer_of(&self, phone: Msisdn) -> Result<Option<Dealer>, StoreError> {
        dealer(rows!(self.reader(), (String,), OF_PHONE, [phone])?)
    }

    /// Returns the dealer of this name.
    ///
    /// # Errors
    /// The database fails, or its rows are not valid dealers.
    pub async fn dealer(&self, name: &DealerName) -> Result<Option<Dealer>, StoreError> {
        dealer(rows!(self.reader(), (String,), NAMED, [name])?)
    }

    /// Adds a dealer with its wallet and its phones. Its PIN is the initial one. Nothing is added if the name or a
    /// phone is taken.
    ///
    /// # Errors
    /// The database fails.
    pub async fn add_dealer(
        &self,
        name: &DealerName,
        parent: Option<&DealerName>,
        phones: &[Msisdn],
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<DealerAdded, StoreError> {
        let key = wallet(name);
        let mut batch = self.begin().await?;
        let known = batch.load(&Needs { accounts: vec![key.clone()], ..Needs::default() }).await?;
        let accounts = if known.accounts.is_empty() { vec![Account::open(key, at)] } else { Vec::new() };
        batch.write(&Writes { accounts, ..Writes::default() }).await?;
        if !batch.add_dealer(name, parent, by, at).await? {
            return Ok(DealerAdded::NameTaken);
        }
        for phone in phones {
            if !batch.add_dealer_phone(*phone, name, by, at).await? {
                return Ok(DealerAdded::PhoneTaken(*phone));
            }
        }
        batch.commit().await?;
        Ok(DealerAdded::Done)
    }

    /// Returns the commission, in minor units, that a dealer owes because it was spent before its sale was reversed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn owed_minor(&self, dealer: &DealerName) -> Result<i64, StoreError> {
        let Some(key) = receivable(&wallet(dealer)) else { return Ok(0) };
        Ok(self.account(&key).await?.map_or(0, |account| account.balance_minor.saturating_neg()))
    }

    /// Adds a phone to a dealer. Returns `false` if it belongs to one already.
    ///
    /// # Errors
    /// The database fails, or the dealer does not exist.
    pub async fn add_dealer_phone(
        &self,
        phone: Msisdn,
        dealer: &DealerName,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut batch = self.begin().await?;
        let added = batch.add_dealer_phone(phone, dealer, by, at).await?;
        batch.commit().await?;
        Ok(added)
    }

    /// Removes a phone from a dealer. Returns `false` if it did not belong to it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn remove_dealer_phone(&self, phone: Msisdn, dealer: &DealerName) -> Result<bool, StoreError> {
        Ok(execute!(self.writer(), REMOVE_PHONE, [phone, dealer])? == 1)
    }

    /// Returns up to `most` dealers after this name, in the order of their names.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dealers(&self, behind: &str, most: u32) -> Result<Vec<DealerListed>, StoreError> {
        let mut listed = Vec::new();
        for Named { name, parent, added_by: by } in rows!(self.reader(), Named, LIST, [behind, most])? {
            let phones = rows!(self.reader(), Phone, PHONES, [&name])?.into_iter().map(|row| row.phone).collect();
            listed.push(DealerListed { name, parent, phones, by });
        }
        Ok(listed)
    }

    /// Queues the summary of a day for a phone. Returns `false` if any node has queued it before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn tell_dealer_day(&self, day: NaiveDate, sms: &OutboundSms) -> Result<bool, StoreError> {
        let mut batch = self.begin().await?;
        if execute!(batch.connection(), DAY_DONE, [day.to_string(), &sms.to])? == 0 {
            return Ok(false);
        }
        batch.write(&Writes { outbox: vec![sms.clone()], ..Writes::default() }).await?;
        batch.commit().await?;
        Ok(true)
    }
}
