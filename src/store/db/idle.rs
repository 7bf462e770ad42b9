//! Connections of batches, which stay with the batches.
//!
//! A pool checks a connection each time that it is taken and given back, with a round trip to the server or to the thread
//! of the connection. A batch of one message has few of its own, so these connections are kept here between batches and
//! never go back.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};

use crate::store::StoreError;

/// Connections that are kept. Batches of staff and of long messages beside those of messages take others of the pool.
const KEPT_MAX: usize = 4;

/// The connections that no batch uses at the moment.
#[derive(Debug)]
pub(super) struct Idle<DB: Database>(Arc<Mutex<Kept<DB>>>);

#[derive(Debug)]
struct Kept<DB: Database> {
    connections: Vec<PoolConnection<DB>>,
    is_closed: bool,
}

impl<DB: Database> Clone for Idle<DB> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<DB: Database> Default for Idle<DB> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Kept { connections: Vec::new(), is_closed: false })))
    }
}

impl<DB: Database> Idle<DB> {
    pub(super) fn take(&self) -> Option<PoolConnection<DB>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).connections.pop()
    }

    pub(super) fn put(&self, connection: PoolConnection<DB>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.is_closed && kept.connections.len() < KEPT_MAX {
            kept.connections.push(connection);
        }
    }

    /// Closes the connections, and those that come back later.
    pub(super) fn close(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.is_closed = true;
        kept.connections.clear();
    }
}

/// A new connection of the pool, which never goes back to it.
pub(super) async fn acquired<DB: Database>(pool: &Pool<DB>) -> Result<PoolConnection<DB>, StoreError> {
    let mut connection = pool.acquire().await?;
    connection.close_on_drop();
    Ok(connection)
}
