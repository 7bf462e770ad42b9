//! The decision on a transfer of stock from a dealer to a dealer below.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::inbound::hash_fields;
use super::{
    AccountState, Amount, ContentHash, Dealer, Decision, Delivery, Fingerprint, Language, LoadedRows, Movement, Msisdn,
    Needs, Posting, Reason, Rejection, Rules, Seller, TransferKind, pin,
};

/// A dealer passes stock to a dealer directly below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockCommand {
    /// Identifier, created by the node that received the message.
    pub id: Uuid,
    /// Operator of the form.
    pub bank: String,
    pub form: String,
    pub from: Seller,
    /// The receiver.
    pub to: StockReceiver,
    pub amount: Amount,
    /// True if the sender marks the message as a repetition.
    pub repeat: bool,
    /// Language of the form, if its keyword identifies it.
    pub language: Option<Language>,
    pub received_at: DateTime<Utc>,
    /// As [`crate::domain::InboundSms::redelivery_doubt_since`].
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

/// A number that stock is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockReceiver {
    /// The number as it was written.
    pub phone: Msisdn,
    /// Its dealer; `None` if it is no dealer's.
    pub dealer: Option<Dealer>,
}

impl StockCommand {
    /// Equal for requests that are repetitions of each other.
    pub fn fingerprint(&self) -> Fingerprint {
        let ContentHash(hash) = hash_fields(&[
            b"stock",
            self.from.dealer.name.as_str().as_bytes(),
            self.to.phone.digits().as_bytes(),
            &self.amount.minor().to_be_bytes(),
            &[u8::from(self.repeat)],
        ]);
        Fingerprint(hash)
    }

    pub(super) fn needs(&self) -> Needs {
        let mut needs = self.from.needs(self.received_at);
        needs.accounts.extend(self.to.dealer.as_ref().map(Dealer::wallet));
        needs.fingerprints.push(self.fingerprint());
        needs
    }
}

/// Decides a transfer of stock at `now`.
pub(super) fn decide(loaded: &LoadedRows, command: &StockCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    if let Some(refusal) = command.from.refusal(loaded, rules, now) {
        return refusal;
    }
    let earlier = loaded.earlier.get(&command.fingerprint()).copied();
    let window = rules.bank(&command.bank).duplicate_window();
    let delivery =
        Delivery { received_at: command.received_at, redelivery_doubt_since: command.redelivery_doubt_since };
    if let Some(of) = earlier.filter(|of| now - of.at < window || rules.redelivery.is_second(delivery, *of, now)) {
        return Decision::Duplicate { of, amount: command.amount };
    }
    match handed_on(loaded, command) {
        Ok(main) => Decision::Post(Posting {
            requests: vec![command.fingerprint()],
            forgiven: Some(pin::tries_of(&command.from.dealer.wallet())),
            ..Posting::of(main)
        }),
        Err(rejection) => Decision::Refuse(rejection),
    }
}

fn handed_on(loaded: &LoadedRows, command: &StockCommand) -> Result<Movement, Rejection> {
    let from = &command.from.dealer;
    let below = command.to.dealer.as_ref().filter(|dealer| dealer.above.first() == Some(&from.name));
    let to = below.ok_or_else(|| Rejection::new(Reason::DealerNotBelow))?;
    if loaded.accounts.get(&to.wallet()).is_some_and(|account| account.state == AccountState::Suspended) {
        return Err(Rejection::new(Reason::DealerBlocked));
    }
    from.in_stock(loaded, command.amount)?;
    Ok(Movement::new(TransferKind::Stock, from.wallet(), to.wallet(), command.amount))
}

#[cfg(test)]
mod tests {
    use super::super::Account;
    use super::super::recharge::tests::rules;
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn stock_goes_one_step_down_only() {
        let dealer = |text: &str, above: &[&str]| Dealer {
            name: text.parse().unwrap(),
            above: above.iter().map(|a| a.parse().unwrap()).collect(),
        };
        let from = dealer("agron", &["top"]);
        let account = Account { balance_minor: 500, ..Account::open(from.wallet(), NOW) };
        let loaded = LoadedRows { accounts: [(from.wallet(), account)].into(), ..LoadedRows::default() };
        let phone: Msisdn = "38349700002".parse().unwrap();
        let command = |to: Option<Dealer>, amount: i64| StockCommand {
            id: Uuid::from_u128(1),
            bank: "dealers".into(),
            form: "stock".into(),
            from: Seller { dealer: from.clone(), phone, check: None },
            to: StockReceiver { phone, dealer: to },
            amount: Amount::from_minor(amount).unwrap(),
            repeat: false,
            language: None,
            received_at: NOW,
            redelivery_doubt_since: None,
        };
        let shop = dealer("shop", &["agron", "top"]);
        let moved = handed_on(&loaded, &command(Some(shop.clone()), 500)).unwrap();
        assert_eq!((moved.debit, moved.credit, moved.kind), (from.wallet(), shop.wallet(), TransferKind::Stock));
        let short = handed_on(&loaded, &command(Some(shop), 501)).unwrap_err();
        assert_eq!((short.reason, short.details.available.as_deref()), (Reason::StockTooLow, Some("5.00")));
        for other in [None, Some(dealer("far", &["shop", "agron"])), Some(dealer("top", &[])), Some(from.clone())] {
            assert_eq!(handed_on(&loaded, &command(other, 1)).unwrap_err().reason, Reason::DealerNotBelow);
        }
        let refused = decide(&loaded, &command(None, 1), &rules(), NOW);
        assert!(matches!(refused, Decision::Refuse(rejection) if rejection.reason == Reason::PinMissing));
    }
}
