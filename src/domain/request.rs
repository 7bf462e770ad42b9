//! Requests: the result of parsing a message, and the command that is decided.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::inbound::hash_fields;
use super::{
    AccountKey, Amount, Channel, ContentHash, Dealer, Fields, Language, Line, Msisdn, OtherAccount, Seller, Service,
};

/// User names that are registered to phones, each for one service.
pub type Enrolments = HashMap<(Msisdn, Service), String>;

/// The receiver of a top-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A mobile number or fixed line, of the sender or another person.
    Line(Line),
    /// The account of a user name, exactly as written.
    Username(String),
    /// The account that is registered to the sender.
    Registered(Msisdn),
    /// An account of a kind that the grammar declares.
    Account(OtherAccount),
}

/// A parsed message: its request, without the spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Bank of the form.
    pub bank: String,
    /// Name of the matching form, for staff.
    pub form: String,
    pub service: Service,
    pub target: Target,
    /// `None` for a service with a price.
    pub amount: Option<Amount>,
    /// True if the sender marks the message as a repetition (`prap`, `opet`, `again`).
    pub repeat: bool,
    /// Reference of the bank, if its form has one.
    pub reference: Option<String>,
    /// Language of the form, if its keyword identifies it.
    pub language: Option<Language>,
    /// Values that the form captures under names of its own.
    pub fields: Fields,
}

/// Identifies a request by its content and its sender: the same request again within its window is a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// The fingerprint of an order of a client under a key, whatever its content.
    pub fn of_order(client: &str, key: &str) -> Self {
        Self(hash_fields(&[b"order", client.as_bytes(), key.as_bytes()]).0)
    }

    /// The fingerprint of what a bank's machines order under a reference.
    pub fn of_reference(bank: &str, reference: &str) -> Self {
        Self(hash_fields(&[b"reference", bank.as_bytes(), reference.as_bytes()]).0)
    }
}

/// The payer of a top-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payer {
    /// A customer by phone.
    Phone(Msisdn),
    /// A bank's machine, by its source address.
    Machine(String),
    /// A client of the API or a switch, by its name. Its references are its own idempotency keys: an order under one
    /// key is carried out once, and may be withdrawn before it arrives.
    Client(String),
    /// A client that sells for a dealer. The dealer's wallet pays, and the client's secret replaces the PIN.
    DealerClient(String, Box<Dealer>),
    /// A dealer, who pays from its wallet.
    Dealer(Box<Seller>),
}

impl Payer {
    /// The source address: digits for a phone.
    pub fn address(&self) -> String {
        match self {
            Self::Phone(msisdn) => msisdn.digits(),
            Self::Machine(name) | Self::Client(name) | Self::DealerClient(name, _) => name.clone(),
            Self::Dealer(seller) => seller.dealer.wallet().to_string(),
        }
    }
}

/// A request with all data of a decision except the accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RechargeCommand {
    /// Identifier of the top-up, created by the node that received the message.
    pub id: Uuid,
    pub request: Request,
    pub payer: Payer,
    pub channel: Channel,
    pub received_at: DateTime<Utc>,
    /// As [`crate::domain::InboundSms::redelivery_doubt_since`].
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

