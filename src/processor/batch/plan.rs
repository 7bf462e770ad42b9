//! The decisions of one batch. Pure: the arguments are messages and loaded rows, the results are rows to write and
//! answers.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::answered::{first, replay, was_card, with_number, withdrawal};
use super::state::BatchState;
use crate::domain::{
    AccountKey, Applied, Beneficiary, Bonus, Cause, Command, Contradiction, Decision, LoadedRows, Movement, Outcome,
    Posting, Reason, Rejection, Rules, Standing, Stored, Topic, TransferKind, decide,
};
use crate::processor::answer::{Answer, NotAccepted};
use crate::processor::parse::{Inquiry, Read};
use crate::processor::reply::{Wording, is_dealers, report};
use crate::processor::resolve::Resolved;
use crate::store::{Answered, InboxRow, Writes};

/// The answers to the messages of a batch, in the same order.
pub(super) type Answers = Vec<Result<Answer, NotAccepted>>;

/// Decides the messages in order; each sees the changes of those before it.
#[derive(Debug)]
pub(super) struct BatchPlan<'a> {
    pub(super) rules: &'a Rules,
    pub(super) wording: &'a Wording,
    pub(super) state: BatchState,
}

/// The columns of the inbox that depend on the kind of message.
struct Concluded {
    outcome: Outcome,
    bank: Option<String>,
    form: Option<String>,
    trace: Option<String>,
}

impl<'a> BatchPlan<'a> {
    pub(super) fn new(rules: &'a Rules, wording: &'a Wording, loaded: LoadedRows, now: DateTime<Utc>) -> Self {
        Self { rules, wording, state: BatchState::new(loaded, now) }
    }

    pub(super) fn decide(
        mut self,
        requests: &[&Resolved],
        mut answered: HashMap<String, Answered>,
    ) -> (Answers, Writes) {
        let answers = requests.iter().map(|request| self.answer(request, &mut answered)).collect();
        (answers, self.state.into_writes())
    }

    /// Decides a message. If its key was answered before, or earlier in this batch, the answer is the same.
    fn answer(&mut self, request: &Resolved, answered: &mut HashMap<String, Answered>) -> Result<Answer, NotAccepted> {
        let envelope = &request.envelope;
        if envelope.is_trial {
            return Ok(self.try_out(request));
        }
        if let Some(contradiction) = self.contradiction(request) {
            return Err(NotAccepted::Contradiction(contradiction));
        }
        let (content, received_at) = (envelope.message.content_hash(), envelope.message.received_at);
        if let Some(first) = first(request, answered) {
            let was_same = || envelope.before.as_ref().is_some_and(|before| first.content == before.content);
            if first.content != content && !was_same() {
                return Err(NotAccepted::Conflict);
            }
            return Ok(replay(first.clone()));
        }
        let (outcome, reply) = self.conclude(request, was_card(request, answered));
        let first = Answered { content, outcome: outcome.clone(), reply: reply.clone(), received_at };
        answered.insert(envelope.message.key.clone(), first);
        Ok(Answer { outcome, reply, at: received_at, replayed: false })
    }

    /// Compares a withdrawal with its order, which may be in this transaction. If they differ, nothing is stored,
    /// because a correct withdrawal may follow.
    fn contradiction(&mut self, request: &Resolved) -> Option<Contradiction> {
        let withdrawal = withdrawal(request)?;
        self.state.recall(withdrawal.order());
        withdrawal.contradiction(&self.state.known.orders)
    }

    /// Decides an order and stores nothing. Returns the refusal, or [`Topic::Trial`] if it would not be refused.
    fn try_out(&self, request: &Resolved) -> Answer {
        let refused = match &request.read {
            Read::Command(command) => match decide(&self.state.known, command, self.rules, self.state.now) {
                Decision::Refuse(rejection) | Decision::Strike { rejection, .. } => Some(rejection),
                Decision::Post(_)
                | Decision::PostList(_)
                | Decision::Duplicate { .. }
                | Decision::Cancel(_)
                | Decision::Keep(_)
                | Decision::Forward(_)
                | Decision::ForwardedBefore(_)
                | Decision::Offer(_) => None,
            },
            Read::Inquiry { .. } => None,
            Read::Failed { rejection, .. } => Some(rejection.clone()),
        };
        let (at, replayed) = (request.envelope.message.received_at, false);
        let Some(rejection) = refused else {
            return Answer { outcome: Outcome::Informed { topic: Topic::Trial }, reply: None, at, replayed };
        };
        let outcome = with_number(request, Outcome::rejected(rejection));
        let reply = self.wording.reply(&outcome, request, None, self.language(None, request));
        Answer { outcome, reply: Some(reply), at, replayed }
    }

