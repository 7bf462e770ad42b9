//! The endings of messages. Every message has exactly one, and staff can see it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AccountKey, Amount, Ending, Msisdn, OtherAccount, Rejection, Target, Topic, TransferKind};

/// [`Outcome::error_code`] of a duplicate.
const DUPLICATE_CODE: u8 = 1;

/// [`Outcome::error_code`] of a refusal whose reason only a newer version of the program knows.
const NEWER_CODE: u8 = 2;

/// The ending of a message. It is stored as JSON with the message, so that a repeated message gets the first answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Money moved.
    Applied(Applied),
    /// The same request was carried out before; nothing moved.
    Duplicate {
        /// The earlier request.
        of: Earlier,
        #[serde(flatten)]
        beneficiary: Beneficiary,
        /// `None` for a request that moves no money.
        #[serde(default, rename = "amount_minor", alias = "amount_cents", skip_serializing_if = "Option::is_none")]
        amount: Option<Amount>,
    },
    /// A question was answered; nothing moved.
    Informed {
        /// The subject.
        topic: Topic,
    },
    /// The message was understood, or nearly, and is not carried out.
    Refused(Rejection),
    /// The meaning is unknown: the message is kept for staff.
    Quarantined(Rejection),
    /// A newer version of the program wrote it, with a reason, a kind or a topic that this one does not know. It is only
    /// read from the database, never decided.
    #[serde(untagged)]
    Newer(NewerOutcome),
}

/// The receiver of a top-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beneficiary {
    /// The owner of a mobile number or fixed line.
    Number(Msisdn),
    /// The owner of a user name.
    Username(String),
    /// An account of a kind that a grammar declares.
    Account(OtherAccount),
}

impl Beneficiary {
    /// The beneficiary of a target. For the user name that is registered to a phone, it is the number of the phone.
    pub fn of(target: &Target) -> Self {
        match target {
            Target::Line(line) => Self::Number(line.msisdn),
            Target::Registered(phone) => Self::Number(*phone),
            Target::Username(name) => Self::Username(name.clone()),
            Target::Account(account) => Self::Account(account.clone()),
        }
    }

    /// The owner of an account: by number if its key is one, otherwise by user name or by the account itself.
    pub fn of_account(account: &AccountKey) -> Self {
        if let Some(other) = OtherAccount::of_key(account) {
            return Self::Account(other);
        }
        let key = account.key.split_once(':').map_or(account.key.as_str(), |(_, name)| name);
        key.parse().map_or_else(|_| Self::Username(key.to_owned()), Self::Number)
    }

    pub const fn number(&self) -> Option<Msisdn> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Username(_) | Self::Account(_) => None,
        }
    }
}

/// Formats the number with a plus sign, the user name, or kind and identifier.
impl fmt::Display for Beneficiary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Username(name) => f.write_str(name),
            Self::Account(account) => account.fmt(f),
        }
    }
}

/// The effects of a message that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The main transfer.
    pub transfer: Uuid,
    #[serde(default = "top_up")]
    pub kind: TransferKind,
    #[serde(flatten)]
    pub beneficiary: Beneficiary,
    /// True if the beneficiary is the receiver of the reply.
    pub own: bool,
    /// Amount of the main transfer.
    #[serde(rename = "amount_minor", alias = "amount_cents")]
    pub amount: Amount,
    /// Balance of the account after all transfers, in minor units.
    #[serde(alias = "balance_cents")]
    pub balance_minor: i64,
    /// End of validity after them, if the account has one.
    pub valid_until: Option<DateTime<Utc>>,
    /// Fee that was paid.
    #[serde(default, rename = "fee_minor", alias = "fee_cents", skip_serializing_if = "Option::is_none")]
    pub fee: Option<Amount>,
    /// Commission of the seller; included in the balance.
    #[serde(default, rename = "commission_minor", alias = "commission_cents", skip_serializing_if = "Option::is_none")]
    pub commission: Option<Amount>,
    /// Bonuses; included in the balance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bonuses: Vec<Bonus>,
}

/// The bonus of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bonus {
    pub rule: String,
    #[serde(rename = "amount_minor", alias = "amount_cents")]
    pub amount: Amount,
}

/// The only kind before kinds were stored.
const fn top_up() -> TransferKind {
    TransferKind::TopUp
}

/// The earlier top-up of a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The transfer.
    pub transfer: Uuid,
    pub at: DateTime<Utc>,
}

/// As much of an ending as every version of the program writes alike. The rest is kept as it was stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewerOutcome {
    /// Every ending itself is known; a new one needs a migration that is not additive.
    #[serde(rename = "outcome")]
    pub ending: Ending,
    /// The main transfer, where money moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Uuid>,
    /// The name of the reason why it is not carried out, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

impl NewerOutcome {
    /// A detail by its name in JSON, if it is there and has this form.
    pub fn detail<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.rest.get(name)?).ok()
    }

    /// The receiver, if its form is known.
    pub fn beneficiary(&self) -> Option<Beneficiary> {
        let username = || self.detail("username").map(Beneficiary::Username);
        let account = || self.detail("account").map(Beneficiary::Account);
        self.detail("number").map(Beneficiary::Number).or_else(username).or_else(account)
    }
}

/// Prints the reason only: a text of a customer may hold a PIN.
impl fmt::Debug for NewerOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewerOutcome({}, {:?})", self.ending.as_str(), self.reason)
    }
}

