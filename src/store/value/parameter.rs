//! Binds parameters of statements.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Instant, Keys, Shown};
use crate::domain::validity::Life;
use crate::domain::voucher::{CodeHash, Serial, State};
use crate::domain::{
    AccountKey, AccountState, ActionKind, ActionState, Amount, Cause, DealerName, ForwardState, HoldState, Msisdn,
    ReasonCode, Service, Withheld,
};

/// A type that both drivers can bind. Values of other types cannot be bound by mistake: for example, SQLite's driver
/// would write an instant as text.
pub(in crate::store) trait Bind {
    type Parameter;
    fn parameter(self) -> Self::Parameter;
}

impl<T: Bind> Bind for Option<T> {
    type Parameter = Option<T::Parameter>;

    fn parameter(self) -> Self::Parameter {
        self.map(T::parameter)
    }
}

/// Defines a type of parameter or column by a conversion from a simpler type.
macro_rules! bind {
    ($($type:ty => $parameter:ty: |$value:ident| $made:expr),+ $(,)?) => {
        $(impl Bind for $type {
            type Parameter = $parameter;

            fn parameter(self) -> Self::Parameter {
                let $value = self;
                $made
            }
        })+
    };
}

bind!(
    i64 => i64: |number| number,
    u32 => i64: |number| i64::from(number),
    u16 => i64: |number| i64::from(number),
    bool => bool: |flag| flag,
    String => String: |text| text,
    Uuid => Uuid: |id| id,
    Vec<u8> => Vec<u8>: |octets| octets,
    DateTime<Utc> => Instant: |at| Instant(at),
    Amount => i64: |amount| amount.minor(),
    Msisdn => String: |number| number.digits(),
    Serial => String: |serial| serial.to_string(),
    Cause => String: |cause| cause.to_string(),
    ActionKind => &'static str: |kind| kind.as_str(),
    ActionState => &'static str: |state| state.as_str(),
    HoldState => &'static str: |state| state.as_str(),
    ForwardState => &'static str: |state| state.as_str(),
    AccountState => &'static str: |state| state.as_str(),
    Life => &'static str: |state| state.as_str(),
    ReasonCode => &'static str: |reason| reason.as_str(),
    Service => &'static str: |service| service.as_str(),
    State => &'static str: |state| state.as_str(),
    Withheld => &'static str: |why| why.as_str(),
);

/// References live as long as the bound values.
macro_rules! bind_reference {
    ($($type:ty => $parameter:ty: |$value:ident| $made:expr),+ $(,)?) => {
        $(impl<'a> Bind for &'a $type {
            type Parameter = $parameter;

            fn parameter(self) -> Self::Parameter {
                let $value = self;
                $made
            }
        })+
    };
}

bind_reference!(
    str => &'a str: |text| text,
    String => &'a str: |text| text.as_str(),
    Option<String> => Option<&'a str>: |text| text.as_deref(),
    [u8] => &'a [u8]: |octets| octets,
    [u8; 32] => &'a [u8]: |octets| &octets[..],
    CodeHash => &'a [u8]: |hash| &hash.0[..],
    AccountKey => String: |key| key.to_string(),
    Cause => String: |cause| cause.to_string(),
    DealerName => &'a str: |name| name.as_str(),
);

impl Bind for Shown<'_> {
    type Parameter = Self;

    fn parameter(self) -> Self {
        self
    }
}

impl<T> Bind for Keys<T> {
    type Parameter = Self;

    fn parameter(self) -> Self {
        self
    }
}
