//! SMS to phones that did not send the message: the other party of a transfer or sale, a dealer whose stock runs low, a
//! customer whose account staff changed.

use uuid::Uuid;

use super::format::local_day;
use super::wording::Wording;
use crate::domain::{
    Account, AccountKey, Amount, Command, Language, LoadedRows, Msisdn, Posting, Receipt, RechargeCommand, Rules,
    StockCommand, Target, TransferKind, format_minor,
};
use crate::text::templates::Values;

/// An SMS to a phone that did not send the message.
#[derive(Debug)]
pub(in crate::processor) struct Notice {
    pub(in crate::processor) to: Msisdn,
    /// `None` if it could not be rendered.
    pub(in crate::processor) text: Option<String>,
}

/// A change that staff made to an account.
#[derive(Debug)]
pub(in crate::processor) struct StaffNotice<'a> {
    pub(in crate::processor) template: &'static str,
    pub(in crate::processor) number: Msisdn,
    /// As staff write it.
    pub(in crate::processor) amount: String,
    pub(in crate::processor) receipt: &'a Receipt,
    /// The account after the change.
    pub(in crate::processor) account: &'a Account,
}

/// The notices about a posting. `loaded` has the accounts after it.
pub(in crate::processor) fn notices(
    command: &Command,
    posting: &Posting,
    loaded: &LoadedRows,
    rules: &Rules,
    wording: &Wording,
) -> Vec<Notice> {
    let context = Context { posting, loaded, rules, wording };
    match command {
        Command::Transfer(transfer) => context.received(transfer.id, transfer.sender),
        Command::Confirm(confirm) => context.received(confirm.id, confirm.sender),
        Command::Recharge(recharge) => context.sold(recharge),
        Command::Stock(stock) => context.stock_received(stock),
        Command::Reverse(reverse) if reverse.undo.is_some() => context.reversed(reverse.id),
        Command::Reverse(_)
        | Command::List(_)
        | Command::Redeem(_)
        | Command::ChangePin(_)
        | Command::Withdraw(_)
        | Command::Forward(_) => Vec::new(),
    }
}

struct Context<'a> {
    posting: &'a Posting,
    loaded: &'a LoadedRows,
    rules: &'a Rules,
    wording: &'a Wording,
}

impl Context<'_> {
    /// To the receiver of credit.
    fn received(&self, transfer: Uuid, sender: Msisdn) -> Vec<Notice> {
        let main = &self.posting.main;
        let Some((to, account)) = self.subscriber(&main.credit) else { return Vec::new() };
        let values = Values::from([
            ("amount", main.amount.to_string()),
            ("number", self.wording.plan.national(sender)),
            ("balance", format_minor(account.balance_minor)),
            ("valid_until", account.valid_until.map(local_day).unwrap_or_default()),
            ("receipt", Receipt::of(transfer).to_string()),
        ]);
        vec![self.notice(to, "transfer_received", &values)]
    }

    /// To the phone that a dealer topped up, unless it is the dealer's own; and to the dealer if the sale brought the
    /// stock below the limit.
    fn sold(&self, recharge: &RechargeCommand) -> Vec<Notice> {
        let (Some(seller), Target::Line(line)) = (recharge.seller(), &recharge.request.target) else {
            return Vec::new();
        };
        let main = &self.posting.main;
        let mut notices = Vec::new();
        if line.msisdn != seller.phone
            && let Some(account) = self.loaded.accounts.get(&main.credit)
        {
            notices.push(self.topped_up(recharge.id, line.msisdn, account));
        }
        let stock = self.loaded.accounts.get(&main.debit).map_or(0, |wallet| wallet.balance_minor);
        let low = self.rules.dealers.low_stock_minor;
        let moved = std::iter::once(main).chain(&self.posting.further).map(|movement| movement.minor_to(&main.debit));
        let before = stock - moved.sum::<i64>();
        if stock < low && before >= low {
            notices.push(self.notice(seller.phone, "low_stock", &Values::from([("balance", format_minor(stock))])));
        }
        notices
    }

    fn topped_up(&self, sale: Uuid, number: Msisdn, account: &Account) -> Notice {
        let bonuses = || self.posting.further.iter().filter(|movement| movement.kind == TransferKind::Bonus);
        let bonus_minor: i64 = bonuses().map(|movement| movement.amount.minor()).sum();
        let names: Vec<&str> = bonuses().map(|movement| movement.debit.key.as_str()).collect();
        let values = Values::from([
            ("amount", self.posting.main.amount.to_string()),
            ("number", self.wording.plan.national(number)),
            ("balance", format_minor(account.balance_minor)),
            ("valid_until", account.valid_until.map(local_day).unwrap_or_default()),
            ("receipt", Receipt::of(sale).to_string()),
            ("bonus", format_minor(bonus_minor)),
            ("bonus_name", names.join("+")),
        ]);
        let key = if names.is_empty() { "applied_own" } else { "applied_bonus" };
        self.notice(number, key, &values)
    }

    /// To the dealer that received stock.
    fn stock_received(&self, stock: &StockCommand) -> Vec<Notice> {
        let Some(wallet) = self.loaded.accounts.get(&self.posting.main.credit) else { return Vec::new() };
        let values = self.changed(stock.from.phone, stock.amount, stock.id, wallet);
        vec![self.notice(stock.to.phone, "stock_received", &values)]
    }

    /// To the phone whose top-up its dealer reversed.
    fn reversed(&self, reversal: Uuid) -> Vec<Notice> {
        let main = &self.posting.main;
        let Some((to, account)) = self.subscriber(&main.debit) else { return Vec::new() };
        vec![self.notice(to, "reversed", &self.changed(to, main.amount, reversal, account))]
    }

    fn changed(&self, number: Msisdn, amount: Amount, id: Uuid, account: &Account) -> Values {
        Values::from([
            ("amount", amount.to_string()),
            ("number", self.wording.plan.national(number)),
            ("balance", format_minor(account.balance_minor)),
            ("receipt", Receipt::of(id).to_string()),
        ])
    }

    fn subscriber(&self, key: &AccountKey) -> Option<(Msisdn, &Account)> {
        Some((key.key.parse().ok()?, self.loaded.accounts.get(key)?))
    }

    /// In the language of the phone's account, if it was loaded.
    fn notice(&self, to: Msisdn, key: &str, values: &Values) -> Notice {
        let account = self.loaded.accounts.get(&AccountKey::subscriber(to));
        let language = self.wording.choose([account.and_then(Account::language), self.rules.language]);
        Notice { to, text: self.wording.words(language, key, values) }
    }
}

impl Wording {
    /// A text about a change that staff made, in the customer's language or in this one.
    pub(in crate::processor) fn staff_notice(
        &self,
        notice: &StaffNotice<'_>,
        language: Option<Language>,
    ) -> Option<String> {
        let values = Values::from([
            ("amount", notice.amount.clone()),
            ("number", self.plan.national(notice.number)),
            ("balance", format_minor(notice.account.balance_minor)),
            ("receipt", notice.receipt.to_string()),
        ]);
        self.words(self.choose([notice.account.language(), language]), notice.template, &values)
    }
}
