//! Channels of top-ups, as rules distinguish them.

use super::closed_set::closed_set;

closed_set! {
    /// Channel of a top-up.
    #[derive(Default)]
    pub enum Channel ("a channel") {
        /// A customer's SMS to a bank's short code.
        #[default]
        Sms = "sms",
        /// A dialled USSD code.
        Ussd = "ussd",
        /// A bank's automated teller machine.
        Atm = "atm",
        /// A bank's web pages or app.
        Ebanking = "ebanking",
        /// A dealer, paid from its wallet.
        Dealer = "dealer",
        /// A scratch card.
        Voucher = "voucher",
        /// A machine: a bank that has already debited its customer, or a client of the API.
        Api = "api",
    }
}

impl Channel {
    /// Returns true if clients (`[clients.NAME]`) order by it.
    pub const fn is_of_clients(self) -> bool {
        match self {
            Self::Atm | Self::Ebanking | Self::Api => true,
            Self::Sms | Self::Ussd | Self::Dealer | Self::Voucher => false,
        }
    }
}
