//! The decisions of one batch, pure: messages and what was loaded go in, the rows to write and the answers come out.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::intake::{Inquiry, Job, Read, Told};
use super::report::report;
use super::senders::source;
use super::sheet::Sheet;
use super::wording::{Wording, is_dealers};
use super::{Answer, NotAccepted};
use crate::domain::{
    AccountKey, Applied, Beneficiary, Bonus, Cause, Channel, Command, Decision, Enrolments, Fingerprint, Language,
    Movement, Msisdn, Needs, Orders, OutboundSms, Outcome, Posting, Reason, Rejection, Rules, Service, Snapshot,
    Standing, TransferKind, decide,
};
use crate::store::{Answered, InboxRow, Writes};

/// What becomes of each message of a batch, in its order.
pub(super) type Answers = Vec<Result<Answer, NotAccepted>>;

/// What the decisions about these messages look at, in one order for all batches.
pub(super) fn wanted(
    jobs: &[Job],
    rules: &Rules,
    enrolments: &Enrolments,
    orders: &Orders,
    now: DateTime<Utc>,
) -> Needs {
    let mut all = Needs { ended_before: Some(now), ..Needs::default() };
    for job in jobs {
        all.accounts.extend(job.sender.map(AccountKey::subscriber));
        all.courtesies.extend(job.may_be_courtesy());
        if let Read::Command(command) = &job.read {
            all.extend(command.needs(rules, enrolments, orders, now));
        }
    }
    all.put_in_order();
    all
}

/// The phones whose registered user names these messages are about.
pub(super) fn registered(jobs: &[Job]) -> Vec<(Msisdn, Service)> {
    let commands = jobs.iter().filter_map(|job| match &job.read {
        Read::Command(command) => command.registered(),
        Read::Inquiry { .. } | Read::Failed { .. } => None,
    });
    let phones: BTreeSet<(Msisdn, Service)> = commands.collect();
    phones.into_iter().collect()
}

/// The orders that these messages withdraw.
pub(super) fn withdrawn(jobs: &[Job]) -> Vec<Fingerprint> {
    let commands = jobs.iter().filter_map(|job| match &job.read {
        Read::Command(command) => command.withdrawn(),
        Read::Inquiry { .. } | Read::Failed { .. } => None,
    });
    let orders: BTreeSet<Fingerprint> = commands.collect();
    orders.into_iter().collect()
}

/// Decides one message after the other; what an earlier one changes, a later one sees.
#[derive(Debug)]
pub(super) struct BatchPlan<'a> {
    pub(super) rules: &'a Rules,
    pub(super) wording: &'a Wording,
    pub(super) sheet: Sheet,
}

impl<'a> BatchPlan<'a> {
    pub(super) fn new(rules: &'a Rules, wording: &'a Wording, known: Snapshot, now: DateTime<Utc>) -> Self {
        Self { rules, wording, sheet: Sheet::new(known, now) }
    }

    /// Decides them all.
    pub(super) fn decide(mut self, jobs: &[Job], answered: HashMap<String, Answered>) -> (Answers, Writes) {
        let mut known = answered;
        let answers = jobs.iter().map(|job| self.answer(job, &mut known)).collect();
        (answers, self.sheet.into_writes())
    }

    /// A key that was answered, before or in this batch, is answered the same; a fresh one is decided.
    fn answer(&mut self, job: &Job, known: &mut HashMap<String, Answered>) -> Result<Answer, NotAccepted> {
        if job.is_trial {
            return Ok(self.try_out(job));
        }
        let content = job.message.content_hash();
        if let Some(first) = known.get(&job.message.key) {
            let is_same =
                first.content == content || job.before.as_ref().is_some_and(|before| first.content == before.content);
            if !is_same {
                return Err(NotAccepted::Conflict);
            }
            return Ok(Answer { outcome: first.outcome.clone(), reply: first.reply.clone(), replayed: true });
        }
        let (outcome, reply) = self.conclude(job);
        let first = Answered { content, outcome: outcome.clone(), reply: reply.clone() };
        known.insert(job.message.key.clone(), first);
        Ok(Answer { outcome, reply, replayed: false })
    }

