//! The decision: given what is known, a command and the rules, what the command does. Pure, and the same each time.
//!
//! A further command is a variant of [`Command`], with a file of its own for its decision beside `recharge`. What it wants to look at is a
//! field of [`Needs`] and of [`super::Snapshot`]; what it does beside moving money is a field of [`Posting`].

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::limits::{Counted, UsageKey};
use super::{
    AccountKey, AccountKind, Amount, Beneficiary, ChangePinCommand, ConfirmCommand, Dealer, Earlier, Enrolments,
    Fingerprint, Kept, Language, Movement, Msisdn, Offered, Orders, RechargeCommand, Rejection, ReverseCommand, Rules,
    Service, Snapshot, StockCommand, TransferCommand, WithdrawCommand, credit_transfer, dealer, debts, offer, pin,
    recharge, reversal, voucher, withdrawal,
};
use crate::domain::voucher::{Lockout, Lookup, RedeemCommand, Redeemed};

/// Something that may move money, whichever door it came in by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Credit for a number or a product, through a bank.
    Recharge(RechargeCommand),
    /// Credit for a number, by the code of a scratch card.
    Redeem(Box<RedeemCommand>),
    /// Credit from one subscriber to another.
    Transfer(Box<TransferCommand>),
    /// Stock that a dealer hands on.
    Stock(Box<StockCommand>),
    /// Another PIN.
    ChangePin(Box<ChangePinCommand>),
    /// Yes to what was asked.
    Confirm(Box<ConfirmCommand>),
    /// A transfer goes back.
    Reverse(ReverseCommand),
    /// A client withdraws what it ordered.
    Withdraw(WithdrawCommand),
}

/// What a decision looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Accounts; they are held still until the batch ends.
    pub accounts: Vec<AccountKey>,
    /// Of accounts whose validity ended before this instant, what was recorded last of their lives.
    pub ended_before: Option<DateTime<Utc>>,
    /// Requests.
    pub fingerprints: Vec<Fingerprint>,
    /// What was used of limits; it is held still until the batch ends.
    pub usage: Vec<UsageKey>,
    /// Scratch cards, and who writes their codes.
    pub lookups: Vec<Lookup>,
    /// Accounts whose PINs are looked at.
    pub pins: Vec<AccountKey>,
    /// Transfers that are to be taken back.
    pub reversed: Vec<Uuid>,
    /// Holds.
    pub holds: Vec<Uuid>,
    /// What staff ordered.
    pub actions: Vec<Uuid>,
    /// Phones that write what is not understood.
    pub courtesies: Vec<Msisdn>,
}

/// What to do, named by what the caller does about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Write this.
    Post(Posting),
    /// Keep this; no money moves.
    Keep(Box<Kept>),
    /// Hold this, and ask.
    Offer(Box<Offered>),
    /// Write nothing but the ending: it was done before.
    Duplicate {
        /// What was done then.
        of: Earlier,
        /// How much it was.
        amount: Amount,
    },
    /// Write nothing but the ending, and tell the customer why.
    Refuse(Rejection),
    /// Write that this order is withdrawn: when it comes, it is not carried out.
    Cancel(Fingerprint),
    /// Tell the customer why not, and remember it against the sender.
    Strike {
        /// Why.
        rejection: Rejection,
        /// Address that it came from.
        sender: String,
        /// What is remembered from now on.
        lockout: Lockout,
    },
}

/// All that one command does: the whole of it is kept, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// What moves first: the movement that the command is about, and its ending names.
    pub main: Movement,
    /// What moves with it, as a bonus or a commission; fewer than [`super::Transfer::OF_ONE_COMMAND_MAX`].
    pub further: Vec<Movement>,
    /// The requests that it carries out: the same again is a duplicate.
    pub requests: Vec<Fingerprint>,
    /// The counters of limits that it moves.
    pub counted: Vec<Counted>,
    /// The scratch card that it uses up; its sender's wrong codes are forgiven with it.
    pub card: Option<Box<Redeemed>>,
    /// Whose wrong PINs are forgiven with it.
    pub forgiven: Option<String>,
    /// The hold that kept it until now; few have one.
    pub released: Option<Box<Uuid>>,
}

impl Needs {
    /// Both together.
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

    /// Each once, in the one order that all batches lock and read in. A wallet is looked at together with what its dealer
    /// owes, because what comes to it settles that.
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
    /// One movement.
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
    /// Its identifier, which is that of its main transfer.
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

    /// The phone and the service whose registered user name is looked up before all else.
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

    /// The order whose transfers are looked up before all else.
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

    /// What its decision at `now` looks at, once user names and withdrawn orders are known.
    pub fn needs(&self, rules: &Rules, enrolments: &Enrolments, orders: &Orders, now: DateTime<Utc>) -> Needs {
        match self {
            Self::Recharge(command) => {
                let account = command.credited_account(enrolments);
                let counted = account.as_ref().map(|account| recharge::counted(command, account, rules, now));
                let mut needs = command.seller().map(|seller| seller.needs(command.received_at)).unwrap_or_default();
                // A client shows no PIN: of its dealer only the wallets are looked at.
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

    /// The account that it is about, as far as that is known before anything is looked up: commands about one account are
    /// decided one after the other.
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

    /// The product that it pays for.
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

    /// Whom it is for; of a withdrawal only its key is known before all else.
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

    /// The bank that it came through.
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

    /// Name of the form that it was written in, for staff.
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

    /// The language that it was written in, where that is known.
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
pub fn decide(snapshot: &Snapshot, command: &Command, rules: &Rules, now: DateTime<Utc>) -> Decision {
    match decided(snapshot, command, rules, now) {
        Decision::Post(posting) => Decision::Post(debts::settled(snapshot, posting)),
        other => other,
    }
}

fn decided(snapshot: &Snapshot, command: &Command, rules: &Rules, now: DateTime<Utc>) -> Decision {
    match command {
        Command::Recharge(command) => recharge::decide(snapshot, command, rules, now),
        Command::Redeem(command) => voucher::decide(snapshot, command, rules, now),
        Command::Transfer(command) => credit_transfer::decide(snapshot, command, rules, now),
        Command::Stock(command) => dealer::decide(snapshot, command, rules, now),
        Command::ChangePin(command) => pin::decide(snapshot, command, rules, now),
        Command::Confirm(command) => offer::decide(snapshot, command, rules, now),
        Command::Reverse(command) => reversal::decide(snapshot, command, rules, now),
        Command::Withdraw(command) => withdrawal::decide(snapshot, command, rules, now),
    }
}
