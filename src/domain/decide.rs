//! The decision: the effect of a command, computed from the loaded rows and the rules. Pure and deterministic.
//!
//! A new command is a variant of [`Command`], with its decision in a file of its own beside `recharge`. The rows that
//! it reads are fields of [`Needs`] and of [`super::LoadedRows`]; its effects beside movements of money are fields of
//! [`Posting`].

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::limits::{Counted, UsageKey};
use super::{
    AccountKey, AccountKind, Amount, Beneficiary, ChangePinCommand, ConfirmCommand, Dealer, Earlier, Enrolments,
    Fingerprint, Kept, Language, LoadedRows, Movement, Msisdn, Offered, Orders, RechargeCommand, Rejection,
    ReverseCommand, Rules, Service, StockCommand, TransferCommand, WithdrawCommand, credit_transfer, dealer, debts,
    offer, pin, recharge, reversal, voucher, withdrawal,
};
use crate::domain::voucher::{Lockout, Lookup, RedeemCommand, Redeemed};

/// A command that may move money, from any channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Credit for a number or a product through a bank.
    Recharge(RechargeCommand),
    /// Credit for a number by the code of a scratch card.
    Redeem(Box<RedeemCommand>),
    /// Credit from one subscriber to another.
    Transfer(Box<TransferCommand>),
    /// Stock from one dealer to another.
    Stock(Box<StockCommand>),
    /// A change of a PIN.
    ChangePin(Box<ChangePinCommand>),
    /// The confirmation of an offer.
    Confirm(Box<ConfirmCommand>),
    /// The reversal of a transfer.
    Reverse(ReverseCommand),
    /// A client withdraws its order.
    Withdraw(WithdrawCommand),
}

/// The rows that a decision reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Accounts, locked until the end of the batch.
    pub accounts: Vec<AccountKey>,
    /// For accounts whose validity ended before this instant, the last recorded state is read.
    pub ended_before: Option<DateTime<Utc>>,
    pub fingerprints: Vec<Fingerprint>,
    /// Usage of limits, locked until the end of the batch.
    pub usage: Vec<UsageKey>,
    /// Scratch cards, and the senders of their codes.
    pub lookups: Vec<Lookup>,
    /// Accounts whose PINs are read.
    pub pins: Vec<AccountKey>,
    /// Transfers that are to be reversed.
    pub reversed: Vec<Uuid>,
    pub holds: Vec<Uuid>,
    /// Orders of staff.
    pub actions: Vec<Uuid>,
    /// Phones that sent a text which was not understood.
    pub courtesies: Vec<Msisdn>,
}

/// The result of a decision, by the action of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Write this posting.
    Post(Posting),
    /// Write this; no money moves.
    Keep(Box<Kept>),
    /// Place this hold, and ask the sender for a confirmation.
    Offer(Box<Offered>),
    /// Write only the ending: the request was carried out before.
    Duplicate {
        /// The earlier request.
        of: Earlier,
        /// Amount of the earlier request.
        amount: Amount,
    },
    /// Write only the ending, and tell the customer the reason.
    Refuse(Rejection),
    /// Record that this order is withdrawn. If it arrives later, it is refused.
    Cancel(Fingerprint),
    /// Tell the customer the reason, and count a wrong code or PIN.
    Strike {
        rejection: Rejection,
        /// Source address, or the subject that wrong PINs of an account are counted for.
        sender: String,
        /// The new count.
        lockout: Lockout,
    },
}

/// All effects of one command. They are committed together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The movement that the command is about; it is written first, and the ending names it.
    pub main: Movement,
    /// Movements beside it, such as bonuses and commissions; fewer than [`super::Transfer::OF_ONE_COMMAND_MAX`].
    pub further: Vec<Movement>,
    /// The requests that it carries out. A repetition of one is a duplicate.
    pub requests: Vec<Fingerprint>,
    /// The counters of limits that it changes.
    pub counted: Vec<Counted>,
    /// The scratch card that it uses. The wrong codes of the sender are reset.
    pub card: Option<Box<Redeemed>>,
    /// Subject whose count of wrong PINs is reset.
    pub forgiven: Option<String>,
    /// The hold that reserved the amount, if there is one.
    pub released: Option<Box<Uuid>>,
}