impl RechargeCommand {
    /// Equal for requests that are repetitions of each other. A reference alone decides, among all machines of a bank,
    /// or among the messages of one customer. Without one, payer, service, target, amount and the bank's own fields
    /// decide. A marked repetition differs from the request that it repeats, so that a redelivery of the repetition is
    /// still a duplicate.
    pub fn fingerprint(&self) -> Fingerprint {
        let request = &self.request;
        let bank = request.bank.as_bytes();
        let ContentHash(hash) = match (&request.reference, &self.payer) {
            (Some(reference), Payer::Machine(_)) => return Fingerprint::of_reference(&request.bank, reference),
            (Some(reference), Payer::Client(client) | Payer::DealerClient(client, _)) => {
                return Fingerprint::of_order(client, reference);
            }
            (Some(reference), Payer::Phone(phone)) => {
                hash_fields(&[b"reference of", bank, phone.digits().as_bytes(), reference.as_bytes()])
            }
            (_, payer) => {
                let (payer, target, own) = (payer.address(), target_text(&request.target), request.fields.identity());
                let amount = request.amount.map_or(0, Amount::minor).to_be_bytes();
                let service = request.service.as_str().as_bytes();
                let repeat = [u8::from(request.repeat)];
                let own = own.as_ref().map(String::as_bytes);
                let content: [&[u8]; 8] = [
                    b"request",
                    bank,
                    payer.as_bytes(),
                    service,
                    target.as_bytes(),
                    &amount,
                    &repeat,
                    own.unwrap_or(b""),
                ];
                // Without own fields, the fingerprint is as it was before there were any.
                let counted = if own.is_some() { content.len() } else { content.len() - 1 };
                hash_fields(content.get(..counted).unwrap_or(&content))
            }
        };
        Fingerprint(hash)
    }

    /// Fingerprint of the content of a request with a reference. A second content under one reference is another
    /// request that must be refused. `None` for a request without a reference, which [`RechargeCommand::fingerprint`]
    /// covers completely, and for a client's, for which the messages themselves are compared.
    pub fn content_print(&self) -> Option<Fingerprint> {
        let request = &self.request;
        request.reference.as_ref().filter(|_| self.client().is_none())?;
        let Fingerprint(identity) = self.fingerprint();
        let (target, own) = (target_text(&request.target), request.fields.identity());
        let amount = request.amount.map_or(0, Amount::minor).to_be_bytes();
        let service = request.service.as_str().as_bytes();
        let mut content: Vec<&[u8]> = vec![b"content", &identity, service, target.as_bytes(), &amount];
        // Without own fields, it is as it was before there were any.
        content.extend(own.as_ref().map(String::as_bytes));
        Some(Fingerprint(hash_fields(&content).0))
    }

    /// The account that is credited; `None` if none is registered to the phone, or if the service has no
    /// accounts of this target.
    pub fn credited_account(&self, enrolments: &Enrolments) -> Option<AccountKey> {
        let service = self.request.service;
        match (&self.request.target, service) {
            (Target::Line(line), Service::Mobile) => Some(AccountKey::subscriber(line.msisdn)),
            (Target::Line(line), Service::Fixed) => Some(AccountKey::fixed_line(line.msisdn)),
            (Target::Registered(phone), Service::Mobile) => Some(AccountKey::subscriber(*phone)),
            (Target::Username(name), _) if service.is_product() => Some(AccountKey::product(service, name)),
            (Target::Account(account), Service::Account) => Some(account.key()),
            (Target::Username(_) | Target::Account(_), _) => None,
            (Target::Line(_) | Target::Registered(_), _) => {
                let name = enrolments.get(&self.registered()?)?;
                Some(AccountKey::product(service, name))
            }
        }
    }

    /// For a product for a phone: the phone and the service, for which a user name may be registered.
    pub fn registered(&self) -> Option<(Msisdn, Service)> {
        let phone = match &self.request.target {
            Target::Line(line) => line.msisdn,
            Target::Registered(phone) => *phone,
            Target::Username(_) | Target::Account(_) => return None,
        };
        self.request.service.is_product().then_some((phone, self.request.service))
    }

    /// The customer who pays; `None` for a machine.
    pub const fn customer(&self) -> Option<Msisdn> {
        match &self.payer {
            Payer::Phone(phone) => Some(*phone),
            Payer::Machine(_) | Payer::Client(_) | Payer::DealerClient(..) | Payer::Dealer(_) => None,
        }
    }

    /// The client that ordered it; `None` without one.
    pub fn client(&self) -> Option<&str> {
        match &self.payer {
            Payer::Client(name) | Payer::DealerClient(name, _) => Some(name),
            Payer::Phone(_) | Payer::Machine(_) | Payer::Dealer(_) => None,
        }
    }

