//! Dealers: who sells credit from a wallet, hands stock on to the dealers below, and takes a sale back at once.
//!
//! A sale is a top-up that a dealer pays for, so that all rules of top-ups hold for it; what is a dealer's alone is here.
//! A wallet is an account; a dealer who may not sell has one that is suspended.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::bonus::Give;
use super::calendar::day_of;
use super::inbound::hash_fields;
use super::limits::{AmountLimit, Counted, UsageLimits, Whose};
use super::{
    Account, AccountKey, AccountKind, AccountState, Amount, ContentHash, Decision, Fingerprint, Language, Movement,
    Msisdn, Needs, PinCheck, Posting, Reason, Rejection, Rules, Snapshot, TransferKind, format_cents, pin,
};

/// Most dealers above one: a shop below its distributor has one.
pub const LEVELS_MAX: usize = 4;

/// A dealer's name: what its wallet is called, and staff write.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DealerName(String);

impl DealerName {
    /// As text.
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

/// A dealer, and those above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealer {
    /// Its name.
    pub name: DealerName,
    /// Those above it, the nearest first; at most [`LEVELS_MAX`].
    pub above: Vec<DealerName>,
}

impl Dealer {
    /// The account of its stock.
    pub fn wallet(&self) -> AccountKey {
        wallet(&self.name)
    }

    /// Its wallet, and those of the dealers above it.
    pub(super) fn wallets(&self) -> impl Iterator<Item = AccountKey> {
        std::iter::once(&self.name).chain(&self.above).map(wallet)
    }

    /// Why it may not act at all.
    pub(super) fn blocked(&self, snapshot: &Snapshot) -> Option<Decision> {
        let account = snapshot.accounts.get(&self.wallet());
        let blocked = account.is_some_and(|account| account.state == AccountState::Suspended);
        blocked.then(|| Decision::Refuse(Rejection::new(Reason::DealerBlocked)))
    }

    /// Whether its wallet has so much, and its limits allow it.
    pub(super) fn afford(
        &self,
        snapshot: &Snapshot,
        amount: Amount,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        let subject = self.wallet().to_string();
        rules.dealers.limits.check(Whose::Dealer, &snapshot.usage, &subject, amount, now)?;
        in_stock(snapshot, self, amount)
    }
}

/// The account of a dealer's stock.
pub fn wallet(name: &DealerName) -> AccountKey {
    AccountKey::new(AccountKind::Dealer, name.as_str())
}

/// Who acts for a dealer: one of its phones, and what its PIN was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// The dealer.
    pub dealer: Dealer,
    /// The phone.
    pub phone: Msisdn,
    /// What was found of the PIN that it wrote.
    pub check: Option<PinCheck>,
}

/// What dealers earn, and what they may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DealerRules {
    /// What sales earn. Of the rules of one level the first that applies counts.
    pub commissions: Vec<CommissionRule>,
    /// What one dealer may sell.
    pub limits: UsageLimits,
    /// For how long a sale may be taken back by who made it; `None` for never.
    pub undo: Option<TimeDelta>,
    /// A wallet that a sale leaves with less is told to its dealer, in cents.
    pub low_stock_cents: i64,
}

/// What one level earns by a sale; a condition that is not there always holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommissionRule {
    /// Its name: that of the account which pays.
    pub name: String,
    /// 0 for who sells, 1 for the dealer above, and so on.
    pub level: usize,
    /// How much.
    pub give: Give,
    /// Amounts from and to, both included.
    pub amount: AmountLimit,
    /// First day of Europe/Belgrade.
    pub from: Option<NaiveDate>,
    /// Last day of Europe/Belgrade, which is included.
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
    /// What a sale of so much earns, from who sells upwards.
    pub fn commissions(&self, dealer: &Dealer, amount: Amount, now: DateTime<Utc>) -> Vec<Movement> {
        let levels = std::iter::once(&dealer.name).chain(&dealer.above).enumerate();
        let earned = levels.filter_map(|(level, name)| {
            let rule = self.commissions.iter().find(|rule| rule.level == level && rule.applies(amount, now))?;
            let payer = AccountKey::new(AccountKind::Commission, rule.name.as_str());
            Some(Movement::new(TransferKind::Commission, payer, wallet(name), rule.give.of(amount, None)?))
        });
        earned.collect()
    }

    /// The counters that a sale from this wallet moves.
    pub(super) fn counted(&self, wallet: &AccountKey, now: DateTime<Utc>) -> Vec<Counted> {
        self.limits.counted(&wallet.to_string(), now)
    }
}

