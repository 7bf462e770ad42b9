//! Scratch cards that are unreadable: one person finds the card by its serial and proposes, another approves, and the
//! card is redeemed as if its code had been sent. The card is used once, whoever redeems it first.

use uuid::Uuid;

use super::{Done, NotDone, StaffOrders, Why, named, phone};
use crate::domain::voucher::{CodeHash, RedeemCommand, Serial};
use crate::domain::{
    AccountKey, Action, ActionKind, ActionState, Cause, Command, Decision, Line, Needs, Posting, Reason, Rejection,
    Signed, Standing, decide,
};
use crate::processor::batch::BatchState;

impl StaffOrders {
    /// Proposes to credit a number with the value of this card. Another person has to approve.
    ///
    /// # Errors
    /// [`NotDone`], also if the approval would be refused now.
    pub async fn propose_card(&self, serial: Serial, account: &AccountKey, why: &Why) -> Result<Action, NotDone> {
        named(&why.by)?;
        let hash = self.card(serial).await?;
        let (line, now) = (self.mobile(account)?, self.services.clock.now());
        let proposal = Action {
            state: ActionState::Proposed,
            card: Some(serial),
            ..self.action(ActionKind::Adjustment, account, why)?
        };
        let command = redemption(Uuid::now_v7(), &proposal, hash, line, now);
        self.transact(&needs(&command, &proposal), |state| {
            let posting = self.redeemed(state, &command)?;
            let proposal = Action { amount_minor: posting.main.amount.minor(), ..proposal.clone() };
            state.writes.actions.push(proposal.clone());
            Ok(proposal)
        })
        .await
    }

    /// Approves a proposal: the card is used up, and the number credited.
    pub(super) async fn approve_card(&self, proposal: &Action, serial: Serial, by: &str) -> Result<Done, NotDone> {
        let (id, hash, line) = (proposal.id, self.card(serial).await?, self.mobile(&proposal.account)?);
        let command = redemption(Uuid::now_v7(), proposal, hash, line, self.services.clock.now());
        self.transact(&needs(&command, proposal), |state| {
            let action = state.known.actions.get(&id).cloned().ok_or(NotDone::NoSuchAction(id))?;
            if action.transfer == Some(command.id) {
                // The result of an earlier commit was lost.
                return self.done(state, &action, "adjusted_up");
            }
            let checked = Signed { by: by.trim().to_owned(), at: state.now };
            let action = Action { transfer: Some(command.id), ..action.check(ActionState::Done, checked)? };
            let posting = self.redeemed(state, &command)?;
            let before = state.known.accounts.get(&proposal.account).map(Standing::of);
            state.post(command.id, &Cause::Operator(id), &posting)?;
            if let Some(before) = before {
                state.record_revival(&proposal.account, before, &self.services.rules.validity);
            }
            state.writes.cards.extend(posting.card.map(|redeemed| *redeemed));
            self.finish(state, action, "adjusted_up")
        })
        .await
    }

    async fn card(&self, serial: Serial) -> Result<CodeHash, NotDone> {
        self.services.store.voucher_hash(serial).await?.ok_or(NotDone::NoSuchCard(serial))
    }

    fn redeemed(&self, state: &BatchState, command: &RedeemCommand) -> Result<Posting, NotDone> {
        let command = Command::Redeem(Box::new(command.clone()));
        match decide(&state.known, &command, &self.services.rules, state.now) {
            Decision::Post(posting) => Ok(posting),
            Decision::Refuse(rejection) | Decision::Strike { rejection, .. } => Err(rejection.into()),
            // This action has used the card.
            Decision::PostList(_)
            | Decision::Duplicate { .. }
            | Decision::Cancel(_)
            | Decision::Keep(_)
            | Decision::Offer(_)
            | Decision::Forward(_)
            | Decision::ForwardedBefore(_) => Err(Rejection::new(Reason::VoucherUsed).into()),
        }
    }

    /// Only numbers are credited with cards.
    fn mobile(&self, account: &AccountKey) -> Result<Line, NotDone> {
        let line = phone(account).and_then(|number| self.services.plan.line(number));
        line.ok_or_else(|| NotDone::NoAccount(account.clone()))
    }
}

/// The order that redeems the card for this action.
fn redemption(
    id: Uuid,
    action: &Action,
    hash: CodeHash,
    line: Line,
    received_at: chrono::DateTime<chrono::Utc>,
) -> RedeemCommand {
    let (bank, form) = (String::new(), "damaged card".to_owned());
    let sender = Cause::Operator(action.id).to_string();
    RedeemCommand { id, bank, form, hashes: vec![hash], sender, line, received_at, order: None }
}

fn needs(command: &RedeemCommand, action: &Action) -> Needs {
    let lookups = vec![command.lookup()];
    let ended_before = Some(command.received_at);
    Needs {
        accounts: vec![command.credited_account()],
        lookups,
        actions: vec![action.id],
        ended_before,
        ..Needs::default()
    }
}
