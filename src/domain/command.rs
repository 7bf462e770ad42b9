//! Commands: what is asked of each, and the rows that its decision needs.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::voucher::RedeemCommand;
use super::{
    AccountKey, AccountKind, Beneficiary, ChangePinCommand, ConfirmCommand, Enrolments, Fingerprint, ForwardCommand,
    Language, ListCommand, Msisdn, Needs, Orders, RechargeCommand, ReverseCommand, Rules, Service, StockCommand,
    TransferCommand, WithdrawCommand,
};

/// A command that may move money, from any channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Credit for a number or a product through a bank.
    Recharge(RechargeCommand),
    /// Several top-ups, done together or not at all.
    List(Box<ListCommand>),
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
    /// A request that is handed on.
    Forward(Box<ForwardCommand>),
}

impl Command {
    /// Identifier of the command, which is that of its main transfer.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Recharge(command) => command.id,
            Self::List(command) => command.first().id,
            Self::Redeem(command) => command.id,
            Self::Transfer(command) => command.id,
            Self::Stock(command) => command.id,
            Self::ChangePin(command) => command.id,
            Self::Confirm(command) => command.id,
            Self::Reverse(command) => command.id,
            Self::Withdraw(command) => command.id,
            Self::Forward(command) => command.id,
        }
    }

    /// The items of a list, each as a command of its own; of any other command only itself.
    pub fn items(&self) -> Vec<Self> {
        match self {
            Self::List(list) => list.items().cloned().map(Self::Recharge).collect(),
            other => vec![other.clone()],
        }
    }

    /// The phones and the services for which the registered user names are looked up first.
    pub fn registered(&self) -> Vec<(Msisdn, Service)> {
        match self {
            Self::Recharge(command) => command.registered().into_iter().collect(),
            Self::List(command) => command.items().filter_map(RechargeCommand::registered).collect(),
            Self::Redeem(_)
            | Self::Transfer(_)
            | Self::Stock(_)
            | Self::ChangePin(_)
            | Self::Confirm(_)
            | Self::Reverse(_)
            | Self::Withdraw(_)
            | Self::Forward(_) => Vec::new(),
        }
    }

    /// The order for which the transfers are looked up first.
    pub fn withdrawn(&self) -> Option<Fingerprint> {
        match self {
            Self::Withdraw(command) => Some(command.order()),
            Self::Recharge(_)
            | Self::List(_)
            | Self::Redeem(_)
            | Self::Transfer(_)
            | Self::Stock(_)
            | Self::ChangePin(_)
            | Self::Confirm(_)
            | Self::Reverse(_)
            | Self::Forward(_) => None,
        }
    }

    /// The rows that the decision at `now` needs, after user names and withdrawn orders were looked up.
    pub fn needs(&self, rules: &Rules, enrolments: &Enrolments, orders: &Orders, now: DateTime<Utc>) -> Needs {
        match self {
            Self::Recharge(command) => command.needs(rules, enrolments, now),
            Self::List(command) => command.needs(rules, enrolments, now),
            Self::Redeem(command) => command.needs(),
            Self::Transfer(command) => command.needs(rules, now),
            Self::Stock(command) => command.needs(),
            Self::ChangePin(command) => command.needs(),
            Self::Confirm(command) => command.needs(rules, now),
            Self::Reverse(command) => command.needs(rules),
            Self::Withdraw(command) => command.needs(orders, rules),
            Self::Forward(command) => command.needs(),
        }
    }

    /// The accounts of the command that are known before any look-up: one, or one for each item of a list. Commands on one
    /// account are decided one after the other.
    pub fn accounts(&self) -> Vec<AccountKey> {
        match self {
            Self::List(list) => list.items().filter_map(RechargeCommand::account).collect(),
            other => other.account().into_iter().collect(),
        }
    }

    fn account(&self) -> Option<AccountKey> {
        match self {
            Self::Recharge(command) => command.account(),
            Self::List(list) => list.first().account(),
            Self::Redeem(command) => Some(command.credited_account()),
            Self::Transfer(command) => Some(command.debited()),
            Self::Stock(command) => Some(command.from.dealer.wallet()),
            Self::ChangePin(command) => Some(command.account.clone()),
            Self::Confirm(command) => Some(command.debited()),
            Self::Reverse(command) => Some(command.main.movement.dated().clone()),
            Self::Withdraw(_) => None,
            Self::Forward(command) => command.phone.map(AccountKey::subscriber),
        }
    }

    /// The product that is paid for.
    pub fn product(&self) -> Option<Service> {
        match self {
            Self::Recharge(command) => command.product(),
            Self::List(command) => command.first().product(),
            Self::Redeem(_)
            | Self::Transfer(_)
            | Self::Stock(_)
            | Self::ChangePin(_)
            | Self::Confirm(_)
            | Self::Reverse(_)
            | Self::Withdraw(_)
            | Self::Forward(_) => None,
        }
    }

    /// The beneficiary; of a list that of its first item. Of a withdrawal only the key is known before the look-up.
    pub fn beneficiary(&self) -> Beneficiary {
        match self {
            Self::Recharge(command) => Beneficiary::of(&command.request.target),
            Self::List(command) => Beneficiary::of(&command.first().request.target),
            Self::Redeem(command) => Beneficiary::Number(command.line.msisdn),
            Self::Transfer(command) => Beneficiary::Number(command.line.msisdn),
            Self::Stock(command) => Beneficiary::Number(command.to.phone),
            Self::ChangePin(command) => Beneficiary::Number(command.owner),
            Self::Confirm(command) => {
                Beneficiary::Number(command.offer.as_ref().map_or(command.sender, |offer| offer.receiver))
            }
            Self::Reverse(command) => Beneficiary::of_account(command.main.movement.dated()),
            Self::Withdraw(command) => Beneficiary::Username(command.key.clone()),
            Self::Forward(command) => {
                command.phone.map_or_else(|| Beneficiary::Username(command.from.clone()), Beneficiary::Number)
            }
        }
    }

    pub fn bank(&self) -> Option<&str> {
        match self {
            Self::Recharge(command) => Some(&command.request.bank),
            Self::List(command) => Some(&command.first().request.bank),
            Self::Redeem(command) => Some(&command.bank),
            Self::Withdraw(command) => Some(&command.bank),
            Self::Transfer(command) => Some(&command.bank),
            Self::Stock(command) => Some(&command.bank),
            Self::ChangePin(command) => Some(&command.bank),
            Self::Confirm(command) => Some(&command.bank),
            Self::Forward(command) => Some(&command.bank),
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
            Self::List(command) => &command.first().request.form,
            Self::Redeem(command) => &command.form,
            Self::Transfer(command) => &command.form,
            Self::Stock(command) => &command.form,
            Self::ChangePin(command) => &command.form,
            Self::Confirm(command) => &command.form,
            Self::Forward(command) => &command.form,
            Self::Reverse(_) | Self::Withdraw(_) => "reversal",
        }
    }

    /// Language of the message, if known.
    pub const fn language(&self) -> Option<Language> {
        match self {
            Self::Recharge(command) => command.request.language,
            Self::List(command) => command.first().request.language,
            Self::Transfer(command) => command.language,
            Self::Stock(command) => command.language,
            Self::ChangePin(command) => command.language,
            Self::Confirm(command) => command.language,
            Self::Forward(command) => command.language,
            Self::Redeem(_) | Self::Reverse(_) | Self::Withdraw(_) => None,
        }
    }
}
