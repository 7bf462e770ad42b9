//! The decisions of one batch, pure: messages and what was loaded go in, the rows to write and the answers come out.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::intake::{Inquiry, Job, Read};
use super::wording::Wording;
use super::{Answer, NotAccepted};
use crate::domain::{
    Account, AccountKey, AccountState, Applied, Decision, Earlier, Fingerprint, Language, Msisdn, OutboundSms, Outcome,
    Posting, Reason, RechargeCommand, Rejection, Rules, Snapshot, Target, Transfer, TransferKind, decide,
};
use crate::store::{Answered, Carried, InboxRow, Loaded, Wanted, Writes};

/// What becomes of each message of a batch, in its order.
pub(super) type Answers = Vec<Result<Answer, NotAccepted>>;

/// What the decisions about these messages look at, in one order for all batches.
pub(super) fn wanted(jobs: &[Job]) -> Wanted {
    let mut accounts = BTreeSet::new();
    let mut fingerprints = HashSet::new();
    for job in jobs {
        accounts.extend(job.sender.map(AccountKey::subscriber));
        if let Read::Command(command) = &job.read {
            accounts.extend(command.credited_account());
            fingerprints.insert(command.fingerprint());
            fingerprints.extend(command.content_print());
        }
    }
    Wanted { accounts: accounts.into_iter().collect(), fingerprints: fingerprints.into_iter().collect() }
}

/// Decides one message after the other; what an earlier one changes, a later one sees.
#[derive(Debug)]
pub(super) struct BatchPlan<'a> {
    rules: &'a Rules,
    wording: &'a Wording,
    now: DateTime<Utc>,
    accounts: HashMap<AccountKey, Account>,
    earlier: HashMap<Fingerprint, Earlier>,
    changed: BTreeSet<AccountKey>,
    carried: HashMap<Fingerprint, Earlier>,
    writes: Writes,
}

impl<'a> BatchPlan<'a> {
    pub(super) fn new(rules: &'a Rules, wording: &'a Wording, loaded: Loaded, now: DateTime<Utc>) -> Self {
        Self {
            rules,
            wording,
            now,
            accounts: loaded.accounts,
            earlier: loaded.earlier,
            changed: BTreeSet::new(),
            carried: HashMap::new(),
            writes: Writes::default(),
        }
    }

    /// Decides them all.
    pub(super) fn decide(mut self, jobs: &[Job], answered: HashMap<String, Answered>) -> (Answers, Writes) {
        let mut known = answered;
        let answers = jobs.iter().map(|job| self.answer(job, &mut known)).collect();
        for key in std::mem::take(&mut self.changed) {
            self.writes.accounts.extend(self.accounts.remove(&key));
        }
        let carried = self.carried.iter();
        self.writes.requests.extend(carried.map(|(&fingerprint, &done)| Carried { fingerprint, done }));
        (answers, self.writes)
    }

    /// A key that was answered, before or in this batch, is answered the same; a fresh one is decided.
    fn answer(&mut self, job: &Job, known: &mut HashMap<String, Answered>) -> Result<Answer, NotAccepted> {
        let content = job.message.content_hash();
        if let Some(first) = known.get(&job.message.key) {
            if first.content != content {
                return Err(NotAccepted::Conflict);
            }
            return Ok(Answer { outcome: first.outcome.clone(), reply: first.reply.clone(), replayed: true });
        }
        let (outcome, reply) = self.conclude(job);
        let first = Answered { content, outcome: outcome.clone(), reply: reply.clone() };
        known.insert(job.message.key.clone(), first);
        Ok(Answer { outcome, reply, replayed: false })
    }

