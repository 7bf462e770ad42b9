//! The rows of one transaction: loaded rows, which decisions change. The changed ones are written.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::limits::UsageKey;
use crate::domain::validity::{Life, Validity};
use crate::domain::{
    AccountKey, AccountKind, Cause, Draft, Earlier, Fingerprint, Kept, Later, LoadedRows, Movement, Msisdn, Offered,
    OutboundSms, Outcome, Posting, Reason, Recorded, Rejection, Standing, Topic, Transfer, Unpostable, Way, revival,
};
use crate::store::{AccountEvent, Carried, NewForward, Writes};

#[derive(Debug)]
pub(in crate::processor) struct BatchState {
    pub(in crate::processor) known: LoadedRows,
    pub(in crate::processor) now: DateTime<Utc>,
    /// Rows that are only inserted.
    pub(in crate::processor) writes: Writes,
    /// Numbers that were not in use; their last recorded change was loaded.
    out_of_use: BTreeSet<String>,
    accounts: BTreeSet<AccountKey>,
    requests: BTreeSet<Fingerprint>,
    holds: BTreeSet<Uuid>,
    usage: BTreeSet<UsageKey>,
    lockouts: BTreeSet<String>,
    courtesies: BTreeSet<Msisdn>,
}

impl BatchState {
    pub(in crate::processor) fn new(known: LoadedRows, now: DateTime<Utc>) -> Self {
        let (accounts, requests, holds) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let (usage, lockouts, courtesies) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let out_of_use = known.ended(Some(now)).into_iter().collect();
        Self {
            known,
            now,
            writes: Writes::default(),
            out_of_use,
            accounts,
            requests,
            holds,
            usage,
            lockouts,
            courtesies,
        }
    }

    /// Carries out a decision.
    ///
    /// # Errors
    /// A balance would overflow; nothing was changed.
    pub(in crate::processor) fn post(
        &mut self,
        command: Uuid,
        cause: &Cause,
        posting: &Posting,
    ) -> Result<(), Unpostable> {
        self.post_all(&[(command, posting)], cause)
    }

    /// Carries out the decisions on several commands, all or none.
    ///
    /// # Errors
    /// A balance would overflow; nothing was changed.
    pub(in crate::processor) fn post_all(
        &mut self,
        commands: &[(Uuid, &Posting)],
        cause: &Cause,
    ) -> Result<(), Unpostable> {
        let transfers = self.known.post_all(commands, cause, self.now)?;
        self.moved(transfers);
        for (_, posting) in commands {
            self.requests.extend(&posting.requests);
            self.usage.extend(posting.counted.iter().map(|counted| counted.key.clone()));
        }
        Ok(())
    }

    /// Marks the rows as changed that a posting of a message changes beside accounts, requests and usage.
    pub(super) fn posted(&mut self, posting: &Posting) {
        if let Some(hold) = posting.released.as_deref() {
            self.hold_changed(*hold);
        }
        if let Some(redeemed) = &posting.card {
            let sender = redeemed.used.sender.clone();
            if self.known.lockouts.contains_key(&sender) {
                self.lockout_changed(sender);
            }
            self.writes.cards.push((**redeemed).clone());
        }
        if let Some(sender) = posting.forgiven.as_ref().filter(|sender| self.known.lockouts.contains_key(*sender)) {
            self.lockout_changed(sender.clone());
        }
    }

    /// Holds the credit of an offer.
    pub(in crate::processor) fn offer(&mut self, command: Uuid, offered: Offered) -> Outcome {
        if self.known.offer(command, &offered, self.now).is_err() {
            return Outcome::rejected(Rejection::new(Reason::TransferOff));
        }
        if let Some((hold, offer)) = offered.placed {
            self.hold_changed(hold.id);
            self.requests.insert(offered.request);
            if self.known.lockouts.contains_key(&offered.forgiven) {
                self.lockouts.insert(offered.forgiven);
            }
            self.writes.offers.push(offer);
        }
        Outcome::Informed { topic: Topic::TransferOffered }
    }

    /// Stores a change that moves no money.
    pub(in crate::processor) fn keep(&mut self, command: Uuid, kept: Kept) -> Outcome {
        self.known.keep(command, &kept, self.now);
        if let Some(pin) = kept.pin {
            self.requests.insert(kept.request);
            if self.known.lockouts.contains_key(&kept.forgiven) {
                self.lockouts.insert(kept.forgiven);
            }
            self.writes.pins.retain(|known| known.account != pin.account);
            self.writes.pins.push(pin);
        }
        Outcome::Informed { topic: kept.topic }
    }

    /// Keeps a request that is handed on.
    pub(in crate::processor) fn forward(&mut self, request: Fingerprint, forward: NewForward) -> Outcome {
        self.known.earlier.insert(request, Earlier { transfer: forward.id, at: self.now });
        self.requests.insert(request);
        self.writes.forwards.push(forward);
        Outcome::Informed { topic: Topic::Forwarded }
    }

