//! Requests that move no money: they are kept, and handed to another system or to staff.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::closed_set::closed_set;
use super::inbound::hash_fields;
use super::{
    ContentHash, Decision, Delivery, Earlier, Fields, Fingerprint, Language, LoadedRows, Msisdn, Needs, Reason,
    Rejection, Rules,
};

closed_set! {
    /// The state of a request that is handed on.
    pub enum ForwardState ("a state of a request") {
        /// Another system or staff have to do it.
        Waiting = "waiting",
        /// The other system took it.
        Done = "done",
        /// The other system refused it, or could not be reached for too long: staff have to do it.
        Failed = "failed",
        /// Staff have done it.
        Settled = "settled",
    }
}

/// Most characters of the name of what is asked for.
pub const FORWARD_NAME_MAX: usize = 32;

/// Returns whether requests may have this name: 1 to 32 of `a` to `z`, digits, `-` and `_`.
pub fn is_forward_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    (1..=FORWARD_NAME_MAX).contains(&name.len()) && name.chars().all(fits)
}

/// A request of a text that is handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardCommand {
    /// Its identifier, created by the node that received the message.
    pub id: Uuid,
    /// Bank or operator of the form.
    pub bank: String,
    pub form: String,
    /// Name of what is asked for.
    pub name: String,
    /// The phone that sent the message; `None` for a bank's machine.
    pub phone: Option<Msisdn>,
    /// The source address: digits for a phone.
    pub from: String,
    pub fields: Fields,
    /// True if the sender marks the message as a repetition.
    pub repeat: bool,
    /// Keyed hash of the secrets, which tells two such requests apart and does not help to find the secrets; without a
    /// PIN.
    pub secret_print: Option<ContentHash>,
    /// Language of the form, if its keyword identifies it.
    pub language: Option<Language>,
    pub received_at: DateTime<Utc>,
    /// As [`crate::domain::InboundSms::redelivery_doubt_since`].
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

impl ForwardCommand {
    /// Equal for requests that are repetitions of each other: sender, bank, what is asked for, and all values.
    pub fn fingerprint(&self) -> Fingerprint {
        let values: Vec<String> =
            self.fields.iter().map(|field| format!("{}={}", field.name, field.compared())).collect();
        let secret = self.secret_print.map_or(&[][..], |_| b"secret");
        let hash = self.secret_print.map_or([0; 16], |ContentHash(hash)| hash);
        let again = [u8::from(self.repeat)];
        let mut parts: Vec<&[u8]> = vec![b"forward", self.bank.as_bytes(), self.from.as_bytes(), self.name.as_bytes()];
        parts.extend([&again[..], secret, &hash]);
        parts.extend(values.iter().map(String::as_bytes));
        let ContentHash(hash) = hash_fields(&parts);
        Fingerprint(hash)
    }

    pub(super) fn needs(&self) -> Needs {
        Needs { fingerprints: vec![self.fingerprint()], ..Needs::default() }
    }
}

/// Decides a request at `now`: it is handed on unless the same one was within the window of the bank.
pub(super) fn decide(loaded: &LoadedRows, command: &ForwardCommand, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let bank = rules.bank(&command.bank);
    if !bank.enabled {
        return Decision::Refuse(Rejection::new(Reason::BankUnavailable));
    }
    let print = command.fingerprint();
    let again = |of: &Earlier| {
        let delivery =
            Delivery { received_at: command.received_at, redelivery_doubt_since: command.redelivery_doubt_since };
        now - of.at < bank.duplicate_window() || rules.redelivery.is_second(delivery, *of, now)
    };
    match loaded.earlier.get(&print).filter(|of| again(of)) {
        Some(of) => Decision::ForwardedBefore(*of),
        None => Decision::Forward(print),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{FieldValue, Fields, Secret};

    fn command(from: &str, meter: &str, repeat: bool, secret_print: Option<ContentHash>) -> ForwardCommand {
        let mut fields = Fields::default();
        fields.push("meter", FieldValue::Digits(meter.into()));
        fields.push("pin", FieldValue::Secret(Secret::new(zeroize::Zeroizing::new("4711".to_owned()))));
        ForwardCommand {
            id: Uuid::now_v7(),
            bank: "seventh".into(),
            form: "meter".into(),
            name: "reading".into(),
            phone: None,
            from: from.into(),
            fields,
            repeat,
            secret_print,
            language: None,
            received_at: DateTime::UNIX_EPOCH,
            redelivery_doubt_since: None,
        }
    }

    #[test]
    fn the_same_values_of_the_same_sender_are_the_same_request() {
        let secret = |octet| Some(ContentHash([octet; 16]));
        let first = command("38349111222", "411", false, secret(1)).fingerprint();
        assert_eq!(first, command("38349111222", "411", false, secret(1)).fingerprint());
        for other in [
            command("38349111223", "411", false, secret(1)),
            command("38349111222", "412", false, secret(1)),
            command("38349111222", "411", true, secret(1)),
            command("38349111222", "411", false, secret(2)),
            command("38349111222", "411", false, None),
        ] {
            assert_ne!(first, other.fingerprint());
        }
    }
}