    fn conclude(&mut self, job: &Job) -> (Outcome, Option<String>) {
        let (outcome, bank, form, trace) = match &job.read {
            Read::Command(command) => {
                let (bank, form) = (command.request.bank.clone(), command.request.form.clone());
                (self.carry_out(command, job), Some(bank), Some(form), None)
            }
            Read::Inquiry { bank, about } => {
                (self.inform(about, job), Some(bank.clone()), Some(about.topic().to_owned()), None)
            }
            Read::Failed { rejection, bank, trace } => {
                (Outcome::rejected(rejection.clone()), bank.clone(), None, Some(trace.clone()))
            }
        };
        let recipient = recipient(job, &outcome);
        let reply = recipient.as_ref().map(|(phone, _)| {
            let account = self.accounts.get(&AccountKey::subscriber(*phone));
            self.wording.reply(&outcome, job, account, self.language(*phone, job))
        });
        if let (Some(text), Some((_, address))) = (&reply, recipient) {
            self.writes.outbox.push(outbound(job, address, text.clone(), self.now));
        }
        self.writes.inbox.push(InboxRow {
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

    /// Answers a question. What is about the sender's account needs one.
    fn inform(&mut self, about: &Inquiry, job: &Job) -> Outcome {
        let key = job.sender.map(AccountKey::subscriber);
        let account = key.as_ref().and_then(|key| self.accounts.get_mut(key));
        match (about, account) {
            (Inquiry::Help { .. } | Inquiry::Stop, _) | (Inquiry::Balance, Some(_)) => {}
            (Inquiry::Language(language), Some(account)) => {
                account.language = Some(*language);
                self.changed.insert(account.key.clone());
            }
            (Inquiry::Balance | Inquiry::Language(_), None) => {
                return Outcome::rejected(Rejection::new(Reason::SubscriberUnknown));
            }
        }
        Outcome::Informed { topic: about.topic().to_owned() }
    }

    fn carry_out(&mut self, command: &RechargeCommand, job: &Job) -> Outcome {
        let fingerprint = command.fingerprint();
        let key = command.credited_account();
        let content = command.content_print();
        let earlier = |print: &Fingerprint| self.carried.get(print).or_else(|| self.earlier.get(print)).copied();
        let snapshot = Snapshot {
            account: key.as_ref().and_then(|key| self.accounts.get(key)),
            earlier: earlier(&fingerprint),
            same_content: content.as_ref().and_then(earlier).is_some(),
        };
        let decision = decide(snapshot, command, self.rules, self.now);
        match (decision, key, &command.request.target) {
            (Decision::Post(posting), Some(key), Target::Line(line)) => {
                let done = Earlier { transfer: command.id, at: self.now };
                self.carried.extend([Some(fingerprint), content].into_iter().flatten().map(|print| (print, done)));
                self.post(command, &key, posting, &job.message.key);
                Outcome::Applied(Applied {
                    transfer: command.id,
                    number: line.msisdn,
                    own: job.sender.is_none_or(|sender| sender == line.msisdn),
                    amount: posting.amount,
                    balance_cents: posting.balance_cents,
                    valid_until: posting.valid_until,
                })
            }
            (Decision::Duplicate(of), _, Target::Line(line)) => match command.request.amount {
                Some(amount) => Outcome::Duplicate { of, number: line.msisdn, amount },
                None => not_available(command),
            },
            (Decision::Refuse(rejection), ..) => Outcome::rejected(rejection),
            (Decision::Post(_) | Decision::Duplicate(_), ..) => not_available(command),
        }
    }

    fn post(&mut self, command: &RechargeCommand, key: &AccountKey, posting: Posting, message_key: &str) {
        let account = self.accounts.entry(key.clone()).or_insert_with(|| Account {
            key: key.clone(),
            balance_cents: 0,
            state: AccountState::Active,
            valid_until: None,
            language: None,
            opened_at: self.now,
        });
        account.balance_cents = posting.balance_cents;
        account.valid_until = Some(posting.valid_until);
        self.changed.insert(key.clone());
        self.writes.transfers.push(Transfer {
            id: command.id,
            kind: TransferKind::TopUp,
            debit: AccountKey::bank_clearing(&command.request.bank),
            credit: key.clone(),
            amount: posting.amount,
            credit_balance_cents: posting.balance_cents,
            message_key: message_key.to_owned(),
            at: self.now,
        });
    }

    /// The reader's own choice, then the language of the form that was written, then the configured one.
    fn language(&self, reader: Msisdn, job: &Job) -> Language {
        let account = self.accounts.get(&AccountKey::subscriber(reader));
        let chosen = account.and_then(|account| account.language);
        let written = match &job.read {
            Read::Command(command) => command.request.language,
            Read::Inquiry { .. } | Read::Failed { .. } => None,
        };
        chosen.or(written).unwrap_or(self.rules.language)
    }
}

/// A service without accounts, which `decide` refuses before it looks at anything else.
fn not_available(command: &RechargeCommand) -> Outcome {
    let service = command.request.service.as_str().to_owned();
    Outcome::rejected(Rejection::new(Reason::ServiceNotAvailable).with(|details| details.service = Some(service)))
}

/// Who is told: the phone that texted. Where a bank's machine did, which reads no SMS, the phone that was topped up.
fn recipient(job: &Job, outcome: &Outcome) -> Option<(Msisdn, String)> {
    match (job.sender, outcome) {
        (Some(sender), _) => Some((sender, job.message.from.clone())),
        (None, Outcome::Applied(applied)) => Some((applied.number, applied.number.digits())),
        (None, _) => None,
    }
}

fn outbound(job: &Job, to: String, text: String, now: DateTime<Utc>) -> OutboundSms {
    OutboundSms {
        id: job.reply_id,
        message_key: job.message.key.clone(),
        link: job.message.link.clone(),
        from: job.message.to.clone(),
        to,
        text,
        created_at: now,
    }
}