impl Needs {
    /// Adds the needs of another command.
    pub fn extend(&mut self, other: Self) {
        self.accounts.extend(other.accounts);
        self.ended_before = self.ended_before.max(other.ended_before);
        self.fingerprints.extend(other.fingerprints);
        self.reversed.extend(other.reversed);
        self.usage.extend(other.usage);
        self.lookups.extend(other.lookups);
        self.pins.extend(other.pins);
        self.holds.extend(other.holds);
        self.actions.extend(other.actions);
        self.courtesies.extend(other.courtesies);
    }

    /// Removes duplicates and sorts, so that all batches lock and read in the same order. A wallet is read together
    /// with the debt of its dealer, because a credit settles the debt.
    pub fn put_in_order(&mut self) {
        let debts: Vec<AccountKey> = self.accounts.iter().filter_map(debts::receivable).collect();
        self.accounts.extend(debts);
        self.accounts.sort_unstable();
        self.accounts.dedup();
        self.pins.sort_unstable();
        self.pins.dedup();
        self.fingerprints.sort_unstable();
        self.fingerprints.dedup();
        self.usage.sort_unstable();
        self.usage.dedup();
        self.courtesies.sort_unstable();
        self.courtesies.dedup();
        for ids in [&mut self.reversed, &mut self.holds, &mut self.actions] {
            ids.sort_unstable();
            ids.dedup();
        }
    }
}

impl Posting {
    /// A posting of a single movement.
    pub const fn of(main: Movement) -> Self {
        Self {
            main,
            further: Vec::new(),
            requests: Vec::new(),
            counted: Vec::new(),
            card: None,
            forgiven: None,
            released: None,
        }
    }
}