    /// Decides and keeps nothing: what a refusal would say, or that there would be none.
    fn try_out(&self, job: &Job) -> Answer {
        let refused = match &job.read {
            Read::Command(command) => match decide(&self.sheet.known, command, self.rules, self.sheet.now) {
                Decision::Refuse(rejection) | Decision::Strike { rejection, .. } => Some(rejection),
                Decision::Post(_)
                | Decision::Duplicate { .. }
                | Decision::Cancel(_)
                | Decision::Keep(_)
                | Decision::Offer(_) => None,
            },
            Read::Inquiry { .. } => None,
            Read::Failed { rejection, .. } => Some(rejection.clone()),
        };
        let Some(rejection) = refused else {
            return Answer { outcome: Outcome::Informed { topic: "trial".to_owned() }, reply: None, replayed: false };
        };
        let outcome = Outcome::rejected(rejection);
        let reply = self.wording.reply(&outcome, job, None, self.language(None, job));
        Answer { outcome, reply: Some(reply), replayed: false }
    }

    fn conclude(&mut self, job: &Job) -> (Outcome, Option<String>) {
        let (outcome, bank, form, trace) = match &job.read {
            Read::Command(command) => {
                let (bank, form) = (command.bank().map(str::to_owned), command.form().to_owned());
                (self.carry_out(command, job), bank, Some(form), None)
            }
            Read::Inquiry { bank, about } => {
                (self.inform(about, job), Some(bank.clone()), Some(about.topic().to_owned()), None)
            }
            Read::Failed { rejection, bank, trace } => {
                (Outcome::rejected(rejection.clone()), bank.clone(), None, Some(trace.clone()))
            }
        };
        let reply = if self.withholds(job, &outcome) { None } else { self.tell(job, &outcome) };
        self.sheet.writes.reports.extend(report(job, &outcome, self.sheet.now));
        self.sheet.writes.inbox.push(InboxRow {
            message: job.message.clone(),
            bank,
            form,
            grammars: job.grammars.clone(),
            outcome: outcome.clone(),
            reply: reply.clone(),
            trace,
        });
        (outcome, reply)
    }

    /// Words the ending, and puts the words on their way to who is told. A machine gets them in its answer only.
    fn tell(&mut self, job: &Job, outcome: &Outcome) -> Option<String> {
        let recipient = recipient(job, outcome);
        if recipient.is_none() && matches!(job.confirm, Told::Writer) {
            return None;
        }
        let account =
            recipient.as_ref().and_then(|(phone, _)| self.sheet.known.accounts.get(&AccountKey::subscriber(*phone)));
        let chosen = account.and_then(|account| account.language);
        let text = self.wording.reply(outcome, job, account, self.language(chosen, job));
        let way = match &job.confirm {
            Told::Writer => Some((job.message.link.as_str(), &job.message.to)),
            Told::Phone(confirm) => Some((confirm.link.as_str(), &confirm.from)),
            Told::Machine => None,
        };
        if let (Some((link, from)), Some((_, to))) = (way, recipient) {
            // A dialogue is answered where it was begun.
            let dialled = job.message.channel == Channel::Ussd;
            let routed = self.rules.routes.link(from, &to).filter(|_| !dialled);
            let link = routed.unwrap_or(link);
            // Of another link, or of somebody else's phone, the address is of no use.
            let as_received = link == job.message.link && self.rules.links.answered_as_received.contains(link);
            let to_source = job.sender.filter(|_| as_received && matches!(job.confirm, Told::Writer));
            let to_source = to_source.and_then(|_| source(&job.message, job.before.as_ref()));
            self.sheet.writes.outbox.push(OutboundSms {
                id: job.reply_id,
                message_key: job.message.key.clone(),
                link: link.to_owned(),
                from: from.clone(),
                to,
                to_source,
                text: text.clone(),
                created_at: self.sheet.now,
            });
        }
        Some(text)
    }

    /// Answers a question. What is about the sender's account needs one.
    fn inform(&mut self, about: &Inquiry, job: &Job) -> Outcome {
        let key = job.sender.map(AccountKey::subscriber);
        let account = key.as_ref().and_then(|key| self.sheet.known.accounts.get_mut(key));
        match (about, account) {
            (Inquiry::Help { .. } | Inquiry::Stop, _) | (Inquiry::Balance, Some(_)) => {}
            (Inquiry::Language(language), Some(account)) => {
                account.language = Some(*language);
                let key = account.key.clone();
                self.sheet.account_changed(key);
            }
            (Inquiry::Balance | Inquiry::Language(_), None) => {
                return Outcome::rejected(Rejection::new(Reason::SubscriberUnknown));
            }
        }
        Outcome::Informed { topic: about.topic().to_owned() }
    }

