//! The doors that a top-up comes in by, as rules tell them apart.

use super::closed_set::closed_set;

closed_set! {
    /// The way that a top-up came.
    #[derive(Default)]
    pub enum Channel ("a channel") {
        /// A customer's SMS to a bank's short code.
        #[default]
        Sms = "sms",
        /// A code that was dialled.
        Ussd = "ussd",
        /// A bank's automated teller machine.
        Atm = "atm",
        /// A bank's pages or app.
        Ebanking = "ebanking",
        /// A dealer, from its wallet.
        Dealer = "dealer",
        /// A scratch card.
        Voucher = "voucher",
        /// A machine: a bank that has already debited its customer, or a client of the API.
        Api = "api",
    }
}

impl Channel {
    /// Whether a client (`[clients.NAME]`) orders by it.
    pub const fn is_of_clients(self) -> bool {
        match self {
            Self::Atm | Self::Ebanking | Self::Api => true,
            Self::Sms | Self::Ussd | Self::Dealer | Self::Voucher => false,
        }
    }
}
