//! Response codes (field 39 of an answer) of ISO 8583:1987. The code of a refusal is in the table of reasons
//! ([`Reason::iso8583`](crate::domain::Reason::iso8583)). The codes here are for answers without a reason.

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
    /// Not a transaction that this server carries out.
    INVALID_TRANSACTION = "12",
    /// Not an amount.
    INVALID_AMOUNT = "13",
    /// It was done, and has been taken back.
    NO_ACTION = "21",
    /// A field is missing or malformed.
    FORMAT_ERROR = "30",
    /// Not signed on, or no client with this acquirer's identifier is at this address.
    NOT_PERMITTED = "58",
    /// The amount of a reversal is not that of its original.
    OTHER_AMOUNT = "64",
    /// Nothing was kept. The request may be sent again.
    INOPERATIVE = "91",
    /// The key was used before, with another number or amount.
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
        let table = page.split("<!--").next().unwrap_or_default();
        for code in Reason::ALL.iter().copied().map(Reason::iso8583).chain(ALL.iter().copied()) {
            let row = format!("| {code} |");
            assert!(table.contains(&row), "docs/iso8583.md: the table of field 39 has no row for {code}: add one");
        }
    }
}
