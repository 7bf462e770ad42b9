//! Response codes, field 39 of an answer, as ISO 8583:1987 lists them. A refusal's is in the table of reasons
//! ([`Reason::iso8583`](crate::domain::Reason::iso8583)); these are told without one.

/// The constants, and a list of them for the test of the page.
macro_rules! codes {
    ($($(#[$note:meta])+ $name:ident = $code:literal,)+) => {
        $($(#[$note])+ pub(super) const $name: &str = $code;)+

        #[cfg(test)]
        const ALL: &[&str] = &[$($code),+];
    };
}

codes! {
    /// Done.
    APPROVED = "00",
    /// Not a transaction of this door.
    INVALID_TRANSACTION = "12",
    /// Not an amount.
    INVALID_AMOUNT = "13",
    /// It was done, and has been taken back.
    NO_ACTION = "21",
    /// A field is missing or malformed.
    FORMAT_ERROR = "30",
    /// Not signed on, or no client with this acquirer's identifier is at this address.
    NOT_PERMITTED = "58",
    /// Of a reversal: the amount is not that of the original.
    OTHER_AMOUNT = "64",
    /// Nothing was kept: it may be sent again.
    INOPERATIVE = "91",
    /// The same key, and another number or amount.
    DUPLICATE = "94",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;

    #[test]
    fn a_refusal_is_never_an_approval_and_fits_its_field() {
        for reason in Reason::ALL.iter().copied() {
            let code = reason.iso8583();
            assert!(
                code != APPROVED && code.len() == 2 && code.bytes().all(|b| b.is_ascii_digit()),
                "{reason:?}: {code}"
            );
        }
    }

    #[test]
    fn the_page_has_every_code() {
        let page = include_str!("../../../docs/iso8583.md");
        for code in Reason::ALL.iter().copied().map(Reason::iso8583).chain(ALL.iter().copied()) {
            assert!(page.contains(&format!("| {code} |")), "{code}");
        }
    }
}