impl Seller {
    /// What a decision about anything that it does looks at.
    pub(super) fn needs(&self, received_at: DateTime<Utc>) -> Needs {
        let mut needs = pin::needs(&self.dealer.wallet(), received_at);
        needs.accounts.extend(self.dealer.wallets());
        needs
    }

    /// Why it may not act for its dealer at all. Who does not show the PIN hears nothing of the wallet.
    pub(super) fn refusal(&self, snapshot: &Snapshot, rules: &Rules, now: DateTime<Utc>) -> Option<Decision> {
        let wallet = self.dealer.wallet();
        pin::refusal(snapshot, &wallet, self.check, rules, now).or_else(|| self.dealer.blocked(snapshot))
    }
}

fn in_stock(snapshot: &Snapshot, dealer: &Dealer, amount: Amount) -> Result<(), Rejection> {
    let available = snapshot.accounts.get(&dealer.wallet()).map_or(0, Account::available_cents);
    if available >= amount.cents() {
        return Ok(());
    }
    Err(Rejection::new(Reason::StockTooLow).with(|details| details.available = Some(format_cents(available))))
}

/// Stock that a dealer hands on to one right below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockCommand {
    /// Identifier, made by the node that took the message in.
    pub id: Uuid,
    /// The operator whose form it was written in.
    pub bank: String,
    /// Name of the form.
    pub form: String,
    /// Who gives.
    pub from: Seller,
    /// Who gets it: the dealer of the number that was written, and that number; `None` where it is no dealer's.
    pub to: (Option<Dealer>, Msisdn),
    /// How much.
    pub amount: Amount,
    /// The sender says that this really is a second time.
    pub repeat: bool,
    /// The language that the form is of, where its keyword tells.
    pub language: Option<Language>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// When the session that it came on was bound, where there was one.
    pub session_since: Option<DateTime<Utc>>,
}

impl StockCommand {
    /// What makes two of them the same.
    pub fn fingerprint(&self) -> Fingerprint {
        let ContentHash(hash) = hash_fields(&[
            b"stock",
            self.from.dealer.name.as_str().as_bytes(),
            self.to.1.digits().as_bytes(),
            &self.amount.cents().to_be_bytes(),
            &[u8::from(self.repeat)],
        ]);
        Fingerprint(hash)
    }

    pub(super) fn needs(&self) -> Needs {
        let mut needs = self.from.needs(self.received_at);
        needs.accounts.extend(self.to.0.as_ref().map(Dealer::wallet));
        needs.fingerprints.push(self.fingerprint());
        needs
    }
}

/// Decides a hand-over of stock at `now`.
pub(super) fn decide(snapshot: &Snapshot, command: &StockCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    if let Some(refusal) = command.from.refusal(snapshot, rules, now) {
        return refusal;
    }
    let earlier = snapshot.earlier.get(&command.fingerprint()).copied();
    let window = rules.bank(&command.bank).duplicate_window();
    let delivery = (command.received_at, command.session_since);
    if let Some(of) = earlier.filter(|of| now - of.at < window || rules.redelivery.is_second(delivery, *of, now)) {
        return Decision::Duplicate { of, amount: command.amount };
    }
    match handed_on(snapshot, command) {
        Ok(main) => Decision::Post(Posting {
            requests: vec![command.fingerprint()],
            forgiven: Some(pin::tries_of(&command.from.dealer.wallet())),
            ..Posting::of(main)
        }),
        Err(rejection) => Decision::Refuse(rejection),
    }
}

fn handed_on(snapshot: &Snapshot, command: &StockCommand) -> Result<Movement, Rejection> {
    let from = &command.from.dealer;
    let below = command.to.0.as_ref().filter(|dealer| dealer.above.first() == Some(&from.name));
    let to = below.ok_or_else(|| Rejection::new(Reason::DealerNotBelow))?;
    if snapshot.accounts.get(&to.wallet()).is_some_and(|account| account.state == AccountState::Suspended) {
        return Err(Rejection::new(Reason::DealerBlocked));
    }
    in_stock(snapshot, from, command.amount)?;
    Ok(Movement::new(TransferKind::Stock, from.wallet(), to.wallet(), command.amount))
}

/// By what a dealer may take a sale back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// Who does.
    pub seller: Seller,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

impl Undo {
    /// Why it may not take back what was sold at that instant.
    pub(super) fn refusal(
        &self,
        snapshot: &Snapshot,
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
        self.seller.refusal(snapshot, rules, now).or_else(late)
    }
}

#[cfg(test)]
#[path = "dealer_tests.rs"]
mod tests;