impl Outcome {
    /// Name in the database, metrics and the API.
    pub const fn kind(&self) -> &'static str {
        self.ending().as_str()
    }

    /// The kind of ending without its data.
    pub const fn ending(&self) -> Ending {
        match self {
            Self::Applied(_) => Ending::Applied,
            Self::Duplicate { .. } => Ending::Duplicate,
            Self::Informed { .. } => Ending::Informed,
            Self::Refused(_) => Ending::Refused,
            Self::Quarantined(_) => Ending::Quarantined,
            Self::Newer(outcome) => outcome.ending,
        }
    }

    /// Error code for machines; 0 if the message was carried out.
    pub const fn error_code(&self) -> u8 {
        match self {
            Self::Applied(_) | Self::Informed { .. } => 0,
            Self::Duplicate { .. } => DUPLICATE_CODE,
            Self::Refused(rejection) | Self::Quarantined(rejection) => rejection.reason.code(),
            Self::Newer(outcome) if outcome.ending.is_success() => 0,
            Self::Newer(_) => NEWER_CODE,
        }
    }

    /// The main transfer, if money moved.
    pub const fn transfer(&self) -> Option<Uuid> {
        match self {
            Self::Applied(applied) => Some(applied.transfer),
            Self::Duplicate { .. } | Self::Informed { .. } | Self::Refused(_) | Self::Quarantined(_) => None,
            Self::Newer(outcome) => outcome.transfer,
        }
    }

    /// The name of the reason why it is not carried out, where it is not: also of one that this program does not know.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused(rejection) | Self::Quarantined(rejection) => Some(rejection.reason.as_str()),
            Self::Newer(outcome) => outcome.reason.as_deref(),
            Self::Applied(_) | Self::Duplicate { .. } | Self::Informed { .. } => None,
        }
    }

    /// The ending of a message that is refused, or quarantined if it is unreadable.
    pub fn rejected(rejection: Rejection) -> Self {
        if rejection.reason.is_unreadable() { Self::Quarantined(rejection) } else { Self::Refused(rejection) }
    }

    /// The reason for which the message was not carried out, if so.
    pub const fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Refused(rejection) | Self::Quarantined(rejection) => Some(rejection),
            Self::Applied(_) | Self::Duplicate { .. } | Self::Informed { .. } | Self::Newer(_) => None,
        }
    }
}

impl From<Rejection> for Outcome {
    fn from(rejection: Rejection) -> Self {
        Self::rejected(rejection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_kept_as_json_and_read_again_in_its_older_form_too() {
        let old = r#"{"outcome":"applied","transfer":"00000000-0000-0000-0000-000000000007","number":"38349123456",
            "own":true,"amount_cents":500,"balance_cents":750,"valid_until":"2027-01-21T17:00:00Z","fee_cents":8,
            "commission_cents":15,"bonuses":[{"rule":"autumn","amount_cents":50}]}"#;
        let Outcome::Applied(applied) = serde_json::from_str(old).unwrap() else { panic!() };
        assert_eq!((applied.kind, applied.amount.minor(), applied.balance_minor), (TransferKind::TopUp, 500, 750));
        assert_eq!((applied.fee.map(Amount::minor), applied.commission.map(Amount::minor)), (Some(8), Some(15)));
        assert_eq!(applied.bonuses[0].amount.minor(), 50);
        assert_eq!(applied.beneficiary.number().map(Msisdn::digits).as_deref(), Some("38349123456"));
        let product = Applied { beneficiary: Beneficiary::Username("arben".into()), valid_until: None, ..applied };
        let earlier = Earlier { transfer: Uuid::nil(), at: DateTime::UNIX_EPOCH };
        let beneficiary = product.beneficiary.clone();
        for outcome in
            [Outcome::Duplicate { of: earlier, beneficiary, amount: Some(product.amount) }, Outcome::Applied(product)]
        {
            let json = serde_json::to_string(&outcome).unwrap();
            assert!(json.contains(r#""username":"arben""#), "{json}");
            assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
        }
    }

    #[test]
    fn an_ending_with_a_word_of_a_newer_version_is_read_and_written_as_it_is() {
        let refused = r#"{"outcome":"refused","reason":"tariff_unknown","value":"9","tariff":{"of":[7]}}"#;
        let outcome: Outcome = serde_json::from_str(refused).unwrap();
        assert_eq!((outcome.kind(), outcome.reason(), outcome.transfer()), ("refused", Some("tariff_unknown"), None));
        assert_eq!((outcome.rejection(), outcome.error_code()), (None, NEWER_CODE));
        let stored: serde_json::Value = serde_json::from_str(refused).unwrap();
        assert_eq!(serde_json::to_value(&outcome).unwrap(), stored);
        assert_eq!(format!("{outcome:?}"), "Newer(NewerOutcome(refused, Some(\"tariff_unknown\")))");

        let transfer = Uuid::from_u128(7);
        let applied =
            format!(r#"{{"outcome":"applied","transfer":"{transfer}","kind":"loan","number":"38349123456"}}"#);
        let outcome: Outcome = serde_json::from_str(&applied).unwrap();
        assert_eq!((outcome.ending(), outcome.transfer(), outcome.error_code()), (Ending::Applied, Some(transfer), 0));
        let informed = r#"{"outcome":"informed","topic":"number_moved"}"#;
        let outcome: Outcome = serde_json::from_str(informed).unwrap();
        assert_eq!((outcome.ending(), outcome.reason(), outcome.error_code()), (Ending::Informed, None, 0));
        assert_eq!(serde_json::to_string(&outcome).unwrap(), informed);

        for none in [r#"{"outcome":"melted"}"#, r#"{"reason":"unreadable"}"#, "7"] {
            assert!(serde_json::from_str::<Outcome>(none).is_err(), "{none}");
        }
    }
}