    fn conclude(&mut self, request: &Resolved, was_card: bool) -> (Outcome, Option<String>) {
        let Concluded { outcome, bank, form, trace } = self.concluded(request, was_card);
        let has_no_reply = self.is_answered_later(request, &outcome) || self.withholds(request, &outcome);
        let reply = if has_no_reply { None } else { self.tell(request, &outcome) };
        self.state.writes.reports.extend(report(&request.envelope, &outcome, self.state.now));
        self.state.writes.inbox.push(InboxRow {
            message: request.envelope.message.clone(),
            bank,
            form,
            grammars: request.envelope.grammars.clone(),
            outcome: outcome.clone(),
            reply: reply.clone(),
            trace,
            fields: request.envelope.fields.clone(),
        });
        (outcome, reply)
    }

    fn concluded(&mut self, request: &Resolved, was_card: bool) -> Concluded {
        match &request.read {
            Read::Command(command) => {
                let (bank, form) = (command.bank().map(str::to_owned), Some(command.form().to_owned()));
                let outcome = if was_card {
                    Outcome::rejected(Rejection::new(Reason::NotReversible))
                } else if let Some(refusal) = self.guarded(request) {
                    refusal
                } else {
                    self.carry_out(command, request)
                };
                Concluded { outcome: with_number(request, outcome), bank, form, trace: None }
            }
            Read::Inquiry { bank, about } => {
                let form = Some(about.topic().as_str().to_owned());
                let outcome = self.guarded(request).unwrap_or_else(|| self.inform(about, request));
                Concluded { outcome, bank: Some(bank.clone()), form, trace: None }
            }
            Read::Failed { rejection, bank, trace } => Concluded {
                outcome: Outcome::rejected(rejection.clone()),
                bank: bank.clone(),
                form: None,
                trace: Some(trace.clone()),
            },
        }
    }

    /// The refusal by the PIN that protects the request.
    fn guarded(&mut self, request: &Resolved) -> Option<Outcome> {
        request.guard.as_ref().and_then(|guard| self.state.guarded(guard, self.rules))
    }

    /// Answers a question. A question about the sender's account is refused if there is no account.
    fn inform(&mut self, about: &Inquiry, request: &Resolved) -> Outcome {
        let key = request.envelope.sender.map(AccountKey::subscriber);
        let account = key.as_ref().and_then(|key| self.state.known.accounts.get_mut(key));
        match (about, account) {
            (Inquiry::Help { .. } | Inquiry::Stop, _) | (Inquiry::Balance, Some(_)) => {}
            (Inquiry::Language(language), Some(account)) => {
                account.language = Some(Stored::Known(*language));
                let key = account.key.clone();
                self.state.account_changed(key);
            }
            (Inquiry::Balance | Inquiry::Language(_), None) => {
                return Outcome::rejected(Rejection::new(Reason::SubscriberUnknown));
            }
        }
        Outcome::Informed { topic: about.topic() }
    }

    fn carry_out(&mut self, command: &Command, request: &Resolved) -> Outcome {
        match decide(&self.state.known, command, self.rules, self.state.now) {
            Decision::Post(posting) => self.post(&[(command, &posting)], request),
            Decision::PostList(postings) => self.post_list(command, &postings, request),
            Decision::Duplicate { of, amount } => {
                Outcome::Duplicate { of, beneficiary: command.beneficiary(), amount: Some(amount) }
            }
            Decision::ForwardedBefore(of) => {
                Outcome::Duplicate { of, beneficiary: command.beneficiary(), amount: None }
            }
            Decision::Forward(print) => self.forward(command, print, request),
            Decision::Refuse(rejection) => Outcome::rejected(rejection),
            Decision::Cancel(order) => {
                self.state.cancel(order, command.id());
                Outcome::Informed { topic: Topic::Cancelled }
            }
            Decision::Keep(kept) => self.state.keep(command.id(), *kept),
            Decision::Offer(offered) => self.state.offer(command.id(), *offered),
            Decision::Strike { rejection, sender, lockout } => self.state.strike(rejection, sender, lockout),
        }
    }