impl Command {
    /// Identifier of the command, which is that of its main transfer.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Recharge(command) => command.id,
            Self::Redeem(command) => command.id,
            Self::Transfer(command) => command.id,
            Self::Stock(command) => command.id,
            Self::ChangePin(command) => command.id,
            Self::Confirm(command) => command.id,
            Self::Reverse(command) => command.id,
            Self::Withdraw(command) => command.id,
        }
    }

    /// The phone and the service for which the registered user name is looked up first.
    pub fn registered(&self) -> Option<(Msisdn, Service)> {
        match self {
            Self::Recharge(command) => command.registered(),
            Self::Redeem(_)
            | Self::Transfer(_)
            | Self::Stock(_)
            | Self::ChangePin(_)
            | Self::Confirm(_)
            | Self::Reverse(_)
            | Self::Withdraw(_) => None,
        }
    }

    /// The order for which the transfers are looked up first.
    pub fn withdrawn(&self) -> Option<Fingerprint> {
        match self {
            Self::Withdraw(command) => Some(command.order()),
            Self::Recharge(_)
            | Self::Redeem(_)
            | Self::Transfer(_)
            | Self::Stock(_)
            | Self::ChangePin(_)
            | Self::Confirm(_)
            | Self::Reverse(_) => None,
        }
    }

    /// The rows that the decision at `now` needs, after user names and withdrawn orders were looked up.
    pub fn needs(&self, rules: &Rules, enrolments: &Enrolments, orders: &Orders, now: DateTime<Utc>) -> Needs {
        match self {
            Self::Recharge(command) => {
                let account = command.credited_account(enrolments);
                let counted = account.as_ref().map(|account| recharge::counted(command, account, rules, now));
                let mut needs = command.seller().map(|seller| seller.needs(command.received_at)).unwrap_or_default();
                // A client sends no PIN: of its dealer only the wallets are read.
                let dealer = command.dealer().filter(|_| command.seller().is_none());
                needs.accounts.extend(dealer.into_iter().flat_map(Dealer::wallets));
                needs.accounts.extend(account);
                needs.fingerprints.extend(std::iter::once(command.fingerprint()).chain(command.content_print()));
                needs.usage = counted.into_iter().flatten().map(|counted| counted.key).collect();
                needs
            }
            Self::Redeem(command) => command.needs(),
            Self::Transfer(command) => command.needs(rules, now),
            Self::Stock(command) => command.needs(),
            Self::ChangePin(command) => command.needs(),
            Self::Confirm(command) => command.needs(rules, now),
            Self::Reverse(command) => command.needs(rules),
            Self::Withdraw(command) => command.needs(orders, rules),
        }
    }

    /// The account of the command, if it is known before any look-up. Commands on one account are decided one after the
    /// other.
    pub fn account(&self) -> Option<AccountKey> {
        match self {
            Self::Recharge(command) => command
                .credited_account(&Enrolments::new())
                .or_else(|| command.registered().map(|(phone, _)| AccountKey::subscriber(phone))),
            Self::Redeem(command) => Some(command.credited_account()),
            Self::Transfer(command) => Some(command.debited()),
            Self::Stock(command) => Some(command.from.dealer.wallet()),
            Self::ChangePin(command) => Some(command.account.clone()),
            Self::Confirm(command) => Some(command.debited()),
            Self::Reverse(command) => Some(command.main.movement.dated().clone()),
            Self::Withdraw(_) => None,
        }
    }

    /// The product that is paid for.
    pub fn product(&self) -> Option<Service> {
        match self {
            Self::Recharge(command) => Some(command.request.service).filter(|service| service.is_product()),
            Self::Redeem(_)
            | Self::Transfer(_)
            | Self::Stock(_)
            | Self::ChangePin(_)
            | Self::Confirm(_)
            | Self::Reverse(_)
            | Self::Withdraw(_) => None,
        }
    }

    /// The beneficiary. Of a withdrawal only the key is known before the look-up.
    pub fn beneficiary(&self) -> Beneficiary {
        match self {
            Self::Recharge(command) => Beneficiary::of(&command.request.target),
            Self::Redeem(command) => Beneficiary::Number(command.line.msisdn),
            Self::Transfer(command) => Beneficiary::Number(command.line.msisdn),
            Self::Stock(command) => Beneficiary::Number(command.to.phone),
            Self::ChangePin(command) => Beneficiary::Number(command.owner),
            Self::Confirm(command) => {
                Beneficiary::Number(command.offer.as_ref().map_or(command.sender, |offer| offer.receiver))
            }
            Self::Reverse(command) => Beneficiary::of_account(command.main.movement.dated()),
            Self::Withdraw(command) => Beneficiary::Username(command.key.clone()),
        }
    }

    pub fn bank(&self) -> Option<&str> {
        match self {
            Self::Recharge(command) => Some(&command.request.bank),
            Self::Redeem(command) => Some(&command.bank),
            Self::Withdraw(command) => Some(&command.bank),
            Self::Transfer(command) => Some(&command.bank),
            Self::Stock(command) => Some(&command.bank),
            Self::ChangePin(command) => Some(&command.bank),
            Self::Confirm(command) => Some(&command.bank),
            Self::Reverse(command) => {
                let from = &command.main.movement.debit;
                (from.kind == AccountKind::BankClearing).then_some(from.key.as_str())
            }
        }
    }

    /// Name of the form, for staff.
    pub fn form(&self) -> &str {
        match self {
            Self::Recharge(command) => &command.request.form,
            Self::Redeem(command) => &command.form,
            Self::Transfer(command) => &command.form,
            Self::Stock(command) => &command.form,
            Self::ChangePin(command) => &command.form,
            Self::Confirm(command) => &command.form,
            Self::Reverse(_) | Self::Withdraw(_) => "reversal",
        }
    }

    /// Language of the message, if known.
    pub const fn language(&self) -> Option<Language> {
        match self {
            Self::Recharge(command) => command.request.language,
            Self::Transfer(command) => command.language,
            Self::Stock(command) => command.language,
            Self::ChangePin(command) => command.language,
            Self::Confirm(command) => command.language,
            Self::Redeem(_) | Self::Reverse(_) | Self::Withdraw(_) => None,
        }
    }
}

/// Decides one command at `now`.
pub fn decide(loaded: &LoadedRows, command: &Command, rules: &Rules, now: DateTime<Utc>) -> Decision {
    match decided(loaded, command, rules, now) {
        Decision::Post(posting) => Decision::Post(debts::settled(loaded, posting)),
        other => other,
    }
}

fn decided(loaded: &LoadedRows, command: &Command, rules: &Rules, now: DateTime<Utc>) -> Decision {
    match command {
        Command::Recharge(command) => recharge::decide(loaded, command, rules, now),
        Command::Redeem(command) => voucher::decide(loaded, command, rules, now),
        Command::Transfer(command) => credit_transfer::decide(loaded, command, rules, now),
        Command::Stock(command) => dealer::decide(loaded, command, rules, now),
        Command::ChangePin(command) => pin::decide(loaded, command, rules, now),
        Command::Confirm(command) => offer::decide(loaded, command, rules, now),
        Command::Reverse(command) => reversal::decide(loaded, command, rules, now),
        Command::Withdraw(command) => withdrawal::decide(loaded, command, rules, now),
    }
}
