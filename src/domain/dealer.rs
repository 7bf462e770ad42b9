//! Dealers. A dealer sells credit from a wallet, passes stock to dealers below, and can reverse a recent sale.
//!
//! A sale is a top-up that a dealer pays for, so all rules of top-ups apply; this file has only the rules of dealers. A
//! wallet is an account. The wallet of a dealer that must not sell is suspended.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::bonus::Give;
use super::calendar::day_of;
use super::limits::{AmountLimit, Counted, UsageLimits, Whose};
use super::{
    Account, AccountKey, AccountKind, AccountState, Amount, Decision, LoadedRows, Movement, Msisdn, Needs, PinCheck,
    Reason, Rejection, Rules, TransferKind, format_minor, pin,
};

/// Most dealers above one. A shop below its distributor has one.
pub const LEVELS_MAX: usize = 4;

/// Name of a dealer, which is also the key of its wallet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DealerName(String);

impl DealerName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DealerName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if (2..=24).contains(&text.len()) && text.bytes().all(fits) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("`{text}` is no name of a dealer: write 2 to 24 letters from a to z, digits and hyphens"))
    }
}

impl fmt::Display for DealerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A dealer with the dealers above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealer {
    pub name: DealerName,
    /// The dealers above, the nearest first; at most [`LEVELS_MAX`].
    pub above: Vec<DealerName>,
}

impl Dealer {
    /// The account of the dealer's stock.
    pub fn wallet(&self) -> AccountKey {
        wallet(&self.name)
    }

    /// The wallets of the dealer and of the dealers above.
    pub(super) fn wallets(&self) -> impl Iterator<Item = AccountKey> {
        std::iter::once(&self.name).chain(&self.above).map(wallet)
    }

    /// Returns the refusal for a suspended dealer.
    pub(super) fn blocked(&self, loaded: &LoadedRows) -> Option<Decision> {
        let account = loaded.accounts.get(&self.wallet());
        let blocked = account.is_some_and(|account| account.state == AccountState::Suspended);
        blocked.then(|| Decision::Refuse(Rejection::new(Reason::DealerBlocked)))
    }

    /// Checks that the wallet covers the amount and that the limits allow it.
    pub(super) fn afford(
        &self,
        loaded: &LoadedRows,
        amount: Amount,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        let subject = self.wallet().to_string();
        rules.dealers.limits.check(Whose::Dealer, &loaded.usage, &subject, amount, now)?;
        self.in_stock(loaded, amount)
    }

    /// Checks that the wallet has this amount.
    pub(super) fn in_stock(&self, loaded: &LoadedRows, amount: Amount) -> Result<(), Rejection> {
        let available = loaded.accounts.get(&self.wallet()).map_or(0, Account::available_minor);
        if available >= amount.minor() {
            return Ok(());
        }
        Err(Rejection::new(Reason::StockTooLow).with(|details| details.available = Some(format_minor(available))))
    }
}

/// The account of a dealer's stock.
pub fn wallet(name: &DealerName) -> AccountKey {
    AccountKey::new(AccountKind::Dealer, name.as_str())
}

/// A phone that acts for its dealer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// The dealer.
    pub dealer: Dealer,
    /// The phone.
    pub phone: Msisdn,
    /// The comparison of the PIN; `None` if none was written.
    pub check: Option<PinCheck>,
}

/// Commissions and limits of dealers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DealerRules {
    /// Commissions on sales. Of the rules of one level, the first that applies counts.
    pub commissions: Vec<CommissionRule>,
    /// Limits on the sales of one dealer.
    pub limits: UsageLimits,
    /// Time in which the seller may reverse a sale; `None` for never.
    pub undo: Option<TimeDelta>,
    /// A dealer is notified if a sale leaves less than this, in minor units.
    pub low_stock_minor: i64,
}

/// Commission of one level on a sale. A missing condition always holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommissionRule {
    /// Key of the account that pays.
    pub name: String,
    /// 0 for the seller, 1 for the dealer above, and so on.
    pub level: usize,
    pub give: Give,
    /// Lowest and highest amount, both inclusive.
    pub amount: AmountLimit,
    /// First local day.
    pub from: Option<NaiveDate>,
    /// Last local day, inclusive.
    pub until: Option<NaiveDate>,
}

impl CommissionRule {
    fn applies(&self, amount: Amount, now: DateTime<Utc>) -> bool {
        let day = day_of(now);
        self.amount.min.is_none_or(|min| amount >= min)
            && self.amount.max.is_none_or(|max| amount <= max)
            && self.from.is_none_or(|from| day >= from)
            && self.until.is_none_or(|until| day <= until)
    }
}

impl DealerRules {
    /// The commissions on a sale, from the seller upwards.
    pub fn commissions(&self, dealer: &Dealer, amount: Amount, now: DateTime<Utc>) -> Vec<Movement> {
        let levels = std::iter::once(&dealer.name).chain(&dealer.above).enumerate();
        let earned = levels.filter_map(|(level, name)| {
            let rule = self.commissions.iter().find(|rule| rule.level == level && rule.applies(amount, now))?;
            let payer = AccountKey::new(AccountKind::Commission, rule.name.as_str());
            Some(Movement::new(TransferKind::Commission, payer, wallet(name), rule.give.of(amount, None)?))
        });
        earned.collect()
    }

    /// The counters that a sale from this wallet changes.
    pub(super) fn counted(&self, wallet: &AccountKey, now: DateTime<Utc>) -> Vec<Counted> {
        self.limits.counted(&wallet.to_string(), now)
    }
}

impl Seller {
    /// Rows that every decision on a command of this seller needs.
    pub(super) fn needs(&self, received_at: DateTime<Utc>) -> Needs {
        let mut needs = pin::needs(&self.dealer.wallet(), received_at);
        needs.accounts.extend(self.dealer.wallets());
        needs
    }

    /// Returns the refusal if the seller may not act for its dealer. Without the right PIN, it says nothing about the
    /// wallet.
    pub(super) fn refusal(&self, loaded: &LoadedRows, rules: &Rules, now: DateTime<Utc>) -> Option<Decision> {
        let wallet = self.dealer.wallet();
        pin::refusal(loaded, &wallet, self.check, rules, now).or_else(|| self.dealer.blocked(loaded))
    }
}

/// The conditions under which a dealer may reverse a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    pub seller: Seller,
    pub received_at: DateTime<Utc>,
}

impl Undo {
    /// Returns the refusal for the reversal of a sale at that instant.
    pub(super) fn refusal(
        &self,
        loaded: &LoadedRows,
        sold_at: DateTime<Utc>,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Option<Decision> {
        let late = || {
            let minutes = rules.dealers.undo.map_or(0, |undo| undo.num_minutes());
            let in_time = rules.dealers.undo.is_some_and(|undo| now - sold_at <= undo);
            let late = Rejection::new(Reason::UndoTooLate);
            let late = late.with(|details| details.minutes = Some(u16::try_from(minutes).unwrap_or(u16::MAX)));
            (!in_time).then_some(Decision::Refuse(late))
        };
        self.seller.refusal(loaded, rules, now).or_else(late)
    }
}

#[cfg(test)]
#[path = "dealer_tests.rs"]
mod tests;