    /// Carries out the items of a list, each as a command of its own. They were decided on the same rows one after the
    /// other, so that none can fail here; if one did, nothing would be written.
    fn post_list(&mut self, list: &Command, postings: &[Posting], request: &Resolved) -> Outcome {
        let items = list.items();
        let commands: Vec<(&Command, &Posting)> = items.iter().zip(postings).collect();
        self.post(&commands, request)
    }

    /// Carries out the postings of these commands, all or none. The outcome is that of the first, with the others.
    fn post(&mut self, commands: &[(&Command, &Posting)], request: &Resolved) -> Outcome {
        let cause = Cause::Message(request.envelope.message.key.clone());
        let standing = |dated: &AccountKey| self.state.known.accounts.get(dated).map(Standing::of);
        let before: Vec<_> = commands.iter().map(|(_, posting)| standing(posting.main.dated())).collect();
        let postings: Vec<_> = commands.iter().map(|(command, posting)| (command.id(), *posting)).collect();
        if self.state.post_all(&postings, &cause).is_err() {
            return Outcome::rejected(self.rules.amount_out_of_limits());
        }
        for ((command, posting), before) in commands.iter().zip(before) {
            if let Some(before) = before {
                self.state.record_revival(posting.main.dated(), before, &self.rules.validity);
            }
            self.state.posted(posting);
            self.notify_others(command, posting, request);
        }
        let mut done = commands.iter().map(|(command, posting)| self.applied(command, posting, request));
        let Some(first) = done.next() else { return Outcome::rejected(self.rules.amount_out_of_limits()) };
        Outcome::Applied(Applied { others: done.map(Applied::into_item).collect(), ..first })
    }

    fn applied(&self, command: &Command, posting: &Posting, request: &Resolved) -> Applied {
        let main = &posting.main;
        let shown = told_of(main, is_dealers(&request.read));
        let account = self.state.known.accounts.get(shown);
        let fee = posting.further.iter().find(|movement| movement.kind == TransferKind::Fee);
        let commission = posting
            .further
            .iter()
            .find(|movement| movement.kind == TransferKind::Commission && movement.credit == main.debit);
        let beneficiary =
            main.credit.username().map_or_else(|| command.beneficiary(), |name| Beneficiary::Username(name.to_owned()));
        let beneficiary = match main.kind {
            TransferKind::Reversal => Beneficiary::of_account(main.dated()),
            _ => beneficiary,
        };
        let bonus = |movement: &Movement| Bonus { rule: movement.debit.key.clone(), amount: movement.amount };
        let bonuses = posting.further.iter().filter(|movement| movement.kind == TransferKind::Bonus);
        Applied {
            transfer: command.id(),
            kind: main.kind,
            own: request.envelope.sender.is_none_or(|sender| beneficiary == Beneficiary::Number(sender)),
            beneficiary,
            amount: main.amount,
            balance_minor: account.map_or(0, |account| account.balance_minor),
            valid_until: account.and_then(|account| account.valid_until),
            fee: fee.map(|movement| movement.amount),
            commission: commission.map(|movement| movement.amount),
            bonuses: bonuses.map(bonus).collect(),
            others: Vec::new(),
        }
    }
}

/// The account whose balance the reply states. For a phone that sends credit, sells it or reverses a sale, it is its
/// own.
fn told_of(main: &Movement, by_dealer: bool) -> &AccountKey {
    match main.kind {
        TransferKind::CreditTransfer | TransferKind::Stock => &main.debit,
        TransferKind::TopUp if by_dealer => &main.debit,
        TransferKind::Reversal if by_dealer => &main.credit,
        _ => main.dated(),
    }
}
