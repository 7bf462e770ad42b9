//! Orders of staff about holds.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Done, NotDone, StaffOrders, Why, keeps_balance, known, named};
use crate::domain::{AccountKey, AccountKind, Action, ActionKind, Amount, Cause, Hold, HoldProblem, HoldState, Needs};

/// Interval of the search for expired holds.
const EXPIRY_EVERY: Duration = Duration::from_mins(1);
/// Limit of holds that are released in one transaction.
const EXPIRED_MAX: u32 = 200;

impl StaffOrders {
    /// Holds an amount of an account until it is captured or released, at the latest at `expires_at`.
    ///
    /// # Errors
    /// [`NotDone`].
    pub async fn place_hold(
        &self,
        account: &AccountKey,
        amount: Amount,
        expires_at: DateTime<Utc>,
        why: &Why,
    ) -> Result<Done, NotDone> {
        named(&why.by)?;
        keeps_balance(account)?;
        let action = self.action(ActionKind::PlaceHold, account, why)?;
        let action = Action { amount_minor: amount.minor(), subject: Some(action.id), ..action };
        let hold = Hold {
            id: action.id,
            account: account.clone(),
            amount,
            state: HoldState::Pending,
            reason: why.reason,
            cause: Cause::Operator(action.id),
            placed_at: action.made.at,
            expires_at,
            ended: None,
            posted: None,
        };
        let needs = Needs { accounts: vec![account.clone()], holds: vec![hold.id], ..Needs::default() };
        self.transact(&needs, |state| {
            known(&state.known.accounts, account)?;
            if state.known.holds.contains_key(&hold.id) {
                // The result of an earlier commit was lost.
                return Done::of(&action, &state.known.accounts);
            }
            state.known.place_hold(hold.clone())?;
            state.hold_changed(hold.id);
            state.writes.actions.push(action.clone());
            Done::of(&action, &state.known.accounts)
        })
        .await
    }

    /// Captures the held amount or a part of it; the rest is released. The money goes to the suspense account of the
    /// hold's reason.
    ///
    /// # Errors
    /// [`NotDone`].
    pub async fn post_hold(&self, id: Uuid, amount: Option<Amount>, why: &Why) -> Result<Done, NotDone> {
        named(&why.by)?;
        let hold = self.services.store.hold(id).await?.ok_or(HoldProblem::Unknown)?;
        let command = Uuid::now_v7();
        let to = AccountKey::new(AccountKind::Suspense, hold.reason.as_str());
        let action = self.action(ActionKind::PostHold, &hold.account, why)?;
        let amount_minor = -amount.unwrap_or(hold.amount).minor();
        let action = Action { amount_minor, subject: Some(id), transfer: Some(command), ..action };
        let needs = Needs { accounts: vec![hold.account.clone()], holds: vec![id], ..Needs::default() };
        self.transact(&needs, |state| {
            let posted = state.known.holds.get(&id).and_then(|hold| hold.posted);
            if posted.is_some_and(|(transfer, _)| transfer == command) {
                // The result of an earlier commit was lost.
                return self.done(state, &action, "adjusted_down");
            }
            let (cause, now) = (Cause::Operator(action.id), state.now);
            let transfers = state.known.post_hold(id, amount, &to, command, &cause, now)?;
            state.moved(transfers);
            state.hold_changed(id);
            self.finish(state, action.clone(), "adjusted_down")
        })
        .await
    }

    /// Voids a hold: its amount can be spent again.
    ///
    /// # Errors
    /// [`NotDone`].
    pub async fn void_hold(&self, id: Uuid, why: &Why) -> Result<Done, NotDone> {
        named(&why.by)?;
        let hold = self.services.store.hold(id).await?.ok_or(HoldProblem::Unknown)?;
        let action = self.action(ActionKind::VoidHold, &hold.account, why)?;
        let action = Action { amount_minor: hold.amount.minor(), subject: Some(id), ..action };
        let needs = Needs { accounts: vec![hold.account.clone()], holds: vec![id], ..Needs::default() };
        self.transact(&needs, |state| {
            let cause = Cause::Operator(action.id);
            let ended = state.known.holds.get(&id).and_then(|hold| hold.ended.as_ref());
            if ended.is_some_and(|(by, _)| *by == cause) {
                // The result of an earlier commit was lost.
                return Done::of(&action, &state.known.accounts);
            }
            let now = state.now;
            state.known.release_hold(id, HoldState::Voided, &cause, now)?;
            state.hold_changed(id);
            state.writes.actions.push(action.clone());
            Done::of(&action, &state.known.accounts)
        })
        .await
    }

    /// Releases expired holds in small transactions; safe on many nodes. Returns their number. A hold with a word of a
    /// newer version is left to the nodes of that version.
    ///
    /// # Errors
    /// The database fails; holds that were released before stay released.
    pub async fn expire_holds(&self) -> Result<u64, NotDone> {
        let (mut expired, mut last) = (0, None);
        loop {
            let now = self.services.clock.now();
            let mut page = self.services.store.due_holds(now, last.as_ref(), EXPIRED_MAX).await?;
            let due = page.iter().filter_map(|hold| Some((hold.id, hold.decidable()?)));
            let (due, accounts): (Vec<Uuid>, Vec<AccountKey>) = due.unzip();
            last = page.pop();
            if last.is_none() {
                return Ok(expired);
            }
            if due.is_empty() {
                continue;
            }
            let needs = Needs { accounts, holds: due.clone(), ..Needs::default() };
            let cause = Cause::System("holds".to_owned());
            expired += self
                .transact(&needs, |state| {
                    let now = state.now;
                    let released = due.iter().filter(|&&hold| {
                        let done = state.known.release_hold(hold, HoldState::Expired, &cause, now).is_ok();
                        if done {
                            state.hold_changed(hold);
                        }
                        done
                    });
                    Ok(released.count() as u64)
                })
                .await?;
        }
    }

    /// Releases holds as they expire, until `stop`.
    pub async fn keep_holds(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(EXPIRY_EVERY)).await.is_some() {
            match self.expire_holds().await {
                Ok(0) => {}
                Ok(holds) => tracing::info!(holds, "holds expired"),
                Err(error) => tracing::warn!(%error, "expired holds could not be released; they are tried again"),
            }
        }
    }
}