    /// The seller, if a dealer sells by phone.
    pub fn seller(&self) -> Option<&Seller> {
        match &self.payer {
            Payer::Dealer(seller) => Some(seller),
            Payer::Phone(_) | Payer::Machine(_) | Payer::Client(_) | Payer::DealerClient(..) => None,
        }
    }

    /// The dealer whose wallet pays, by phone or through a client; `None` without one.
    pub fn dealer(&self) -> Option<&Dealer> {
        match &self.payer {
            Payer::Dealer(seller) => Some(&seller.dealer),
            Payer::DealerClient(_, dealer) => Some(dealer),
            Payer::Phone(_) | Payer::Machine(_) | Payer::Client(_) => None,
        }
    }
}

impl Request {
    /// The request as one line for staff. Equal requests have equal lines. Values that people chose are quoted, so that
    /// different requests have different lines.
    pub fn line(&self, payer: &Payer) -> String {
        let amount = self.amount.map_or_else(|| "its price".to_owned(), |amount| amount.to_string());
        let (bank, payer) = (&self.bank, payer.address());
        let again = if self.repeat { " again" } else { "" };
        let reference =
            self.reference.as_ref().map(|reference| format!(" reference {reference:?}")).unwrap_or_default();
        format!(
            "{} {:?} {amount} bank {bank:?} payer {payer:?}{again}{reference}",
            self.service,
            target_text(&self.target)
        )
    }
}

fn target_text(target: &Target) -> String {
    match target {
        Target::Line(line) => line.msisdn.digits(),
        Target::Username(name) => format!("@{name}"),
        Target::Registered(msisdn) => format!("registered {}", msisdn.digits()),
        Target::Account(account) => account.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::LineKind;
    use super::*;

    fn command(payer: &str, number: &str, minor: i64, repeat: bool, reference: Option<&str>) -> RechargeCommand {
        let line = Line { msisdn: number.parse().unwrap(), kind: LineKind::Mobile, operator: None };
        RechargeCommand {
            id: Uuid::nil(),
            request: Request {
                bank: "ekonomike".into(),
                form: "another number".into(),
                service: Service::Mobile,
                target: Target::Line(line),
                amount: Amount::from_minor(minor).ok(),
                repeat,
                reference: reference.map(str::to_owned),
                language: None,
                fields: Fields::default(),
            },
            payer: payer.parse().map_or_else(|_| Payer::Machine(payer.into()), Payer::Phone),
            channel: Channel::Sms,
            received_at: DateTime::UNIX_EPOCH,
            redelivery_doubt_since: None,
        }
    }

    #[test]
    fn a_request_is_known_again_by_payer_target_and_amount() {
        let first = command("38349111222", "38349123456", 500, false, None);
        let later = RechargeCommand {
            id: Uuid::max(),
            received_at: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(1),
            ..first.clone()
        };
        assert_eq!(first.fingerprint(), later.fingerprint());
        for other in [
            command("38349111223", "38349123456", 500, false, None),
            command("38349111222", "38349123457", 500, false, None),
            command("38349111222", "38349123456", 600, false, None),
            command("38349111222", "38349123456", 500, true, None),
        ] {
            assert_ne!(first.fingerprint(), other.fingerprint());
        }
    }

    #[test]
    fn a_banks_reference_decides_alone() {
        let first = command("BANK", "38349123456", 500, false, Some("A1"));
        assert_eq!(first.fingerprint(), command("OTHER", "38349123456", 500, false, Some("A1")).fingerprint());
        assert_ne!(first.fingerprint(), command("BANK", "38349123456", 500, false, Some("A2")).fingerprint());
        let customers =
            ["38349111222", "38349111223"].map(|phone| command(phone, "38349123456", 500, false, Some("A1")));
        assert_ne!(
            customers[0].fingerprint(),
            customers[1].fingerprint(),
            "two customers may write the same reference"
        );
        assert_ne!(customers[0].fingerprint(), first.fingerprint());
    }
}
