//! Reversals, and adjustments that two persons agree on.

use chrono::SubsecRound;
use uuid::Uuid;

use super::{Done, NotDone, StaffOrders, Why, keeps_balance, known, named};
use crate::domain::{
    AccountKey, AccountKind, Action, ActionKind, ActionState, Cause, Command, Decision, Enrolments, Needs, Orders,
    Payer, Receipt, ReverseCommand, Signed, Transfer, adjust, decide,
};

/// The transfers of one command, which are reversed together.
struct Reversible {
    main: Transfer,
    further: Vec<Transfer>,
}

impl StaffOrders {
    /// Reverses the transfer with this receipt, and all transfers that belong to it.
    ///
    /// # Errors
    /// [`NotDone`].
    pub async fn reverse(&self, receipt: &Receipt, why: &Why) -> Result<Done, NotDone> {
        named(&why.by)?;
        let Reversible { main: original, further } = self.reversible(receipt).await?;
        let (id, reversed) = (Uuid::now_v7(), original.id);
        let account = original.movement.dated().clone();
        let action = Action {
            amount_minor: -original.movement.amount.minor(),
            subject: Some(reversed),
            transfer: Some(id),
            ..self.action(ActionKind::Reversal, &account, why)?
        };
        let payer = self.payer_of(&original).await?;
        let command = ReverseCommand { id, main: original, further, reason: why.reason, payer, undo: None };
        let command = Command::Reverse(command);
        let needs = command.needs(&self.services.rules, &Enrolments::new(), &Orders::new(), action.made.at);
        self.transact(&needs, |state| {
            if state.known.reversals.get(&reversed) == Some(&id) {
                // The result of an earlier commit was lost.
                return self.done(state, &action, "reversed");
            }
            match decide(&state.known, &command, &self.services.rules, state.now) {
                Decision::Post(posting) => state.post(id, &Cause::Operator(action.id), &posting)?,
                Decision::Refuse(rejection) => return Err(rejection.into()),
                Decision::PostList(_)
                | Decision::Duplicate { .. }
                | Decision::Strike { .. }
                | Decision::Cancel(_)
                | Decision::Keep(_)
                | Decision::Offer(_)
                | Decision::Forward(_)
                | Decision::ForwardedBefore(_) => {
                    return Err(NotDone::AlreadyReversed);
                }
            }
            self.finish(state, action.clone(), "reversed")
        })
        .await
    }

    /// Finds the transfer with this receipt, which has to be the main one of its command.
    async fn reversible(&self, receipt: &Receipt) -> Result<Reversible, NotDone> {
        let mut found = self.services.store.transfers_of_receipt(receipt).await?;
        let main = found.pop().ok_or_else(|| NotDone::NoSuchReceipt(receipt.clone()))?;
        if !found.is_empty() {
            return Err(NotDone::SeveralReceipts(receipt.clone()));
        }
        let mut further = self.services.store.command_of(main.id).await?;
        if let Some(first) = further.first()
            && first.id != main.id
        {
            return Err(NotDone::Companion(Receipt::of(first.id)));
        }
        if !main.movement.kind.may_be_reversed() {
            return Err(NotDone::NotReversible(main.movement.kind));
        }
        further.retain(|transfer| transfer.id != main.id);
        Ok(Reversible { main, further })
    }

    /// Proposes to credit an account or, if `minor` is negative, to debit it. Another person has to approve.
    ///
    /// # Errors
    /// [`NotDone`], also if the approval would be refused now.
    pub async fn propose(&self, account: &AccountKey, minor: i64, why: &Why) -> Result<Action, NotDone> {
        named(&why.by)?;
        keeps_balance(account)?;
        let proposal = Action { amount_minor: minor, ..self.action(ActionKind::Adjustment, account, why)? };
        let proposal = Action { state: ActionState::Proposed, ..proposal };
        let needs = Needs { accounts: vec![account.clone()], ..Needs::default() };
        self.transact(&needs, |state| {
            known(&state.known.accounts, account)?;
            adjust(&state.known, account, minor, why.reason)?;
            state.writes.actions.push(proposal.clone());
            Ok(())
        })
        .await?;
        Ok(proposal)
    }

    /// Approves another person's proposal, and carries it out.
    ///
    /// # Errors
    /// [`NotDone`].
    pub async fn approve(&self, id: Uuid, by: &str) -> Result<Done, NotDone> {
        named(by)?;
        let proposal = self.proposal(id).await?;
        if let Some(serial) = proposal.card {
            return self.approve_card(&proposal, serial, by).await;
        }
        let account = proposal.account;
        let (command, needs) = (Uuid::now_v7(), about(&account, id));
        self.transact(&needs, |state| {
            known(&state.known.accounts, &account)?;
            let action = state.known.actions.get(&id).cloned().ok_or(NotDone::NoSuchAction(id))?;
            if action.transfer == Some(command) {
                // The result of an earlier commit was lost.
                return self.done(state, &action, adjusted(&action));
            }
            let checked = Signed { by: by.trim().to_owned(), at: state.now };
            let action = Action { transfer: Some(command), ..action.check(ActionState::Done, checked)? };
            let posting = adjust(&state.known, &account, action.amount_minor, action.reason)?;
            state.post(command, &Cause::Operator(id), &posting)?;
            let template = adjusted(&action);
            self.finish(state, action, template)
        })
        .await
    }

    /// Rejects another person's proposal.
    ///
    /// # Errors
    /// [`NotDone`].
    pub async fn reject(&self, id: Uuid, by: &str) -> Result<Action, NotDone> {
        named(by)?;
        let account = self.proposal(id).await?.account;
        let needs = about(&account, id);
        // Rounded as it is stored: the databases keep microseconds.
        let checked = Signed { by: by.trim().to_owned(), at: self.services.clock.now().trunc_subsecs(6) };
        self.transact(&needs, |state| {
            let action = state.known.actions.get(&id).cloned().ok_or(NotDone::NoSuchAction(id))?;
            if action.state == ActionState::Rejected && action.checked.as_ref() == Some(&checked) {
                // The result of an earlier commit was lost.
                return Ok(action);
            }
            let checked = checked.clone();
            let action = action.check(ActionState::Rejected, checked)?;
            state.writes.actions.push(action.clone());
            Ok(action)
        })
        .await
    }

    /// The payer of a message: a client of that name, or the phone that sent it. A dealer's wallet pays for its sales,
    /// so that no customer is the payer.
    async fn payer_of(&self, original: &Transfer) -> Result<Option<Payer>, NotDone> {
        let Some(key) = original.cause.message() else { return Ok(None) };
        let Some((link, sender)) = self.services.store.sender_of(key).await? else { return Ok(None) };
        if link == sender {
            return Ok(Some(Payer::Client(sender)));
        }
        if original.movement.debit.kind == AccountKind::Dealer {
            return Ok(None);
        }
        Ok(self.services.plan.phone(&sender, None).map(Payer::Phone))
    }

    async fn proposal(&self, id: Uuid) -> Result<Action, NotDone> {
        self.services.store.action(id).await?.ok_or(NotDone::NoSuchAction(id))
    }
}

/// The template of the text to the customer.
const fn adjusted(action: &Action) -> &'static str {
    if action.amount_minor < 0 { "adjusted_down" } else { "adjusted_up" }
}

fn about(account: &AccountKey, action: Uuid) -> Needs {
    Needs { accounts: vec![account.clone()], actions: vec![action], ..Needs::default() }
}