    /// Puts an SMS into the outbox, if it has a text.
    pub(in crate::processor) fn queue(&mut self, draft: Draft<'_>, way: Way<'_>) {
        self.writes.outbox.extend(OutboundSms::queued(draft, way, self.now));
    }

    /// Adds posted transfers.
    pub(in crate::processor) fn moved(&mut self, transfers: Vec<Transfer>) {
        let sides = transfers.iter().flat_map(|transfer| [&transfer.movement.debit, &transfer.movement.credit]);
        self.accounts.extend(sides.filter(|key| key.kind.keeps_balance()).cloned());
        self.writes.transfers.extend(transfers);
    }

    /// Records the change of state of an account that the posting brought back into use, in the same transaction. A
    /// number that was in use at the begin of the transaction is in use at its end, whatever happened in between.
    pub(in crate::processor) fn record_revival(&mut self, key: &AccountKey, before: Standing, rules: &Validity) {
        let after = self.known.accounts.get(key).map(Standing::of);
        let Some(after) = after.filter(|after| after.life(rules, self.now) == Life::Active) else { return };
        if key.kind != AccountKind::Subscriber || !self.out_of_use.contains(&key.to_string()) {
            return;
        }
        let last = self.known.recorded.get(key).copied();
        let found = revival(last.map(|(_, recorded)| recorded), before, rules, self.now);
        let first = last.map_or(0, |(number, _)| number) + 1;
        for (number, change) in (first..).zip(found) {
            let valid_until = if change.to == Life::Active { after.valid_until } else { before.valid_until };
            self.known.recorded.insert(key.clone(), (number, Recorded { life: change.to, valid_until }));
            self.writes.events.push((key.clone(), number, AccountEvent::of(&change, valid_until)));
        }
    }

    /// Records the withdrawal of an order that has not arrived. If it arrives later, it is not carried out.
    pub(in crate::processor) fn cancel(&mut self, order: Fingerprint, by: Uuid) {
        self.known.earlier.insert(order, Earlier { transfer: by, at: self.now });
        self.requests.insert(order);
    }

    /// Adds the transfers of an order that was made in this transaction and is to be withdrawn, and later transfers to
    /// the same account. They could not be loaded.
    pub(in crate::processor) fn recall(&mut self, order: Fingerprint) {
        let made = &self.writes.transfers;
        if self.known.orders.get(&order).is_none_or(Vec::is_empty)
            && let Some(earlier) = self.known.earlier.get(&order)
        {
            let of_it = made.iter().filter(|transfer| Transfer::is_of(transfer.id, earlier.transfer));
            self.known.orders.insert(order, of_it.cloned().collect());
        }
        let Some(main) = self.known.orders.get(&order).and_then(|done| done.first()) else { return };
        let later = made.iter().filter(|transfer| {
            let movement = &transfer.movement;
            movement.credit == main.movement.credit
                && movement.validity.is_some()
                && transfer.id != main.id
                && !self.known.reversals.contains_key(&transfer.id)
        });
        let after =
            later.map(|&Transfer { movement: Movement { kind, amount, .. }, at, .. }| Later { kind, amount, at });
        let after = after.collect::<Vec<_>>();
        self.known.later.entry(main.id).or_default().extend(after);
    }

    /// Marks an account as changed by something other than a transfer.
    pub(in crate::processor) fn account_changed(&mut self, key: AccountKey) {
        self.accounts.insert(key);
    }

    /// Marks a hold as changed, with the held amount of its account.
    pub(in crate::processor) fn hold_changed(&mut self, id: Uuid) {
        self.accounts.extend(self.known.holds.get(&id).map(|hold| hold.account.clone()));
        self.holds.insert(id);
    }

    /// Marks the wrong codes of this sender as changed.
    pub(in crate::processor) fn lockout_changed(&mut self, sender: String) {
        self.lockouts.insert(sender);
    }

    /// Marks the courtesy replies of this phone as changed.
    pub(in crate::processor) fn courtesies_changed(&mut self, phone: Msisdn) {
        self.courtesies.insert(phone);
    }

    /// Everything that is to be written.
    pub(in crate::processor) fn into_writes(mut self) -> Writes {
        self.writes.accounts = self.accounts.iter().filter_map(|key| self.known.accounts.remove(key)).collect();
        self.writes.holds = self.holds.iter().filter_map(|id| self.known.holds.remove(id)).collect();
        let done = |fingerprint: &Fingerprint| self.known.earlier.get(fingerprint).copied();
        let carried =
            self.requests.iter().filter_map(|print| Some(Carried { fingerprint: *print, done: done(print)? }));
        self.writes.requests = carried.collect();
        let used = self.usage.into_iter().filter_map(|key| self.known.usage.remove(&key).map(|usage| (key, usage)));
        self.writes.usage = used.collect();
        let locked = self.lockouts.into_iter();
        self.writes.lockouts =
            locked.filter_map(|sender| self.known.lockouts.remove(&sender).map(|lockout| (sender, lockout))).collect();
        let phones = self.courtesies.into_iter();
        self.writes.courtesies =
            phones.filter_map(|phone| self.known.courtesies.remove(&phone).map(|known| (phone, known))).collect();
        self.writes
    }
}