    fn carry_out(&mut self, command: &Command, job: &Job) -> Outcome {
        if let Some(order) = command.withdrawn() {
            self.sheet.recall(order);
        }
        match decide(&self.sheet.known, command, self.rules, self.sheet.now) {
            Decision::Post(posting) => self.post(command, &posting, job),
            Decision::Duplicate { of, amount } => Outcome::Duplicate { of, beneficiary: command.beneficiary(), amount },
            Decision::Refuse(rejection) => Outcome::rejected(rejection),
            Decision::Cancel(order) => {
                self.sheet.cancel(order, command.id());
                Outcome::Informed { topic: "cancelled".to_owned() }
            }
            Decision::Keep(kept) => self.sheet.keep(command.id(), *kept),
            Decision::Offer(offered) => self.sheet.offer(command.id(), *offered),
            Decision::Strike { rejection, sender, lockout } => {
                self.sheet.known.lockouts.insert(sender.clone(), lockout);
                self.sheet.lockout_changed(sender);
                Outcome::rejected(rejection)
            }
        }
    }

    fn post(&mut self, command: &Command, posting: &Posting, job: &Job) -> Outcome {
        let cause = Cause::Message(job.message.key.clone());
        let dated = posting.main.dated();
        let before = self.sheet.known.accounts.get(dated).map(Standing::of);
        if self.sheet.post(command.id(), &cause, posting).is_err() {
            return Outcome::rejected(self.rules.amount_out_of_limits());
        }
        if let Some(before) = before {
            self.sheet.record_revival(dated, before, &self.rules.validity);
        }
        if let Some(hold) = posting.released.as_deref() {
            self.sheet.hold_changed(*hold);
        }
        if let Some(redeemed) = &posting.card {
            let sender = redeemed.used.sender.clone();
            if self.sheet.known.lockouts.contains_key(&sender) {
                self.sheet.lockout_changed(sender);
            }
            self.sheet.writes.cards.push((**redeemed).clone());
        }
        if let Some(sender) = posting.forgiven.as_ref().filter(|sender| self.sheet.known.lockouts.contains_key(*sender))
        {
            self.sheet.lockout_changed(sender.clone());
        }
        let applied = self.applied(command, posting, job);
        if applied.kind == TransferKind::CreditTransfer {
            self.tell_receiver(posting, &applied, job);
        }
        self.tell_of_dealing(command, posting, job);
        Outcome::Applied(applied)
    }

    fn applied(&self, command: &Command, posting: &Posting, job: &Job) -> Applied {
        let main = &posting.main;
        let shown = told_of(main, is_dealers(job));
        let account = self.sheet.known.accounts.get(shown);
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
            own: job.sender.is_none_or(|sender| beneficiary == Beneficiary::Number(sender)),
            beneficiary,
            amount: main.amount,
            balance_cents: account.map_or(0, |account| account.balance_cents),
            valid_until: account.and_then(|account| account.valid_until),
            fee: fee.map(|movement| movement.amount),
            commission: commission.map(|movement| movement.amount),
            bonuses: bonuses.map(bonus).collect(),
        }
    }

    /// The reader's own choice, then the language of the form that was written, then the configured one.
    fn language(&self, chosen: Option<Language>, job: &Job) -> Language {
        let written = match &job.read {
            Read::Command(command) => command.language(),
            Read::Inquiry { .. } | Read::Failed { .. } => None,
        };
        chosen.or(written).unwrap_or(self.rules.language)
    }
}

/// The account whose balance is told: who sends credit, or sells it or takes a sale back by phone, hears of the own one.
fn told_of(main: &Movement, by_dealer: bool) -> &AccountKey {
    match main.kind {
        TransferKind::CreditTransfer | TransferKind::Stock => &main.debit,
        TransferKind::TopUp if by_dealer => &main.debit,
        TransferKind::Reversal if by_dealer => &main.credit,
        _ => main.dated(),
    }
}

/// Who is told: the phone that texted. Where a bank's machine did, which reads no SMS, the phone that was topped up.
fn recipient(job: &Job, outcome: &Outcome) -> Option<(Msisdn, String)> {
    match (job.sender, outcome) {
        (Some(sender), _) => Some((sender, job.message.from.clone())),
        (None, Outcome::Applied(applied)) => applied.beneficiary.number().map(|number| (number, number.digits())),
        (None, _) => None,
    }
}
